package offboarding_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/offboarding"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/platform/job"
	"github.com/betagouv/espace-membre/internal/sample"
)

const (
	notice30 = "sendContractEndingMessageToUsers30days"
	notice15 = "sendContractEndingMessageToUsers15days"
	notice2  = "sendContractEndingMessageToUsers2days"
	farewell = "sendJ1Email"
	closing  = "sendJ30Email"
	monthly  = "sendMessageToActiveUsersWithoutSecondaryEmail"
)

// keys lists what a plan wants, without the job nor the member.
func keys(plan job.Plan) string {
	var list []string
	for _, a := range plan.Actions {
		list = append(list, strings.TrimPrefix(a.Key, a.Job+"/"+a.Subject.String()+"/"))
	}
	return strings.Join(list, " ")
}

// The windows of decision 2, the day before, the first, the last and the day after, for a last
// day in the middle of a month, at a month's end, after a leap day and around both clock changes.
func TestWindowsOfTheMessages(t *testing.T) {
	w := newWorld(t)
	id := w.add(someone{username: "anne.part", secondary: "anne@ailleurs.fr", end: "2024-12-19"})
	for _, end := range []string{"2024-12-19", "2025-01-31", "2024-02-29", "2024-03-31", "2024-10-27", "2024-12-31"} {
		w.ends(id, end)
		for _, c := range []struct {
			job         string
			first, last int
			slots       []string
		}{
			{notice30, -30, -16, []string{""}},
			{notice15, -15, -3, []string{""}},
			{notice2, -2, 0, []string{"/primary", "/secondary"}},
			{farewell, 1, 4, []string{"/primary", "/secondary"}},
			{closing, 30, 37, []string{"/primary", "/secondary"}},
		} {
			var wanted []string
			for _, slot := range c.slots {
				wanted = append(wanted, end+slot)
			}
			for day, want := range map[int]string{
				c.first - 1: "", c.first: strings.Join(wanted, " "), c.last: strings.Join(wanted, " "), c.last + 1: "",
			} {
				for _, hour := range []int{0, 23} { // the first and the last minute of the day, in Paris
					w.clock.Set(clock.MustDay(end).Add(day).At(hour, hour/23*59))
					if got := keys(w.plan(c.job)); got != want {
						t.Errorf("%s, last day %s, day %+d at %d:00: wants %q, not %q", c.job, end, day, hour, got, want)
					}
				}
			}
		}
	}
}

func TestWhoIsToldAndWhere(t *testing.T) {
	w := newWorld(t)
	for _, p := range []someone{
		{username: "a.both", secondary: "a@ailleurs.fr", end: "2024-12-20"},
		{username: "b.prefers", secondary: "b@ailleurs.fr", prefers: "secondary", end: "2024-12-20"},
		{username: "c.primary", prefers: "secondary", end: "2024-12-20"},
		{username: "d.secondary", primary: "-", secondary: "d@ailleurs.fr", status: member.StatusUnset, end: "2024-12-20"},
		{username: "e.ordered", secondary: "e@ailleurs.fr", status: member.StatusCreationPending, end: "2024-12-20"},
		{username: "f.unreachable", primary: "-", status: member.StatusDeleted, end: "2024-12-20"},
		{username: "g.redirected", primary: "g.redirected-attr@exemple.org", secondary: "g@ailleurs.fr", redirection: true, status: member.StatusRedirectionActive, end: "2024-12-20"},
		{username: "h.agent", primary: "h@ministere.gouv.fr", end: "2024-12-20"},
		{username: "i.endless", end: ""},
		{username: "j.nomission", end: "-"},
		{username: "k.later", end: "2025-12-20"},
	} {
		w.add(p)
	}
	golden(t, "who-2-days.txt", told(w.plan(notice2)))
	w.on("2024-12-10")
	golden(t, "who-15-days.txt", told(w.plan(notice15)))
	addresses := map[string]string{}
	for _, a := range w.plan(notice15).Actions {
		w.must(a)
		addresses[a.Label] = w.sent[len(w.sent)-1].To
	}
	want := map[string]string{
		"a.both": "a.both@exemple.org", "b.prefers": "b@ailleurs.fr", "c.primary": "c.primary@exemple.org", "d.secondary": "d@ailleurs.fr",
		"e.ordered": "e@ailleurs.fr", "g.redirected": "g.redirected-attr@exemple.org", "h.agent": "h@ministere.gouv.fr",
	}
	if diff := cmp.Diff(want, addresses); diff != "" {
		t.Errorf("addresses (-want +got):\n%s", diff)
	}
}

// An open-ended mission wins over a dated one, and the last of several ends counts.
func TestTheLastMissionDecides(t *testing.T) {
	w := newWorld(t)
	id := w.add(someone{username: "anne.part", end: "2024-12-18"})
	if got := keys(w.plan(farewell)); got != "2024-12-18/primary" {
		t.Fatalf("wants %q", got)
	}
	second := w.mission(id, "2024-12-30", "2025-01-03")
	if got := keys(w.plan(farewell)) + keys(w.plan(notice15)); got != "2025-01-03" {
		t.Errorf("a mission to come: wants %q", got)
	}
	w.exec(`UPDATE mission SET end_day = NULL WHERE id = $1`, second)
	for _, name := range []string{notice30, notice15, notice2, farewell, closing} {
		if plan := w.plan(name); len(plan.Actions)+len(plan.Skipped) != 0 {
			t.Errorf("an open-ended mission: %s", told(plan))
		}
	}
}

func TestALetterTellsTheDatesAndIsSentOnceForEachEnd(t *testing.T) {
	w := newWorld(t)
	id := w.add(someone{username: "anne.part", secondary: "anne@ailleurs.fr", end: "2025-01-10", github: "anne"})
	first := w.plan(notice30).Actions
	w.record(first...)
	w.must(first...)
	letter, ok := w.sent[0].Letter.(offboarding.Notice)
	if !ok || w.sent[0].To != "anne.part@exemple.org" || w.sent[0].Key != first[0].Key || letter.End != clock.MustDay("2025-01-10") {
		t.Fatalf("sent %+v", w.sent)
	}
	var lines []string
	for _, s := range letter.Coming {
		lines = append(lines, fmt.Sprintf("%s : %s", s.Day, s.Text))
	}
	golden(t, "stops.txt", strings.Join(lines, "\n")+"\n")
	w.ends(id, "2025-01-12")
	moved := w.plan(notice30).Actions
	if len(moved) != 1 || moved[0].Key == first[0].Key {
		t.Fatalf("a new end is not announced: %+v", moved)
	}
	w.moot(first[0], "la date de fin a changé")
	w.must(moved...)
	if len(w.sent) != 2 {
		t.Errorf("%d letters", len(w.sent))
	}
}

// A mail server that is down through the end of the window does not swallow the message, as
// long as it tells the truth.
func TestARecordedMessageSurvivesAnOutage(t *testing.T) {
	for _, c := range []struct {
		job, recorded, still, tooLate, want string
	}{
		{notice30, "2025-01-04", "2025-01-20", "2025-01-21", "2025-01-20"},
		{notice15, "2025-01-17", "2025-01-20", "2025-01-21", "2025-01-20"},
		{notice2, "2025-01-20", "2025-01-20", "2025-01-21", "2025-01-20/primary"},
		{farewell, "2025-01-24", "2025-02-18", "2025-02-19", "2025-01-20/primary"},
		{closing, "2025-02-26", "2025-04-20", "2025-04-21", "2025-01-20/primary"},
	} {
		t.Run(c.job, func(t *testing.T) {
			w := newWorld(t)
			w.add(someone{username: "anne.part", end: "2025-01-20"})
			w.on(c.recorded)
			actions := w.plan(c.job).Actions
			w.record(actions...)
			w.down = fault.New(fault.Unavailable, "", "down")
			_, err := w.apply(actions[0])
			refused(t, err, fault.Unavailable)
			w.on(c.still)
			if got := keys(w.plan(c.job)); got != c.want {
				t.Errorf("on %s wants %q, not %q", c.still, got, c.want)
			}
			w.on(c.tooLate)
			if got := keys(w.plan(c.job)); got != "" {
				t.Errorf("on %s still wants %q", c.tooLate, got)
			}
			w.down = nil
			w.moot(actions[0], "trop tard pour ce message")
			w.on(c.still)
			w.record(actions...)
			w.must(actions...)
			if got := keys(w.plan(c.job)); got != "" && c.still != c.recorded && c.job != notice2 {
				t.Errorf("sent, and still wanted: %q", got)
			}
		})
	}
}

func TestAMessageIsMootWhenItsReasonIsGone(t *testing.T) {
	w := newWorld(t)
	gone := w.add(someone{username: "a.gone", end: "2024-12-20"})
	w.add(someone{username: "b.lost", end: "2024-12-20"})
	held := w.add(someone{username: "c.held", end: "2024-12-20"})
	actions := w.plan(notice2).Actions
	if len(actions) != 3 {
		t.Fatalf("%d actions", len(actions))
	}
	w.exec(`DELETE FROM member WHERE id = $1`, gone)
	w.exec(`UPDATE member SET primary_email = NULL WHERE username = 'b.lost'`)
	w.hold(held, member.StepEverything, "2024-12-20", "")
	w.moot(actions[0], "la fiche n’existe plus")
	w.moot(actions[1], "plus d’adresse où écrire")
	w.moot(actions[2], "étape du départ annulée par admin.member")
}

func (w *world) hold(id uuid.UUID, step member.DepartureStep, end, until string) {
	w.t.Helper()
	err := member.HoldDeparture(w.t.Context(), w.tx, member.DepartureHold{
		MemberID: id, Step: step, EndDay: clock.MustDay(end), Until: clock.MustDay(until), By: "admin.member", Why: "essai", At: w.clock.Now(),
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

func TestAPostponementMovesTheWindowOfAMessage(t *testing.T) {
	w := newWorld(t)
	id := w.add(someone{username: "anne.part", end: "2024-12-01"})
	w.hold(id, member.StepFarewell, "2024-12-01", "2024-12-15")
	for day, want := range map[string]string{
		"2024-12-02": "", "2024-12-14": "", "2024-12-15": "2024-12-01/primary", "2024-12-18": "2024-12-01/primary", "2024-12-19": "",
	} {
		w.on(day)
		if got := keys(w.plan(farewell)); got != want {
			t.Errorf("on %s wants %q, not %q", day, got, want)
		}
	}
	w.on("2024-12-02")
	if plan := w.plan(farewell); len(plan.Skipped) != 0 {
		t.Errorf("told before its own day: %s", told(plan))
	}
	w.hold(id, member.StepEverything, "2024-12-01", "")
	w.on("2024-12-15")
	if got := told(w.plan(farewell)); !strings.Contains(got, "laisser anne.part : étape du départ annulée par admin.member") {
		t.Errorf("cancelled: %s", got)
	}
	w.ends(id, "2024-12-14") // extended since: another departure
	if got := keys(w.plan(farewell)); got != "2024-12-14/primary" {
		t.Errorf("another departure: wants %q", got)
	}
}

func TestTheChatIsBestEffort(t *testing.T) {
	w := newWorld(t).withChat()
	w.add(someone{username: "anne.part", end: "2024-12-20"})
	actions := w.plan(notice2).Actions
	if got := keys(w.plan(notice2)); got != "2024-12-20/primary 2024-12-20/chat" || actions[1].Queue != job.QueueMattermost {
		t.Fatalf("wants %q, queue %q", got, actions[1].Queue)
	}
	w.chat.refuses = fault.New(fault.Unavailable, "", "down")
	w.must(actions[0])
	_, err := w.apply(actions[1])
	refused(t, err, fault.Unavailable)
	if len(w.sent) != 1 {
		t.Errorf("%d mails while the chat is down", len(w.sent))
	}
	w.chat.refuses = nil
	w.must(actions[1])
	if len(w.chat.posts) != 1 {
		t.Fatal("nothing posted")
	}
	golden(t, "post.txt", w.chat.posts[0][strings.Index(w.chat.posts[0], "\n")+1:])
	w.chat.absent = true
	w.moot(actions[1], "pas de compte dans la messagerie")
}

// A plan shown or run for a later day tells that day, in a demonstration.
func TestALetterOfALaterDayTellsThatDay(t *testing.T) {
	w := newWorld(t)
	w.add(someone{username: "anne.part", end: "2025-01-20"})
	plan, err := w.job(notice2).Plan(t.Context(), clock.MustDay("2025-01-19"))
	if err != nil || len(plan.Actions) != 1 {
		t.Fatalf("%+v, %v", plan, err)
	}
	w.must(plan.Actions...)
	if n, ok := w.sent[0].Letter.(offboarding.Notice); !ok || n.Today != clock.MustDay("2025-01-19") {
		t.Errorf("sent %+v", w.sent[0])
	}
}

func TestTheMessageOfTheMonth(t *testing.T) {
	w := newWorld(t)
	for _, p := range []someone{
		{username: "a.single"},
		{username: "b.both", secondary: "b@ailleurs.fr"},
		{username: "c.gone", end: "2024-12-31"},
		{username: "d.ordered", status: member.StatusCreationPending},
		{username: "e.nothing", primary: "-", status: member.StatusUnset},
		{username: "f.nomission", end: "-"},
		{username: "g.last", end: "2025-01-01"},
	} {
		w.add(p)
	}
	w.on("2025-01-01")
	golden(t, "monthly.txt", told(w.plan(monthly)))
	actions := w.plan(monthly).Actions
	w.exec(`UPDATE member SET secondary_email = 'g@ailleurs.fr' WHERE username = 'g.last'`)
	w.must(actions[0])
	if s := w.sent[0]; s.To != "a.single@exemple.org" || s.Letter != "A.SINGLE" {
		t.Errorf("sent %+v", s)
	}
	w.moot(actions[1], "une adresse secondaire est indiquée depuis")
	w.exec(`UPDATE member SET secondary_email = NULL WHERE username = 'g.last'`)
	w.on("2025-01-02")
	w.moot(actions[1], "plus aucune mission en cours ou à venir")
	w.on("2025-02-01")
	if got := keys(w.plan(monthly)); got != "2025-02" {
		t.Errorf("next month: %q", got)
	}
}

func TestPlansOnTheSample(t *testing.T) {
	w := newWorld(t)
	if _, err := sample.Seed(t.Context(), w.tx, sample.Settings{Today: today, Domain: "exemple.org"}); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{notice30, notice15, notice2, farewell, closing, monthly} {
		var days strings.Builder
		for _, day := range []string{"2024-12-19", "2024-12-30", "2025-01-20", "2025-02-02", "2025-02-03", "2025-03-05"} {
			w.on(day)
			plan := told(w.plan(name))
			if again := told(w.plan(name)); again != plan {
				t.Errorf("%s is not stable", name)
			}
			fmt.Fprintf(&days, "%s, %s", day, plan)
		}
		golden(t, "sample-"+name+".txt", days.String())
	}
}

func TestDeclarations(t *testing.T) {
	w := newWorld(t)
	var lines []string
	for _, s := range w.room.Jobs() {
		lines = append(lines, strings.Join([]string{s.Name, s.Room, s.Schedule, s.Title, s.Flag, fmt.Sprint(s.Needs)}, " | "))
		if !s.Default || s.Queue != job.QueueMail {
			t.Errorf("%s: %v %s", s.Name, s.Default, s.Queue)
		}
	}
	slices.Sort(lines)
	golden(t, "jobs.txt", strings.Join(lines, "\n")+"\n")
}

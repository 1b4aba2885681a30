package offboarding_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/offboarding"
	"github.com/betagouv/espace-membre/internal/platform/actor"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/platform/job"
	"github.com/betagouv/espace-membre/internal/testing/webtest"
)

// lines writes a timeline as text.
func lines(steps []offboarding.Step) string {
	var b strings.Builder
	for _, s := range steps {
		next, note := "", ""
		if s.Next {
			next = " (prochaine)"
		}
		if s.Note != "" {
			note = " : " + s.Note
		}
		fmt.Fprintf(&b, "%-10s  %-9s  %s%s  %s%s\n", s.Due, s.State, strings.TrimSpace(s.Day.String()+" "), next, s.Title, note)
	}
	return b.String()
}

func at(steps []offboarding.Step, id member.DepartureStep) offboarding.Step {
	i := slices.IndexFunc(steps, func(s offboarding.Step) bool { return s.ID == id })
	if i < 0 {
		return offboarding.Step{}
	}
	return steps[i]
}

var leaving = uuid.MustParse("11111111-1111-1111-1111-111111111111")

func facts(kind offboarding.AddressKind, end string) offboarding.Facts {
	return offboarding.Facts{
		ID: leaving, End: clock.MustDay(end), Address: kind, Primary: "anne.part@exemple.org", Status: member.StatusActive,
		StatusDay: clock.MustDay("2023-01-01"), Secondary: true, Github: true, Tools: true,
		Off: map[string]bool{"deleteSecondaryEmailsForUsers": true},
	}
}

func TestTimelinesOfEachKindOfAddress(t *testing.T) {
	for kind, status := range map[offboarding.AddressKind]member.Status{
		offboarding.Mailbox: member.StatusActive, offboarding.Redirection: member.StatusRedirectionActive, offboarding.Foreign: member.StatusActive, offboarding.NoAddress: member.StatusUnset,
	} {
		var b strings.Builder
		for _, day := range []string{"2024-12-01", "2025-01-20", "2025-01-26", "2025-06-01"} {
			f := facts(kind, "2025-01-20")
			f.Status = status
			fmt.Fprintf(&b, "%s\n%s\n", day, lines(offboarding.Timeline(f, clock.MustDay(day))))
		}
		golden(t, "timeline-"+string(kind)+".txt", b.String())
	}
}

// The day before, the day, the day after of each step, over a leap day, a month's end and both
// changes of hour.
func TestStepsFallDueOnTheirDay(t *testing.T) {
	for _, end := range []string{"2025-01-20", "2024-01-30", "2024-02-24", "2024-03-26", "2024-10-22", "2024-12-31"} {
		for step, after := range map[member.DepartureStep]int{
			member.StepNotice30: -30, member.StepNotice15: -15, member.StepNotice2: -2, member.StepFarewell: 1, member.StepRedirections: 1,
			member.StepIncubatorList: 1, member.StepGithub: 1, member.StepSuspension: 5, member.StepClosing: 30, member.StepLists: 30,
			member.StepServices: 30, member.StepDeletion: 35, member.StepChatNotice: 83, member.StepChatRemoval: 90,
		} {
			due := clock.MustDay(end).Add(after)
			for shift, want := range map[int]offboarding.StepState{-1: offboarding.Coming, 0: offboarding.Due, 1: offboarding.Due} {
				got := at(offboarding.Timeline(facts(offboarding.Mailbox, end), due.Add(shift)), step)
				if got.Due != due || got.State != want {
					t.Errorf("end %s, %s, %+d: due %s, %s; want %s, %s", end, step, shift, got.Due, got.State, due, want)
				}
			}
		}
		foreign := facts(offboarding.Foreign, end)
		if got := at(offboarding.Timeline(foreign, foreign.End.Add(5)), member.StepExpiry); got.State != offboarding.Due {
			t.Errorf("expiry: %+v", got)
		}
		if got := at(offboarding.Timeline(foreign, foreign.End.Add(4)), member.StepExpiry); got.State != offboarding.Coming {
			t.Errorf("expiry: %+v", got)
		}
	}
}

func TestWhatWasDoneIsTold(t *testing.T) {
	day := clock.MustDay
	f := facts(offboarding.Mailbox, "2025-01-20")
	f.Status, f.StatusDay, f.Primary = member.StatusDeleted, day("2025-03-01"), ""
	f.Changes = []offboarding.StatusChange{{Status: member.StatusSuspended, Day: day("2025-01-27")}, {Status: member.StatusDeleted, Day: day("2025-03-01")}}
	f.Marks = []offboarding.Mark{
		{Job: farewell, State: job.Done, Day: day("2025-01-21")},
		{Job: farewell, State: job.Failed, Day: day("2025-01-21")},
		{Job: closing, State: job.Uncertain, Day: day("2025-02-19")},
		{Job: "deleteMatomoAccount", State: job.Done, Day: day("2025-02-19")},
		{Job: "deleteSentryAccount", State: job.Planned, Day: day("2025-02-19")},
		{Job: "removeGithubUserFromOrganization", State: job.Held, Day: day("2025-01-21")},
		{Job: "deleteRedirectionsAfterQuitting", State: job.Done, Day: day("2025-01-21")},
		{Job: "deleteRedirectionsAfterQuitting", State: job.Done, Day: day("2025-01-23")},
	}
	golden(t, "timeline-done.txt", lines(offboarding.Timeline(f, day("2025-03-05"))))
}

// A suspension that came late moves what is counted from it.
func TestDeletionIsCountedFromTheSuspension(t *testing.T) {
	day := clock.MustDay
	f := facts(offboarding.Mailbox, "2025-01-20")
	f.Status, f.StatusDay = member.StatusSuspended, day("2025-02-10")
	steps := offboarding.Timeline(f, day("2025-02-11"))
	if got := at(steps, member.StepDeletion); got.Due != day("2025-03-12") || got.State != offboarding.Coming {
		t.Errorf("deletion %+v", got)
	}
	if got := at(steps, member.StepSecondary); got.Due != day("2025-04-11") {
		t.Errorf("secondary address %+v", got)
	}
	f.StatusDay = day("2024-06-01") // suspended by an earlier departure, not given back since
	if got := at(offboarding.Timeline(f, day("2025-01-10")), member.StepSuspension); got.State != offboarding.Coming {
		t.Errorf("before the end: %+v", got)
	}
}

func TestHoldsInATimeline(t *testing.T) {
	day := clock.MustDay
	hold := func(step member.DepartureStep, until string) member.DepartureHold {
		return member.DepartureHold{MemberID: leaving, Step: step, EndDay: day("2025-01-20"), Until: day(until), By: "admin.member", Why: "congé"}
	}
	f := facts(offboarding.Mailbox, "2025-01-20")
	today := day("2025-01-26")
	f.Holds = member.HoldsOn(today, hold(member.StepSuspension, "2025-02-10"), hold(member.StepGithub, ""))
	steps := offboarding.Timeline(f, today)
	for id, want := range map[member.DepartureStep]struct {
		state offboarding.StepState
		due   string
	}{
		member.StepSuspension: {offboarding.Postponed, "2025-02-10"}, member.StepGithub: {offboarding.Cancelled, "2025-01-21"},
		member.StepDeletion: {offboarding.Coming, "2025-03-12"}, member.StepLists: {offboarding.Coming, "2025-02-19"},
	} {
		if got := at(steps, id); got.State != want.state || got.Due.String() != want.due {
			t.Errorf("%s: %s, due %s; want %+v", id, got.State, got.Due, want)
		}
	}
	f.Holds = member.HoldsOn(day("2025-02-10"), hold(member.StepSuspension, "2025-02-10"))
	if got := at(offboarding.Timeline(f, day("2025-02-10")), member.StepSuspension); got.State != offboarding.Due || got.Due != day("2025-02-10") {
		t.Errorf("the day it resumes: %+v", got)
	}
	f.Holds = member.HoldsOn(today, hold(member.StepSuspension, ""))
	steps = offboarding.Timeline(f, today)
	if got := at(steps, member.StepDeletion); got.State != offboarding.Nothing || !got.Due.IsZero() {
		t.Errorf("deletion without suspension: %+v", got)
	}
	f.Holds = member.HoldsOn(today, hold(member.StepEverything, ""))
	for _, s := range offboarding.Timeline(f, today) {
		if s.Holdable && s.State != offboarding.Cancelled && s.State != offboarding.Nothing {
			t.Errorf("all is cancelled, but %+v", s)
		}
		if !s.Holdable && s.State == offboarding.Cancelled {
			t.Errorf("%s happens by itself", s.ID)
		}
	}
	if coming, _ := offboarding.Stops(offboarding.Timeline(f, day("2025-01-22"))); len(coming) != 1 {
		t.Errorf("a cancelled departure still stops %+v", coming)
	}
}

func TestNoDepartureHasNoTimeline(t *testing.T) {
	if got := offboarding.Timeline(offboarding.Facts{}, today); got != nil {
		t.Errorf("%+v", got)
	}
}

// The facts are those of this departure: what an earlier one did, or another person's, is not told.
func TestTheTimelineOfAMemberReadsItsTraces(t *testing.T) {
	w := newWorld(t)
	id := w.add(someone{username: "anne.part", secondary: "anne@ailleurs.fr", end: "2024-12-01", github: "anne"})
	act := func(key, name, state, at string) {
		w.exec(`INSERT INTO job_action (key, round, mode, job, actor, verb, subject, reason, queue, state, not_before, created_at, closed_at)
			VALUES ($1, 1, 'once', $2, 'system', '', $3, '', 'mail', $4, $5, $5, CASE WHEN $4 = 'done' THEN $5::timestamptz END)`,
			key, name, id, state, clock.MustDay(at).At(8, 0))
	}
	act("sendJ1Email/"+id.String()+"/2024-12-01/primary", farewell, "done", "2024-12-02")
	act("sendJ1Email/"+id.String()+"/2024-12-01/chat", farewell, "failed", "2024-12-02")
	act("sendContractEndingMessageToUsers30days/"+id.String()+"/2023-06-30", notice30, "done", "2023-06-01") // an earlier departure
	act("removeGithubUserFromOrganization/"+id.String()+"/2023-06-30", "removeGithubUserFromOrganization", "done", "2023-07-01")
	act("deleteRedirectionsAfterQuitting/"+id.String()+"/1", "deleteRedirectionsAfterQuitting", "moot", "2024-12-02")
	w.on("2024-12-06")
	for _, to := range []member.Status{member.StatusSuspended} {
		if err := member.Transition(t.Context(), w.tx, id, member.Change{To: to, At: w.clock.Now(), Actor: "system", Reason: "essai"}); err != nil {
			t.Fatal(err)
		}
	}
	w.on("2024-12-19")
	d, err := w.room.Departure(t.Context(), as(id, "anne.part", actor.Limited), "anne.part")
	if err != nil || !d.Own || d.MayManage {
		t.Fatalf("%+v, %v", d, err)
	}
	golden(t, "timeline-member.txt", lines(d.Steps))
}

func TestWhoSeesAndHoldsADeparture(t *testing.T) {
	c := newCommunity(t)
	ask := offboarding.HoldAsk{Step: member.StepDeletion, Cancel: true, Why: "essai", Until: clock.MustDay("2025-01-10")}
	for username, id := range map[string]uuid.UUID{"mate.same": c.mate, "coach.incub": c.coach} {
		_, err := c.room.Departure(t.Context(), c.who(id, username), "anne.part")
		refused(t, err, fault.Forbidden)
		refused(t, c.room.HoldDeparture(t.Context(), c.who(id, username), "anne.part", ask), fault.Forbidden)
		refused(t, c.room.ResumeDeparture(t.Context(), c.who(id, username), "anne.part", member.StepDeletion), fault.Forbidden)
	}
	refused(t, c.room.HoldDeparture(t.Context(), c.asker(), "anne.part", ask), fault.Forbidden)
	admin := c.who(c.admin, webtest.AdminUsername)
	refused(t, c.room.HoldDeparture(t.Context(), admin, webtest.AdminUsername, ask), fault.Forbidden) // never one's own
	refused(t, c.room.HoldDeparture(t.Context(), admin, "personne", ask), fault.NotFound)
	refused(t, c.room.HoldDeparture(t.Context(), admin, "stranger.else", ask), fault.Conflict)
	if err := c.room.HoldDeparture(t.Context(), admin, "anne.part", ask); err != nil {
		t.Fatal(err)
	}
	hold, held, err := member.HeldDeparture(t.Context(), c.tx, c.anne, member.StepDeletion, clock.MustDay("2035-01-01"))
	if err != nil || !held || !hold.Until.IsZero() || hold.By != webtest.AdminUsername {
		t.Errorf("%+v, %v, %v", hold, held, err)
	}
	if d, err := c.room.Departure(t.Context(), admin, "anne.part"); err != nil || !d.MayManage || len(d.Holds) != 1 {
		t.Errorf("%+v, %v", d, err)
	}
	e := c.asked("2025-06-30") // an extension makes what was decided void
	if err := c.decide(admin, e, true); err != nil {
		t.Fatal(err)
	}
	if _, held, err := member.HeldDeparture(t.Context(), c.tx, c.anne, member.StepDeletion, clock.MustDay("2035-01-01")); err != nil || held {
		t.Errorf("the next departure is held too (%v)", err)
	}
}

// Beside the address of a ministry, a mailbox of ours may be found: it is not that address which
// is said to close.
func TestMailboxLeftBehindIsToldAsSuch(t *testing.T) {
	day := clock.MustDay
	f := facts(offboarding.Foreign, "2025-01-20")
	f.Primary, f.Status, f.StatusDay = "anne@ministere.fr", member.StatusExpired, day("2025-01-25")
	lock := offboarding.Mark{Job: "reinitPasswordEmail", State: job.Held, Day: day("2025-01-25")}
	for _, c := range []struct {
		lock, gone        job.ActionState
		today             string
		suspension, after string
	}{
		{job.Absent, job.Absent, "2025-01-26", "nothing Suspension de la boîte", "nothing Suppression de la boîte"},
		{job.Held, job.Absent, "2025-01-26", "trouble Verrouillage de la boîte restante", "nothing Suppression de la boîte"},
		{job.Done, job.Absent, "2025-02-23", "done Verrouillage de la boîte restante", "coming Suppression de la boîte restante"},
		{job.Done, job.Absent, "2025-02-24", "done Verrouillage de la boîte restante", "due Suppression de la boîte restante"},
		{job.Done, job.Done, "2025-02-25", "done Verrouillage de la boîte restante", "done Suppression de la boîte restante"},
	} {
		f.Marks = nil
		for _, m := range []offboarding.Mark{{Job: lock.Job, State: c.lock, Day: lock.Day}, {Job: "deleteOVHEmailAcounts", State: c.gone, Day: day("2025-02-24")}} {
			if m.State != job.Absent {
				f.Marks = append(f.Marks, m)
			}
		}
		steps := offboarding.Timeline(f, day(c.today))
		for id, want := range map[member.DepartureStep]string{member.StepSuspension: c.suspension, member.StepDeletion: c.after} {
			if s := at(steps, id); string(s.State)+" "+s.Title != want {
				t.Errorf("%s %s on %s: %s %s, want %s", c.lock, id, c.today, s.State, s.Title, want)
			}
		}
		coming, done := offboarding.Stops(steps)
		for _, stop := range append(coming, done...) {
			if strings.Contains(stop.Text, "anne@ministere.fr") {
				t.Errorf("the person reads that the ministry’s address closes: %s", stop.Text)
			}
		}
	}
}

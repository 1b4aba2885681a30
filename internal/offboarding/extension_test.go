package offboarding_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/offboarding"
	"github.com/betagouv/espace-membre/internal/platform/actor"
	"github.com/betagouv/espace-membre/internal/platform/audit"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/platform/job"
	"github.com/betagouv/espace-membre/internal/testing/webtest"
)

// community is a member who left on 10 December, a teammate, the incubator's team, a stranger
// and an administrator.
type community struct {
	*world
	anne, mate, coach, stranger, admin uuid.UUID
}

func newCommunity(t *testing.T) *community {
	t.Helper()
	c := &community{world: newWorld(t)}
	c.anne = c.add(someone{username: "anne.part", secondary: "anne@ailleurs.fr", end: "-", status: member.StatusSuspended})
	c.mate = c.add(someone{username: "mate.same", end: "-"})
	c.coach = c.add(someone{username: "coach.incub"})
	c.stranger = c.add(someone{username: "stranger.else"})
	c.admin = c.add(someone{username: webtest.AdminUsername})
	c.serve("produit", "2024-12-10", c.anne)
	c.serve("produit", "", c.mate)
	c.exec(`INSERT INTO team (id, slug, name, incubator_id, created_at, updated_at)
		SELECT gen_random_uuid(), 'equipe', 'Équipe', id, '2024-01-01', '2024-01-01' FROM incubator`)
	c.exec(`INSERT INTO team_member (team_id, member_id) SELECT id, $1 FROM team`, c.coach)
	return c
}

// serve gives a mission on a product, made when it is new.
func (w *world) serve(product, end string, who uuid.UUID) {
	w.t.Helper()
	w.exec(`INSERT INTO incubator (slug, title, created_at, updated_at) VALUES ('inc-' || $1::text, 'Inc', '2024-01-01', '2024-01-01') ON CONFLICT DO NOTHING`, product)
	w.exec(`INSERT INTO startup (slug, name, incubator_id, created_at, updated_at)
		SELECT $1, $1, id, '2024-01-01', '2024-01-01' FROM incubator WHERE slug = 'inc-' || $1::text ON CONFLICT DO NOTHING`, product)
	mission := w.mission(who, "2024-01-01", end)
	w.exec(`INSERT INTO mission_startup (mission_id, startup_id) SELECT $1, id FROM startup WHERE slug = $2`, mission, product)
}

func (c *community) who(id uuid.UUID, username string) actor.Actor {
	return as(id, username, actor.Active)
}

func (c *community) asker() actor.Actor { return as(c.anne, "anne.part", actor.Limited) }

func (c *community) ask(wished, message string) error {
	return c.room.AskExtension(c.t.Context(), c.asker(), offboarding.Ask{Wished: clock.MustDay(wished), Message: message})
}

// asked makes a request and gives it.
func (c *community) asked(wished string) offboarding.Extension {
	c.t.Helper()
	if err := c.ask(wished, "Je continue."); err != nil {
		c.t.Fatal(err)
	}
	view, err := c.room.Asking(c.t.Context(), c.asker())
	if err != nil || view.Pending == nil {
		c.t.Fatalf("%+v, %v", view, err)
	}
	return *view.Pending
}

func (c *community) decide(who actor.Actor, e offboarding.Extension, accept bool) error {
	return c.room.Decide(c.t.Context(), who, e.Username, e.ID, offboarding.Decision{Accept: accept, Answer: "Bien sûr."})
}

func (c *community) end() clock.Day {
	c.t.Helper()
	missions, err := member.MissionsOf(c.t.Context(), c.tx, c.anne)
	if err != nil {
		c.t.Fatal(err)
	}
	return member.LastEnd(missions)
}

func (c *community) codes(id uuid.UUID) []audit.Code {
	c.t.Helper()
	events, err := audit.OfMember(c.t.Context(), c.tx, id, 20)
	if err != nil {
		c.t.Fatal(err)
	}
	var codes []audit.Code
	for _, e := range slices.Backward(events) {
		codes = append(codes, e.Code)
	}
	return codes
}

func TestWhatMayBeAsked(t *testing.T) {
	c := newCommunity(t)
	for name, k := range map[string]struct{ wished, message, field, want string }{
		"no day":              {"", "", offboarding.FieldWished, "Indique jusqu’à quel jour"},
		"the last day itself": {"2024-12-10", "", offboarding.FieldWished, "à partir du 19 décembre 2024"},
		"a day that passed":   {"2024-12-18", "", offboarding.FieldWished, "à partir du 19 décembre 2024"},
		"more than a year":    {"2025-12-20", "", offboarding.FieldWished, "au plus tard le 19 décembre 2025"},
		"far away":            {"9999-12-31", "", offboarding.FieldWished, "au plus tard le 19 décembre 2025"},
		"too long a word":     {"2025-06-30", strings.Repeat("é", 1001), offboarding.FieldMessage, "1000 caractères"},
	} {
		err := c.ask(k.wished, k.message)
		refused(t, err, fault.Invalid)
		if got := fault.FieldMessages(err)[k.field]; !strings.Contains(got, k.want) {
			t.Errorf("%s: %q", name, got)
		}
	}
	for _, wished := range []string{"2024-12-19", "2025-12-19"} { // the first and the last day
		c.exec(`DELETE FROM extension_request`)
		if err := c.ask(wished, strings.Repeat("é", 1000)); err != nil {
			t.Errorf("%s: %v", wished, err)
		}
	}
}

func TestWhoMayAskAndWhenThereIsNothingToLengthen(t *testing.T) {
	c := newCommunity(t)
	ask := offboarding.Ask{Wished: clock.MustDay("2025-06-30")}
	refused(t, c.room.AskExtension(t.Context(), actor.Actor{}, ask), fault.Forbidden)
	refused(t, c.room.AskExtension(t.Context(), as(c.anne, "anne.part", actor.Unverified), ask), fault.Forbidden)
	refused(t, c.room.AskExtension(t.Context(), c.who(c.stranger, "stranger.else"), ask), fault.Conflict) // open-ended
	empty := c.add(someone{username: "empty.member", end: "-"})
	refused(t, c.room.AskExtension(t.Context(), as(empty, "empty.member", actor.Limited), ask), fault.Conflict)
	for username, id := range map[string]uuid.UUID{"stranger.else": c.stranger, "empty.member": empty} {
		if view, err := c.room.Asking(t.Context(), as(id, username, actor.Limited)); err != nil || !view.End.IsZero() {
			t.Errorf("%s: %+v, %v", username, view, err)
		}
	}
}

func TestOneRequestAtATime(t *testing.T) {
	c := newCommunity(t)
	first := c.asked("2025-06-30")
	letters := len(c.requests.Pending())
	if err := c.ask("2025-06-30", "Je continue."); err != nil { // a double click
		t.Error(err)
	}
	if got := len(c.requests.Pending()); got != letters {
		t.Errorf("%d letters, then %d", letters, got)
	}
	refused(t, c.ask("2025-07-31", ""), fault.Conflict)
	if err := c.room.WithdrawExtension(t.Context(), c.asker()); err != nil {
		t.Fatal(err)
	}
	refused(t, c.room.WithdrawExtension(t.Context(), c.asker()), fault.NotFound)
	refused(t, c.decide(c.who(c.mate, "mate.same"), first, true), fault.Conflict)
	for _, wished := range []string{"2025-07-31", "2025-08-31"} {
		c.asked(wished)
		if err := c.room.WithdrawExtension(t.Context(), c.asker()); err != nil {
			t.Fatal(err)
		}
	}
	refused(t, c.ask("2025-09-30", ""), fault.Conflict) // a fourth one in a week
	c.on("2024-12-26")
	if err := c.ask("2025-09-30", ""); err != nil {
		t.Errorf("a week later: %v", err)
	}
}

func TestWhoIsTold(t *testing.T) {
	c := newCommunity(t)
	gone := c.add(someone{username: "b.gone", end: "-"})
	c.serve("produit", "2024-12-18", gone) // left yesterday
	future := c.add(someone{username: "c.future", end: "-"})
	c.serve("produit", "", future)
	c.exec(`UPDATE mission SET start_day = '2025-01-01' WHERE member_id = $1`, future)
	both := c.add(someone{username: "d.both", end: "-"})
	c.serve("produit", "2024-12-19", both) // last day today, and of the incubator too
	c.exec(`INSERT INTO team_member (team_id, member_id) SELECT id, $1 FROM team`, both)
	left := c.add(someone{username: "e.leftcoach", end: "2024-12-18"})
	c.exec(`INSERT INTO team_member (team_id, member_id) SELECT id, $1 FROM team`, left)
	unverified := c.add(someone{username: "f.unverified", end: "-", status: member.StatusVerificationWaiting})
	c.serve("produit", "", unverified)
	e := c.asked("2025-06-30")
	if view, err := c.room.Asking(t.Context(), c.asker()); err != nil || view.Mates != 2 || view.Incubator != 1 {
		t.Errorf("told of %d and %d people (%v)", view.Mates, view.Incubator, err)
	}
	c.applyAll()
	var to []string
	for _, s := range c.sent {
		to = append(to, s.To)
		letter, ok := s.Letter.(offboarding.AskedLetter)
		if !ok || letter.Request != e.ID || letter.Asker != "ANNE.PART" || letter.Wished != clock.MustDay("2025-06-30") || letter.Message != "Je continue." {
			t.Errorf("letter %+v", s.Letter)
		}
	}
	if diff := cmp.Diff([]string{"d.both@exemple.org", "mate.same@exemple.org", "coach.incub@exemple.org"}, to); diff != "" {
		t.Errorf("told (-want +got):\n%s", diff)
	}
}

// applyAll performs what pages asked.
func (w *world) applyAll() {
	w.t.Helper()
	if _, err := w.requests.Apply(w.t.Context(), w.tx, w.room.Requests()); err != nil {
		w.t.Fatal(err)
	}
}

func TestACrowdIsNotTold(t *testing.T) {
	c := newCommunity(t)
	for _, letter := range strings.Split("abcdefghijklmno", "") {
		c.serve("produit", "", c.add(someone{username: letter + ".mate", end: "-"}))
		c.exec(`INSERT INTO team_member (team_id, member_id) SELECT id, $1 FROM team`, c.add(someone{username: letter + ".coach"}))
	}
	agent := c.add(someone{username: "zoe.agent", end: "-"})
	c.serve("produit", "", agent)
	c.exec(`UPDATE mission SET status = 'admin' WHERE member_id = $1`, agent)
	c.asked("2025-06-30")
	pending := c.requests.Pending()
	if len(pending) != 15 {
		t.Fatalf("%d letters", len(pending))
	}
	if args, err := job.DecodeArgs[struct{ Decider uuid.UUID }](pending[0]); err != nil || args.Decider != agent {
		t.Errorf("the public agent is not told first (%v)", err)
	}
}

func TestAdministratorsAreToldWhenThereIsNobodyElse(t *testing.T) {
	c := newCommunity(t)
	c.exec(`DELETE FROM mission_startup`)
	c.asked("2025-06-30")
	c.applyAll()
	if len(c.sent) != 1 || c.sent[0].To != webtest.AdminUsername+"@exemple.org" {
		t.Errorf("told %+v", c.sent)
	}
}

func TestWhoMayDecide(t *testing.T) {
	c := newCommunity(t)
	e := c.asked("2025-06-30")
	refused(t, c.decide(c.asker(), e, true), fault.Forbidden)
	refused(t, c.decide(c.who(c.anne, "anne.part"), e, true), fault.Forbidden)
	refused(t, c.decide(c.who(c.stranger, "stranger.else"), e, true), fault.Forbidden)
	refused(t, c.decide(as(c.mate, "mate.same", actor.Grace), e, true), fault.Forbidden)
	refused(t, c.decide(actor.Actor{}, e, true), fault.Forbidden)
	other := e
	other.Username = "stranger.else"
	refused(t, c.decide(c.who(c.mate, "mate.same"), other, true), fault.NotFound)
	other = e
	other.ID = uuid.New()
	refused(t, c.decide(c.who(c.mate, "mate.same"), other, true), fault.NotFound)
	if _, err := c.room.Extension(t.Context(), c.who(c.stranger, "stranger.else"), "anne.part", e.ID); !fault.Is(err, fault.Forbidden) {
		t.Errorf("a stranger reads it: %v", err)
	}
	for username, id := range map[string]uuid.UUID{"mate.same": c.mate, "coach.incub": c.coach, webtest.AdminUsername: c.admin} {
		if list, err := c.room.ToDecide(t.Context(), c.who(id, username)); err != nil || len(list) != 1 || list[0].ID != e.ID {
			t.Errorf("%s has %+v to decide (%v)", username, list, err)
		}
	}
	for username, id := range map[string]uuid.UUID{"anne.part": c.anne, "stranger.else": c.stranger} {
		if list, err := c.room.ToDecide(t.Context(), c.who(id, username)); err != nil || len(list) != 0 {
			t.Errorf("%s has %+v to decide (%v)", username, list, err)
		}
	}
	if c.end() != clock.MustDay("2024-12-10") {
		t.Errorf("end %s", c.end())
	}
}

// The list of all at once and the right asked about one agree, whoever asks about whom.
func TestWhatIsToDecideIsWhatMayBeDecided(t *testing.T) {
	c := newCommunity(t)
	e := c.asked("2025-06-30")
	past, former, teamed := c.add(someone{username: "mate.past"}), c.add(someone{username: "mate.former"}), c.add(someone{username: "part.teamed", end: "-"})
	c.serve("produit", "2024-06-30", past)        // left the product, still here
	c.serve("ancien", "2024-03-31", c.anne)       // which she left long ago
	c.serve("ancien", "", former)                 //
	c.mission(teamed, "2024-01-01", "2024-12-10") // of no product, in the incubator's team
	c.exec(`INSERT INTO team_member (team_id, member_id) SELECT id, $1 FROM team`, teamed)
	c.exec(`INSERT INTO extension_request (member_id, end_day, wished_day, asked_at, expires_day)
		VALUES ($1, '2024-12-10', '2025-03-31', $2, '2025-01-18')`, teamed, c.clock.Now())
	for username, id := range map[string]uuid.UUID{
		"mate.same": c.mate, "coach.incub": c.coach, "stranger.else": c.stranger, "anne.part": c.anne, "mate.past": past,
		"part.teamed": teamed, webtest.AdminUsername: c.admin,
	} {
		for _, standing := range []actor.Standing{actor.Active, actor.Grace, actor.Limited} {
			who := as(id, username, standing)
			list, err := c.room.ToDecide(t.Context(), who)
			if err != nil {
				t.Fatal(err)
			}
			n, err := c.room.CountToDecide(t.Context(), who)
			if err != nil || n != len(list) {
				t.Errorf("%s (%s): %d counted, %d listed (%v)", username, standing, n, len(list), err)
			}
			for _, of := range []uuid.UUID{c.anne, teamed} {
				subject, err := member.SubjectFor(t.Context(), c.tx, who, of, clock.Today(c.clock))
				if err != nil {
					t.Fatal(err)
				}
				listed := slices.ContainsFunc(list, func(e offboarding.Extension) bool { return e.MemberID == of })
				if may := member.Can(who, member.DecideExtension, subject) == nil; may != listed {
					t.Errorf("%s (%s) about %s: may %v, listed %v", username, standing, of, may, listed)
				}
			}
		}
	}
	if list, err := c.room.ToDecide(t.Context(), c.who(former, "mate.former")); err != nil || len(list) != 0 {
		t.Errorf("a product left long ago still counts: %+v, %v (%s)", list, err, e.ID)
	}
}

// Requests of others, however many and old, do not hide those that wait for me.
func TestMineAreFoundAmongMany(t *testing.T) {
	c := newCommunity(t)
	e := c.asked("2025-06-30")
	c.exec(`WITH others AS (
			INSERT INTO member (username, fullname, primary_email_status, primary_email_status_changed_at, created_at, updated_at)
			SELECT 'other.' || n, 'Other', 'EMAIL_UNSET', $1, $1, $1 FROM generate_series(1, 300) n RETURNING id
		), away AS (
			INSERT INTO mission (member_id, start_day, end_day) SELECT id, '2024-01-01', '2024-12-10' FROM others
		)
		INSERT INTO extension_request (member_id, end_day, wished_day, asked_at, expires_day)
		SELECT id, '2024-12-10', '2025-03-31', $1, '2025-01-18' FROM others`, c.clock.Now().Add(-time.Hour))
	coach := c.who(c.coach, "coach.incub")
	if list, err := c.room.ToDecide(t.Context(), coach); err != nil || len(list) != 1 || list[0].ID != e.ID {
		t.Errorf("%d to decide, %v", len(list), err)
	}
	if n, err := c.room.CountToDecide(t.Context(), c.who(c.admin, webtest.AdminUsername)); err != nil || n != 301 {
		t.Errorf("%d for an administrator, %v", n, err)
	}
}

func TestHiddenTextIsRefused(t *testing.T) {
	c := newCommunity(t)
	for _, text := range []string{"Je continue \u202eici", "Je\u200bcontinue", "Je\x1bcontinue", "Je\xffcontinue"} {
		refused(t, c.ask("2025-06-30", text), fault.Invalid)
	}
	if err := c.ask("2025-06-30", "Je continue\r\nlà."); err != nil {
		t.Error(err)
	}
}

func TestAcceptingLengthensRestoresAndTells(t *testing.T) {
	c := newCommunity(t)
	e := c.asked("2025-06-30")
	c.requests.Take()
	mate := c.who(c.mate, "mate.same")
	for range 2 { // a double click
		if err := c.decide(mate, e, true); err != nil {
			t.Fatal(err)
		}
	}
	if c.end() != clock.MustDay("2025-06-30") {
		t.Errorf("end %s", c.end())
	}
	if diff := cmp.Diff([]string{c.anne.String() + " by mate.same"}, c.restored); diff != "" {
		t.Errorf("restored (-want +got):\n%s", diff)
	}
	want := []audit.Code{offboarding.CodeExtensionAsked, member.CodeEndChanged, offboarding.CodeExtensionAccepted}
	if diff := cmp.Diff(want, c.codes(c.anne)); diff != "" {
		t.Errorf("history (-want +got):\n%s", diff)
	}
	c.applyAll()
	letter := offboarding.AnsweredLetter{
		Fullname: "ANNE.PART", Accepted: true, Decider: "MATE.SAME", Wished: clock.MustDay("2025-06-30"), Answer: "Bien sûr.", Mailbox: offboarding.ComebackPassword,
	}
	if len(c.sent) != 1 || c.sent[0].To != "anne@ailleurs.fr" || c.sent[0].Letter != any(letter) {
		t.Errorf("sent %+v", c.sent)
	}
	refused(t, c.decide(mate, e, false), fault.Conflict)
	err := c.decide(c.who(c.coach, "coach.incub"), e, true)
	refused(t, err, fault.Conflict)
	if got := fault.Public(err); got != "Cette demande a déjà été acceptée par MATE.SAME." {
		t.Errorf("told %q", got)
	}
	if list, err := c.room.ToDecide(t.Context(), mate); err != nil || len(list) != 0 {
		t.Errorf("still to decide: %+v, %v", list, err)
	}
}

func TestRefusingChangesNothingAndTells(t *testing.T) {
	c := newCommunity(t)
	e := c.asked("2025-06-30")
	c.requests.Take()
	long := offboarding.Decision{Answer: strings.Repeat("é", 1001)}
	refused(t, c.room.Decide(t.Context(), c.who(c.coach, "coach.incub"), "anne.part", e.ID, long), fault.Invalid)
	if err := c.decide(c.who(c.coach, "coach.incub"), e, false); err != nil {
		t.Fatal(err)
	}
	c.applyAll()
	if l, ok := c.sent[0].Letter.(offboarding.AnsweredLetter); !ok || l.Accepted || len(c.restored) != 0 || c.end() != clock.MustDay("2024-12-10") {
		t.Errorf("letter %+v, restored %v, end %s", c.sent[0].Letter, c.restored, c.end())
	}
	if err := c.ask("2025-03-31", ""); err != nil {
		t.Errorf("asking again: %v", err)
	}
}

// The last day on which a request may be accepted, and the day after; a request for an earlier
// day falls with it.
func TestARequestExpires(t *testing.T) {
	for wished, last := range map[string]string{"2025-06-30": "2025-01-18", "2024-12-24": "2024-12-24"} {
		t.Run(wished, func(t *testing.T) {
			c := newCommunity(t)
			e := c.asked(wished)
			if e.ExpiryDay != clock.MustDay(last) {
				t.Fatalf("expires on %s", e.ExpiryDay)
			}
			c.clock.Set(clock.MustDay(last).Add(1).At(0, 0))
			mate := c.who(c.mate, "mate.same")
			refused(t, c.decide(mate, e, true), fault.Conflict)
			if list, err := c.room.ToDecide(t.Context(), mate); err != nil || len(list) != 0 {
				t.Errorf("to decide: %+v, %v", list, err)
			}
			before := len(c.sent)
			c.applyAll() // letters that had not left
			if len(c.sent) != before {
				t.Error("a letter left for a request that has expired")
			}
			if err := c.ask("2025-07-31", ""); err != nil {
				t.Errorf("asking again: %v", err)
			}
			c.exec(`DELETE FROM extension_request WHERE state = 'pending'`)
			c.exec(`UPDATE extension_request SET state = 'pending', decided_at = NULL`)
			c.clock.Set(clock.MustDay(last).At(23, 59))
			if err := c.decide(mate, e, true); err != nil {
				t.Errorf("on the last day: %v", err)
			}
		})
	}
}

func TestAMissionLengthenedOtherwiseClosesTheRequest(t *testing.T) {
	c := newCommunity(t)
	e := c.asked("2025-06-30")
	mate := c.who(c.mate, "mate.same")
	c.ends(c.anne, "2025-06-30")
	refused(t, c.decide(mate, e, true), fault.Conflict)
	c.ends(c.anne, "2025-01-31") // a little longer only: the request still says something
	if err := c.decide(mate, e, true); err != nil || c.end() != clock.MustDay("2025-06-30") {
		t.Errorf("%v, end %s", err, c.end())
	}
}

func TestTheAnswerSuitsTheAddress(t *testing.T) {
	for status, want := range map[member.Status]struct {
		to   string
		back offboarding.Comeback
	}{
		member.StatusActive:    {"anne.part@exemple.org", offboarding.ComebackNone},
		member.StatusSuspended: {"anne@ailleurs.fr", offboarding.ComebackPassword},
		member.StatusDeleted:   {"anne@ailleurs.fr", offboarding.ComebackRecreate},
		member.StatusExpired:   {"anne@ailleurs.fr", offboarding.ComebackNone},
	} {
		t.Run(string(status), func(t *testing.T) {
			c := newCommunity(t)
			c.exec(`UPDATE member SET primary_email_status = $2 WHERE id = $1`, c.anne, status)
			e := c.asked("2025-06-30")
			c.requests.Take()
			if err := c.decide(c.who(c.admin, webtest.AdminUsername), e, true); err != nil {
				t.Fatal(err)
			}
			c.applyAll()
			if l, ok := c.sent[0].Letter.(offboarding.AnsweredLetter); !ok || c.sent[0].To != want.to || l.Mailbox != want.back {
				t.Errorf("sent %+v", c.sent[0])
			}
		})
	}
}

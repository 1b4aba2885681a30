package mailbox_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/betagouv/espace-membre/internal/mailbox"
	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/platform/job"
)

const activation = "setEmailAddressesActive"

func TestPlanOfActivation(t *testing.T) {
	w := newWorld(t, mailbox.Config{})
	pending, now := member.StatusCreationPending, w.clock.Now()
	w.add(person{username: "anne.ready", primary: "anne.ready@exemple.org", secondary: "anne@ailleurs.fr", status: pending, since: now.Add(-5 * time.Minute)})
	w.add(person{username: "bea.early", primary: "bea.early@exemple.org", secondary: "bea@ailleurs.fr", status: pending, since: now.Add(-5*time.Minute + time.Millisecond)})
	w.add(person{username: "cleo.back", primary: "cleo.back@exemple.org", status: member.StatusRecreationPending, since: now.Add(-time.Hour)})
	w.add(person{username: "dan.gone", primary: "dan.gone@exemple.org", secondary: "dan@ailleurs.fr", status: pending, since: now.Add(-time.Hour), end: "2024-12-18"})
	w.add(person{username: "eli.unset", secondary: "eli@ailleurs.fr", status: member.StatusUnset, since: now.Add(-time.Hour)})
	w.goldenPlan(activation,
		"population 4",
		"state activer anne.ready : adresse commandée chez OVH, à activer",
		"once envoyer anne.ready : prévenir à l’adresse secondaire que l’adresse est prête",
		"state activer cleo.back : adresse commandée chez OVH, à activer",
		"laisser bea.early : adresse commandée il y a moins de 5 minutes",
		"laisser cleo.back : pas d’adresse secondaire : pas de message de bienvenue",
		"laisser dan.gone : aucune mission en cours ou à venir")
}

// ready puts a member whose mailbox exists, ordered ten minutes ago, and gives both actions.
func (w *world) ready(p person) (activate, welcome job.Action) {
	w.t.Helper()
	p.primary, p.since = p.username+"@exemple.org", w.clock.Now().Add(-10*time.Minute)
	if p.status == "" {
		p.status = member.StatusCreationPending
	}
	w.add(p)
	w.ovh.AddMailbox("EMAIL_PLAN_EXCHANGE", p.username)
	plan := w.plan(activation)
	if len(plan.Actions) != 2 {
		w.t.Fatalf("%d actions, want 2: %+v", len(plan.Actions), plan.Actions)
	}
	return plan.Actions[0], plan.Actions[1]
}

func TestActivationThenWelcome(t *testing.T) {
	w := newWorld(t, mailbox.Config{})
	activate, welcome := w.ready(person{username: "anne.ready", fullname: "Anne de La Ready", secondary: "anne@ailleurs.fr"})
	w.contacts.blocked = map[string]string{"anne.ready@exemple.org": "hardBounce"}
	_, err := w.apply(welcome)
	refused(t, err, fault.Unavailable) // the address is not active yet
	if len(w.letters.sent) != 0 {
		t.Fatal("welcomed before the activation")
	}
	if _, err := w.apply(activate); err != nil {
		t.Fatal(err)
	}
	w.expect(activate.Subject, member.StatusPasswordPending, "anne.ready@exemple.org")
	want := mailbox.Contact{Address: "anne.ready@exemple.org", Fullname: "Anne de La Ready", Domain: "Autre"}
	for _, list := range []mailbox.List{mailbox.Newsletter, mailbox.Onboarding} {
		if diff := cmp.Diff([]mailbox.Contact{want}, w.contacts.members[list]); diff != "" {
			t.Errorf("list %s (-want +got):\n%s", list, diff)
		}
	}
	if len(w.contacts.blocked) != 0 || w.events(activate.Subject, "MEMBER_UNBLOCK_EMAIL") != 1 {
		t.Errorf("still blocked (%v) or not told", w.contacts.blocked)
	}
	if _, err := w.apply(welcome); err != nil {
		t.Fatal(err)
	}
	letter := mailbox.Welcome{
		To: "anne@ailleurs.fr", Fullname: "Anne de La Ready", Address: "anne.ready@exemple.org", Webmail: "https://ex.mail.ovh.net/",
	}
	if diff := cmp.Diff([]mailbox.Welcome{letter}, w.letters.sent); diff != "" {
		t.Errorf("letters (-want +got):\n%s", diff)
	}
	if w.letters.keys[0] != welcome.Key {
		t.Errorf("sent under %s, want the action's key", w.letters.keys[0])
	}
	if again, err := w.apply(activate); err != nil || again.Moot == "" {
		t.Errorf("activated twice: %+v, %v", again, err)
	}
}

func TestSomebodyWhoComesBackIsNotOnboardedAgain(t *testing.T) {
	w := newWorld(t, mailbox.Config{})
	activate, _ := w.ready(person{username: "cleo.back", secondary: "cleo@ailleurs.fr", status: member.StatusRecreationPending, communication: "secondary"})
	if _, err := w.apply(activate); err != nil {
		t.Fatal(err)
	}
	news := w.contacts.members[mailbox.Newsletter]
	if len(news) != 1 || news[0].Address != "cleo@ailleurs.fr" || len(w.contacts.members[mailbox.Onboarding]) != 0 {
		t.Errorf("lists: %+v", w.contacts.members)
	}
}

func TestOwnWishNotToBeWrittenToIsKept(t *testing.T) {
	for _, reason := range []string{"unsubscribedViaEmail", "unsubscribedViaMA", "unsubscribedViaApi", "contactFlaggedAsSpam"} {
		t.Run(reason, func(t *testing.T) { // its own transaction, ended before the next
			w := newWorld(t, mailbox.Config{})
			activate, _ := w.ready(person{username: "anne.ready", secondary: "anne@ailleurs.fr"})
			w.contacts.blocked = map[string]string{"anne.ready@exemple.org": reason}
			if _, err := w.apply(activate); err != nil {
				t.Fatal(err)
			}
			if len(w.contacts.blocked) != 1 || w.events(activate.Subject, "MEMBER_UNBLOCK_EMAIL") != 0 {
				t.Errorf("%s was lifted", reason)
			}
		})
	}
}

func TestMailboxThatOVHDoesNotShowYetWaits(t *testing.T) {
	w := newWorld(t, mailbox.Config{})
	id := w.add(person{username: "anne.due", secondary: "anne@ailleurs.fr"})
	if _, err := w.apply(w.one(creation)); err != nil {
		t.Fatal(err)
	}
	w.clock.Advance(5 * time.Minute) // OVH takes six
	activate := w.plan(activation).Actions[0]
	_, err := w.apply(activate)
	refused(t, err, fault.Unavailable)
	w.expect(id, member.StatusCreationPending, "anne.due@exemple.org")
	w.clock.Advance(time.Minute)
	if _, err := w.apply(activate); err != nil {
		t.Fatal(err)
	}
	w.expect(id, member.StatusPasswordPending, "anne.due@exemple.org")
}

func TestListsThatAreDownLeaveTheMemberAsIs(t *testing.T) {
	w := newWorld(t, mailbox.Config{})
	activate, _ := w.ready(person{username: "anne.ready", secondary: "anne@ailleurs.fr"})
	w.contacts.down = fault.New(fault.Unavailable, "", "down")
	_, err := w.apply(activate)
	refused(t, err, fault.Unavailable)
	w.expect(activate.Subject, member.StatusCreationPending, "anne.ready@exemple.org")
}

// A message recorded with its activation stays wanted until it is sent: otherwise the next
// plan would make it moot.
func TestOwedWelcomeStaysWanted(t *testing.T) {
	w := newWorld(t, mailbox.Config{})
	activate, welcome := w.ready(person{username: "anne.ready", secondary: "anne@ailleurs.fr"})
	if _, err := w.apply(activate); err != nil {
		t.Fatal(err)
	}
	w.goldenPlan(activation, "population 0") // nothing in the ledger: nothing owed
	w.exec(`INSERT INTO job_action (key, round, mode, job, actor, verb, subject, label, reason, queue, state, not_before, created_at)
		VALUES ($1, 1, 'once', $2, 'system', 'envoyer', $3, '', '', 'mail', 'planned', $4, $4)`,
		welcome.Key, activation, welcome.Subject, w.clock.Now())
	if got := w.one(activation); got.Key != welcome.Key || got.Mode != job.Once || got.Label != "anne.ready" {
		t.Errorf("owed: %+v, want %+v", got, welcome)
	}
	w.exec(`UPDATE job_action SET state = 'done', closed_at = $1`, w.clock.Now())
	w.goldenPlan(activation, "population 0")
}

func TestWelcomeOfWhoLeftIsMoot(t *testing.T) {
	w := newWorld(t, mailbox.Config{})
	_, welcome := w.ready(person{username: "anne.ready", secondary: "anne@ailleurs.fr", end: "2024-12-19"})
	w.clock.Set(today.Add(1).At(0, 0))
	if outcome, err := w.apply(welcome); err != nil || outcome.Moot == "" {
		t.Errorf("%+v, %v; want nothing to do", outcome, err)
	}
}

// A plan as of another day judges as of that day: ordered a month before, an address is ready.
func TestPlanOfAnotherDayDoesNotLookAtTheClock(t *testing.T) {
	w := newWorld(t, mailbox.Config{})
	w.add(person{username: "anne.new", primary: "anne.new@exemple.org", secondary: "anne@ailleurs.fr", status: member.StatusCreationPending})
	w.add(person{
		username: "bea.attr", primary: "bea.attr-attr@exemple.org", secondary: "bea@ailleurs.fr", status: member.StatusRedirectionPending, redirection: true,
	})
	for _, name := range []string{activation, "setEmailRedirectionActive"} {
		for day, wanted := range map[string]bool{"2024-12-18": false, "2024-12-19": false, "2024-12-20": true, "2025-01-20": true} {
			plan, err := w.job(name).Plan(t.Context(), clock.MustDay(day))
			if err != nil {
				t.Fatal(err)
			}
			if early := strings.Contains(strings.Join(told(plan), " "), "il y a moins de 5 minutes"); early == wanted || len(plan.Actions) > 0 != wanted {
				t.Errorf("%s as of %s: %v", name, day, told(plan))
			}
		}
	}
}

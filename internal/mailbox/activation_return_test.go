package mailbox_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/betagouv/espace-membre/internal/mailbox"
	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/fault"
)

func TestPlanOfReturns(t *testing.T) {
	w := newWorld(t, mailbox.Config{})
	for name, p := range map[string]person{
		"anne.back":   {secondary: "anne@ailleurs.fr", primary: "anne.back@exemple.org", status: member.StatusSuspended},
		"bea.silent":  {primary: "bea.silent@exemple.org", status: member.StatusSuspended},
		"cleo.gone":   {primary: "cleo.gone@exemple.org", status: member.StatusSuspended, end: "2024-12-18"},
		"dan.foreign": {secondary: "dan@ailleurs.fr", primary: "dan@ministere.fr", status: member.StatusExpired},
		"eli.nothing": {status: member.StatusSuspended},
		"fay.attr":    {primary: "fay.attr-attr@exemple.org", secondary: "fay@ailleurs.fr", status: member.StatusSuspended, redirection: true},
	} {
		p.username = name
		w.add(p)
	}
	w.goldenPlan(activation,
		"population 4",
		"state rétablir anne.back : de retour, adresse suspendue à rouvrir, mot de passe à définir",
		"once envoyer anne.back : prévenir à l’adresse secondaire que l’adresse est rétablie",
		"state rétablir bea.silent : de retour, adresse suspendue à rouvrir, mot de passe à définir",
		"state rétablir dan.foreign : de retour, adresse extérieure de nouveau active",
		"laisser bea.silent : pas d’adresse secondaire : pas de message de retour",
		"laisser eli.nothing : de retour, mais sans adresse principale")
	w.goldenPlan(redirection, "population 1", "state rediriger fay.attr : de retour, redirection « attributaire » à recréer")
}

func TestSuspendedAddressReopens(t *testing.T) {
	w := newWorld(t, mailbox.Config{})
	id := w.add(person{username: "anne.back", fullname: "Anne Back", secondary: "anne@ailleurs.fr", primary: "anne.back@exemple.org", status: member.StatusSuspended})
	w.ovh.AddMailbox("EMAIL_PLAN_EXCHANGE", "anne.back")
	w.contacts.blocked = map[string]string{"anne.back@exemple.org": "unsubscribedViaEmail"}
	reopen, letter := w.plan(activation).Actions[0], w.plan(activation).Actions[1]
	_, err := w.apply(letter)
	refused(t, err, fault.Unavailable) // not open yet
	if _, err := w.apply(reopen); err != nil {
		t.Fatal(err)
	}
	w.expect(id, member.StatusPasswordPending, "anne.back@exemple.org")
	w.dated(id)
	if len(w.contacts.members[mailbox.Newsletter]) != 1 || len(w.contacts.members[mailbox.Onboarding]) != 0 || len(w.contacts.blocked) != 1 {
		t.Errorf("lists %v, blocks %v", w.contacts.members, w.contacts.blocked)
	}
	if _, err := w.apply(letter); err != nil {
		t.Fatal(err)
	}
	want := []mailbox.Welcome{{To: "anne@ailleurs.fr", Fullname: "Anne Back", Address: "anne.back@exemple.org", Webmail: "https://ex.mail.ovh.net/"}}
	if diff := cmp.Diff(want, w.letters.back); diff != "" || len(w.letters.sent) != 0 {
		t.Errorf("letters (-want +got):\n%s", diff)
	}
	w.goldenPlan(activation, "population 0")
}

func TestForeignAddressServesAgain(t *testing.T) {
	for _, status := range []member.Status{member.StatusExpired, member.StatusSuspended} {
		t.Run(string(status), func(t *testing.T) {
			w := newWorld(t, mailbox.Config{})
			w.down() // it is nothing to OVH
			id := w.add(person{username: "dan.foreign", primary: "dan@ministere.fr", secondary: "dan@ailleurs.fr", status: status})
			if _, err := w.apply(w.one(activation)); err != nil {
				t.Fatal(err)
			}
			w.expect(id, member.StatusActive, "dan@ministere.fr")
			if len(w.contacts.members[mailbox.Newsletter]) != 1 || len(w.letters.keys) != 0 {
				t.Errorf("lists %v, letters %v", w.contacts.members, w.letters.keys)
			}
		})
	}
}

// A suspended mailbox that somebody deleted at OVH is ordered again; one message comes, when it is ready.
func TestSuspendedMailboxThatDisappearedIsOrderedAgain(t *testing.T) {
	w := newWorld(t, mailbox.Config{})
	id := w.add(person{username: "anne.back", secondary: "anne@ailleurs.fr", primary: "anne.back@exemple.org", status: member.StatusSuspended})
	reopen, letter := w.plan(activation).Actions[0], w.plan(activation).Actions[1]
	if _, err := w.apply(reopen); err != nil {
		t.Fatal(err)
	}
	w.expect(id, member.StatusRecreationPending, "anne.back@exemple.org")
	if outcome, err := w.apply(letter); err != nil || outcome.Moot == "" {
		t.Errorf("the message of a reopening: %+v, %v", outcome, err)
	}
	w.clock.Advance(w.delay())
	for _, a := range w.plan(activation).Actions {
		if _, err := w.apply(a); err != nil {
			t.Fatal(err)
		}
	}
	w.expect(id, member.StatusPasswordPending, "anne.back@exemple.org")
	if len(w.letters.sent) != 1 || len(w.letters.back) != 0 {
		t.Errorf("%d welcomes and %d returns told, want one message", len(w.letters.sent), len(w.letters.back))
	}
}

package mailinglist_test

import (
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/job"
	"github.com/betagouv/espace-membre/internal/platform/postgres"
)

// replace gives somebody a mailbox in place of their address of a ministry, as the room of
// mailboxes records it: by a transition, without the followers of a change that its owner makes.
func (w *world) replace(id any, username string, secondary string) {
	w.t.Helper()
	own := username + "@" + domain
	change := member.Change{To: member.StatusCreationPending, At: w.clock.Now(), Actor: "system", Reason: "boîte créée chez OVH", PrimaryEmail: &own}
	if secondary != "" {
		change.SecondaryEmail = &secondary
	}
	err := postgres.InTx(w.t.Context(), w.db, func(tx pgx.Tx) error {
		return member.Transition(w.t.Context(), tx, idOf(username), change)
	})
	if err != nil {
		w.t.Fatal(err)
	}
	w.exec(`UPDATE member SET primary_email_status = 'EMAIL_ACTIVE' WHERE id = $1`, id)
}

// A mailbox replaces the address of a ministry: the former contact gives its place, and what it
// refused, to the new one, which the activation may have added to the lists meanwhile.
func TestContactFollowsANewMailbox(t *testing.T) {
	const own, gouv = "anne.due@exemple.org", "anne@ministere.gouv.fr"
	for name, c := range map[string]struct {
		kept        string // address of the ministry that stays in the record as the private one
		prepare     func(w *world)
		reason      string // of the action; "": none
		destructive bool
		now, then   string // the new contact, the former one
	}{
		"on both": {
			prepare: func(w *world) {
				w.brevo.AddContact(gouv, nil, 332, 333)
				w.brevo.AddContact(own, nil, 332, 333)
			},
			reason: "inscription à une autre adresse que celle de contact, sur Brevo NEWSLETTER, Brevo ONBOARDING", destructive: true,
			now: "lists [332 333], refuses false", then: "lists [], refuses false",
		},
		"kept in the record": {
			kept:    gouv,
			prepare: func(w *world) { w.brevo.AddContact(gouv, nil, 332) },
			reason:  "inscription à une autre adresse que celle de contact, sur Brevo NEWSLETTER",
			now:     "lists [332], refuses false", then: "lists [], refuses false",
		},
		"unsubscribed, off the list": {
			prepare: func(w *world) {
				w.brevo.Unsubscribe(gouv, 332)
				w.brevo.AddContact(own, nil, 332, 333)
			},
			reason: "refus fait à une autre adresse, à garder à l’adresse de contact",
			now:    "lists [333], refuses true", then: "lists [], refuses true",
		},
		"unsubscribed, still on the list": {
			prepare: func(w *world) {
				w.brevo.AddContact(gouv, nil, 332)
				w.brevo.Blacklist(gouv, "unsubscribedViaEmail")
				w.brevo.AddContact(own, nil, 332)
			},
			reason: "inscription à une autre adresse que celle de contact, sur Brevo NEWSLETTER", destructive: true,
			now: "lists [332], refuses true", then: "lists [], refuses true",
		},
		"unsubscribed at both": {
			prepare: func(w *world) {
				w.brevo.Unsubscribe(gouv, 332)
				w.brevo.Unsubscribe(own, 332)
			},
			now: "lists [], refuses true", then: "lists [], refuses true",
		},
		"never a contact": {
			prepare: func(w *world) { w.brevo.AddContact(own, nil, 332) },
			now:     "lists [332], refuses false", then: "unknown",
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.crowd()
			id := w.add(person{username: "anne.due", primary: gouv, status: member.StatusCreationWaiting})
			w.replace(id, "anne.due", c.kept)
			c.prepare(w)
			w.expectReason(departure, c.reason)
			for _, a := range w.plan(departure).Actions {
				if a.Destructive != c.destructive || a.Key != job.Key(departure, id, "adresse-de-contact") {
					t.Errorf("%+v", a)
				}
				w.apply(a)
				w.apply(a) // killed before the record, and begun again
			}
			if now, then := w.at(own), w.at(gouv); now != c.now || then != c.then {
				t.Errorf("new contact: %s, want %s; former: %s, want %s", now, c.now, then, c.then)
			}
			w.expectReason(departure, "")
			w.applyAll(unblock)
			if now := w.at(own); now != c.now {
				t.Errorf("after the weekly unblocking: %s, want %s", now, c.now)
			}
		})
	}
}

// The contact follows the preference too, whatever the way by which it changed.
func TestContactFollowsThePreference(t *testing.T) {
	w := newWorld(t)
	w.crowd()
	w.add(person{username: "anne.due", secondary: "anne@perso.fr", prefers: "secondary"})
	w.brevo.AddContact("anne.due@exemple.org", nil, 332)
	w.applyAll(departure)
	w.expect("newsletter", w.contacts(332), "anne@perso.fr", "reste@exemple.org")
}

// An old refusal is not looked for again each day: what the person chose since stands.
func TestOldRefusalsAreNotLookedForAgain(t *testing.T) {
	for name, c := range map[string]struct {
		days int
		want string
	}{"30 days": {30, "refus fait à une autre adresse, à garder à l’adresse de contact"}, "31 days": {31, ""}} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.crowd()
			id := w.add(person{username: "anne.due", primary: "anne@ministere.gouv.fr", status: member.StatusCreationWaiting})
			w.replace(id, "anne.due", "")
			w.brevo.Unsubscribe("anne@ministere.gouv.fr", 332)
			w.clock.Set(today.Add(c.days).At(8, 0))
			w.expectReason(departure, c.want)
		})
	}
}

func TestContactThatIsNotToFollowAnyMore(t *testing.T) {
	for name, c := range map[string]struct{ change, moot string }{
		"left":       {`UPDATE mission SET end_day = '2024-12-18'`, "plus aucune mission en cours ou à venir"},
		"taken back": {`UPDATE member SET primary_email = 'anne@ministere.gouv.fr'`, ""},
		"somebody else's": {`INSERT INTO member (username, fullname, primary_email, primary_email_status, primary_email_status_changed_at, created_at, updated_at)
			VALUES ('bea.there', 'B', 'anne@ministere.gouv.fr', 'EMAIL_ACTIVE', '2024-12-19', '2024-12-19', '2024-12-19')`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.crowd()
			id := w.add(person{username: "anne.due", primary: "anne@ministere.gouv.fr", status: member.StatusCreationWaiting})
			w.replace(id, "anne.due", "")
			w.brevo.AddContact("anne@ministere.gouv.fr", nil, 332)
			a := w.plan(departure).Actions[0]
			w.exec(c.change)
			if outcome := w.apply(a); outcome.Moot != c.moot {
				t.Errorf("moot %q, want %q", outcome.Moot, c.moot)
			}
			w.expect("newsletter", w.contacts(332), "anne@ministere.gouv.fr", "reste@exemple.org")
		})
	}
}

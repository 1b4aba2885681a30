package mailinglist_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/betagouv/espace-membre/internal/integration/brevo"
	"github.com/betagouv/espace-membre/internal/mailinglist"
	"github.com/betagouv/espace-membre/internal/mailinglist/mailinglistbrevo"
	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/platform/postgres"
)

func (w *world) move(username, former, key string) {
	w.t.Helper()
	id := w.add(person{username: username})
	err := postgres.InTx(w.t.Context(), w.db, func(tx pgx.Tx) error {
		return w.room.MoveContact(w.t.Context(), tx, id, username, former, key)
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

// movers gives the room with each way of moving a contact, and the port that it uses.
func (w *world) movers(rename bool) mailinglistbrevo.Contacts {
	w.t.Helper()
	contacts := mailinglistbrevo.New(w.brevoClient(), mailinglistbrevo.Config{
		Lists: map[mailinglist.ContactList]int{mailinglist.Newsletter: 332, mailinglist.Onboarding: 333}, Rename: rename,
	})
	w.room = mailinglist.New(w.db, w.clock, mailinglist.Ports{Requester: w.requests, Contacts: contacts}, mailinglist.Config{Domain: domain})
	return contacts
}

func (w *world) brevoClient() *brevo.Client {
	return brevo.New(brevo.Config{APIKey: "key", BaseURL: w.brevoURL(), PerSecond: 1000, Backoff: time.Millisecond})
}

// contact tells how Brevo knows an address.
func (w *world) at(address string) string {
	w.t.Helper()
	c, err := w.brevoClient().Contact(w.t.Context(), address)
	if fault.Is(err, fault.NotFound) {
		return "unknown"
	}
	if err != nil {
		w.t.Fatal(err)
	}
	return fmt.Sprintf("lists %v, refuses %v", c.ListIDs, c.EmailBlacklisted)
}

func TestContactFollowsAChangeOfAddress(t *testing.T) {
	const next = "anne.due@exemple.org"
	for name, c := range map[string]struct {
		rename       bool
		prepare      func(w *world)
		want, former string
		refusal      string // that the history keeps; "-": no event
	}{
		"on both lists": {
			prepare: func(w *world) { w.brevo.AddContact("anne@avant.fr", nil, 332, 333) },
			want:    "lists [332 333], refuses false", former: "lists [], refuses false",
		},
		"on both lists, renamed": {
			rename: true, prepare: func(w *world) { w.brevo.AddContact("anne@avant.fr", nil, 332, 333) },
			want: "lists [332 333], refuses false", former: "unknown",
		},
		"never on the newsletter": {
			prepare: func(w *world) { w.brevo.AddContact("anne@avant.fr", nil, 333) },
			want:    "lists [333], refuses false", former: "lists [], refuses false",
		},
		"never on the newsletter, renamed": {
			rename: true, prepare: func(w *world) { w.brevo.AddContact("anne@avant.fr", nil, 333) },
			want: "lists [333], refuses false", former: "unknown",
		},
		"on no list": {
			prepare: func(w *world) { w.brevo.AddContact("anne@avant.fr", nil) },
			want:    "unknown", former: "lists [], refuses false", refusal: "-",
		},
		"unknown":          {prepare: func(*world) {}, want: "unknown", former: "unknown", refusal: "-"},
		"unknown, renamed": {rename: true, prepare: func(*world) {}, want: "unknown", former: "unknown", refusal: "-"},
		"unsubscribed, off the list": {
			prepare: func(w *world) {
				w.brevo.AddContact("anne@avant.fr", nil, 332, 333)
				w.brevo.Unsubscribe("anne@avant.fr", 332)
			},
			want: "lists [333], refuses true", former: "lists [], refuses true", refusal: "unsubscribedViaEmail",
		},
		"unsubscribed, off the list, renamed": {
			rename: true, prepare: func(w *world) {
				w.brevo.AddContact("anne@avant.fr", nil, 332, 333)
				w.brevo.Unsubscribe("anne@avant.fr", 332)
			},
			want: "lists [333], refuses true", former: "unknown", refusal: "unsubscribedViaEmail",
		},
		"unsubscribed, still on the list": {
			prepare: func(w *world) {
				w.brevo.AddContact("anne@avant.fr", nil, 332)
				w.brevo.Blacklist("anne@avant.fr", "unsubscribedViaEmail")
			},
			want: "lists [332], refuses true", former: "lists [], refuses true", refusal: "unsubscribedViaEmail",
		},
		"complained, on no list": {
			prepare: func(w *world) { w.brevo.Blacklist("anne@avant.fr", "contactFlaggedAsSpam") },
			want:    "lists [], refuses true", former: "lists [], refuses true", refusal: "contactFlaggedAsSpam",
		},
		"the new address was added meanwhile": {
			prepare: func(w *world) {
				w.brevo.Unsubscribe("anne@avant.fr", 332)
				w.brevo.AddContact(next, nil, 332, 333)
			},
			want: "lists [333], refuses true", former: "lists [], refuses true", refusal: "unsubscribedViaEmail",
		},
		"the new address was added meanwhile, renamed": {
			rename: true, prepare: func(w *world) {
				w.brevo.Unsubscribe("anne@avant.fr", 332)
				w.brevo.AddContact(next, nil, 332, 333)
			},
			want: "lists [333], refuses true", former: "lists [], refuses true", refusal: "unsubscribedViaEmail",
		},
		"the new address refuses by itself": {
			prepare: func(w *world) {
				w.brevo.AddContact("anne@avant.fr", nil, 332, 333)
				w.brevo.Unsubscribe(next, 332)
			},
			want: "lists [333], refuses true", former: "lists [], refuses false",
		},
		"the former mailbox is dead": {
			prepare: func(w *world) {
				w.brevo.AddContact("anne@avant.fr", nil, 332)
				w.brevo.Blacklist("anne@avant.fr", "hardBounce")
			},
			want: "lists [332], refuses false", former: "lists [], refuses true",
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			contacts := w.movers(c.rename)
			c.prepare(w)
			w.move("anne.due", "anne@avant.fr", "formulaire-1")
			asked := w.requests.Pending()
			if len(asked) != 1 || string(asked[0].Secret) != "anne@avant.fr" || len(asked[0].Args) != 0 {
				t.Fatalf("the former address does not travel sealed: %+v", asked)
			}
			w.apply(asked[0])
			told := w.one(`SELECT COALESCE(max(after ->> 'refusal'), '-') FROM audit_event WHERE code = 'MEMBER_CONTACT_MOVED'`)
			w.apply(asked[0]) // killed before the record, and begun again
			if got := w.at(next); got != c.want {
				t.Errorf("new address: %s, want %s", got, c.want)
			}
			if got := w.at("anne@avant.fr"); got != c.former {
				t.Errorf("former address: %s, want %s", got, c.former)
			}
			if told != c.refusal {
				t.Errorf("the history keeps the refusal %q, want %q", told, c.refusal)
			}
			if follows, err := contacts.Follows(t.Context(), "anne@avant.fr", next); err != nil || !follows {
				t.Errorf("something is left to move: %v", err)
			}
		})
	}
}

// The weekly unblocking lifts what an administrator set at Brevo: not a wish that followed its person.
func TestARefusalThatFollowedIsNeverLifted(t *testing.T) {
	for why, lifted := range map[string]bool{"unsubscribedViaEmail": false, "contactFlaggedAsSpam": false, "adminBlocked": true} {
		t.Run(why, func(t *testing.T) {
			w := newWorld(t)
			w.movers(false)
			w.brevo.AddContact("anne@avant.fr", nil, 332)
			w.brevo.Blacklist("anne@avant.fr", why)
			w.move("anne.due", "anne@avant.fr", "formulaire-1")
			w.apply(w.requests.Take()[0])
			if got := w.at("anne.due@exemple.org"); got != "lists [332], refuses true" {
				t.Fatalf("after the move: %s", got)
			}
			if did := w.applyAll(unblock); (did == 1) != lifted {
				t.Errorf("%d lifted", did)
			}
			if got, want := w.at("anne.due@exemple.org"), fmt.Sprintf("lists [332], refuses %v", !lifted); got != want {
				t.Errorf("after the unblocking: %s, want %s", got, want)
			}
		})
	}
}

// The names that the record holds go with the new contact.
func TestContactThatMovesKeepsItsNames(t *testing.T) {
	for name, rename := range map[string]bool{"removed and added": false, "renamed": true} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			contacts := w.movers(rename)
			w.brevo.AddContact("autre@avant.fr", nil, 332)
			to := mailinglist.Person{Address: "anne.due@exemple.org", Fullname: "Anne DUE", Domain: "Design"}
			if moved, err := contacts.Move(t.Context(), "autre@avant.fr", to); err != nil || !moved.Changed || moved.Refusal != "" {
				t.Errorf("%+v, %v", moved, err)
			}
			contact, err := w.brevoClient().Contact(t.Context(), "anne.due@exemple.org")
			if err != nil || contact.Attributes["PRENOM"] != "Anne" || contact.Attributes["NOM"] != "DUE" || contact.Attributes["DOMAINE"] != "Design" {
				t.Errorf("%+v, %v", contact, err)
			}
		})
	}
}

// Somebody else may have taken the former address since.
func TestContactOfSomebodyElseIsNotMoved(t *testing.T) {
	w := newWorld(t)
	w.movers(false)
	w.brevo.AddContact("anne@avant.fr", nil, 332)
	w.move("anne.due", "anne@avant.fr", "formulaire-1")
	w.add(person{username: "bea.there", primary: "anne@avant.fr"})
	if outcome := w.apply(w.requests.Take()[0]); outcome.Moot == "" {
		t.Errorf("%+v", outcome)
	}
	if got := w.at("anne@avant.fr"); got != "lists [332], refuses false" {
		t.Errorf("the contact of somebody else: %s", got)
	}
}

func TestNoContactToMove(t *testing.T) {
	w := newWorld(t)
	w.move("anne.due", "", "formulaire-1")
	if len(w.requests.Pending()) != 0 {
		t.Error("asked to move nothing")
	}
	w.exec(`UPDATE member SET primary_email = NULL`)
	w.exec(`DELETE FROM member`)
	w.move("anne.due", "anne@avant.fr", "formulaire-2")
	a := w.requests.Take()[0]
	w.exec(`UPDATE member SET primary_email = 'anne@avant.fr'`)
	if outcome := w.apply(a); outcome.Moot == "" {
		t.Errorf("the same address: %+v", outcome)
	}
	w.exec(`DELETE FROM member`)
	if outcome := w.apply(a); outcome.Moot == "" {
		t.Errorf("nobody: %+v", outcome)
	}
}

func TestListWithoutNumberOrUnknownIsToldClearly(t *testing.T) {
	w := newWorld(t)
	client := brevo.New(brevo.Config{APIKey: "key", BaseURL: w.brevoURL(), PerSecond: 1000})
	contacts := mailinglistbrevo.New(client, mailinglistbrevo.Config{Lists: map[mailinglist.ContactList]int{mailinglist.Newsletter: 999}})
	_, _, unknown := contacts.Members(t.Context(), mailinglist.Newsletter)
	refused(t, unknown, fault.NotFound)
	if public := fault.Public(unknown); public != "La liste Brevo NEWSLETTER (numéro 999) n’existe pas : vérifie MAILING_LIST_NEWSLETTER." {
		t.Errorf("told %q", public)
	}
	_, _, none := contacts.Members(t.Context(), mailinglist.Onboarding)
	refused(t, none, fault.Invalid)
	refused(t, contacts.Remove(t.Context(), mailinglist.Onboarding, "a@exemple.org"), fault.Invalid)
	if reason, err := contacts.WhyRefuses(t.Context(), "inconnue@exemple.org"); err != nil || reason != "" {
		t.Errorf("nobody refuses: %q, %v", reason, err)
	}
}

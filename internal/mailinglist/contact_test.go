package mailinglist_test

import (
	"slices"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/betagouv/espace-membre/internal/integration/brevo"
	"github.com/betagouv/espace-membre/internal/mailinglist"
	"github.com/betagouv/espace-membre/internal/mailinglist/mailinglistbrevo"
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

func TestContactFollowsAChangeOfAddress(t *testing.T) {
	for name, rename := range map[string]bool{"removed and added": false, "renamed": true} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.room = mailinglist.New(w.db, w.clock, mailinglist.Ports{
				Requester: w.requests,
				Contacts: mailinglistbrevo.New(brevo.New(brevo.Config{APIKey: "key", BaseURL: w.brevoURL(), PerSecond: 1000}), mailinglistbrevo.Config{
					Lists: map[mailinglist.ContactList]int{mailinglist.Newsletter: 332, mailinglist.Onboarding: 333}, Rename: rename,
				}),
			}, mailinglist.Config{Domain: domain})
			w.brevo.AddContact("anne@avant.fr", nil, 332, 333)
			w.move("anne.due", "anne@avant.fr", "formulaire-1")
			asked := w.requests.Pending()
			if len(asked) != 1 || string(asked[0].Secret) != "anne@avant.fr" || len(asked[0].Args) != 0 {
				t.Fatalf("the former address does not travel sealed: %+v", asked)
			}
			for range 2 { // repeating changes nothing
				w.apply(asked[0])
			}
			if got := w.contacts(332); !slices.Equal(got, []string{"anne.due@exemple.org"}) {
				t.Errorf("newsletter: %v", got)
			}
			want := "anne@avant.fr"
			if rename {
				want = "anne.due@exemple.org"
			}
			if got := w.contacts(333); !slices.Equal(got, []string{want}) {
				t.Errorf("onboarding: %v", got)
			}
		})
	}
}

func TestContactThatIsUnknownOrAlreadyThere(t *testing.T) {
	w := newWorld(t)
	client := brevo.New(brevo.Config{APIKey: "key", BaseURL: w.brevoURL(), PerSecond: 1000})
	contacts := mailinglistbrevo.New(client, mailinglistbrevo.Config{Lists: map[mailinglist.ContactList]int{mailinglist.Newsletter: 332}, Rename: true})
	to := mailinglist.Person{Address: "anne.due@exemple.org", Fullname: "Anne DUE", Domain: "Design"}
	if err := contacts.Move(t.Context(), "inconnue@avant.fr", to); err != nil {
		t.Errorf("unknown: %v", err)
	}
	w.brevo.AddContact("autre@avant.fr", nil, 332)
	if err := contacts.Move(t.Context(), "autre@avant.fr", to); err != nil {
		t.Errorf("already there: %v", err)
	}
	w.expect("newsletter", w.contacts(332), "anne.due@exemple.org")
	contact, err := client.Contact(t.Context(), "anne.due@exemple.org")
	if err != nil || contact.Attributes["PRENOM"] != "Anne" || contact.Attributes["NOM"] != "DUE" || contact.Attributes["DOMAINE"] != "Design" {
		t.Errorf("%+v, %v", contact, err)
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

package mailinglist_test

import (
	"net/http"
	"testing"

	"github.com/betagouv/espace-membre/internal/testing/contract"
	"github.com/betagouv/espace-membre/internal/testing/pgtest"
)

// TestJobsSpeakAsTheVendorsDescribe plays the four jobs, with something to do for each, against the
// vendors' own descriptions of their APIs.
func TestJobsSpeakAsTheVendorsDescribe(t *testing.T) {
	lists, contacts := contract.Open(t, "ovh", "/1.0"), contract.Open(t, "brevo", "/v3")
	w := newJudgedWorld(t, pgtest.Tx(t), func(vendor string, sim http.Handler) http.Handler {
		if vendor == "ovh" {
			return lists.Wrap(sim)
		}
		return contacts.Wrap(sim)
	})
	w.crowd()
	w.add(person{username: "anne.absent"})
	w.add(person{username: "bea.gone", end: "2024-11-01", secondary: "bea+liste@perso.fr"})
	w.add(person{username: "cleo.blocked"})
	w.ovh.AddList("incubateur", "bea.gone@exemple.org", "cleo.blocked@exemple.org")
	w.ovh.AddList("produit-a", "bea+liste@perso.fr")
	w.brevo.AddContact("bea.gone@exemple.org", nil, 332)
	w.brevo.AddContact("cleo.blocked@exemple.org", nil, 332)
	w.brevo.Blacklist("cleo.blocked@exemple.org", "hardBounce")
	w.brevo.AddBlock("cleo.blocked@exemple.org", "espace@exemple.org", "hardBounce")
	w.add(person{username: "dan.moved"})
	w.remember("dan.moved", "MEMBER_EMAIL_STATUS_UPDATED", `{"primary_email":"dan+avant@ministere.gouv.fr"}`, `{"primary_email":"dan.moved@exemple.org"}`)
	w.ovh.AddList("incubateur", "dan+avant@ministere.gouv.fr", "dan.moved@exemple.org")
	w.brevo.AddContact("dan+avant@ministere.gouv.fr", nil, 332)
	w.brevo.Unsubscribe("dan+avant@ministere.gouv.fr", 333)
	for name, want := range map[string]int{subscribe: 1, departure: 2, unblock: 2} {
		if got := w.applyAll(name); got != want {
			t.Errorf("%s did %d things, want %d", name, got, want)
		}
	}
	w.ovh.AddList("incubateur", "bea.gone@exemple.org")
	if got := w.applyAll(unsubscribe); got != 2 {
		t.Errorf("%s did %d things, want 2", unsubscribe, got)
	}
	lists.Check(t, "GET /auth/time")
	contacts.Check(t)
}

package profilebrevo_test

import (
	"net/http/httptest"
	"testing"

	"github.com/betagouv/espace-membre/internal/integration/brevo"
	"github.com/betagouv/espace-membre/internal/integration/brevo/brevosim"
	"github.com/betagouv/espace-membre/internal/profile/profilebrevo"
)

func TestBlocksAndEventsOfAnAddress(t *testing.T) {
	sim := brevosim.New(brevosim.Config{APIKey: "key"})
	server := httptest.NewServer(sim)
	defer server.Close()
	mails := profilebrevo.New(brevo.New(brevo.Config{APIKey: "key", BaseURL: server.URL + "/v3"}))

	sim.AddBlock("Anne@Exemple.org", "espace@exemple.org", "unsubscribedViaEmail")
	sim.AddBlock("anne@exemple.org", "autre@exemple.org", "hardBounce")
	sim.AddBlock("zoe@exemple.org", "espace@exemple.org", "hardBounce")
	reasons, err := mails.Blocked(t.Context())
	if err != nil || reasons["anne@exemple.org"] != "unsubscribedViaEmail" || reasons["zoe@exemple.org"] != "hardBounce" || len(reasons) != 2 {
		t.Errorf("%v (%v)", reasons, err)
	}

	sim.AddEvent("anne@exemple.org", "espace@exemple.org", "requests", "")
	sim.AddEvent("anne@exemple.org", "espace@exemple.org", "hardBounces", "550 unknown")
	sim.AddEvent("zoe@exemple.org", "espace@exemple.org", "delivered", "")
	events, err := mails.Deliveries(t.Context(), "anne@exemple.org")
	if err != nil || len(events) != 2 || events[0].What != "hardBounces" || events[0].Reason != "550 unknown" || events[0].From != "espace@exemple.org" || events[0].At.IsZero() {
		t.Errorf("%+v (%v)", events, err)
	}
	if got := events[0].Word(); got != "Refusé : adresse inconnue" {
		t.Errorf("in French: %q", got)
	}
	if none, err := mails.Deliveries(t.Context(), "personne@exemple.org"); err != nil || len(none) != 0 {
		t.Errorf("of nobody: %v (%v)", none, err)
	}
}

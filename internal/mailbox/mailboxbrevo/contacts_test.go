package mailboxbrevo_test

import (
	"encoding/json"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/betagouv/espace-membre/internal/integration/brevo"
	"github.com/betagouv/espace-membre/internal/integration/brevo/brevosim"
	"github.com/betagouv/espace-membre/internal/mailbox"
	"github.com/betagouv/espace-membre/internal/mailbox/mailboxbrevo"
	"github.com/betagouv/espace-membre/internal/platform/fault"
)

func TestContactJoinsListsAndIsUnblocked(t *testing.T) {
	sim := brevosim.New(brevosim.Config{APIKey: "key", Lists: map[int]string{332: "Newsletter", 333: "Onboarding"}})
	server := httptest.NewServer(sim)
	defer server.Close()
	contacts := mailboxbrevo.New(brevo.New(brevo.Config{APIKey: "key", BaseURL: server.URL + "/v3"}),
		mailboxbrevo.Lists{mailbox.Newsletter: 332})
	anne := mailbox.Contact{Address: "anne.due@exemple.org", Fullname: "Anne Due", Domain: "Produit"}

	for range 2 { // repeating changes nothing
		if err := contacts.Subscribe(t.Context(), anne, []mailbox.List{mailbox.Newsletter}); err != nil {
			t.Fatal(err)
		}
	}
	state, err := json.Marshal(sim.State())
	if err != nil || strings.Count(string(state), anne.Address) == 0 {
		t.Errorf("not at Brevo: %s (%v)", state, err)
	}
	err = contacts.Subscribe(t.Context(), anne, []mailbox.List{mailbox.Onboarding})
	if !fault.Is(err, fault.Invalid) || !strings.Contains(fault.Public(err), "ONBOARDING") {
		t.Errorf("a list without a number: %v", err)
	}

	if reason, err := contacts.BlockReason(t.Context(), anne.Address); err != nil || reason != "" {
		t.Errorf("not blocked: %q, %v", reason, err)
	}
	sim.AddBlock(anne.Address, "espace@exemple.org", "hardBounce")
	if reason, err := contacts.BlockReason(t.Context(), anne.Address); err != nil || reason != "hardBounce" {
		t.Errorf("blocked: %q, %v", reason, err)
	}
	if err := contacts.Unblock(t.Context(), anne.Address); err != nil {
		t.Fatal(err)
	}
	if reason, err := contacts.BlockReason(t.Context(), anne.Address); err != nil || reason != "" {
		t.Errorf("after unblocking: %q, %v", reason, err)
	}
}

package ovh_test

import (
	"context"
	"net/http/httptest"
	"testing"

	"github.com/betagouv/espace-membre/internal/integration/ovh"
	"github.com/betagouv/espace-membre/internal/testing/contract"
)

// Client and simulator speak as OVH describes, when its description is at hand.
func TestContract(t *testing.T) {
	c := contract.Open(t, "ovh", "/ovh/1.0")
	ctx, w := context.Background(), newWorld(t, 0)
	server := httptest.NewServer(c.Wrap(w.sim))
	defer server.Close()
	w.config.Endpoint = server.URL + "/ovh/1.0"
	client := ovh.New(w.config)
	w.sim.AddPlaceholders("EMAIL_PLAN_PRO", 1)
	w.sim.AddPlaceholders("EMAIL_PLAN_EXCHANGE", 1)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Error(err)
		}
	}
	must(client.Ping(ctx))
	must(client.CreateMX(ctx, "anne", "a-long-password"))
	must(client.CreatePro(ctx, ovh.Identity{Local: "paul", DisplayName: "Paul", FirstName: "Paul"}))
	must(client.CreateExchange(ctx, ovh.Identity{Local: "eve", DisplayName: "Eve", FirstName: "Eve"}))
	for _, local := range []string{"anne", "paul", "eve"} {
		_, err := client.Account(ctx, local)
		must(err)
	}
	_, err := client.Accounts(ctx)
	must(err)
	must(client.CreateRedirection(ctx, "anne-attr@exemple.org", "anne@ailleurs.fr"))
	found, err := client.Redirections(ctx, "anne-attr@exemple.org", "anne@ailleurs.fr")
	must(err)
	for _, r := range found {
		must(client.DeleteRedirection(ctx, r.ID))
	}
	_ = client.CreateMX(ctx, "anne", "a-long-password") // refused: 409
	c.Check(t,
		"GET /auth/time",
		"GET /email/domain/{domain}/account/{accountName} -> 404",
		"GET /email/pro/{service}/account/{email} -> 404",
		"POST /email/domain/{domain}/account -> 409",
	)
}

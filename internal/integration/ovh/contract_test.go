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
	for plan, local := range map[ovh.Plan]string{ovh.PlanMX: "anne", ovh.PlanPro: "paul", ovh.PlanExchange: "eve"} {
		must(client.ChangePassword(ctx, plan, local, "another-long-password"))
	}
	redirections(ctx, t, client)
	responders(ctx, t, client)
	must(client.Delete(ctx, ovh.PlanPro, "paul"))
	must(client.Delete(ctx, ovh.PlanExchange, "eve"))
	must(client.Upgrade(ctx, "anne", "a-new-long-password"))
	must(client.CreateMX(ctx, "marc", "a-long-password"))
	_ = client.CreateMX(ctx, "marc", "a-long-password") // refused: 409
	must(client.Delete(ctx, ovh.PlanMX, "marc"))
	c.Check(t,
		"GET /auth/time",
		"GET /email/domain/{domain}/account/{accountName} -> 404",
		"GET /email/pro/{service}/account/{email} -> 404",
		"GET /email/domain/{domain}/responder/{account} -> 404",
		"POST /email/domain/{domain}/account -> 409",
	)
}

func redirections(ctx context.Context, t *testing.T, client *ovh.Client) {
	t.Helper()
	if err := client.CreateRedirection(ctx, "anne-attr@exemple.org", "anne@ailleurs.fr", true); err != nil {
		t.Error(err)
	}
	found, err := client.Redirections(ctx, "anne-attr@exemple.org", "anne@ailleurs.fr")
	if err != nil || len(found) != 1 {
		t.Fatalf("%+v, %v", found, err)
	}
	if _, err := client.AllRedirections(ctx); err != nil {
		t.Error(err)
	}
	if err := client.ChangeRedirection(ctx, found[0].ID, "anne@maison.fr"); err != nil {
		t.Error(err)
	}
	if err := client.DeleteRedirection(ctx, found[0].ID); err != nil {
		t.Error(err)
	}
}

func responders(ctx context.Context, t *testing.T, client *ovh.Client) {
	t.Helper()
	if _, err := client.Responder(ctx, "anne"); err == nil {
		t.Error("a responder before any")
	}
	away := ovh.Responder{Content: "Absente", From: day.At(9, 0), To: day.Add(7).At(18, 0), Copy: true}
	for _, err := range []error{
		client.CreateResponder(ctx, "anne", away), client.UpdateResponder(ctx, "anne", ovh.Responder{Content: "Revenue"}),
	} {
		if err != nil {
			t.Error(err)
		}
	}
	if _, err := client.Responder(ctx, "anne"); err != nil {
		t.Error(err)
	}
	if err := client.DeleteResponder(ctx, "anne"); err != nil {
		t.Error(err)
	}
}

package ovh_test

import (
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/betagouv/espace-membre/internal/integration/ovh"
	"github.com/betagouv/espace-membre/internal/integration/ovh/ovhsim"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/testing/contract"
)

func TestMailingLists(t *testing.T) {
	w, ctx := newWorld(t, 0), t.Context()
	client := ovh.New(w.config)
	if err := client.CreateMailingList(ctx, ovh.NewMailingList{Name: "incubateur", Owner: "espace@exemple.org"}); err != nil {
		t.Fatal(err)
	}
	if err := client.CreateMailingList(ctx, ovh.NewMailingList{Name: "incubateur", Owner: "espace@exemple.org"}); !fault.Is(err, fault.Conflict) {
		t.Errorf("created twice: %v", err)
	}
	if err := client.CreateMailingList(ctx, ovh.NewMailingList{Name: "autre", Owner: "personne"}); !fault.Is(err, fault.Invalid) {
		t.Errorf("owner without address: %v", err)
	}
	if names, err := client.MailingLists(ctx); err != nil || !slices.Equal(names, []string{"incubateur"}) {
		t.Errorf("lists %v, %v", names, err)
	}
	for range 2 { // repeating changes nothing
		if err := client.Subscribe(ctx, "incubateur", "Anne.Due+liste@exemple.org"); err != nil {
			t.Fatal(err)
		}
	}
	w.sim.AddList("incubateur", "bea@ailleurs.fr")
	if got, err := client.Subscribers(ctx, "incubateur"); err != nil || !slices.Equal(got, []string{"anne.due+liste@exemple.org", "bea@ailleurs.fr"}) {
		t.Errorf("subscribers %v, %v", got, err)
	}
	if n, err := client.CountSubscribers(ctx, "incubateur"); err != nil || n != 2 {
		t.Errorf("%d announced, %v", n, err)
	}
	for range 2 {
		if err := client.Unsubscribe(ctx, "incubateur", "ANNE.due+liste@exemple.org"); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := client.Subscribers(ctx, "incubateur"); err != nil || !slices.Equal(got, []string{"bea@ailleurs.fr"}) {
		t.Errorf("after leaving: %v, %v", got, err)
	}
	if err := client.Subscribe(ctx, "incubateur", "nobody"); !fault.Is(err, fault.Invalid) {
		t.Errorf("not an address: %v", err)
	}
}

func TestListThatDoesNotExist(t *testing.T) {
	w, ctx := newWorld(t, 0), t.Context()
	client := ovh.New(w.config)
	_, listed := client.Subscribers(ctx, "ghost")
	_, counted := client.CountSubscribers(ctx, "ghost")
	for name, err := range map[string]error{"listing": listed, "counting": counted, "subscribing": client.Subscribe(ctx, "ghost", "a@exemple.org")} {
		if !fault.Is(err, fault.NotFound) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := client.Unsubscribe(ctx, "ghost", "a@exemple.org"); err != nil {
		t.Errorf("leaving a list that is gone: %v", err)
	}
}

// Orders about subscribers show a little later, and may be repeated meanwhile.
func TestOrdersAboutSubscribersTakeTime(t *testing.T) {
	theirs := clock.At(day, 10, 0)
	sim := ovhsim.New(ovhsim.Config{AppKey: "app", AppSecret: "secret", ConsumerKey: "consumer", Domain: "exemple.org", ListDelay: 5 * time.Minute, Clock: theirs})
	server := httptest.NewServer(sim)
	defer server.Close()
	client := ovh.New(ovh.Config{Endpoint: server.URL + "/1.0", AppKey: "app", AppSecret: "secret", ConsumerKey: "consumer", Domain: "exemple.org", PerSecond: 1000, Clock: theirs})
	sim.AddList("incubateur")
	present := func() bool {
		t.Helper()
		all, err := client.Subscribers(t.Context(), "incubateur")
		if err != nil {
			t.Fatal(err)
		}
		return slices.Contains(all, "anne@exemple.org")
	}
	for i, step := range []struct {
		order func() error
		after bool
	}{
		{func() error { return client.Subscribe(t.Context(), "incubateur", "anne@exemple.org") }, true},
		{func() error { return client.Unsubscribe(t.Context(), "incubateur", "anne@exemple.org") }, false},
	} {
		for range 2 {
			if err := step.order(); err != nil {
				t.Fatal(err)
			}
		}
		if present() == step.after {
			t.Errorf("step %d: at once", i)
		}
		theirs.Advance(5 * time.Minute)
		if present() != step.after {
			t.Errorf("step %d: never", i)
		}
	}
}

// Client and simulator speak of mailing lists as OVH describes.
func TestContractOfMailingLists(t *testing.T) {
	c := contract.Open(t, "ovh", "/ovh/1.0")
	ctx, w := t.Context(), newWorld(t, 0)
	server := httptest.NewServer(c.Wrap(w.sim))
	defer server.Close()
	w.config.Endpoint = server.URL + "/ovh/1.0"
	client := ovh.New(w.config)
	if err := client.CreateMailingList(ctx, ovh.NewMailingList{Name: "incubateur", Owner: "espace@exemple.org", ReplyTo: "espace@exemple.org"}); err != nil {
		t.Fatal(err)
	}
	_, lists := client.MailingLists(ctx)
	for _, err := range []error{
		lists, client.Subscribe(ctx, "incubateur", "anne@exemple.org"), client.Subscribe(ctx, "incubateur", "anne@exemple.org"),
		second(client.Subscribers(ctx, "incubateur")), third(client.CountSubscribers(ctx, "incubateur")),
		client.Unsubscribe(ctx, "incubateur", "anne@exemple.org"), client.Unsubscribe(ctx, "incubateur", "anne@exemple.org"),
	} {
		if err != nil {
			t.Error(err)
		}
	}
	c.Check(t,
		"GET /auth/time",
		"POST /email/domain/{domain}/mailingList/{name}/subscriber -> 409",
		"DELETE /email/domain/{domain}/mailingList/{name}/subscriber/{email} -> 404",
	)
}

func second(_ []string, err error) error { return err }

func third(_ int, err error) error { return err }

package ovh_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/betagouv/espace-membre/internal/integration/ovh"
	"github.com/betagouv/espace-membre/internal/integration/ovh/ovhsim"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/fault"
)

var day = clock.MustDay("2024-12-19")

// world is a simulated OVH on the loopback and what a client needs to call it.
type world struct {
	sim    *ovhsim.Sim
	theirs *clock.Fake
	config ovh.Config
}

func newWorld(t *testing.T, delay time.Duration) world {
	t.Helper()
	theirs := clock.At(day, 10, 0)
	sim := ovhsim.New(ovhsim.Config{
		AppKey: "app", AppSecret: "secret", ConsumerKey: "consumer", Domain: "exemple.org",
		ProService: "pro-1", ExchangeService: "ex-1", Delay: delay, Clock: theirs,
	})
	server := httptest.NewServer(sim)
	t.Cleanup(server.Close)
	return world{sim, theirs, ovh.Config{
		Endpoint: server.URL + "/ovh/1.0", AppKey: "app", AppSecret: "secret", ConsumerKey: "consumer", Domain: "exemple.org",
		ProService: "pro-1", ExchangeService: "ex-1", PerSecond: 1000, Backoff: time.Millisecond, Clock: clock.At(day, 10, 0),
	}}
}

func TestCredentialsAreRefusedClearly(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*ovh.Config)
		kind   fault.Kind
		says   string
	}{
		"application": {func(c *ovh.Config) { c.AppKey = "other" }, fault.Forbidden, "OVH_APP_KEY"},
		"secret":      {func(c *ovh.Config) { c.AppSecret = "other" }, fault.Forbidden, "OVH_APP_SECRET"},
		"consumer":    {func(c *ovh.Config) { c.ConsumerKey = "other" }, fault.Forbidden, "OVH_CONSUMER_KEY"},
		"domain":      {func(c *ovh.Config) { c.Domain = "other.org" }, fault.Invalid, "SECRETARIAT_DOMAIN"},
		"endpoint":    {func(c *ovh.Config) { c.Endpoint = strings.TrimSuffix(c.Endpoint, "/ovh/1.0") + "/wrong" }, fault.Invalid, "OVH_ENDPOINT"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, 0)
			c.change(&w.config)
			_, err := ovh.New(w.config).Account(context.Background(), "camille.durand")
			if !fault.Is(err, c.kind) || !strings.Contains(fault.Public(err), c.says) {
				t.Errorf("got kind %v, %q (%v); want %v about %s", fault.KindOf(err), fault.Public(err), err, c.kind, c.says)
			}
		})
	}
}

func TestClocksMayDiffer(t *testing.T) {
	ctx, w := context.Background(), newWorld(t, 0)
	w.config.Clock = clock.At(day.Add(-3), 7, 30) // our machine is days behind
	client := ovh.New(w.config)
	if err := client.Ping(ctx); err != nil {
		t.Fatalf("a machine whose clock is wrong was refused: %v", err)
	}
	w.theirs.Advance(time.Hour) // the difference measured is no longer true
	if err := client.Ping(ctx); err != nil {
		t.Fatalf("the clocks were not measured again: %v", err)
	}
}

// runaway is a clock that nobody can follow.
type runaway struct{ *clock.Fake }

func (r runaway) Now() time.Time {
	r.Advance(time.Minute)
	return r.Fake.Now()
}

// The clocks are measured once for all calls; while OVH does not answer that, each waits no longer
// than its own context.
func TestNobodyWaitsForSomebodyElsesMeasure(t *testing.T) {
	release := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release }))
	t.Cleanup(server.Close)
	t.Cleanup(func() { close(release) })
	client := ovh.New(ovh.Config{Endpoint: server.URL, Domain: "exemple.org", PerSecond: 1000, Clock: clock.At(day, 10, 0)})
	patient, cancel := context.WithCancel(t.Context())
	first := make(chan error, 1)
	go func() { first <- client.Ping(patient) }()
	time.Sleep(50 * time.Millisecond) // it measures
	hurried, stop := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer stop()
	began := time.Now()
	if err := client.Ping(hurried); err == nil || time.Since(began) > 2*time.Second {
		t.Errorf("after %s: %v", time.Since(began), err)
	}
	cancel()
	if err := <-first; err == nil {
		t.Error("the first one has measured a clock that never answered")
	}
}

func TestExpiredTimestampIsToldClearly(t *testing.T) {
	w := newWorld(t, 0)
	w.config.Clock = runaway{clock.At(day, 10, 0)}
	err := ovh.New(w.config).Ping(context.Background())
	if !fault.Is(err, fault.Forbidden) || !strings.Contains(fault.Public(err), "horloge") {
		t.Errorf("got %q (%v), want a word about the clock", fault.Public(err), err)
	}
}

func TestAccountIsFoundInItsPlan(t *testing.T) {
	ctx, w := context.Background(), newWorld(t, 0)
	w.sim.AddMailbox("EMAIL_PLAN_BASIC", "anne.basic")
	w.sim.AddMailbox("EMAIL_PLAN_PRO", "paul.pro")
	w.sim.AddMailbox("EMAIL_PLAN_EXCHANGE", "eve.exchange")
	w.sim.AddPlaceholders("EMAIL_PLAN_PRO", 2)
	client := ovh.New(w.config)
	for local, plan := range map[string]ovh.Plan{"anne.basic": ovh.PlanMX, "paul.pro": ovh.PlanPro, "eve.exchange": ovh.PlanExchange} {
		a, err := client.Account(ctx, local)
		if err != nil || a.Plan != plan || a.Address != local+"@exemple.org" {
			t.Errorf("%s: %+v, %v", local, a, err)
		}
	}
	if _, err := client.Account(ctx, "nobody"); !fault.Is(err, fault.NotFound) {
		t.Errorf("an unknown account gave %v", err)
	}
	all, err := client.Accounts(ctx)
	if want := []string{"anne.basic", "eve.exchange", "paul.pro"}; err != nil || !slices.Equal(all, want) {
		t.Errorf("list: %v, %v; want %v", all, err, want)
	}
}

func TestFailingPlanIsNotAnAbsence(t *testing.T) {
	w := newWorld(t, 0)
	w.config.ProService = "unknown-service"
	_, err := ovh.New(w.config).Account(context.Background(), "camille.durand")
	if err == nil || fault.Is(err, fault.NotFound) {
		t.Errorf("a service that does not exist was read as an absent mailbox: %v", err)
	}
}

func TestCreateMXAppearsLater(t *testing.T) {
	ctx, w := context.Background(), newWorld(t, 2*time.Minute)
	client := ovh.New(w.config)
	if err := client.CreateMX(ctx, "camille.durand", "a-long-password"); err != nil {
		t.Fatal(err)
	}
	if _, err := client.Account(ctx, "camille.durand"); !fault.Is(err, fault.NotFound) {
		t.Errorf("visible at once: %v", err)
	}
	if err := client.CreateMX(ctx, "camille.durand", "a-long-password"); !fault.Is(err, fault.Conflict) {
		t.Errorf("second creation: %v, want a conflict", err)
	}
	w.theirs.Advance(2 * time.Minute)
	if _, err := client.Account(ctx, "camille.durand"); err != nil {
		t.Errorf("still not there: %v", err)
	}
}

func TestPaidPlansTakeAFreePlaceholder(t *testing.T) {
	ctx, w := context.Background(), newWorld(t, 0)
	client := ovh.New(w.config)
	who := ovh.Identity{Local: "élodie.o'neil+x", DisplayName: "Élodie O’Neil", FirstName: "Élodie", LastName: "O’Neil"}
	for plan, create := range map[ovh.Plan]func(context.Context, ovh.Identity) error{
		ovh.PlanPro: client.CreatePro, ovh.PlanExchange: client.CreateExchange,
	} {
		err := create(ctx, who)
		if !fault.Is(err, fault.Conflict) || !strings.Contains(fault.Public(err), "libre") {
			t.Errorf("%s without a free account: %v (%q)", plan, err, fault.Public(err))
		}
		w.sim.AddPlaceholders(string(plan), 1)
		if err := create(ctx, who); err != nil {
			t.Errorf("%s: %v", plan, err)
		}
	}
	if a, err := client.Account(ctx, who.Local); err != nil || a.Plan != ovh.PlanPro {
		t.Errorf("after creation: %+v, %v", a, err)
	}
	w.config.ProService = ""
	if err := ovh.New(w.config).CreatePro(ctx, who); !fault.Is(err, fault.Invalid) {
		t.Errorf("without a Pro service: %v", err)
	}
}

func TestRedirections(t *testing.T) {
	ctx, w := context.Background(), newWorld(t, 0)
	client := ovh.New(w.config)
	from, to := "camille-attr@exemple.org", "camille+boulot@ailleurs.fr"
	w.sim.AddRedirection("other@exemple.org", to)
	if err := client.CreateRedirection(ctx, from, to, false); err != nil {
		t.Fatal(err)
	}
	if err := client.CreateRedirection(ctx, from, to, false); !fault.Is(err, fault.Conflict) {
		t.Errorf("the same redirection twice: %v", err)
	}
	found, err := client.Redirections(ctx, from, "")
	if err != nil || len(found) != 1 || found[0].To != to {
		t.Fatalf("by origin: %+v, %v", found, err)
	}
	if both, err := client.Redirections(ctx, "", to); err != nil || len(both) != 2 {
		t.Errorf("by destination: %+v, %v", both, err)
	}
	if err := client.ChangeRedirection(ctx, found[0].ID, "camille@maison.fr"); err != nil {
		t.Errorf("change: %v", err)
	}
	if err := client.ChangeRedirection(ctx, "0", to); !fault.Is(err, fault.NotFound) {
		t.Errorf("change of an unknown one: %v", err)
	}
	all, err := client.AllRedirections(ctx)
	if err != nil || len(all) != 2 || all[1].To != "camille@maison.fr" {
		t.Errorf("all: %+v, %v", all, err)
	}
	for range 2 { // the second finds nothing to delete
		if err := client.DeleteRedirection(ctx, found[0].ID); err != nil {
			t.Errorf("delete: %v", err)
		}
	}
	if _, err := client.Redirections(ctx, "", ""); err == nil {
		t.Error("an unfiltered listing was accepted")
	}
}

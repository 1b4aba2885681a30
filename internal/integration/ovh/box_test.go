package ovh_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/betagouv/espace-membre/internal/integration/ovh"
	"github.com/betagouv/espace-membre/internal/platform/fault"
)

// plans are the three kinds of mailboxes, each with somebody in it.
var plans = map[ovh.Plan]string{ovh.PlanMX: "anne.basic", ovh.PlanPro: "paul.pro", ovh.PlanExchange: "eve.exchange"}

func withBoxes(t *testing.T, delay time.Duration) (world, *ovh.Client) {
	t.Helper()
	w := newWorld(t, delay)
	for plan, local := range plans {
		w.sim.AddMailbox(string(plan), local)
	}
	return w, ovh.New(w.config)
}

func TestPasswordIsChangedInItsPlan(t *testing.T) {
	ctx := context.Background()
	w, client := withBoxes(t, 0)
	for plan, local := range plans {
		if err := client.ChangePassword(ctx, plan, local, "court"); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: a short password gave %v", plan, err)
		}
		if err := client.ChangePassword(ctx, plan, "nobody", "a-long-password"); !fault.Is(err, fault.NotFound) {
			t.Errorf("%s: an unknown mailbox gave %v", plan, err)
		}
		if w.sim.Accepts(local, "a-long-password") {
			t.Errorf("%s opens before", plan)
		}
		if err := client.ChangePassword(ctx, plan, local, "a-long-password"); err != nil {
			t.Errorf("%s: %v", plan, err)
		}
		if !w.sim.Accepts(local, "a-long-password") {
			t.Errorf("%s does not open after", plan)
		}
	}
	if err := client.ChangePassword(ctx, ovh.PlanPro, plans[ovh.PlanMX], "a-long-password"); !fault.Is(err, fault.NotFound) {
		t.Errorf("an MX mailbox through the Pro call: %v", err)
	}
}

func TestDeletingFreesTheLicence(t *testing.T) {
	ctx := context.Background()
	w, client := withBoxes(t, time.Minute)
	for plan, local := range plans {
		if err := client.Delete(ctx, plan, local); err != nil {
			t.Errorf("%s: %v", plan, err)
		}
		if err := client.Delete(ctx, plan, local); !fault.Is(err, fault.NotFound) {
			t.Errorf("%s twice: %v", plan, err)
		}
	}
	if boxes, err := client.Boxes(ctx); err != nil || len(boxes) != 0 {
		t.Errorf("left: %+v, %v", boxes, err)
	}
	for after, want := range map[time.Duration]int{0: 0, time.Minute: 1} {
		w.theirs.Set(day.At(10, 0).Add(after))
		w.config.Clock = w.theirs
		client = ovh.New(w.config)
		for _, plan := range []ovh.Plan{ovh.PlanPro, ovh.PlanExchange} {
			if free, err := client.Free(ctx, plan); err != nil || len(free) != want {
				t.Errorf("%s after %s: free %v, %v; want %d", plan, after, free, err, want)
			}
		}
	}
	if _, err := client.Free(ctx, ovh.PlanMX); !fault.Is(err, fault.Invalid) {
		t.Errorf("MX has no licence to count: %v", err)
	}
}

func TestUpgradeKeepsTheAddress(t *testing.T) {
	ctx := context.Background()
	w, client := withBoxes(t, 0)
	local := plans[ovh.PlanMX]
	err := client.Upgrade(ctx, local, "a-long-password")
	if !fault.Is(err, fault.Conflict) || !strings.Contains(fault.Public(err), "libre") {
		t.Errorf("without a free account: %v (%q)", err, fault.Public(err))
	}
	w.sim.AddPlaceholders("EMAIL_PLAN_PRO", 1)
	if err := client.Upgrade(ctx, "nobody", "a-long-password"); !fault.Is(err, fault.NotFound) {
		t.Errorf("of nobody: %v", err)
	}
	if err := client.Upgrade(ctx, plans[ovh.PlanExchange], "a-long-password"); !fault.Is(err, fault.Conflict) {
		t.Errorf("of an Exchange mailbox: %v", err)
	}
	for range 2 { // the second finds it done
		if err := client.Upgrade(ctx, local, "a-long-password"); err != nil {
			t.Fatal(err)
		}
	}
	account, err := client.Account(ctx, local)
	if err != nil || account.Plan != ovh.PlanPro || !w.sim.Accepts(local, "a-long-password") {
		t.Errorf("after: %+v, %v", account, err)
	}
}

// A listing says that it failed, whatever the way in which it did: nothing is ever read as
// "nobody has a mailbox".
func TestListingIsNeverSilentlyEmpty(t *testing.T) {
	for name, c := range map[string]struct{ path, body string }{
		"MX fails":          {"/domain/exemple.org/account", ""},
		"Pro fails":         {"/pro/", ""},
		"Exchange fails":    {"/exchange/", ""},
		"MX says null":      {"/domain/exemple.org/account", "null"},
		"Pro says an error": {"/pro/", `{"message":"maintenance"}`},
		"Exchange is cut":   {"/exchange/", `["eve.exch`},
	} {
		t.Run(name, func(t *testing.T) {
			w, _ := withBoxes(t, 0)
			broken := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
				switch {
				case !strings.Contains(r.URL.Path, c.path):
					w.sim.ServeHTTP(out, r)
				case c.body == "":
					out.WriteHeader(http.StatusInternalServerError)
				default:
					_, _ = out.Write([]byte(c.body))
				}
			}))
			defer broken.Close()
			w.config.Endpoint = broken.URL + "/ovh/1.0"
			if boxes, err := ovh.New(w.config).Boxes(context.Background()); !fault.Is(err, fault.Unavailable) {
				t.Errorf("%d boxes, %v; want an error", len(boxes), err)
			}
		})
	}
}

func TestBoxesTellTheirPlan(t *testing.T) {
	w, client := withBoxes(t, 0)
	w.sim.AddPlaceholders("EMAIL_PLAN_EXCHANGE", 3)
	boxes, err := client.Boxes(context.Background())
	if err != nil || len(boxes) != len(plans) {
		t.Fatalf("%+v, %v", boxes, err)
	}
	for _, box := range boxes {
		if local, _, _ := strings.Cut(box.Address, "@"); plans[box.Plan] != local {
			t.Errorf("unexpected %+v", box)
		}
	}
}

func TestResponders(t *testing.T) {
	ctx := context.Background()
	_, client := withBoxes(t, 0)
	local := plans[ovh.PlanMX]
	if _, err := client.Responder(ctx, local); !fault.Is(err, fault.NotFound) {
		t.Errorf("before any: %v", err)
	}
	if err := client.UpdateResponder(ctx, local, ovh.Responder{Content: "x"}); !fault.Is(err, fault.NotFound) {
		t.Errorf("update before any: %v", err)
	}
	away := ovh.Responder{Content: "Absente « jusqu’à » lundi", From: day.At(9, 0), To: day.Add(7).At(18, 0), Copy: true}
	wrong := away
	wrong.To = day.At(8, 0)
	if err := client.CreateResponder(ctx, local, wrong); !fault.Is(err, fault.Invalid) {
		t.Errorf("an end before the start: %v", err)
	}
	if err := client.CreateResponder(ctx, local, away); err != nil {
		t.Fatal(err)
	}
	if err := client.CreateResponder(ctx, local, away); !fault.Is(err, fault.Conflict) {
		t.Errorf("twice: %v", err)
	}
	got, err := client.Responder(ctx, local)
	if err != nil || got.Content != away.Content || !got.From.Equal(away.From) || !got.To.Equal(away.To) || !got.Copy {
		t.Errorf("read %+v, %v; want %+v", got, err, away)
	}
	if err := client.UpdateResponder(ctx, local, ovh.Responder{Content: "Sans fin", From: day.At(9, 0)}); err != nil {
		t.Error(err)
	}
	if got, err = client.Responder(ctx, local); err != nil || got.Content != "Sans fin" || !got.To.IsZero() || !got.Copy {
		t.Errorf("after the update: %+v, %v", got, err)
	}
	for range 2 { // the second finds nothing
		if err := client.DeleteResponder(ctx, local); err != nil {
			t.Error(err)
		}
	}
}

package mailboxovh_test

import (
	"net/http/httptest"
	"slices"
	"testing"

	"github.com/betagouv/espace-membre/internal/integration/ovh"
	"github.com/betagouv/espace-membre/internal/integration/ovh/ovhsim"
	"github.com/betagouv/espace-membre/internal/mailbox"
	"github.com/betagouv/espace-membre/internal/mailbox/mailboxovh"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/fault"
)

func newProvider(t *testing.T) (*ovhsim.Sim, mailboxovh.Provider) {
	t.Helper()
	clk := clock.At(clock.MustDay("2024-12-19"), 10, 0)
	sim := ovhsim.New(ovhsim.Config{
		AppKey: "app", AppSecret: "secret", ConsumerKey: "consumer", Domain: "exemple.org", ProService: "pro-1", Clock: clk,
	})
	server := httptest.NewServer(sim)
	t.Cleanup(server.Close)
	return sim, mailboxovh.New(ovh.New(ovh.Config{
		Endpoint: server.URL + "/1.0", AppKey: "app", AppSecret: "secret", ConsumerKey: "consumer", Domain: "exemple.org",
		ProService: "pro-1", PerSecond: 1000, Clock: clk,
	}))
}

func TestBoxesAreListedLockedAndDeletedInTheirPlan(t *testing.T) {
	sim, provider := newProvider(t)
	sim.AddMailbox("EMAIL_PLAN_BASIC", "anne")
	sim.AddMailbox("EMAIL_PLAN_PRO", "paul")
	boxes, err := provider.List(t.Context())
	want := []mailbox.Box{{Local: "anne", Plan: mailbox.PlanBasic}, {Local: "paul", Plan: mailbox.PlanPro}}
	if err != nil || !slices.Equal(boxes, want) {
		t.Fatalf("listed %+v, %v", boxes, err)
	}
	for _, box := range boxes {
		if err := provider.SetPassword(t.Context(), box, "a-long-password"); err != nil || !sim.Accepts(box.Local, "a-long-password") {
			t.Errorf("%s: password not set: %v", box.Local, err)
		}
		if err := provider.Lock(t.Context(), box); err != nil || sim.Accepts(box.Local, "a-long-password") {
			t.Errorf("%s: still opens: %v", box.Local, err)
		}
		if err := provider.Delete(t.Context(), box); err != nil {
			t.Errorf("%s: %v", box.Local, err)
		}
		for _, err := range []error{provider.Delete(t.Context(), box), provider.Lock(t.Context(), box)} {
			if !fault.Is(err, fault.NotFound) {
				t.Errorf("%s when it is gone: %v", box.Local, err)
			}
		}
	}
	if free, err := provider.Free(t.Context(), mailbox.PlanPro); err != nil || free != 1 {
		t.Errorf("%d Pro accounts free, %v; want the one that was freed", free, err)
	}
}

func TestReplyIsSetThenReplaced(t *testing.T) {
	_, provider := newProvider(t)
	if _, err := provider.Reply(t.Context(), "anne"); !fault.Is(err, fault.NotFound) {
		t.Fatalf("before any: %v", err)
	}
	day := clock.MustDay("2024-12-20")
	for _, text := range []string{"Absente", "Toujours absente"} {
		if err := provider.SetReply(t.Context(), "anne", mailbox.Reply{Text: text, From: day.At(0, 0), To: day.At(23, 59)}); err != nil {
			t.Fatal(err)
		}
		reply, err := provider.Reply(t.Context(), "anne")
		if err != nil || reply.Text != text || !reply.From.Equal(day.At(0, 0)) {
			t.Errorf("read %+v, %v", reply, err)
		}
	}
	if err := provider.RemoveReply(t.Context(), "anne"); err != nil {
		t.Error(err)
	}
}

func TestRedirectionsOfAnAddress(t *testing.T) {
	sim, provider := newProvider(t)
	sim.AddRedirection("Anne@exemple.org", "Anne@ailleurs.fr")
	sim.AddRedirection("anne.b@exemple.org", "b@ailleurs.fr")
	if err := provider.Redirect(t.Context(), "anne@exemple.org", "copie@ailleurs.fr", true); err != nil {
		t.Fatal(err)
	}
	found, err := provider.Redirections(t.Context(), "anne@exemple.org")
	if err != nil || len(found) != 2 || found[0].To != "copie@ailleurs.fr" || found[0].KeepsCopy() || !found[1].KeepsCopy() {
		t.Fatalf("%+v, %v", found, err)
	}
	if err := provider.Retarget(t.Context(), found[0].ID, "autre@ailleurs.fr"); err != nil {
		t.Error(err)
	}
	if all, err := provider.AllRedirections(t.Context()); err != nil || len(all) != 4 || all[0].From != "anne@exemple.org" {
		t.Errorf("all: %+v, %v", all, err)
	}
	if err := provider.RemoveRedirection(t.Context(), found[0].ID); err != nil {
		t.Error(err)
	}
}

package brevo_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/betagouv/espace-membre/internal/integration/brevo"
	"github.com/betagouv/espace-membre/internal/integration/brevo/brevosim"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/platform/mail"
)

const (
	key    = "clé-de-test"
	sender = "espace-membre@incubateur.net"
)

var today = clock.MustDay("2024-12-19")

func newSim(deliver func(brevosim.Delivery) error) *brevosim.Sim {
	return brevosim.New(brevosim.Config{APIKey: key, Clock: clock.At(today, 10, 0), Deliver: deliver})
}

func newClient(t *testing.T, handler http.Handler, apiKey string) *brevo.Client {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return brevo.New(brevo.Config{APIKey: apiKey, BaseURL: server.URL + "/brevo/v3", PerSecond: 10000, Backoff: time.Millisecond})
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestUpsertCompletesWithoutErasing(t *testing.T) {
	client, ctx := newClient(t, newSim(nil), key), context.Background()
	must(t, client.UpsertContact(ctx, brevo.NewContact{Email: "Camille+test@exemple.org", FirstName: "Camille", LastName: "Durand", Domain: "Produit", ListIDs: []int{332}}))
	must(t, client.UpsertContact(ctx, brevo.NewContact{Email: "camille+test@exemple.org", Domain: "Design", ListIDs: []int{333}}))
	contact, err := client.Contact(ctx, "camille+test@exemple.org")
	must(t, err)
	if !slices.Equal(contact.ListIDs, []int{332, 333}) || contact.EmailBlacklisted {
		t.Errorf("lists %v, refuses campaigns: %v", contact.ListIDs, contact.EmailBlacklisted)
	}
	for name, want := range map[string]string{"PRENOM": "Camille", "NOM": "Durand", "DOMAINE": "Design"} {
		if contact.Attributes[name] != want {
			t.Errorf("%s is %v, want %s", name, contact.Attributes[name], want)
		}
	}
}

func TestUpsertKeepsARefusal(t *testing.T) {
	sim := newSim(nil)
	sim.Unsubscribe("camille@exemple.org", 332)
	client, ctx := newClient(t, sim, key), context.Background()
	must(t, client.UpsertContact(ctx, brevo.NewContact{Email: "camille@exemple.org", ListIDs: []int{333}}))
	contact, err := client.Contact(ctx, "camille@exemple.org")
	must(t, err)
	if !contact.EmailBlacklisted {
		t.Error("somebody who unsubscribed gets campaigns again")
	}
	must(t, client.AllowCampaigns(ctx, "camille@exemple.org"))
	if contact, err = client.Contact(ctx, "camille@exemple.org"); err != nil || contact.EmailBlacklisted {
		t.Errorf("after AllowCampaigns: %+v, %v", contact, err)
	}
}

func TestUpsertMayAddARefusalAndNeverLiftsOne(t *testing.T) {
	sim := newSim(nil)
	sim.AddContact("camille@exemple.org", nil, 332, 333)
	client, ctx := newClient(t, sim, key), context.Background()
	for _, refuses := range []bool{true, false} {
		must(t, client.UpsertContact(ctx, brevo.NewContact{Email: "camille@exemple.org", Refuses: refuses}))
		if contact, err := client.Contact(ctx, "camille@exemple.org"); err != nil || !contact.EmailBlacklisted {
			t.Errorf("asked %v: %+v, %v", refuses, contact, err)
		}
	}
	for range 2 {
		must(t, client.LeaveLists(ctx, "camille@exemple.org", 332, 7))
	}
	if contact, err := client.Contact(ctx, "camille@exemple.org"); err != nil || !slices.Equal(contact.ListIDs, []int{333}) {
		t.Errorf("lists left: %+v, %v", contact, err)
	}
	if err := client.LeaveLists(ctx, "inconnu@exemple.org", 332); !fault.Is(err, fault.NotFound) {
		t.Errorf("unknown contact: %v", err)
	}
}

func TestRemoveFromListIsRepeatable(t *testing.T) {
	sim := newSim(nil)
	var emails []string
	for i := range 200 { // more than one call accepts
		email := fmt.Sprintf("m%d@exemple.org", i)
		emails = append(emails, email)
		sim.AddContact(email, nil, 332, 7)
	}
	client, ctx := newClient(t, sim, key), context.Background()
	for range 2 {
		must(t, client.RemoveFromList(ctx, 332, append(emails, "inconnu@exemple.org")...))
	}
	left, _, err := client.ListContacts(ctx, 332)
	must(t, err)
	others, _, err := client.ListContacts(ctx, 7)
	must(t, err)
	if len(left) != 0 || len(others) != 200 {
		t.Errorf("%d contacts left on the list, %d on the other", len(left), len(others))
	}
	if err := client.RemoveFromList(ctx, 999, "m1@exemple.org"); !fault.Is(err, fault.NotFound) {
		t.Errorf("unknown list: %v", err)
	}
}

func TestListContactsReadsEveryPage(t *testing.T) {
	sim := newSim(nil)
	for i := range 1200 {
		sim.AddContact(fmt.Sprintf("m%d@exemple.org", i), nil, 332)
	}
	all, announced, err := newClient(t, sim, key).ListContacts(context.Background(), 332)
	if err != nil || len(all) != 1200 || announced != 1200 {
		t.Errorf("%d contacts of %d, %v", len(all), announced, err)
	}
}

func TestBlocked(t *testing.T) {
	sim := newSim(nil)
	for i := range 250 {
		sim.AddBlock(fmt.Sprintf("m%d@exemple.org", i), sender, "hardBounce")
	}
	sim.AddBlock("m3@exemple.org", "contact@exemple.org", "unsubscribedViaEmail")
	client, ctx := newClient(t, sim, key), context.Background()
	ours, err := client.Blocked(ctx, brevo.Period{From: today.Add(-180), To: today}, sender)
	must(t, err)
	if len(ours) != 250 || ours[0].Sender != sender || ours[0].BlockedAt.IsZero() {
		t.Errorf("%d blocks, first %+v", len(ours), ours[0])
	}
	if before, err := client.Blocked(ctx, brevo.Period{From: today.Add(-180), To: today.Add(-1)}); err != nil || len(before) != 0 {
		t.Errorf("%d blocks before today, %v", len(before), err)
	}
	block, err := client.BlockOf(ctx, "M3@exemple.org")
	must(t, err)
	if block.Reason != brevo.UnsubscribedInMail || !block.Reason.ChosenByPerson() {
		t.Errorf("the person's own choice does not come first: %+v", block)
	}
	must(t, client.Unblock(ctx, "m4@exemple.org"))
	must(t, client.Unblock(ctx, "m4@exemple.org"))
	if _, err := client.BlockOf(ctx, "m4@exemple.org"); !fault.Is(err, fault.NotFound) {
		t.Errorf("after Unblock: %v", err)
	}
}

func TestReasons(t *testing.T) {
	for reason, chosen := range map[brevo.Reason]bool{
		brevo.HardBounce: false, brevo.AdminBlocked: false, brevo.FlaggedAsSpam: true,
		brevo.UnsubscribedInMail: true, brevo.UnsubscribedInApp: true, brevo.UnsubscribedThrough: true, "somethingNew": true,
	} {
		if reason.ChosenByPerson() != chosen {
			t.Errorf("%s chosen by the person: %v", reason, !chosen)
		}
	}
}

func TestRename(t *testing.T) {
	sim := newSim(nil)
	sim.AddContact("avant@exemple.org", nil, 332)
	sim.AddContact("autre@exemple.org", nil)
	client, ctx := newClient(t, sim, key), context.Background()
	must(t, client.Rename(ctx, "avant@exemple.org", "apres@exemple.org"))
	contact, err := client.Contact(ctx, "apres@exemple.org")
	if err != nil || !slices.Equal(contact.ListIDs, []int{332}) {
		t.Errorf("renamed contact: %+v, %v", contact, err)
	}
	if err := client.Rename(ctx, "avant@exemple.org", "x@exemple.org"); !fault.Is(err, fault.NotFound) {
		t.Errorf("former address: %v", err)
	}
	if err := client.Rename(ctx, "apres@exemple.org", "autre@exemple.org"); !fault.Is(err, fault.Invalid) {
		t.Errorf("address taken: %v", err)
	}
}

func TestErrorsAreFaultsWithoutAddresses(t *testing.T) {
	ctx := context.Background()
	wrongKey := newClient(t, newSim(nil), "mauvaise")
	client := newClient(t, newSim(nil), key)
	for name, c := range map[string]struct {
		err  error
		kind fault.Kind
	}{
		"wrong key":       {wrongKey.Ping(ctx), fault.Forbidden},
		"unknown contact": {second(client.Contact(ctx, "camille@exemple.org")), fault.NotFound},
		"bad address":     {client.UpsertContact(ctx, brevo.NewContact{Email: "camille@"}), fault.Invalid},
		"unknown list":    {client.UpsertContact(ctx, brevo.NewContact{Email: "camille@exemple.org", ListIDs: []int{1}}), fault.Invalid},
	} {
		if !fault.Is(c.err, c.kind) || fault.Public(c.err) == "" {
			t.Errorf("%s: %v, kind %s, want %s", name, c.err, fault.KindOf(c.err), c.kind)
		}
		if c.err != nil && strings.Contains(c.err.Error(), "camille") {
			t.Errorf("%s: the error shows an address: %v", name, c.err)
		}
	}
}

func second(_ brevo.Contact, err error) error { return err }

func TestMailer(t *testing.T) {
	var got []brevosim.Delivery
	sim := newSim(func(d brevosim.Delivery) error { got = append(got, d); return nil })
	mailer := newClient(t, sim, key).Mailer(sender, "")
	message := mail.Message{Key: "k", To: "camille@exemple.org", Subject: "Été", Text: "Bonjour", HTML: "<p>Bonjour</p>", ReplyTo: "aide@exemple.org"}
	must(t, mailer.Send(context.Background(), message))
	if len(got) != 1 || got[0].To != message.To || got[0].Subject != "Été" || got[0].From != sender || got[0].ReplyTo != message.ReplyTo {
		t.Errorf("delivered: %+v", got)
	}
	message.To = "camille@exemple.org, autre@exemple.org"
	if err := mailer.Send(context.Background(), message); !fault.Is(err, fault.Invalid) {
		t.Errorf("two recipients: %v", err)
	}
	sim.AddBlock("camille@exemple.org", sender, "hardBounce")
	message.To = "camille@exemple.org"
	must(t, mailer.Send(context.Background(), message))
	if len(got) != 1 {
		t.Error("a blocked address received a mail")
	}
}

func TestSplitName(t *testing.T) {
	for full, want := range map[string][2]string{
		"Camille Durand":        {"Camille", "Durand"},
		"Jean-Pierre Le Goff":   {"Jean-Pierre", "Le Goff"},
		"Marie de La Tour":      {"Marie", "de La Tour"},
		"Anne Sophie DU PONT":   {"Anne Sophie", "DU PONT"},
		"DURAND Camille":        {"Camille", "DURAND"},
		"  Élodie   N’Guyen  ":  {"Élodie", "N’Guyen"},
		"Madonna":               {"Madonna", ""},
		"":                      {"", ""},
		"CAMILLE DURAND":        {"CAMILLE", "DURAND"},
		"Camille D. O'Connor":   {"Camille", "D. O'Connor"},
		"Camille DURAND-LEFORT": {"Camille", "DURAND-LEFORT"},
	} {
		if first, last := brevo.SplitName(full); first != want[0] || last != want[1] {
			t.Errorf("SplitName(%q) = %q, %q", full, first, last)
		}
	}
}

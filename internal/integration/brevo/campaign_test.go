package brevo_test

import (
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

func TestCampaignReachesWhoDidNotRefuse(t *testing.T) {
	var reached []string
	var html string
	sim := newSim(func(d brevosim.Delivery) error {
		reached, html = append(reached, d.To), d.HTML
		return nil
	})
	sim.AddContact("anne@exemple.org", nil, 332)
	sim.AddContact("bea@exemple.org", nil, 333)
	sim.AddContact("cleo@exemple.org", nil, 332, 333)
	sim.Blacklist("cleo@exemple.org", "unsubscribedViaEmail")
	client, ctx := newClient(t, sim, key), t.Context()
	id, err := client.CreateCampaign(ctx, brevo.NewCampaign{
		Name: "Infolettre", Subject: "Infolettre", From: sender, HTML: "<html><body><p>Bonjour</p></body></html>", ListIDs: []int{332},
	})
	must(t, err)
	if status, err := client.CampaignStatus(ctx, id); err != nil || status != "draft" || len(reached) != 0 {
		t.Errorf("prepared: %s, %v, %d mails", status, err, len(reached))
	}
	if _, err := client.CampaignURL(ctx, id); !fault.Is(err, fault.Invalid) {
		t.Errorf("web copy of a draft: %v", err)
	}
	must(t, client.SendCampaign(ctx, id))
	if !slices.Equal(reached, []string{"anne@exemple.org"}) {
		t.Errorf("reached %v", reached)
	}
	if !strings.Contains(html, "{{ unsubscribe }}") || !strings.HasSuffix(html, "</body></html>") {
		t.Errorf("no way out: %s", html)
	}
	if err := client.SendCampaign(ctx, id); !fault.Is(err, fault.Invalid) || len(reached) != 1 {
		t.Errorf("sent twice: %v, %d mails", err, len(reached))
	}
	if status, err := client.CampaignStatus(ctx, id); err != nil || status != "sent" {
		t.Errorf("after sending: %s, %v", status, err)
	}
	if url, err := client.CampaignURL(ctx, id); err != nil || !strings.HasPrefix(url, "https://") {
		t.Errorf("web copy: %s, %v", url, err)
	}
}

func TestCampaignsThatBrevoRefuses(t *testing.T) {
	client, ctx := newClient(t, newSim(nil), key), t.Context()
	good := brevo.NewCampaign{Name: "n", Subject: "s", From: sender, HTML: "<p>assez long</p>", ListIDs: []int{332}}
	for name, change := range map[string]func(*brevo.NewCampaign){
		"no name": func(n *brevo.NewCampaign) { n.Name = "" }, "no sender": func(n *brevo.NewCampaign) { n.From = "" },
		"no subject": func(n *brevo.NewCampaign) { n.Subject = "" }, "no body": func(n *brevo.NewCampaign) { n.HTML = "" },
		"unknown list": func(n *brevo.NewCampaign) { n.ListIDs = []int{1} },
	} {
		n := good
		change(&n)
		if _, err := client.CreateCampaign(ctx, n); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, err := range map[string]error{
		"send": client.SendCampaign(ctx, 99), "status": second2(client.CampaignStatus(ctx, 99)), "copy": second2(client.CampaignURL(ctx, 99)),
	} {
		if !fault.Is(err, fault.NotFound) {
			t.Errorf("%s of an unknown campaign: %v", name, err)
		}
	}
	nobody := good
	nobody.ListIDs = nil
	id, err := client.CreateCampaign(ctx, nobody)
	must(t, err)
	if err := client.SendCampaign(ctx, id); !fault.Is(err, fault.Invalid) {
		t.Errorf("a campaign to nobody: %v", err)
	}
}

func second2(_ string, err error) error { return err }

func TestEventsTellWhatBecameOfMails(t *testing.T) {
	sim := newSim(func(d brevosim.Delivery) error {
		if d.To == "absent@exemple.org" {
			return brevosim.ErrBounced
		}
		return nil
	})
	client, ctx := newClient(t, sim, key), t.Context()
	mailer := client.Mailer(sender, "")
	for i, to := range []string{"camille@exemple.org", "absent@exemple.org", "absent@exemple.org"} {
		must(t, mailer.Send(ctx, mail.Message{Key: string(rune('a' + i)), To: to, Subject: "Objet", Text: "t"}))
	}
	if block, err := client.BlockOf(ctx, "absent@exemple.org"); err != nil || block.Reason != brevo.HardBounce {
		t.Errorf("an address that bounced is not blocked: %+v, %v", block, err)
	}
	events, err := client.Events(ctx, brevo.EventQuery{Email: "absent@exemple.org"})
	must(t, err)
	var kinds []brevo.EventKind
	for _, e := range events {
		kinds = append(kinds, e.Kind)
	}
	if want := []brevo.EventKind{brevo.Blocked, brevo.Requested, brevo.HardBounced, brevo.Requested}; !slices.Equal(kinds, want) {
		t.Errorf("events %v, want %v", kinds, want)
	}
	if e := events[2]; e.Reason == "" || e.From != sender || e.Subject != "Objet" || !strings.HasPrefix(e.MessageID, "<") || clock.DayOf(e.At) != today {
		t.Errorf("bounce: %+v", e)
	}
	if some, err := client.Events(ctx, brevo.EventQuery{Email: "absent@exemple.org", Kind: brevo.HardBounced, Limit: 1}); err != nil || len(some) != 1 {
		t.Errorf("filtered: %d, %v", len(some), err)
	}
	if none, err := client.Events(ctx, brevo.EventQuery{Period: brevo.Period{From: today.Add(-9), To: today.Add(-1)}}); err != nil || len(none) != 0 {
		t.Errorf("before today: %d, %v", len(none), err)
	}
	if _, err := client.Events(ctx, brevo.EventQuery{Limit: 5001}); !fault.Is(err, fault.Invalid) {
		t.Errorf("too many: %v", err)
	}
}

func TestWhyAContactRefusesCampaigns(t *testing.T) {
	sim := newSim(nil)
	for _, why := range []string{"hardBounce", "contactFlaggedAsSpam", "adminBlocked", "unsubscribedViaEmail"} {
		sim.AddContact(strings.ToLower(why)+"@exemple.org", nil, 332)
		sim.Blacklist(strings.ToLower(why)+"@exemple.org", why)
	}
	sim.AddContact("both@exemple.org", nil, 332)
	sim.Blacklist("both@exemple.org", "hardBounce")
	sim.Blacklist("both@exemple.org", "unsubscribedViaEmail")
	client := newClient(t, sim, key)
	for email, want := range map[string]brevo.Reason{
		"hardBounce@exemple.org": brevo.HardBounce, "contactFlaggedAsSpam@exemple.org": brevo.FlaggedAsSpam,
		"adminBlocked@exemple.org": brevo.AdminBlocked, "unsubscribedViaEmail@exemple.org": brevo.UnsubscribedInMail,
		"both@exemple.org": brevo.UnsubscribedInMail,
	} {
		contact, err := client.Contact(t.Context(), strings.ToLower(email))
		must(t, err)
		if got := contact.WhyBlacklisted(); !contact.EmailBlacklisted || got != want {
			t.Errorf("%s: %s, want %s", email, got, want)
		}
	}
	if got := (brevo.Contact{ListUnsubscribed: []int{332}, Statistics: brevo.Statistics{HardBounces: []brevo.Fact{{}}}}).WhyBlacklisted(); !got.ChosenByPerson() {
		t.Errorf("who left a list is %s", got)
	}
	if got := (brevo.Contact{}).WhyBlacklisted(); got != "" || !got.ChosenByPerson() {
		t.Errorf("an unknown reason is %q, liftable", got)
	}
}

func TestMailIsRecognisedByItsKey(t *testing.T) {
	var got []brevosim.Delivery
	at := clock.At(today, 10, 0)
	sim := brevosim.New(brevosim.Config{APIKey: key, Clock: at, Deliver: func(d brevosim.Delivery) error { got = append(got, d); return nil }})
	mailer := newClient(t, sim, key).Mailer(sender, "")
	message := mail.Message{Key: "sendJ1Email/x/2024-12-18/primary", To: "camille@exemple.org", Subject: "s", Text: "t", Leave: "https://exemple.org/lists/unsubscribe?x=1"}
	for range 2 {
		must(t, mailer.Send(t.Context(), message))
	}
	if len(got) != 1 {
		t.Fatalf("%d mails for one key", len(got))
	}
	if h := got[0].Headers; h["List-Unsubscribe"] != "<"+message.Leave+">" || h["List-Unsubscribe-Post"] == "" || h["idempotencyKey"] != "" {
		t.Errorf("headers: %v", h)
	}
	other := message
	other.Key += "/secondary"
	must(t, mailer.Send(t.Context(), other))
	at.Advance(31 * time.Minute)
	must(t, mailer.Send(t.Context(), message))
	if len(got) != 3 {
		t.Errorf("%d mails, want another key and another hour to pass", len(got))
	}
	message.Key, message.Leave = "", ""
	must(t, mailer.Send(t.Context(), message))
	if len(got) != 4 || len(got[3].Headers) != 0 {
		t.Errorf("without key: %d mails, headers %v", len(got), got[len(got)-1].Headers)
	}
}

func TestAddressThatBrevoRefuses(t *testing.T) {
	mailer := newClient(t, newSim(nil), key).Mailer(sender, "")
	err := mailer.Send(t.Context(), mail.Message{Key: "k", To: "camille@sans-point", Subject: "s", Text: "t"})
	if r, ok := mail.RefusedAddress(err); !ok || r.Code != 400 || !fault.Is(err, fault.Invalid) {
		t.Errorf("not told as a refused address: %v", err)
	}
}

package brevo_test

import (
	"testing"

	"github.com/betagouv/espace-membre/internal/integration/brevo"
	"github.com/betagouv/espace-membre/internal/platform/mail"
	"github.com/betagouv/espace-membre/internal/testing/contract"
)

// TestContract plays every call against Brevo's own description of its API.
func TestContract(t *testing.T) {
	judge := contract.Open(t, "brevo", "/brevo/v3")
	sim := newSim(nil)
	sim.AddContact("camille@exemple.org", map[string]any{"NOM": "Durand"}, 332)
	sim.Blacklist("camille@exemple.org", "hardBounce")
	sim.Blacklist("camille@exemple.org", "adminBlocked")
	sim.AddBlock("camille@exemple.org", sender, "hardBounce")
	client, ctx := newClient(t, judge.Wrap(sim), key), t.Context()
	must(t, client.Ping(ctx))
	must(t, client.UpsertContact(ctx, brevo.NewContact{Email: "nouvelle@exemple.org", FirstName: "N", LastName: "M", Domain: "Produit", ListIDs: []int{332}}))
	must(t, client.UpsertContact(ctx, brevo.NewContact{Email: "nouvelle@exemple.org"}))
	must(t, client.UpsertContact(ctx, brevo.NewContact{Email: "nouvelle@exemple.org", Refuses: true}))
	must(t, client.LeaveLists(ctx, "nouvelle@exemple.org", 332, 333))
	must(t, second(client.Contact(ctx, "camille@exemple.org")))
	_, _, err := client.ListContacts(ctx, 332)
	must(t, err)
	_, err = client.Blocked(ctx, brevo.Period{From: today.Add(-10), To: today}, sender, "contact@exemple.org")
	must(t, err)
	_, err = client.BlockOf(ctx, "camille@exemple.org")
	must(t, err)
	must(t, client.AllowCampaigns(ctx, "camille@exemple.org"))
	must(t, client.Rename(ctx, "nouvelle@exemple.org", "autre@exemple.org"))
	must(t, client.RemoveFromList(ctx, 332, "camille@exemple.org"))
	must(t, client.RemoveFromList(ctx, 332, "camille@exemple.org"))
	must(t, client.Unblock(ctx, "camille@exemple.org"))
	must(t, client.Mailer(sender, "").Send(ctx, mail.Message{Key: "k", To: "camille@exemple.org", Subject: "s", Text: "t", HTML: "<p>t</p>", ReplyTo: "aide@exemple.org", Leave: "https://exemple.org/x"}))
	must(t, client.Mailer(sender, "").Send(ctx, mail.Message{Key: "k", To: "camille@exemple.org", Subject: "s", Text: "t"}))
	_, err = client.Events(ctx, brevo.EventQuery{Email: "camille@exemple.org", Kind: brevo.Delivered, Period: brevo.Period{From: today.Add(-3), To: today}})
	must(t, err)
	_, err = client.Events(ctx, brevo.EventQuery{Email: "personne@exemple.org"})
	must(t, err)
	campaign, err := client.CreateCampaign(ctx, brevo.NewCampaign{
		Name: "Infolettre", Subject: "s", From: sender, FromName: "Nous", ReplyTo: "aide@exemple.org", HTML: "<p>Bonjour</p>", Preview: "Vite", ListIDs: []int{332},
	})
	must(t, err)
	must(t, client.SendCampaign(ctx, campaign))
	must(t, second2(client.CampaignStatus(ctx, campaign)))
	must(t, second2(client.CampaignURL(ctx, campaign)))
	template, err := client.CreateCampaign(ctx, brevo.NewCampaign{Name: "Rappel", From: sender, TemplateID: 16, Params: map[string]any{"date": "demain"}, ListIDs: []int{7}})
	must(t, err)
	must(t, client.SendCampaign(ctx, template))
	wrongKey := newClient(t, judge.Wrap(sim), "mauvaise")
	for _, refused := range []error{
		wrongKey.Ping(ctx), client.Unblock(ctx, "n’importe quoi"), second(client.Contact(ctx, "inconnu@exemple.org")),
		client.UpsertContact(ctx, brevo.NewContact{Email: "x"}), client.RemoveFromList(ctx, 999, "camille@exemple.org"),
		client.AllowCampaigns(ctx, "inconnu@exemple.org"), client.LeaveLists(ctx, "inconnu@exemple.org", 332), client.SendCampaign(ctx, campaign), client.SendCampaign(ctx, 99),
		second2(client.CampaignStatus(ctx, 99)), second2(client.CampaignURL(ctx, 99)),
	} {
		if refused == nil {
			t.Error("a wrong call was accepted")
		}
	}
	judge.Check(t, "GET /account -> 401")
}

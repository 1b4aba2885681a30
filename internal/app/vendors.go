package app

import (
	"context"

	"github.com/betagouv/espace-membre/internal/integration/brevo"
	"github.com/betagouv/espace-membre/internal/integration/chatwebhook"
	"github.com/betagouv/espace-membre/internal/integration/ovh"
	"github.com/betagouv/espace-membre/internal/integration/tchap"
	"github.com/betagouv/espace-membre/internal/platform/chatpost"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/config"
)

func newBrevo(settings config.Config) *brevo.Client {
	return brevo.New(brevo.Config{APIKey: settings.Brevo.APIKey.Reveal(), BaseURL: settings.Brevo.URL, PerSecond: pace(settings)})
}

func newChat(settings config.Config) *chatwebhook.Client {
	return chatwebhook.New(chatwebhook.Config{URLs: map[chatpost.Channel]string{
		chatpost.Secretariat: settings.Chat.Secretariat.Reveal(), chatpost.General: settings.Chat.General.Reveal(),
		chatpost.Dinum: settings.Chat.Dinum.Reveal(), chatpost.Gip: settings.Chat.Gip.Reveal(),
	}})
}

func newTchap(settings config.Config) *tchap.Client {
	return tchap.New(tchap.Config{Prefix: settings.Tchap.URL})
}

func newOVH(settings config.Config, clk clock.Clock) *ovh.Client {
	return ovh.New(ovh.Config{
		Endpoint: settings.OVH.Endpoint, AppKey: settings.OVH.AppKey.Reveal(), AppSecret: settings.OVH.AppSecret.Reveal(),
		ConsumerKey: settings.OVH.ConsumerKey.Reveal(), Domain: settings.Core.Domain, ProService: settings.OVH.ProService,
		ExchangeService: settings.OVH.ExchangeService, Clock: clk, PerSecond: pace(settings),
	})
}

// pace is how many calls a second a vendor gets: its own limit (0), or more when it is simulated.
func pace(settings config.Config) float64 {
	if settings.Demo.On() {
		return 500
	}
	return 0
}

// Probes asks each configured vendor whether it answers.
func Probes(settings config.Config) []config.Probe {
	return []config.Probe{
		{Feature: "mail", Label: "Serveur de mails", Check: func(ctx context.Context) error { return pingMail(ctx, settings) }},
		{Feature: "ovh", Label: "OVH", Check: func(ctx context.Context) error { return newOVH(settings, clock.System{}).Ping(ctx) }},
		{Feature: "brevo", Label: "Brevo", Check: func(ctx context.Context) error { return newBrevo(settings).Ping(ctx) }},
		{Feature: "tchap", Label: "Annuaire des agents publics (Tchap)", Check: func(ctx context.Context) error { return newTchap(settings).Ping(ctx) }},
		{Feature: "s3", Label: "Stockage S3", Check: func(ctx context.Context) error { return pingStore(ctx, settings) }},
	}
}

func pingStore(ctx context.Context, settings config.Config) error {
	store, err := newObjectStore(settings)
	if err != nil {
		return err
	}
	return store.Ping(ctx)
}

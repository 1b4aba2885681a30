package cli

import (
	"context"

	"github.com/betagouv/espace-membre/internal/integration/ovh"
	"github.com/betagouv/espace-membre/internal/platform/config"
	"github.com/betagouv/espace-membre/internal/platform/postgres"
)

type doctorCmd struct{}

// Run prints what is configured, what is missing for which feature, and who answers.
func (doctorCmd) Run(s *session) error {
	environ, err := config.Environ(s.envFile)
	if err != nil {
		return err
	}
	settings, problems := config.Load(environ)
	report := config.Diagnose(s.ctx, settings, problems, nil, []config.Probe{databaseProbe(settings), ovhProbe(settings)})
	if s.json {
		err = report.JSON(s.process.Stdout)
	} else {
		err = report.Text(s.process.Stdout)
	}
	if err == nil && !report.OK() {
		return quiet{ExitUnavailable}
	}
	return err
}

func databaseProbe(settings config.Config) config.Probe {
	return config.Probe{Feature: "database", Label: "PostgreSQL", Check: func(ctx context.Context) error {
		pool, err := postgres.Open(ctx, settings.Database.URL.Reveal(), 1)
		if err != nil {
			return err
		}
		pool.Close()
		return nil
	}}
}

func ovhProbe(settings config.Config) config.Probe {
	return config.Probe{Feature: "ovh", Label: "OVH", Check: func(ctx context.Context) error {
		return ovh.New(ovh.Config{
			Endpoint: settings.OVH.Endpoint, AppKey: settings.OVH.AppKey.Reveal(), AppSecret: settings.OVH.AppSecret.Reveal(),
			ConsumerKey: settings.OVH.ConsumerKey.Reveal(), Domain: settings.Core.Domain,
		}).Ping(ctx)
	}}
}

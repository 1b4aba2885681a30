package cli

import (
	"context"

	"github.com/betagouv/espace-membre/internal/app"
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
	specs, err := app.Specs(settings)
	if err != nil {
		return err
	}
	probes := append([]config.Probe{databaseProbe(settings)}, app.Probes(settings)...)
	report := config.Diagnose(s.ctx, settings, problems, specs, probes)
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

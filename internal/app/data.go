package app

import (
	"context"

	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/publicsite"
	"github.com/betagouv/espace-membre/internal/sample"
)

// Seed fills an empty database with the sample, as it stands today.
func (a *App) Seed(ctx context.Context) error {
	_, err := sample.Seed(ctx, a.pool, clock.Today(a.clock), a.settings.Core.Domain)
	return err
}

// ImportAuthors creates the members of the public directory that are not known yet.
func (a *App) ImportAuthors(ctx context.Context, text []byte) (publicsite.Report, error) {
	return publicsite.ImportAuthors(ctx, a.pool, a.clock.Now(), text)
}

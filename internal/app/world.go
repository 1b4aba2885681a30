package app

import (
	"context"
	"net/http"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/betagouv/espace-membre/internal/sandbox"
)

// World is the whole product with its simulated outside, under the clock of who opened it.
// Nothing runs by itself: end-to-end tests move the clock, then ask what is due.
type World struct {
	*App
	Sandbox *sandbox.Sandbox
	demo    *demo
}

// OpenWorld opens a world in a folder; Close ends it.
func OpenWorld(ctx context.Context, o DemoOptions) (*World, error) {
	d, settings, err := openDemo(ctx, o)
	if err != nil {
		return nil, err
	}
	a, err := newAt(ctx, settings, d.clock)
	if err != nil {
		d.close()
		return nil, err
	}
	return &World{App: a, Sandbox: d.sandbox, demo: d}, nil
}

// Pool gives the database, for tests to prepare and to look at.
func (w *World) Pool() *pgxpool.Pool { return w.pool }

// Handler gives the portal.
func (w *World) Handler() http.Handler { return w.handler }

// Close stops the database and the simulators.
func (w *World) Close() {
	w.App.Close()
	w.demo.close()
}

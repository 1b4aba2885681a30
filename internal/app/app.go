// Package app is the composition root: it turns settings into a database, vendors' clients,
// rooms, the portal and the worker. Nobody else knows everything.
package app

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/betagouv/espace-membre/internal/console/consoleweb"
	"github.com/betagouv/espace-membre/internal/dashboard/dashboardweb"
	"github.com/betagouv/espace-membre/internal/mailinglist/mailinglistweb"
	"github.com/betagouv/espace-membre/internal/member/memberweb"
	"github.com/betagouv/espace-membre/internal/offboarding/offboardingweb"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/config"
	"github.com/betagouv/espace-membre/internal/platform/dsfr"
	"github.com/betagouv/espace-membre/internal/platform/job"
	"github.com/betagouv/espace-membre/internal/platform/postgres"
	"github.com/betagouv/espace-membre/internal/platform/session"
	"github.com/betagouv/espace-membre/internal/platform/web"
	"github.com/betagouv/espace-membre/internal/platform/web/static"
	"github.com/betagouv/espace-membre/internal/platform/worker"
	"github.com/betagouv/espace-membre/internal/signin/signinweb"
)

// Role is what a process does.
type Role int

// The roles.
const (
	Portal Role = iota + 1 // pages, and the urgent actions that they ask for
	Jobs                   // scheduled jobs
	Both
)

// App is the whole product, ready to serve or to work.
type App struct {
	settings config.Config
	pool     *pgxpool.Pool
	clock    clock.Clock
	worker   *worker.Worker
	rooms    *rooms
	web      web.Config
	handler  http.Handler
}

// New connects to the database and builds everything; nothing starts yet.
func New(ctx context.Context, settings config.Config) (*App, error) {
	return newAt(ctx, settings, clock.System{Offset: settings.Demo.ClockOffset})
}

func newAt(ctx context.Context, settings config.Config, clk clock.Clock) (*App, error) {
	pool, err := postgres.Open(ctx, settings.Database.URL.Reveal(), 0)
	if err != nil {
		return nil, err
	}
	a := &App{settings: settings, pool: pool, clock: clk}
	if err := a.build(); err != nil {
		pool.Close()
		return nil, err
	}
	return a, nil
}

func (a *App) build() error {
	late := &lateRequester{}
	rooms, err := newRooms(a.settings, a.pool, a.clock, late)
	if err != nil {
		return err
	}
	key, ok := a.settings.Core.SealKey()
	if !ok { // nothing can be sealed for another process: a key of this one
		if _, err := rand.Read(key[:]); err != nil {
			return fmt.Errorf("draw a key: %w", err)
		}
	}
	a.worker, err = worker.New(worker.Options{
		Pool: a.pool, Clock: a.clock, Specs: rooms.specs(), Switches: switches(a.settings, rooms.specs()), SealKey: key,
		SelfApprove: a.settings.Demo.On(), AnyDay: a.settings.Demo.On(), Logger: slog.Default(),
	})
	if err != nil {
		return fmt.Errorf("prepare the worker: %w", err)
	}
	late.worker, a.rooms = a.worker, rooms
	a.web = a.portal(rooms)
	a.handler, err = web.New(a.web)
	return err
}

// lateRequester breaks the circle between rooms, which ask actions, and the worker, which
// knows the rooms' actions. It is filled once, before anything runs.
type lateRequester struct{ worker *worker.Worker }

// Request implements job.Requester.
func (l *lateRequester) Request(ctx context.Context, tx pgx.Tx, action job.Action) error {
	if l.worker == nil {
		return errors.New("an action was asked before the worker was built")
	}
	return l.worker.Request(ctx, tx, action)
}

func switches(settings config.Config, specs []job.Spec) map[string]worker.Switch {
	table := map[string]worker.Switch{}
	for _, spec := range specs {
		if spec.Scheduled() {
			enabled, why := settings.JobSwitch(spec)
			table[spec.Name] = worker.Switch{Enabled: enabled, Why: why, Missing: settings.JobMissing(spec), Schedule: settings.JobSchedule(spec)}
		}
	}
	return table
}

// portal is every page with what surrounds them.
func (a *App) portal(rooms *rooms) web.Config {
	sessions := session.New(a.pool, a.clock, a.settings.Core.Secure)
	departures, entrance := offboardingweb.New(rooms.offboarding), signinweb.New(rooms.signin, sessions)
	return web.Config{
		Sessions: sessions, Viewers: rooms.signin, Clock: a.clock, Logger: slog.Default(),
		TrustedOrigins: []string{a.settings.Core.BaseURL}, Ready: a.pool.Ping, Secure: a.settings.Core.Secure, BehindProxy: a.settings.Core.BehindProxy, MetricsToken: a.settings.Core.MetricsToken.Reveal(), Gallery: a.settings.Demo.On(),
		SupportEmail: a.settings.Core.SupportEmail,
		PublicNotice: notice(a.settings.Support.PublicBanner), PrivateNotice: notice(a.settings.Support.PrivateBanner),
		Support: support(a.settings), Audience: audience(a.settings), ImageSources: tilesOrigin(a.settings),
		Modules: []web.Module{
			entrance.Module(),
			dashboardweb.New(departures.Banner, departures.Waiting).Module(),
			departures.Module(),
			memberweb.New(rooms.member, a.pool, a.clock).UseTiles(tiles(a.settings)).Module(),
			rooms.office().Module(),
			rooms.profilePages(a.settings, a.clock, entrance).Module(),
			rooms.mailboxPages(a.clock).Module(),
			mailinglistweb.New(rooms.lists, a.settings.Brevo.WebhookID.Reveal()).Module(),
			consoleweb.New(letters(), rooms.lists).Module(),
		},
	}
}

func notice(banner *config.Banner) *web.Notice {
	if banner == nil {
		return nil
	}
	return &web.Notice{Title: banner.Title, Description: banner.Description, Severity: dsfr.Severity(banner.Severity)}
}

// Serve answers on a listener, and works its role's share of the actions, until the context
// ends; what is under way may last for grace.
func (a *App) Serve(ctx context.Context, listener net.Listener, role Role, grace time.Duration) error {
	if err := static.Ready(); err != nil {
		return err
	}
	share := worker.RolePortal
	if role == Both {
		share = worker.RoleBoth
	}
	if err := a.worker.Start(ctx, share); err != nil {
		return fmt.Errorf("start the worker: %w", err)
	}
	err := web.Serve(ctx, listener, a.handler, grace, slog.Default())
	return errors.Join(err, a.stopWorker(grace))
}

// Work performs the scheduled jobs until the context ends.
func (a *App) Work(ctx context.Context, grace time.Duration) error {
	if err := a.worker.Start(ctx, worker.RoleWorker); err != nil {
		return fmt.Errorf("start the worker: %w", err)
	}
	<-ctx.Done()
	return a.stopWorker(grace)
}

func (a *App) stopWorker(grace time.Duration) error {
	ctx, cancel := context.WithTimeout(context.Background(), grace)
	defer cancel()
	return a.worker.Stop(ctx)
}

// Worker gives the engine, for the commands about jobs.
func (a *App) Worker() *worker.Worker { return a.worker }

// Close ends the connections.
func (a *App) Close() { a.pool.Close() }

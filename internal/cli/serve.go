package cli

import (
	"context"
	"fmt"
	"net"
	"time"

	"github.com/betagouv/espace-membre/internal/app"
	"github.com/betagouv/espace-membre/internal/platform/config"
)

// grace is how long requests and actions under way may last once we are told to stop.
const grace = 20 * time.Second

type serveCmd struct {
	Port int `help:"Port d’écoute (par défaut : PORT, sinon 8100)." placeholder:"N"`
}

// Run serves the portal; it also performs the urgent actions that pages ask for.
func (c serveCmd) Run(s *session) error { return s.start(c.Port, app.Portal) }

type workerCmd struct{}

// Run performs the scheduled jobs.
func (workerCmd) Run(s *session) error { return s.start(0, app.Jobs) }

type runCmd struct {
	Port int `help:"Port d’écoute (par défaut : PORT, sinon 8100)." placeholder:"N"`
}

// Run serves the portal and performs the scheduled jobs.
func (c runCmd) Run(s *session) error { return s.start(c.Port, app.Both) }

func (s *session) start(port int, role app.Role) error {
	wanted := config.RolePortal
	if role == app.Jobs {
		wanted = config.RoleWorker
	}
	settings, err := s.configFor(wanted)
	if err != nil {
		return err
	}
	if port == 0 {
		port = settings.Core.Port
	}
	a, err := app.New(s.ctx, settings)
	if err != nil {
		return err
	}
	defer a.Close()
	if role == app.Jobs {
		return a.Work(s.ctx, grace)
	}
	listener, err := listen(s.ctx, fmt.Sprintf(":%d", port))
	if err != nil {
		return err
	}
	return a.Serve(s.ctx, listener, role, grace)
}

func listen(ctx context.Context, address string) (net.Listener, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("le port %s est déjà pris ou interdit : %w", address, err)
	}
	return listener, nil
}

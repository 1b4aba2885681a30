package sandbox

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"slices"
	"sync"
	"time"

	gosmtp "github.com/emersion/go-smtp"

	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/sandbox/simkit"
)

// Simulator is what a simulated vendor offers.
type Simulator interface {
	http.Handler
	State() any                // to be shown as JSON
	Snapshot() ([]byte, error) // to be kept
	Restore([]byte) error      // from what was kept
}

// Vendor is a simulator and where it answers.
type Vendor struct {
	Name      string // lower-case word, for addresses, faults and the journal: "ovh"
	Title     string // for the console: "OVH"
	Prefix    string // start of its paths, removed before it sees them: "/ovh"
	Simulator Simulator
}

// Options are the pieces of a sandbox.
type Options struct {
	Dir         string // folder of the state, made if needed; empty: memory only
	Clock       clock.Clock
	Vendors     []Vendor
	DatabaseURL string       // of the private PostgreSQL, told by GET /state/database; may be empty
	PortalURL   string       // shown by the console; may be empty
	HookURL     string       // where the portal is told of mails that bounce, as Brevo does; may be empty
	Logger      *slog.Logger // nil: slog.Default
}

// Sandbox is the simulated outside world. It is safe for concurrent use.
type Sandbox struct {
	options Options
	faults  *simkit.Faults
	journal *simkit.Journal
	mails   *mailbox
	keeper  *keeper
	handler http.Handler
	files   []*os.File
	// replacing is held while the state of a vendor is replaced as a whole.
	replacing sync.RWMutex

	http    *http.Server
	smtp    *gosmtp.Server
	catcher net.Listener
	calls   sync.WaitGroup // of the portal's hook
}

// New makes a sandbox and restores the state that its folder holds. It does not listen.
func New(o Options) (*Sandbox, error) {
	if o.Clock == nil {
		o.Clock = clock.System{}
	}
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	s := &Sandbox{options: o, faults: &simkit.Faults{}}
	if err := s.restore(); err != nil {
		return nil, errors.Join(err, s.closeFiles())
	}
	s.smtp = s.newCatcher()
	s.handler = s.routes()
	return s, nil
}

// Handler serves the vendors, the endpoints and the console.
func (s *Sandbox) Handler() http.Handler { return s.handler }

// Faults are the switches, for tests.
func (s *Sandbox) Faults() *simkit.Faults { return s.faults }

// Journal is what was received, for tests.
func (s *Sandbox) Journal() *simkit.Journal { return s.journal }

// Mails gives the caught mails, newest first.
func (s *Sandbox) Mails() []Mail { return s.mails.list() }

// Deliver puts a mail among the caught ones, as a vendor that sends mail does.
func (s *Sandbox) Deliver(m Mail) error {
	m.ReceivedAt = s.options.Clock.Now()
	return s.mails.add(m)
}

// Flush writes the state of every simulator now: to be called after one was prepared directly,
// without a request.
func (s *Sandbox) Flush() error { return s.keeper.flush() }

// Addresses are where a started sandbox listens.
type Addresses struct {
	HTTP string // "127.0.0.1:8101"
	SMTP string // "127.0.0.1:8125"
}

// Start listens on two ports of the loopback interface (0: any free one) and serves until Close.
func (s *Sandbox) Start(httpPort, smtpPort int) (Addresses, error) {
	web, err := loopback(httpPort)
	if err != nil {
		return Addresses{}, fmt.Errorf("listen for the sandbox: %w", err)
	}
	mail, err := loopback(smtpPort)
	if err != nil {
		return Addresses{}, errors.Join(fmt.Errorf("listen for the mail catcher: %w", err), web.Close())
	}
	s.catcher = mail
	s.http = &http.Server{Handler: s.handler, ReadHeaderTimeout: 10 * time.Second, ErrorLog: slog.NewLogLogger(s.options.Logger.Handler(), slog.LevelDebug)}
	go s.serve("sandbox", func() error { return s.http.Serve(web) })
	go s.serve("mail catcher", func() error { return s.smtp.Serve(mail) })
	return Addresses{HTTP: web.Addr().String(), SMTP: mail.Addr().String()}, nil
}

func loopback(port int) (net.Listener, error) {
	return (&net.ListenConfig{}).Listen(context.Background(), "tcp", fmt.Sprintf("127.0.0.1:%d", port))
}

func (s *Sandbox) serve(what string, run func() error) {
	err := run()
	if err != nil && !errors.Is(err, http.ErrServerClosed) && !errors.Is(err, gosmtp.ErrServerClosed) && !errors.Is(err, net.ErrClosed) {
		s.options.Logger.Error("sandbox stopped", "part", what, "error", err)
	}
}

// Close stops listening, lets the requests end until the context does, and writes the state.
func (s *Sandbox) Close(ctx context.Context) error {
	var failures []error
	if s.http != nil {
		if err := s.http.Shutdown(ctx); err != nil {
			failures = append(failures, s.http.Close())
		}
		// The server knows its listener only once its goroutine ran: close it here in any case.
		for _, stop := range []func() error{s.catcher.Close, s.smtp.Close} {
			if err := stop(); err != nil && !errors.Is(err, net.ErrClosed) {
				failures = append(failures, err)
			}
		}
	}
	s.calls.Wait()
	return errors.Join(append(failures, s.keeper.close(), s.closeFiles())...)
}

func (s *Sandbox) closeFiles() error {
	var failures []error
	for _, file := range s.files {
		failures = append(failures, file.Close())
	}
	s.files = nil
	return errors.Join(failures...)
}

func (s *Sandbox) vendorNames() []string {
	names := []string{simkit.SMTP}
	for _, v := range s.options.Vendors {
		names = append(names, v.Name)
	}
	slices.Sort(names)
	return names
}

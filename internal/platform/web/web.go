package web

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"

	"github.com/google/uuid"

	"github.com/betagouv/espace-membre/internal/platform/actor"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/dsfr"
	"github.com/betagouv/espace-membre/internal/platform/session"
	"github.com/betagouv/espace-membre/internal/platform/web/static"
)

// ViewerLoader tells who a member is today: standing by missions, administrator or not. A
// member who is gone is a NotFound fault, and their session is closed.
type ViewerLoader interface {
	Viewer(ctx context.Context, member uuid.UUID) (actor.Actor, error)
}

// Notice is a message shown above the pages, from NEXT_PUBLIC_ALERT_MESSAGE_*.
type Notice struct {
	Title       string
	Description string
	Severity    dsfr.Severity // Info or Warning
}

// Config is what the shell needs. Zero fields take the defaults written beside them.
type Config struct {
	Modules  []Module
	Sessions *session.Manager
	Viewers  ViewerLoader
	Clock    clock.Clock  // clock.System
	Logger   *slog.Logger // slog.Default
	Metrics  *Metrics     // NewMetrics: share it with the worker and the vendors' clients
	// MetricsToken, when set, must be given as "Authorization: Bearer …" to read /metrics.
	MetricsToken string
	// Ready says whether the portal can serve, for /readyz: the database answers. Nil: always.
	Ready func(ctx context.Context) error
	// Secure is true behind https: strict cookies and headers.
	Secure bool
	// BehindProxy trusts the last address of X-Forwarded-For, written by one proxy of ours.
	BehindProxy bool
	// TrustedOrigins are other addresses of this portal, for a proxy that rewrites Host.
	TrustedOrigins []string
	PublicNotice   *Notice // for who is not logged in
	PrivateNotice  *Notice // for members
	Gallery        bool    // serve /components: demo only
	// MaxBody is the largest body that a visitor may send, in bytes; 1 MiB. A member may send 16 MiB,
	// for a message at the field rather than a page of error.
	MaxBody int64
	// Rate is how many requests a second one client may make; 20, with bursts of 10 s worth.
	Rate float64
	// SupportEmail is where the team reads; empty: no link to write to it.
	SupportEmail string
	Support      *Link     // to live support, opened in a window of its own; nil: none
	Audience     *Audience // counts the pages; nil: nobody does
	// FrameSources and ImageSources are origins that pages may show, added to the CSP.
	FrameSources []string
	ImageSources []string
	// OnPanic tells an error tracker about a panic; nil: nobody.
	OnPanic func(ctx context.Context, panicked any)
}

func (c Config) withDefaults() Config {
	if c.Clock == nil {
		c.Clock = clock.System{}
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	if c.Metrics == nil {
		c.Metrics = NewMetrics()
	}
	if c.MaxBody == 0 {
		c.MaxBody = 1 << 20
	}
	if c.Rate == 0 {
		c.Rate = 20
	}
	if c.Gallery {
		c.Modules = append(c.Modules[:len(c.Modules):len(c.Modules)], gallery())
	}
	return c
}

// shell holds what every request shares.
type shell struct {
	config  Config
	mux     *http.ServeMux
	limiter *limiter
	paths   map[string]bool // GET paths without wildcard
}

// New builds the handler of the whole portal. It fails when a route is badly written.
func New(config Config) (http.Handler, error) {
	if config.Sessions == nil || config.Viewers == nil {
		return nil, errors.New("web needs sessions and a viewer loader")
	}
	s := &shell{config: config.withDefaults(), mux: http.NewServeMux(), paths: map[string]bool{}}
	s.limiter = newLimiter(s.config.Rate, s.config.Clock)
	if err := s.register(); err != nil {
		return nil, err
	}
	pages, err := s.pages()
	if err != nil {
		return nil, err
	}
	outer := http.NewServeMux()
	outer.Handle(static.Prefix, static.Handler(http.HandlerFunc(s.notFound)))
	outer.HandleFunc("GET /healthz", s.health)
	outer.HandleFunc("GET /readyz", s.ready)
	outer.HandleFunc("GET /metrics", s.metrics)
	outer.Handle("/", pages)
	return s.prepare(s.observe(s.recover(s.secure(outer)))), nil
}

// register puts every route in the mux; a conflict or a mistake is an error, not a panic.
func (s *shell) register() (err error) {
	defer func() {
		if problem := recover(); problem != nil {
			err = fmt.Errorf("register routes: %v", problem)
		}
	}()
	for _, module := range s.config.Modules {
		for _, route := range module.Routes {
			if err := checkRoute(module.Room, route); err != nil {
				return err
			}
			s.mux.Handle(route.Pattern, s.guard(route))
			if path, ok := strings.CutPrefix(route.Pattern, "GET "); ok && !strings.Contains(path, "{") {
				s.paths[path] = true
			}
		}
	}
	return nil
}

func (s *shell) serves(path string) bool {
	path, _, _ = strings.Cut(path, "?")
	path, _, _ = strings.Cut(path, "#")
	return s.paths[path]
}

// pages is the chain of what is not a static file nor a probe.
func (s *shell) pages() (http.Handler, error) {
	origins := http.NewCrossOriginProtection()
	for _, origin := range s.config.TrustedOrigins {
		if err := origins.AddTrustedOrigin(origin); err != nil {
			return nil, fmt.Errorf("trust an origin: %w", err)
		}
	}
	origins.SetDenyHandler(http.HandlerFunc(s.crossOrigin))
	inner := s.config.Sessions.Middleware(s.identify(s.limitBody(http.HandlerFunc(s.dispatch))), s.fail)
	return s.limitRate(origins.Handler(inner)), nil
}

// guard asks the policy of a route, then serves it.
func (s *shell) guard(route Route) http.Handler {
	_, path, _ := strings.Cut(route.Pattern, " ")
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		infoOf(r.Context()).pattern = path
		elsewhere, err := route.Policy.decide(Viewer(r))
		switch {
		case err != nil:
			s.fail(w, r, err)
		case elsewhere != "":
			s.sendAway(w, r, elsewhere)
		default:
			if err := route.Handler(w, r); err != nil {
				s.fail(w, r, err)
			}
		}
	})
}

// sendAway redirects a page, and refuses a machine.
func (s *shell) sendAway(w http.ResponseWriter, r *http.Request, elsewhere string) {
	switch {
	case isAPI(r) && elsewhere == loginPath:
		s.fail(w, r, statusError{status: http.StatusUnauthorized, public: "Authentification requise."})
		return
	case isAPI(r):
		s.fail(w, r, statusError{status: http.StatusForbidden, public: "Vérifie d’abord ta fiche."})
		return
	case elsewhere == loginPath:
		elsewhere = loginAddress(r)
	}
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, elsewhere, http.StatusSeeOther)
}

// dispatch finds the route, or tells in French that there is none or not with this method.
func (s *shell) dispatch(w http.ResponseWriter, r *http.Request) {
	handler, pattern := s.mux.Handler(r)
	if pattern != "" {
		s.mux.ServeHTTP(w, r)
		return
	}
	probe := probe{header: http.Header{}}
	handler.ServeHTTP(&probe, r)
	switch {
	case probe.status == http.StatusMethodNotAllowed:
		w.Header().Set("Allow", probe.header.Get("Allow"))
		s.fail(w, r, statusError{status: http.StatusMethodNotAllowed})
	case probe.status >= 300 && probe.status < 400:
		handler.ServeHTTP(w, r)
	case s.trimmed(r) != "":
		http.Redirect(w, r, s.trimmed(r), http.StatusPermanentRedirect)
	default:
		s.notFound(w, r)
	}
}

// trimmed gives the address without its last slash when a page is served there.
func (s *shell) trimmed(r *http.Request) string {
	path, ok := strings.CutSuffix(r.URL.Path, "/")
	if !ok || path == "" || r.Method != http.MethodGet {
		return ""
	}
	target := *r.URL
	target.Path, target.RawPath = path, ""
	if _, pattern := s.mux.Handler(&http.Request{Method: http.MethodGet, URL: &target, Host: r.Host}); pattern == "" {
		return ""
	}
	return target.RequestURI()
}

// probe learns what the mux would answer.
type probe struct {
	header http.Header
	status int
}

func (p *probe) Header() http.Header         { return p.header }
func (p *probe) Write(b []byte) (int, error) { return len(b), nil }
func (p *probe) WriteHeader(status int)      { p.status = status }

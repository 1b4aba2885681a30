package app

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/google/uuid"

	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/config"
	"github.com/betagouv/espace-membre/internal/platform/session"
	"github.com/betagouv/espace-membre/internal/testing/pgtest"
)

// subject is the member whom the relations are about.
const subject = "sujet.exemple"

// Identifiers of what the subject's record leads to.
const (
	productID      = "00000000-0000-4000-8000-000000000001"
	incubatorID    = "00000000-0000-4000-8000-000000000002"
	teamID         = "00000000-0000-4000-8000-000000000003"
	organizationID = "00000000-0000-4000-8000-000000000004"
	extensionID    = "00000000-0000-4000-8000-000000000005"
)

// standings of the roles, as the rules of the matrix see them.
const (
	active     = ""
	anonymous  = "anonymous"
	unverified = "unverified"
	limited    = "limited"
)

// role is one of those who walk through the portal.
type role struct {
	name     string // column of the matrix
	username string // empty: nobody
	standing string
	admin    bool
}

func roles() []role {
	return []role{
		{name: "anonyme", standing: anonymous},
		{name: "sursis", username: "sursis.exemple"},
		{name: "limitée", username: "limitee.exemple", standing: limited},
		{name: "à vérifier", username: "averifier.exemple", standing: unverified},
		{name: "membre", username: "membre.exemple"},
		{name: "elle-même", username: subject},
		{name: "agent", username: "agent.exemple"},
		{name: "incubateur", username: "incubateur.exemple"},
		{name: "admin", username: "admin.member", admin: true},
	}
}

// theatre is what all stages share: the simulated vendors.
type theatre struct{ demo *demo }

// stage is the whole portal of a demonstration, on a database of its own with the cast.
type stage struct {
	app     *App
	cookies map[string]*http.Cookie // by username
	asked   int
}

func newTheatre(t *testing.T) *theatre {
	t.Helper()
	before := slog.Default()
	slog.SetDefault(slog.New(slog.DiscardHandler)) // a line for each request would hide the matrix
	t.Cleanup(func() { slog.SetDefault(before) })
	d := &demo{options: DemoOptions{Dir: t.TempDir(), Port: freePort(t), SandboxPort: freePort(t), SMTPPort: freePort(t)}, clock: clock.System{}}
	if err := d.startSandbox(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.close)
	return &theatre{d}
}

func freePort(t *testing.T) int {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port
}

// open builds the portal as the demonstration does.
func (th *theatre) open(t *testing.T) *stage {
	t.Helper()
	th.demo.database = pgtest.URL(t)
	settings, err := th.demo.settings()
	if err != nil {
		t.Fatal(err)
	}
	return openStage(t, settings)
}

func openStage(t *testing.T, settings config.Config) *stage {
	t.Helper()
	a, err := New(t.Context(), settings)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(a.Close)
	s := &stage{app: a, cookies: map[string]*http.Cookie{}}
	if _, err := a.pool.Exec(t.Context(), cast, clock.Today(a.clock)); err != nil {
		t.Fatal(err)
	}
	return s
}

// cookie is the session of a member, opened when it is first needed.
func (s *stage) cookie(t *testing.T, username string) *http.Cookie {
	t.Helper()
	if s.cookies[username] == nil {
		s.cookies[username] = s.logIn(t, username)
	}
	return s.cookies[username]
}

// logIn opens a session as the login page does once a link was followed.
func (s *stage) logIn(t *testing.T, username string) *http.Cookie {
	t.Helper()
	var id uuid.UUID
	if err := s.app.pool.QueryRow(t.Context(), `SELECT id FROM member WHERE username = $1`, username).Scan(&id); err != nil {
		t.Fatal(err)
	}
	sessions := session.New(s.app.pool, s.app.clock, false)
	var failure error
	door := sessions.Middleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		failure = sessions.LogIn(r.Context(), id)
	}), func(_ http.ResponseWriter, _ *http.Request, err error) { failure = err })
	w := httptest.NewRecorder()
	door.ServeHTTP(w, httptest.NewRequestWithContext(context.Background(), http.MethodGet, "/", nil))
	cookies := w.Result().Cookies()
	if failure != nil || len(cookies) != 1 {
		t.Fatalf("log %s in: %d cookies, %v", username, len(cookies), failure)
	}
	return cookies[0]
}

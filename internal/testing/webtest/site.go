// Package webtest starts the portal, or some rooms of it, on a database of its own, and gives
// clients that keep cookies, log in as somebody, and read pages as a person would.
package webtest

import (
	"bytes"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/session"
	"github.com/betagouv/espace-membre/internal/platform/web"
	"github.com/betagouv/espace-membre/internal/signin"
	"github.com/betagouv/espace-membre/internal/testing/pgtest"
)

// Today is the day on which a site starts, at 10:00 in Paris.
const Today = "2024-12-19"

// AdminUsername is the administrator of every site.
const AdminUsername = "admin.member"

// Site is a portal under test.
type Site struct {
	URL      string
	Pool     *pgxpool.Pool
	Clock    *clock.Fake
	Sessions *session.Manager
	Metrics  *web.Metrics
	Log      *bytes.Buffer // lines of the log, as JSON; read it between requests
}

// Build gives the modules of a site, and may change the configuration of the shell.
type Build func(site *Site, config *web.Config) []web.Module

// New starts a site; it stops with the test. Viewers are loaded by signin.
func New(t testing.TB, build Build) *Site {
	t.Helper()
	site := &Site{
		Pool: pgtest.New(t), Clock: clock.At(clock.MustDay(Today), 10, 0), Metrics: web.NewMetrics(), Log: &bytes.Buffer{},
	}
	site.Sessions = session.New(site.Pool, site.Clock, false)
	config := web.Config{
		Sessions: site.Sessions, Viewers: signin.New(site.Pool, site.Clock, nil, nil, signin.Config{Admins: []string{AdminUsername}}),
		Clock: site.Clock, Metrics: site.Metrics, Rate: 10_000,
		Logger: slog.New(slog.NewJSONHandler(site.Log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
	config.Modules = append(build(site, &config), site.door())
	handler, err := web.New(config)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(whole(handler))
	t.Cleanup(server.Close)
	site.URL = server.URL
	return site
}

// whole sends an answer once its handler is over, so that a test which has it also finds the
// line of the log and the count of the metrics.
func whole(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		kept := httptest.NewRecorder()
		next.ServeHTTP(kept, r)
		maps.Copy(w.Header(), kept.Header())
		w.WriteHeader(kept.Code)
		_, _ = w.Write(kept.Body.Bytes()) // a test that left needs nothing
	})
}

// door lets tests log in without a mail.
func (s *Site) door() web.Module {
	return web.Module{Room: "webtest", Routes: []web.Route{
		web.Get("/webtest/login/{id}", web.Public, func(w http.ResponseWriter, r *http.Request) error {
			id, err := uuid.Parse(r.PathValue("id"))
			if err != nil {
				return err
			}
			w.Header().Set("Content-Type", "text/plain")
			return s.Sessions.LogIn(r.Context(), id)
		}),
	}}
}

// Person is a member to make.
type Person struct {
	Username  string
	Status    string // of the primary address; empty: EMAIL_ACTIVE
	End       string // last day of the only mission; empty: open-ended; "none": no mission
	Secondary string // address
}

// Member stores a member with primary address <username>@beta.gouv.fr and one mission.
func (s *Site) Member(t testing.TB, p Person) uuid.UUID {
	t.Helper()
	if p.Status == "" {
		p.Status = "EMAIL_ACTIVE"
	}
	var id uuid.UUID
	err := s.Pool.QueryRow(t.Context(), `
		INSERT INTO member (username, fullname, primary_email, primary_email_status, primary_email_status_changed_at,
		                    secondary_email, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, NULLIF($6, ''), $5, $5)
		RETURNING id`,
		p.Username, fullname(p.Username), p.Username+"@beta.gouv.fr", p.Status, s.Clock.Now(), p.Secondary).Scan(&id)
	if err != nil {
		t.Fatal(err)
	}
	if p.End == "none" {
		return id
	}
	_, err = s.Pool.Exec(t.Context(), `
		INSERT INTO mission (member_id, start_day, end_day, employer)
		VALUES ($1, '2020-01-01', NULLIF($2, '')::date, 'DINUM')`, id, p.End)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func fullname(username string) string {
	words := strings.Split(username, ".")
	for i, word := range words {
		words[i] = strings.ToUpper(word[:1]) + word[1:]
	}
	return strings.Join(words, " ")
}

// Client is a browser without script: it keeps cookies and follows no redirection.
type Client struct {
	site *Site
	http *http.Client
	// Header is added to every request.
	Header http.Header
}

// Visitor gives a client who is not logged in.
func (s *Site) Visitor(t testing.TB) *Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &Client{site: s, Header: http.Header{}, http: &http.Client{
		Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// As gives a client logged in as a member.
func (s *Site) As(t testing.TB, member uuid.UUID) *Client {
	t.Helper()
	c := s.Visitor(t)
	if got := c.Get(t, "/webtest/login/"+member.String()); got.Status != http.StatusOK {
		t.Fatalf("login answered %d: %s", got.Status, got.Body)
	}
	return c
}

// Get asks a page.
func (c *Client) Get(t testing.TB, path string) *Answer {
	t.Helper()
	return c.Do(t, http.MethodGet, path, nil)
}

// Post sends a form, from a page of the same site.
func (c *Client) Post(t testing.TB, path string, form url.Values) *Answer {
	t.Helper()
	return c.Do(t, http.MethodPost, path, form)
}

// Follow asks the page where an answer leads; it fails when the answer is not a 303.
func (c *Client) Follow(t testing.TB, from *Answer) *Answer {
	t.Helper()
	if from.Status != http.StatusSeeOther {
		t.Fatalf("status %d, want 303: %s", from.Status, from.Text())
	}
	return c.Get(t, from.Header.Get("Location"))
}

// Do sends a request; a form is sent as browsers do.
func (c *Client) Do(t testing.TB, method, path string, form url.Values) *Answer {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, c.site.URL+path, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	for name, values := range c.Header {
		r.Header[name] = values
	}
	w, err := c.http.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = w.Body.Close() }()
	body, err := io.ReadAll(w.Body)
	if err != nil {
		t.Fatal(err)
	}
	return &Answer{Status: w.StatusCode, Header: w.Header, Body: string(body)}
}

// Cookies gives what the client holds.
func (c *Client) Cookies() []*http.Cookie {
	u, err := url.Parse(c.site.URL)
	if err != nil {
		return nil
	}
	return c.http.Jar.Cookies(u)
}

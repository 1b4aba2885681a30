package app

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/worker"
	"github.com/betagouv/espace-membre/internal/sandbox/simkit"
	"github.com/betagouv/espace-membre/internal/testing/pgtest"
)

// outage is the whole portal at an hour of ours, whose OVH gets into trouble.
type outage struct {
	*stage
	t     *testing.T
	clock *clock.Fake
	demo  *demo
}

const mailboxOf = subject + "@" + demoDomain

func openOutage(t *testing.T) *outage {
	t.Helper()
	o := &outage{t: t, clock: clock.At(clock.MustDay("2024-12-19"), 10, 0)}
	before := slog.Default()
	slog.SetDefault(slog.New(slog.DiscardHandler))
	t.Cleanup(func() { slog.SetDefault(before) })
	o.demo = &demo{options: DemoOptions{Dir: t.TempDir(), Port: freePort(t), SandboxPort: freePort(t), SMTPPort: freePort(t)}, clock: o.clock, database: pgtest.URL(t)}
	if err := o.demo.startSandbox(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(o.demo.close)
	settings, err := o.demo.settings()
	if err != nil {
		t.Fatal(err)
	}
	a, err := newAt(t.Context(), settings, o.clock)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(a.Close)
	o.stage = &stage{app: a, cookies: map[string]*http.Cookie{}}
	if _, err := a.pool.Exec(t.Context(), cast, clock.Today(o.clock)); err != nil {
		t.Fatal(err)
	}
	if err := newOVH(settings, o.clock).CreateMX(t.Context(), subject, "Un-premier-Secret1"); err != nil {
		t.Fatal(err)
	}
	return o
}

// suffers puts OVH in trouble instead of what troubled it before; none: it is well again.
func (o *outage) suffers(faults ...simkit.Fault) {
	o.t.Helper()
	o.demo.sandbox.Faults().Clear("")
	for _, f := range faults {
		f.Vendor, f.Rate = "ovh", 1
		if err := f.Check([]string{"ovh"}); err != nil {
			o.t.Fatal(err)
		}
		o.demo.sandbox.Faults().Add(f)
	}
	o.clock.Advance(time.Hour) // what pages knew is old, what waited is tried
}

// answers asks a page as the subject, within a second: the shortest of three times, each with
// nothing known of the vendor, since a machine that is busy elsewhere proves nothing. A form is
// sent once.
func (o *outage) answers(method, path string, form url.Values) *httptest.ResponseRecorder {
	o.t.Helper()
	w, took := o.timed(method, path, form)
	for tries := 1; took > time.Second && tries < 3 && method == http.MethodGet; tries++ {
		o.clock.Advance(time.Minute)
		w, took = o.timed(method, path, form)
	}
	if took > time.Second {
		o.t.Errorf("%s %s took %s, with %+v", method, path, took.Round(time.Millisecond), o.demo.sandbox.Faults().List())
	}
	return w
}

func (o *outage) timed(method, path string, form url.Values) (*httptest.ResponseRecorder, time.Duration) {
	o.t.Helper()
	r := httptest.NewRequestWithContext(o.t.Context(), method, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.AddCookie(o.cookie(o.t, subject))
	w, began := httptest.NewRecorder(), time.Now()
	o.app.handler.ServeHTTP(w, r)
	return w, time.Since(began)
}

// asks sends a form and gives the page of its progress.
func (o *outage) asks(path string, form url.Values) (progress string) {
	o.t.Helper()
	w := o.answers(http.MethodPost, path, form)
	if w.Code != http.StatusSeeOther {
		o.t.Fatalf("%s: %d", path, w.Code)
	}
	return w.Header().Get("Location")
}

func (o *outage) drain() {
	o.t.Helper()
	if _, err := o.app.Worker().Drain(context.WithoutCancel(o.t.Context()), worker.DrainOptions{}); err != nil {
		o.t.Fatal(err)
	}
}

func (o *outage) says(path, text string) {
	o.t.Helper()
	if w := o.answers(http.MethodGet, path, nil); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), text) {
		o.t.Errorf("%s (%d) does not say %q", path, w.Code, text)
	}
}

// done gives the requests that OVH received and performed, whose answer may have been lost.
func (o *outage) done(method, path string) (n int) {
	o.t.Helper()
	for _, e := range o.demo.sandbox.Journal().Entries("ovh") {
		if e.Method == method && strings.HasSuffix(strings.Split(e.Path, "?")[0], path) && (e.Status == http.StatusOK || e.Status == 0) {
			n++
		}
	}
	return n
}

// redirections gives where OVH sends the mails of the subject; "copie": a copy stays.
func (o *outage) redirections() []string {
	o.t.Helper()
	var kept struct {
		Redirections map[string]struct{ From, To string }
	}
	o.state(&kept)
	list := []string{}
	for _, r := range kept.Redirections {
		if r.To == mailboxOf {
			r.To = "copie"
		}
		if r.From == mailboxOf {
			list = append(list, r.To)
		}
	}
	slices.Sort(list)
	return list
}

// state reads what OVH keeps.
func (o *outage) state(into any) {
	o.t.Helper()
	w := httptest.NewRecorder()
	o.demo.sandbox.Handler().ServeHTTP(w, httptest.NewRequestWithContext(o.t.Context(), http.MethodGet, "http://localhost/state/ovh", nil))
	if err := json.Unmarshal(w.Body.Bytes(), into); err != nil {
		o.t.Fatal(err)
	}
}

// Whatever happens to OVH, pages are there within a second, and what was asked is done once.
func TestNoPageWaitsForOVH(t *testing.T) {
	o := openOutage(t)
	o.says("/account/mailbox", "offre MX Plan")
	lost := simkit.Fault{Kind: simkit.Drop, When: simkit.After}
	for name, fault := range map[string]simkit.Fault{
		"slow": {Kind: simkit.Slow, LatencyMS: 2500}, "lost": lost, "down": {Kind: simkit.Error, Status: http.StatusServiceUnavailable},
	} {
		o.suffers(fault)
		o.says("/account/mailbox", "ne répond pas pour l’instant") // of the mailbox, or of its block on a busy machine
		for _, path := range []string{"/account", "/account/accounts", "/keskispasse"} {
			o.says(path, "</html>")
		}
		to := name + "@ailleurs.exemple"
		progress := o.asks("/account/redirections", url.Values{"to_email": {to}, "keep_copy": {"on"}})
		o.says(progress, "C’est en cours")
		if name != "slow" {
			o.drain()
			o.says(progress, "C’est en cours")
		}
		o.suffers(simkit.Fault{Kind: simkit.Drop, When: simkit.After, Method: http.MethodPost, Count: 1}) // it makes it, and nobody hears
		before := o.done(http.MethodPost, "/redirection")
		o.drain()
		o.says(progress, "C’est en cours")
		o.suffers()
		o.drain()
		o.drain()
		o.says(progress, "C’est fait")
		if n := o.done(http.MethodPost, "/redirection") - before; n != 1 || !slices.Contains(o.redirections(), to) {
			t.Errorf("%s: made %d times, OVH sends mails to %q", name, n, o.redirections())
		}
	}
	if got, want := o.redirections(), []string{"copie", "down@ailleurs.exemple", "lost@ailleurs.exemple", "slow@ailleurs.exemple"}; !slices.Equal(got, want) {
		t.Errorf("OVH sends mails to %q, want %q", got, want)
	}
}

// Each demand whose answer is lost after OVH did it ends as done, and leaves OVH as if it had been
// done once.
func TestAnswersLostHarmNothing(t *testing.T) {
	o := openOutage(t)
	const secret = "Un-second-tres-Long1"
	today := clock.Today(o.clock)
	absence := url.Values{"content": {"Absente."}, "from": {today.Add(1).String()}, "to": {today.Add(9).String()}}
	for _, c := range []struct {
		path, method string
		form         url.Values
		wait         time.Duration
		want         string // in what OVH keeps
		not          string
	}{
		{path: "/account/password", method: http.MethodPost, form: url.Values{"new_password": {secret}}},
		{path: "/account/auto-reply", method: http.MethodPost, form: absence, want: "Absente."},
		{path: "/account/auto-reply/delete", method: http.MethodDelete, not: "Absente."},
		{path: "/account/redirections", method: http.MethodPost, form: url.Values{"to_email": {"a@ailleurs.exemple"}}, want: "a@ailleurs.exemple"},
		{path: "/account/mailbox/delete", method: http.MethodDelete, form: url.Values{"confirmation": {"on"}}, wait: 25 * time.Hour, not: `"` + subject + `":`},
	} {
		o.suffers()
		progress := o.asks(c.path, c.form)
		o.clock.Advance(c.wait)
		o.suffers(simkit.Fault{Kind: simkit.Drop, When: simkit.After, Method: c.method, Count: 1})
		o.drain()
		o.suffers()
		o.drain()
		o.says(progress, "C’est fait")
		var kept json.RawMessage
		o.state(&kept)
		if c.want != "" && strings.Count(string(kept), c.want) != 1 || c.not != "" && strings.Contains(string(kept), c.not) {
			t.Errorf("%s: OVH keeps %s", c.path, kept)
		}
	}
	if got := o.redirections(); !slices.Equal(got, []string{"depart@" + demoDomain}) && len(got) > 1 {
		t.Errorf("the deleted address leads to %q", got)
	}
}

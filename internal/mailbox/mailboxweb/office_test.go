package mailboxweb_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/betagouv/espace-membre/internal/integration/ovh"
	"github.com/betagouv/espace-membre/internal/integration/ovh/ovhsim"
	"github.com/betagouv/espace-membre/internal/mailbox"
	"github.com/betagouv/espace-membre/internal/mailbox/mailboxovh"
	"github.com/betagouv/espace-membre/internal/mailbox/mailboxweb"
	"github.com/betagouv/espace-membre/internal/platform/dsfr"
	"github.com/betagouv/espace-membre/internal/platform/job"
	"github.com/betagouv/espace-membre/internal/platform/web"
	"github.com/betagouv/espace-membre/internal/testing/webtest"
)

// office is a portal with the administrators' pages, and the OVH behind it.
type office struct {
	*webtest.Site
	ovh   *ovhsim.Sim
	down  bool
	asked []job.Action
	admin *webtest.Client
}

// Request implements job.Requester.
func (o *office) Request(_ context.Context, _ pgx.Tx, a job.Action) error {
	o.asked = append(o.asked, a)
	return nil
}

func enter(t *testing.T) *office {
	t.Helper()
	o := &office{}
	o.Site = webtest.New(t, func(site *webtest.Site, _ *web.Config) []web.Module {
		o.ovh = ovhsim.New(ovhsim.Config{AppKey: "a", AppSecret: "s", ConsumerKey: "c", Domain: "beta.gouv.fr", Clock: site.Clock})
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if o.down {
				w.WriteHeader(http.StatusBadGateway)
				return
			}
			o.ovh.ServeHTTP(w, r)
		}))
		t.Cleanup(server.Close)
		provider := mailboxovh.New(ovh.New(ovh.Config{
			Endpoint: server.URL + "/1.0", AppKey: "a", AppSecret: "s", ConsumerKey: "c", Domain: "beta.gouv.fr",
			PerSecond: 1000, Backoff: time.Millisecond, Clock: site.Clock,
		}))
		room := mailbox.New(site.Pool, site.Clock, mailbox.Ports{Provider: provider, Requester: o}, mailbox.Config{Domain: "beta.gouv.fr"})
		shown := func(w http.ResponseWriter, r *http.Request) error {
			return web.Render(w, r, http.StatusOK, web.Page{Title: "x", Body: dsfr.Text("fiche")})
		}
		return []web.Module{mailboxweb.NewOffice(room).Module(), {Room: "test", Routes: []web.Route{web.Get("/community/{username}", web.Member, shown)}}}
	})
	o.admin = o.As(t, o.Member(t, webtest.Person{Username: webtest.AdminUsername}))
	return o
}

func TestOnlyAdministratorsEnter(t *testing.T) {
	o := enter(t)
	member := o.As(t, o.Member(t, webtest.Person{Username: "camille.durand"}))
	for _, path := range []string{"/admin/redirections", "/admin/mailboxes"} {
		if got := member.Get(t, path); got.Status != http.StatusForbidden {
			t.Errorf("%s: a member gets %d", path, got.Status)
		}
		if got := o.Visitor(t).Get(t, path); got.Status != http.StatusSeeOther {
			t.Errorf("%s: a visitor gets %d", path, got.Status)
		}
	}
	if got := member.Post(t, "/community/camille.durand/mailbox/restore", url.Values{}); got.Status != http.StatusForbidden || len(o.asked) != 0 {
		t.Errorf("a member restores: %d", got.Status)
	}
}

func TestRedirectionsAreDrawnAndListed(t *testing.T) {
	o := enter(t)
	o.Member(t, webtest.Person{Username: "camille.durand"})
	o.ovh.AddRedirection("camille.durand@beta.gouv.fr", "camille@ailleurs.fr")
	o.ovh.AddRedirection("contact@beta.gouv.fr", `"><script>alert(1)</script>@ailleurs.fr`)
	page := o.admin.Get(t, "/admin/redirections")
	if page.Status != http.StatusOK || page.Heading() != "Redirections" {
		t.Fatalf("%d %s", page.Status, page.Heading())
	}
	for _, want := range []string{"2 redirections", "camille@ailleurs.fr", "inconnu"} {
		if !strings.Contains(page.Text(), want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	if len(page.All("svg")) == 0 || strings.Contains(page.Body, "<script>alert") || !strings.Contains(page.Body, `href="/community/camille.durand"`) {
		t.Error("not drawn, a hostile address is markup, or the member is not linked")
	}
	for _, svg := range page.All("figure") {
		if webtest.Attribute(svg, "aria-label") == "" || webtest.Attribute(svg, "tabindex") != "0" {
			t.Error("the drawing cannot be reached or has no name")
		}
	}
	found := o.admin.Get(t, "/admin/redirections?q=CAMILLE")
	if !strings.Contains(found.Text(), "1 redirection") || strings.Contains(found.Text(), "contact@") || found.Field("q") != "CAMILLE" {
		t.Errorf("filtered: %s", found.Text())
	}
	if none := o.admin.Get(t, "/admin/redirections?q=nobody&page=99"); !strings.Contains(none.Text(), "Aucune redirection") {
		t.Errorf("nothing found: %s", none.Text())
	}
}

func TestManyRedirectionsHavePagesAndNoDrawing(t *testing.T) {
	o := enter(t)
	for i := range 160 {
		o.ovh.AddRedirection(strings.Repeat("x", i%7+1)+uuid.NewString()+"@beta.gouv.fr", "b@ailleurs.fr")
	}
	page := o.admin.Get(t, "/admin/redirections?page=4")
	if len(page.All("figure")) != 0 || !strings.Contains(page.Text(), "160 redirections") || len(page.All("tr")) != 11 {
		t.Errorf("%d figures, %d rows", len(page.All("figure")), len(page.All("tr")))
	}
}

func TestGreyBlockWhileOVHIsDown(t *testing.T) {
	o := enter(t)
	o.down = true
	start := time.Now()
	page := o.admin.Get(t, "/admin/redirections")
	if page.Status != http.StatusOK || !strings.Contains(page.Text(), "OVH ne répond pas") || time.Since(start) > 5*time.Second {
		t.Errorf("%d after %s: %s", page.Status, time.Since(start), page.Text())
	}
}

func TestAdministratorsRestoreAnAddress(t *testing.T) {
	o := enter(t)
	id := o.Member(t, webtest.Person{Username: "camille.durand", Status: "EMAIL_SUSPENDED", Secondary: "camille@ailleurs.fr"})
	o.Member(t, webtest.Person{Username: "gone.member", Status: "EMAIL_SUSPENDED", End: "2024-12-01"})
	page := o.admin.Get(t, "/admin/mailboxes")
	if !strings.Contains(page.Text(), "adresse suspendue à rouvrir") || strings.Contains(page.Body, "gone.member") || strings.Contains(page.Body, "camille@ailleurs.fr") {
		t.Errorf("listed: %s", page.Text())
	}
	shown := o.admin.Follow(t, o.admin.Post(t, "/community/camille.durand/mailbox/restore", url.Values{}))
	if !strings.Contains(shown.Body, "C’est demandé") || len(o.asked) != 2 || o.asked[0].Subject != id || o.asked[0].Actor != webtest.AdminUsername {
		t.Errorf("asked %+v", o.asked)
	}
	o.asked = nil
	refused := o.admin.Follow(t, o.admin.Post(t, "/community/gone.member/mailbox/restore", url.Values{}))
	if !strings.Contains(refused.Body, "prolonge d’abord sa mission") || len(o.asked) != 0 {
		t.Errorf("somebody away: asked %+v", o.asked)
	}
	if got := o.admin.Post(t, "/community/nobody.here/mailbox/restore", url.Values{}); got.Status != http.StatusNotFound {
		t.Errorf("nobody: %d", got.Status)
	}
}

// The pages are read with the accessibility rules, wide and narrow, in both themes.
func TestOfficeInABrowser(t *testing.T) {
	browser := webtest.OpenBrowser(t)
	o := enter(t)
	o.Member(t, webtest.Person{Username: "camille.durand", Status: "EMAIL_SUSPENDED", Secondary: "camille@ailleurs.fr"})
	for _, from := range []string{"camille.durand", "lou.martin", "contact"} {
		o.ovh.AddRedirection(from+"@beta.gouv.fr", "commun@ailleurs.fr")
	}
	for _, path := range []string{"/admin/redirections", "/admin/mailboxes"} {
		for _, view := range []webtest.View{{Axe: true}, {Width: 390, Axe: true, Dark: true}} {
			if seen := browser.Look(t, o.admin, path, view); len(seen.Problems) != 0 || seen.Overflow != "" {
				t.Errorf("%s at %d: %v, overflow %q", path, view.Width, seen.Problems, seen.Overflow)
			}
		}
	}
}

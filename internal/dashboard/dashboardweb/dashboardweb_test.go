package dashboardweb_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/betagouv/espace-membre/internal/dashboard/dashboardweb"
	"github.com/betagouv/espace-membre/internal/platform/dsfr"
	"github.com/betagouv/espace-membre/internal/platform/web"
	"github.com/betagouv/espace-membre/internal/testing/webtest"
)

func open(t *testing.T) *webtest.Site {
	t.Helper()
	blank := func(w http.ResponseWriter, r *http.Request) error {
		return web.Render(w, r, http.StatusOK, web.Page{Title: "x", Body: dsfr.Text("x")})
	}
	return webtest.New(t, func(*webtest.Site, *web.Config) []web.Module {
		return []web.Module{dashboardweb.New().Module(), {Room: "test", Routes: []web.Route{
			web.Get("/account", web.Any, blank), web.Get("/community", web.Member, blank), web.Get("/login", web.Anonymous, blank),
			web.Post("/logout", web.Unverified, blank),
		}}}
	})
}

func TestTheRootLeadsHome(t *testing.T) {
	site := open(t)
	if got := site.Visitor(t).Get(t, "/").Header.Get("Location"); got != "/login" {
		t.Errorf("visitor: %q", got)
	}
	camille := site.As(t, site.Member(t, webtest.Person{Username: "camille.durand"}))
	if got := camille.Get(t, "/").Header.Get("Location"); got != "/dashboard" {
		t.Errorf("member: %q", got)
	}
}

func TestHomeShowsTheTilesOfPagesThatExist(t *testing.T) {
	site := open(t)
	home := site.As(t, site.Member(t, webtest.Person{Username: "camille.durand"})).Get(t, "/dashboard")
	if home.Heading() != "Accueil" {
		t.Errorf("heading %q", home.Heading())
	}
	text := home.Text()
	if !strings.Contains(text, "Ma fiche membre") || !strings.Contains(text, "Communauté") || strings.Contains(text, "Formations") {
		t.Errorf("home: %s", text)
	}
	camille := site.As(t, site.Member(t, webtest.Person{Username: "lou.martin"}))
	for _, link := range home.Links() {
		if strings.HasPrefix(link, "/") && !strings.HasPrefix(link, "//") && camille.Get(t, link).Status == http.StatusNotFound {
			t.Errorf("dead link %s", link)
		}
	}
}

func TestPublicPages(t *testing.T) {
	visitor := open(t).Visitor(t)
	if got := visitor.Get(t, "/accessibilite"); got.Status != 200 || got.Heading() != "Déclaration d’accessibilité" {
		t.Errorf("%d %s", got.Status, got.Heading())
	}
	if got := visitor.Get(t, "/robots.txt").Body; got != "User-agent: *\nDisallow: /\n" {
		t.Errorf("robots: %q", got)
	}
}

// TestInABrowser looks at the shell as people do: no refused script or style, nothing wider
// than a telephone, with and without script, in both themes.
func TestInABrowser(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a browser")
	}
	site := open(t)
	camille := site.As(t, site.Member(t, webtest.Person{Username: "camille.durand"}))
	browser := webtest.OpenBrowser(t)
	for name, view := range map[string]webtest.View{
		"wide": {Axe: true}, "narrow": {Width: 390, Axe: true}, "dark": {Dark: true, Axe: true}, "narrow, no script": {Width: 390, NoScript: true}, "no script, dark": {NoScript: true, Dark: true},
	} {
		seen := browser.Look(t, camille, "/dashboard", view)
		if len(seen.Problems) > 0 || seen.Overflow != "" {
			t.Errorf("%s: %+v", name, seen)
		}
	}
	for name, end := range map[string]string{"in grace": "2024-12-17", "limited": "2024-12-01"} {
		gone := site.As(t, site.Member(t, webtest.Person{Username: "lou." + strings.ReplaceAll(name, " ", "."), End: end}))
		if seen := browser.Look(t, gone, "/dashboard", webtest.View{Width: 390, Axe: true}); len(seen.Problems) > 0 || seen.Overflow != "" {
			t.Errorf("%s: %+v", name, seen)
		}
	}
}

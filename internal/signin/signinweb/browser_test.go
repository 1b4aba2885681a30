package signinweb_test

import (
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/betagouv/espace-membre/internal/testing/webtest"
)

// TestPagesInABrowser looks at the pages of login, wide and narrow. With SHOTS=folder the pictures
// are kept there.
func TestPagesInABrowser(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a browser")
	}
	browser := webtest.OpenBrowser(t)
	p := open(t)
	camille := p.Member(t, webtest.Person{Username: "camille.durand"})
	lou := p.As(t, p.Member(t, webtest.Person{Username: "lou.martin"}))
	admin := p.As(t, p.Member(t, webtest.Person{Username: webtest.AdminUsername}))
	visitor, elsewhere := p.Visitor(t), p.As(t, camille)
	link := p.link(t, p.Visitor(t), "camille.durand@beta.gouv.fr", "")
	for name, page := range map[string]struct {
		client *webtest.Client
		path   string
		narrow bool // a variant of another page: the narrow window, the harder one, is enough
	}{
		"login":         {visitor, "/login?next=%2Fcommunity", false},
		"login-left":    {visitor, "/login?sortie=1", true},
		"login-first":   {visitor, "/login?secondary_email=nova%40exemple.fr", true},
		"login-old":     {visitor, "/signin", true},
		"landing":       {visitor, link, true},
		"landing-other": {lou, link, false},
		"landing-dead":  {visitor, "/signin?token=mort", true},
		"sessions":      {elsewhere, "/sessions/camille.durand", false},
		"sessions-of":   {admin, "/sessions/camille.durand", true},
	} {
		look(t, browser, name, page.client, page.path, 390)
		if !page.narrow {
			look(t, browser, name, page.client, page.path, 1280)
		}
	}
	asker := p.Visitor(t)
	asker.Post(t, "/login", url.Values{"email": {"une.adresse.vraiment.tres.longue.pour.un.telephone@administration.exemple.gouv.fr"}})
	look(t, browser, "login-sent", asker, "/login?envoi=1", 390)
}

func look(t *testing.T, browser *webtest.Browser, name string, c *webtest.Client, path string, width int64) {
	t.Helper()
	view := webtest.View{Width: width, Axe: true}
	if folder := os.Getenv("SHOTS"); folder != "" {
		view.Shot = filepath.Join(folder, fmt.Sprintf("%s-%d.png", name, width))
	}
	seen := browser.Look(t, c, path, view)
	for _, problem := range seen.Problems {
		if !strings.Contains(problem, "422") { // the browser tells refusals in its console
			t.Errorf("%s, %d px: %s", name, width, problem)
		}
	}
	if seen.Overflow != "" {
		t.Errorf("%s, %d px: wider than the window: %s", name, width, seen.Overflow)
	}
}

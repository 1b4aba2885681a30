package web_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/betagouv/espace-membre/internal/platform/dsfr"
	"github.com/betagouv/espace-membre/internal/platform/web"
	"github.com/betagouv/espace-membre/internal/testing/webtest"
)

func outward(t *testing.T, change func(*web.Config)) *webtest.Site {
	t.Helper()
	return webtest.New(t, func(_ *webtest.Site, config *web.Config) []web.Module {
		change(config)
		return []web.Module{{Room: "house", Routes: []web.Route{web.Get("/personne/{nom}", web.Public, func(w http.ResponseWriter, r *http.Request) error {
			return web.Render(w, r, http.StatusOK, web.Page{Title: "Membre " + r.PathValue("nom"), Body: dsfr.Text("x")})
		})}}}
	})
}

func TestNothingOutsideIsLoadedUnlessASettingNamesIt(t *testing.T) {
	page := outward(t, func(*web.Config) {}).Visitor(t).Get(t, "/personne/camille")
	if strings.Contains(page.Body, "matomo") || strings.Contains(page.Body, ">Support<") || strings.Contains(page.Header.Get("Content-Security-Policy"), "http") {
		t.Errorf("%s\n%s", page.Header.Get("Content-Security-Policy"), page.Body)
	}
}

func TestAudienceIsToldPatternsOnly(t *testing.T) {
	site := outward(t, func(c *web.Config) {
		c.Audience = &web.Audience{URL: "https://audience.exemple.org/matomo", SiteID: "42"}
	})
	page := site.Visitor(t).Get(t, "/personne/camille?q=secret")
	var own *string
	for _, script := range page.All("script") {
		if webtest.Attribute(script, "data-em-matomo") != "" {
			told := webtest.Attribute(script, "data-em-page") + " " + webtest.Attribute(script, "data-em-site")
			own = &told
			if webtest.Attribute(script, "nonce") == "" || !strings.HasPrefix(webtest.Attribute(script, "src"), "/static/") {
				t.Error("the script is not ours")
			}
		}
	}
	if own == nil || *own != "/personne/{nom} 42" {
		t.Errorf("told %v", own)
	}
	policy := page.Header.Get("Content-Security-Policy")
	for _, want := range []string{"connect-src 'self' https://audience.exemple.org;", "img-src 'self' data: https://audience.exemple.org", "script-src 'self' 'nonce-"} {
		if !strings.Contains(policy, want) {
			t.Errorf("the policy lacks %q: %s", want, policy)
		}
	}
	if strings.Contains(policy, "unsafe") || strings.Contains(policy, "script-src 'self' https:") {
		t.Errorf("the policy is loose: %s", policy)
	}
}

func TestSupportIsALinkInAWindowOfItsOwn(t *testing.T) {
	site := outward(t, func(c *web.Config) {
		c.Support = &web.Link{Label: "Support", Href: "https://aide.exemple.org/?a=1&b=2"}
	})
	for _, a := range site.Visitor(t).Get(t, "/personne/camille").All("a") {
		if webtest.TextOf(a) == "Support" {
			if webtest.Attribute(a, "href") != "https://aide.exemple.org/?a=1&b=2" || webtest.Attribute(a, "rel") != "noopener noreferrer" || !strings.Contains(webtest.Attribute(a, "title"), "nouvelle fenêtre") {
				t.Errorf("%v", a.Attr)
			}
			return
		}
	}
	t.Error("no link")
}

// A real browser runs the script of a server of audience under our policy, and sets no cookie of it.
func TestAudienceCountsUnderThePolicy(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a browser")
	}
	asked := make(chan string, 20)
	matomo := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked <- r.URL.Path + " " + r.Referer()
		w.Header().Set("Cross-Origin-Resource-Policy", "cross-origin")
		w.Header().Set("Content-Type", "text/javascript")
		_, _ = w.Write([]byte(`const said = window._paq.filter((c) => ["setCustomUrl", "setDocumentTitle", "disableCookies"].includes(c[0])).join("|");
			new Image().src = window._paq.find((c) => c[0] === "setTrackerUrl")[1] + "/" + encodeURIComponent(said);`))
	}))
	defer matomo.Close()
	site := outward(t, func(c *web.Config) { c.Audience = &web.Audience{URL: matomo.URL, SiteID: "1"} })
	seen := webtest.OpenBrowser(t).Look(t, site.Visitor(t), "/personne/camille", webtest.View{})
	if len(seen.Problems) > 0 {
		t.Errorf("problems: %v", seen.Problems)
	}
	if first := <-asked; first != "/matomo.js " {
		t.Errorf("first asked: %q", first)
	}
	said := <-asked
	if !strings.Contains(said, "/personne/{nom}") || !strings.Contains(said, "disableCookies") || strings.Contains(said, "camille") {
		t.Errorf("told: %q", said)
	}
}

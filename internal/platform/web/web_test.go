package web_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/betagouv/espace-membre/internal/platform/actor"
	"github.com/betagouv/espace-membre/internal/platform/dsfr"
	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/platform/web"
	"github.com/betagouv/espace-membre/internal/testing/webtest"
)

// page answers 200 with a heading.
func page(heading string) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		return web.Render(w, r, http.StatusOK, web.Page{Title: heading, Body: dsfr.Text(heading)})
	}
}

func failing(err error) web.Handler {
	return func(http.ResponseWriter, *http.Request) error { return err }
}

// house is a small portal with one route of each policy.
func house(_ *webtest.Site, _ *web.Config) []web.Module {
	return []web.Module{{Room: "house", Routes: []web.Route{
		web.Get("/public", web.Public, page("publique")),
		web.Post("/public", web.Public, func(w http.ResponseWriter, r *http.Request) error {
			web.Flash(r, dsfr.Success, "C’est fait.")
			return web.SeeOther(w, r, "/public")
		}),
		web.Get("/anonymous", web.Anonymous, page("visiteurs")),
		web.Get("/member/{username}", web.Member, page("membres")),
		web.Get("/any", web.Any, page("toute session")),
		web.Get("/verify", web.Unverified, page("à vérifier")),
		web.Get("/admin", web.Admin, page("admins")),
		web.Get("/required", web.Require("only-camille", func(a actor.Actor) error {
			if a.Username == "camille.durand" {
				return nil
			}
			return fault.New(fault.Forbidden, "Réservé à Camille.", "not Camille")
		}), page("Camille")),
		web.Get("/api/secret", web.Member, page("api")),
		web.Get("/fail/invalid", web.Public, failing(fault.Field("email", "Adresse refusée."))),
		web.Get("/fail/conflict", web.Public, failing(fault.New(fault.Conflict, "Déjà pris.", "taken"))),
		web.Get("/fail/down", web.Public, failing(&fault.Error{Kind: fault.Unavailable, Public: "OVH ne répond pas.", RetryAfter: 90 * time.Second, Cause: errors.New("dial")})),
		web.Get("/fail/bug", web.Public, failing(fmt.Errorf("secret detail of the bug"))),
		web.Get("/fail/panic", web.Public, func(http.ResponseWriter, *http.Request) error { panic("secret of the panic") }),
		web.Get("/fail/often", web.Public, failing(web.TooMany("Doucement.", time.Minute))),
	}}}
}

func TestPoliciesAgainstEachStanding(t *testing.T) {
	site := webtest.New(t, house)
	clients := map[string]*webtest.Client{
		"anonymous":  site.Visitor(t),
		"unverified": site.As(t, site.Member(t, webtest.Person{Username: "nova.nouveau", Status: "EMAIL_VERIFICATION_WAITING"})),
		"limited":    site.As(t, site.Member(t, webtest.Person{Username: "lou.partie", End: "2024-12-14"})),
		"grace":      site.As(t, site.Member(t, webtest.Person{Username: "gael.recent", End: "2024-12-15"})),
		"active":     site.As(t, site.Member(t, webtest.Person{Username: "camille.durand", End: "2024-12-19"})),
		"admin":      site.As(t, site.Member(t, webtest.Person{Username: webtest.AdminUsername})),
	}
	want := map[string]map[string]string{
		"/public":     {"anonymous": "200", "unverified": "200", "limited": "200", "grace": "200", "active": "200", "admin": "200"},
		"/anonymous":  {"anonymous": "200", "unverified": "/dashboard", "limited": "/dashboard", "grace": "/dashboard", "active": "/dashboard", "admin": "/dashboard"},
		"/member/x":   {"anonymous": "/login?next=%2Fmember%2Fx", "unverified": "/verify", "limited": "403", "grace": "200", "active": "200", "admin": "200"},
		"/any":        {"anonymous": "/login?next=%2Fany", "unverified": "/verify", "limited": "200", "grace": "200", "active": "200", "admin": "200"},
		"/verify":     {"anonymous": "/login?next=%2Fverify", "unverified": "200", "limited": "200", "grace": "200", "active": "200", "admin": "200"},
		"/admin":      {"anonymous": "/login?next=%2Fadmin", "unverified": "/verify", "limited": "403", "grace": "403", "active": "403", "admin": "200"},
		"/required":   {"anonymous": "/login?next=%2Frequired", "unverified": "/verify", "limited": "403", "grace": "403", "active": "200", "admin": "403"},
		"/api/secret": {"anonymous": "401", "unverified": "403", "limited": "403", "grace": "200", "active": "200", "admin": "200"},
	}
	for path, roles := range want {
		for role, expected := range roles {
			answer := clients[role].Get(t, path)
			got := fmt.Sprint(answer.Status)
			if answer.Status == http.StatusSeeOther {
				got = answer.Header.Get("Location")
			}
			if got != expected {
				t.Errorf("%s as %s: %s, want %s", path, role, got, expected)
			}
		}
	}
}

func TestRefusalsAreFrenchPagesInTheShell(t *testing.T) {
	site := webtest.New(t, func(site *webtest.Site, config *web.Config) []web.Module {
		config.SupportEmail = "aide@exemple.test"
		return house(site, config)
	})
	visitor := site.Visitor(t)
	for _, c := range []struct {
		method, path string
		status       int
		heading      string
		says         string
	}{
		{"GET", "/nulle-part", 404, "Page non trouvée", "Erreur 404"},
		{"GET", "/static/000000000000/dsfr/dsfr.min.css", 404, "Page non trouvée", ""},
		{"DELETE", "/public", 405, "Action impossible", ""},
		{"GET", "/fail/invalid", 422, "Formulaire à corriger", "Adresse refusée."},
		{"GET", "/fail/conflict", 409, "Action contradictoire", "Déjà pris."},
		{"GET", "/fail/down", 503, "Service momentanément indisponible", "OVH ne répond pas."},
		{"GET", "/fail/often", 429, "Trop de demandes", "Doucement."},
		{"GET", "/fail/bug", 500, "Une erreur est survenue", "écris à aide@exemple.test"},
		{"GET", "/fail/panic", 500, "Une erreur est survenue", ""},
	} {
		answer := visitor.Do(t, c.method, c.path, nil)
		if answer.Status != c.status || answer.Heading() != c.heading || !strings.Contains(answer.Text(), c.says) {
			t.Errorf("%s %s: %d %q %s", c.method, c.path, answer.Status, answer.Heading(), answer.Text())
		}
		if answer.ByID("pied") == nil || answer.ByID("contenu") == nil {
			t.Errorf("%s: no shell around the refusal", c.path)
		}
		if strings.Contains(answer.Body, "secret") {
			t.Errorf("%s tells its cause", c.path)
		}
	}
	if got := visitor.Do(t, "DELETE", "/public", nil).Header.Get("Allow"); !strings.Contains(got, "POST") {
		t.Errorf("Allow: %q", got)
	}
	if got := visitor.Get(t, "/fail/down").Header.Get("Retry-After"); got != "90" {
		t.Errorf("Retry-After: %q", got)
	}
}

func TestAMachineIsRefusedInJSON(t *testing.T) {
	answer := webtest.New(t, house).Visitor(t).Get(t, "/api/secret")
	var problem struct {
		Error struct{ Message string }
	}
	if err := json.Unmarshal([]byte(answer.Body), &problem); err != nil || answer.Status != 401 || problem.Error.Message == "" {
		t.Errorf("%d %s (%v)", answer.Status, answer.Body, err)
	}
}

func TestAFormFromAnotherSiteIsRefused(t *testing.T) {
	site := webtest.New(t, house)
	for name, header := range map[string]http.Header{
		"cross-site":     {"Sec-Fetch-Site": {"cross-site"}},
		"same-site":      {"Sec-Fetch-Site": {"same-site"}},
		"foreign origin": {"Sec-Fetch-Site": nil, "Origin": {"https://ailleurs.example"}},
	} {
		visitor := site.Visitor(t)
		visitor.Header = header
		answer := visitor.Post(t, "/public", url.Values{})
		if answer.Status != 403 || answer.Heading() != "Accès refusé" || !strings.Contains(answer.Text(), "autre site") {
			t.Errorf("%s: %d %s", name, answer.Status, answer.Text())
		}
	}
	if answer := site.Visitor(t).Post(t, "/public", url.Values{}); answer.Status != 303 {
		t.Errorf("our own form: %d", answer.Status)
	}
}

func TestEveryAnswerIsProtectedAndEachPageHasItsNonce(t *testing.T) {
	visitor := webtest.New(t, house).Visitor(t)
	nonce := regexp.MustCompile(`script-src 'self' 'nonce-([^']+)'`)
	seen := map[string]bool{}
	for range 3 {
		answer := visitor.Get(t, "/public")
		policy := answer.Header.Get("Content-Security-Policy")
		found := nonce.FindStringSubmatch(policy)
		if found == nil || strings.Contains(policy, "unsafe") || seen[found[1]] {
			t.Fatalf("policy: %s", policy)
		}
		seen[found[1]] = true
		for _, script := range answer.All("script") {
			if webtest.Attribute(script, "nonce") != found[1] || script.FirstChild != nil {
				t.Error("a script without the nonce, or inline")
			}
		}
		if len(answer.All("style")) > 0 || strings.Contains(answer.Body, " style=") {
			t.Error("inline style")
		}
		for name, want := range map[string]string{
			"X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin", "X-Frame-Options": "DENY", "Cache-Control": "no-store",
		} {
			if got := answer.Header.Get(name); got != want {
				t.Errorf("%s: %q", name, got)
			}
		}
	}
	for _, path := range []string{"/nulle-part", "/healthz", "/static/x"} {
		if visitor.Get(t, path).Header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s is not protected", path)
		}
	}
}

func TestAFlashIsShownOnce(t *testing.T) {
	site := webtest.New(t, house)
	for name, client := range map[string]*webtest.Client{
		"member": site.As(t, site.Member(t, webtest.Person{Username: "camille.durand"})), "visitor": site.Visitor(t),
	} {
		next := client.Follow(t, client.Post(t, "/public", url.Values{}))
		if !strings.Contains(next.Text(), "C’est fait.") {
			t.Errorf("%s: %s", name, next.Text())
		}
		if again := client.Get(t, "/public"); strings.Contains(again.Text(), "C’est fait.") {
			t.Errorf("%s sees it twice", name)
		}
	}
}

func TestTheShellIsReadable(t *testing.T) {
	site := webtest.New(t, house)
	answer := site.As(t, site.Member(t, webtest.Person{Username: webtest.AdminUsername})).Get(t, "/admin")
	if got := answer.Title(); got != "admins / Espace Membre" {
		t.Errorf("title %q", got)
	}
	if got := webtest.Attribute(answer.All("html")[0], "lang"); got != "fr" {
		t.Errorf("lang %q", got)
	}
	ids := map[string]int{}
	for node := range answer.Tree().Descendants() {
		if id := webtest.Attribute(node, "id"); id != "" {
			ids[id]++
		}
	}
	for id, count := range ids {
		if count > 1 {
			t.Errorf("%d elements have the id %s", count, id)
		}
	}
	for _, link := range answer.Links() {
		if anchor, ok := strings.CutPrefix(link, "#"); ok && ids[anchor] == 0 {
			t.Errorf("dead link %s", link)
		}
	}
	menu := answer.ByID("navigation")
	if menu == nil || webtest.TextOf(menu) != "Admin" {
		t.Error("the menu must hold the pages that exist, and only them")
	}
	if names := answer.Text(); strings.Contains(names, "Se déconnecter") {
		t.Error("the main part holds the header")
	}
}

func TestATrailingSlashLeadsToThePage(t *testing.T) {
	answer := webtest.New(t, house).Visitor(t).Get(t, "/public/?q=a")
	if answer.Status != http.StatusPermanentRedirect || answer.Header.Get("Location") != "/public?q=a" {
		t.Errorf("%d %s", answer.Status, answer.Header.Get("Location"))
	}
}

func TestProbesAndMetrics(t *testing.T) {
	broken := errors.New("no database")
	var state error
	site := webtest.New(t, func(s *webtest.Site, c *web.Config) []web.Module {
		c.MetricsToken = "jeton"
		c.Ready = func(ctx context) error { return state }
		return house(s, c)
	})
	visitor := site.Visitor(t)
	if got := visitor.Get(t, "/healthz"); got.Status != 200 || got.Body != "ok\n" {
		t.Errorf("healthz: %d %q", got.Status, got.Body)
	}
	if got := visitor.Get(t, "/readyz").Status; got != 200 {
		t.Errorf("readyz: %d", got)
	}
	state = broken
	if got := visitor.Get(t, "/readyz"); got.Status != 503 || strings.Contains(got.Body, "database") {
		t.Errorf("readyz without database: %d %s", got.Status, got.Body)
	}
	camille := site.As(t, site.Member(t, webtest.Person{Username: "camille.durand"}))
	camille.Get(t, "/member/someone")
	visitor.Get(t, "/nulle-part")
	if got := visitor.Get(t, "/metrics").Status; got != 401 {
		t.Errorf("metrics without token: %d", got)
	}
	visitor.Header.Set("Authorization", "Bearer jeton")
	body := visitor.Get(t, "/metrics").Body
	for _, line := range []string{
		`espace_membre_http_requests_total{method="GET",route="/member/{username}",status="200"} 1`,
		`espace_membre_http_requests_total{method="GET",route="unmatched",status="404"} 1`,
		`espace_membre_http_request_duration_seconds_count{method="GET",route="/healthz"} 1`,
	} {
		if !strings.Contains(body, line) {
			t.Errorf("metrics lack %s", line)
		}
	}
	if strings.Contains(body, "someone") || strings.Contains(body, "camille") {
		t.Error("metrics name a person")
	}
}

func TestTheAccessLineNamesTheRouteAndNoAddress(t *testing.T) {
	site := webtest.New(t, house)
	site.As(t, site.Member(t, webtest.Person{Username: "camille.durand"})).Get(t, "/member/dominique?q=prive@example.org")
	site.Visitor(t).Get(t, "/fail/bug")
	log := site.Log.String()
	if !strings.Contains(log, `"route":"/member/{username}","status":200`) || !strings.Contains(log, `"username":"camille.durand"`) {
		t.Errorf("log: %s", log)
	}
	if strings.Contains(log, "example.org") || strings.Contains(log, "dominique") || strings.Contains(log, "127.0.0.1") {
		t.Errorf("the log names somebody: %s", log)
	}
	if strings.Count(log, "secret detail of the bug") != 1 {
		t.Errorf("the bug must be logged once: %s", log)
	}
}

func TestAClientWhoAsksTooMuchWaits(t *testing.T) {
	site := webtest.New(t, func(s *webtest.Site, c *web.Config) []web.Module {
		c.Rate, c.BehindProxy = 1, true
		return house(s, c)
	})
	ask := func(client string) int {
		visitor := site.Visitor(t)
		visitor.Header.Set("X-Forwarded-For", client)
		return visitor.Get(t, "/public").Status
	}
	for i := range 10 {
		if got := ask("192.0.2.1"); got != 200 {
			t.Fatalf("request %d: %d", i, got)
		}
	}
	if got := ask("192.0.2.1"); got != 429 {
		t.Errorf("one too many: %d", got)
	}
	if got := ask("198.51.100.7, 192.0.2.1"); got != 429 {
		t.Errorf("a forged first hop: %d", got)
	}
	if got := ask("192.0.2.2"); got != 200 {
		t.Errorf("somebody else: %d", got)
	}
	site.Clock.Advance(2 * time.Second)
	if got := ask("192.0.2.1"); got != 200 {
		t.Errorf("after a wait: %d", got)
	}
}

func TestATooLargeBodyIsRefused(t *testing.T) {
	site := webtest.New(t, house)
	answer := site.Visitor(t).Post(t, "/public", url.Values{"x": {strings.Repeat("a", 1<<20)}})
	if answer.Status != 413 || answer.Heading() != "Envoi trop lourd" {
		t.Errorf("%d %s", answer.Status, answer.Heading())
	}
}

// TestALongFieldOfAMemberComesBackShort lets a member send megabytes, for the form to say which field is too
// long; a body beyond what a member may send is refused unread.
func TestALongFieldOfAMemberComesBackShort(t *testing.T) {
	site := webtest.New(t, func(*webtest.Site, *web.Config) []web.Module {
		return []web.Module{{Room: "house", Routes: []web.Route{web.Post("/form", web.Any, func(w http.ResponseWriter, r *http.Request) error {
			if err := web.ReadForm(r); err != nil {
				return err
			}
			w.Header().Set("Content-Type", "text/plain")
			_, err := fmt.Fprintf(w, "%d %s %v", len(web.Text(r, "long")), web.Text(r, "short"), web.Texts(r, "many"))
			return err
		})}}}
	})
	client := site.As(t, site.Member(t, webtest.Person{Username: "camille.durand"}))
	form := url.Values{"long": {strings.Repeat("a", 10<<20)}, "short": {"mot"}, "many": {"x", "y"}}
	if answer := client.Post(t, "/form", form); answer.Status != 200 || answer.Body != "131072 mot [x y]" {
		t.Errorf("%d %.100s", answer.Status, answer.Body)
	}
	if answer := client.Post(t, "/form", url.Values{"long": {strings.Repeat("a", 17<<20)}}); answer.Status != 413 || answer.Heading() != "Envoi trop lourd" {
		t.Errorf("%d %s", answer.Status, answer.Heading())
	}
}

func TestAMemberWhoIsGoneIsLoggedOut(t *testing.T) {
	site := webtest.New(t, house)
	id := site.Member(t, webtest.Person{Username: "camille.durand"})
	client := site.As(t, id)
	if _, err := site.Pool.Exec(t.Context(), `DELETE FROM member WHERE id = $1`, id); err != nil {
		t.Fatal(err)
	}
	if got := client.Get(t, "/any"); got.Status != 303 {
		t.Errorf("%d", got.Status)
	}
}

func TestTheGalleryIsForTheDemo(t *testing.T) {
	if got := webtest.New(t, house).Visitor(t).Get(t, "/components").Status; got != 404 {
		t.Errorf("production: %d", got)
	}
	demo := webtest.New(t, func(s *webtest.Site, c *web.Config) []web.Module { c.Gallery = true; return house(s, c) })
	answer := demo.Visitor(t).Get(t, "/components")
	if answer.Status != 200 || answer.Described("faux") != "L’adresse n’est pas au bon format." || answer.Described("simple") != "Une aide." {
		t.Errorf("%d %q", answer.Status, answer.Described("faux"))
	}
}

func TestARouteWithoutPolicyOrTwiceIsRefused(t *testing.T) {
	site := webtest.New(t, house)
	for name, routes := range map[string][]web.Route{
		"no policy":  {{Pattern: "GET /x", Handler: page("x")}},
		"no handler": {{Pattern: "GET /x", Policy: web.Public}},
		"no method":  {{Pattern: "/x", Policy: web.Public, Handler: page("x")}},
		"twice":      {web.Get("/x", web.Public, page("x")), web.Get("/x", web.Public, page("x"))},
	} {
		_, err := web.New(web.Config{Sessions: site.Sessions, Viewers: nobody{}, Modules: []web.Module{{Room: "r", Routes: routes}}})
		if err == nil {
			t.Errorf("%s was accepted", name)
		}
	}
}

func TestRoutesListsTheTable(t *testing.T) {
	got := web.Routes([]web.Module{{Room: "house", Routes: []web.Route{web.Post("/a/{b}", web.Admin, page("a"))}}})
	want := web.RouteInfo{Method: "POST", Pattern: "/a/{b}", Policy: "admin", Room: "house"}
	if len(got) != 1 || got[0] != want {
		t.Errorf("%+v", got)
	}
}

func TestLocalPath(t *testing.T) {
	for _, accepted := range []string{"/community", "/community?q=a%20b&page=2", "/startups/exemple/info-form", "/a#b", "/"} {
		if web.LocalPath(accepted) != accepted {
			t.Errorf("%q was refused", accepted)
		}
	}
	for _, refused := range []string{
		"", "community", "//ailleurs.example", "///ailleurs.example", `/\ailleurs.example`, `\/ailleurs.example`, "https://ailleurs.example/",
		"https:/ailleurs.example", "javascript:alert(1)", "/\tailleurs", "/\n/ailleurs.example", "/%2F/ailleurs.example", "/%5Cailleurs.example",
		" /community", "/commu nauté", "/api/hook/x", "/login?next=/", "/logout", "/signin?token=a", "/static/x", "mailto:a@b.fr",
		"/" + strings.Repeat("a", 600), "/\x00", "/%zz", "//user@ailleurs.example/", "http:ailleurs",
	} {
		if got := web.LocalPath(refused); got != "" {
			t.Errorf("%q was accepted as %q", refused, got)
		}
	}
}

func TestTheGalleryInABrowser(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a browser")
	}
	site := webtest.New(t, func(s *webtest.Site, c *web.Config) []web.Module { c.Gallery = true; return house(s, c) })
	browser := webtest.OpenBrowser(t)
	for name, view := range map[string]webtest.View{
		"wide": {Axe: true}, "narrow": {Width: 390, Axe: true}, "narrow, no script": {Width: 390, NoScript: true},
	} {
		if seen := browser.Look(t, site.Visitor(t), "/components", view); len(seen.Problems) > 0 || seen.Overflow != "" {
			t.Errorf("%s: %+v", name, seen)
		}
	}
}

package app

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/betagouv/espace-membre/internal/platform/web"
	"github.com/betagouv/espace-membre/internal/platform/web/static"
)

// samples gives a value to each parameter of a path, by "first word of the path/parameter". Where
// it names a member, that is the one whom the relations of the roles are about.
func samples() map[string]string {
	return map[string]string{
		"account/list":       "incubateur",
		"admin/name":         "signin.login",
		"api/id":             demoHook,
		"community/id":       extensionID,
		"community/username": subject,
		"incubators/id":      incubatorID,
		"organizations/id":   organizationID,
		"startups/id":        productID,
		"teams/id":           teamID,
	}
}

const matrixTitle = `# Qui obtient quoi : chaque adresse du portail, demandée par chacun, formulaires vides.
# Écrit par « ` + updateCommand + ` » ; à relire dans la différence, jamais à la main.
#
# anonyme     sans session                            membre      actif, sans lien avec la personne de la fiche
# sursis      mission finie depuis 2 jours            elle-même   la personne de la fiche (community/{username})
# limitée     mission finie depuis 10 jours           agent       agent public d’un de ses produits
# à vérifier  fiche pas encore vérifiée               incubateur  équipe d’un incubateur de ses produits
#                                                     admin       administratrice
#
# 303 est suivi de l’adresse où il mène.

`

// TestAccessMatrix walks every route as everybody, and compares what each got with the file that
// people review. A new route only asks for -update, and for a sample if it has a new parameter.
func TestAccessMatrix(t *testing.T) {
	theatre := newTheatre(t)
	stage := theatre.open(t)
	routes := stage.app.web.Table()
	var text strings.Builder
	text.WriteString(matrixTitle)
	line(&text, "", "", "", names())
	dirty := false // somebody changed something: the next one needs a new stage
	for _, route := range routes {
		address, missing := addressOf(route.Pattern)
		if missing != "" {
			t.Errorf("%s %s: give a sample to %q in samples()", route.Method, route.Pattern, missing)
			continue
		}
		var cells []string
		lost := true
		for i, who := range roles() {
			// What a page changes of one's own record is nothing to the next person.
			if dirty && (i == 0 || address != route.Pattern) {
				stage, dirty = theatre.open(t), false
			}
			got := stage.ask(t, who, route.Method, address)
			cells = append(cells, got.String())
			lost = lost && (got.status == http.StatusNotFound || got.away() || who.standing == limited)
			if problem := broken(route, who, got); problem != "" {
				t.Errorf("%s %s as %s got %s: %s", route.Method, route.Pattern, who.name, got, problem)
			}
			dirty = dirty || route.Method != http.MethodGet && got.changed(who)
		}
		if lost && route.Method == http.MethodGet && address != route.Pattern && strings.Contains(strings.Join(cells, " "), "404") {
			t.Errorf("GET %s: nobody finds anything at %s: correct its sample in samples()", route.Pattern, address)
		}
		line(&text, route.Method, route.Pattern, route.Policy, cells)
	}
	golden(t, "testdata/access-matrix.txt", text.String())
}

// line has columns of fixed widths, so that a new route moves no other line.
func line(b *strings.Builder, method, pattern, policy string, cells []string) {
	text := fmt.Sprintf("%-5s %-48s %-11s", method, pattern, policy)
	for _, c := range cells {
		text += fmt.Sprintf(" %-14s", c)
	}
	b.WriteString(strings.TrimRight(text, " ") + "\n")
}

func names() []string {
	var list []string
	for _, who := range roles() {
		list = append(list, who.name)
	}
	return list
}

var parameter = regexp.MustCompile(`\{([^}]*)\}`)

// addressOf fills a pattern with the samples; missing names the first one that lacks.
func addressOf(pattern string) (address, missing string) {
	if pattern == static.Prefix {
		return static.URL("own/espace.css"), ""
	}
	first, _, _ := strings.Cut(strings.TrimPrefix(pattern, "/"), "/")
	address = parameter.ReplaceAllStringFunc(pattern, func(found string) string {
		name := strings.TrimSuffix(found[1:len(found)-1], "...")
		if name == "$" {
			return ""
		}
		value, ok := samples()[first+"/"+name]
		if !ok {
			missing = first + "/" + name
		}
		return value
	})
	return address, missing
}

// cell is what somebody got: a status, and where a redirection leads.
type cell struct {
	status int
	to     string
}

// String writes the cell as the file has it.
func (c cell) String() string {
	if c.to == "" {
		return fmt.Sprint(c.status)
	}
	return fmt.Sprintf("%d %s", c.status, c.to)
}

// away tells that a door sent the visitor elsewhere.
func (c cell) away() bool { return c.status == http.StatusSeeOther }

// changed tells that a form may have changed something, so that the next one needs a new stage.
func (c cell) changed(who role) bool {
	turnedAway := who.standing == anonymous && c.to == "/login" || who.standing == unverified && c.to == "/verify"
	return c.status < 400 && !turnedAway
}

var identifier = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)

func cellOf(w *http.Response) cell {
	c := cell{status: w.StatusCode}
	if to, err := url.Parse(w.Header.Get("Location")); err == nil && c.status >= 300 && c.status < 400 {
		c.to = identifier.ReplaceAllString(to.Path, "{uuid}")
		if strings.HasPrefix(c.to, static.Prefix) { // its address changes with each build
			c.to = static.Prefix
		}
	}
	return c
}

// broken holds what is true of every route, whatever the file says.
func broken(route web.RouteInfo, who role, got cell) string {
	open := route.Policy == "public" || route.Policy == "token"
	switch {
	case got.status >= 500:
		return "a portal does not break on an empty form"
	case !open && who.standing == anonymous && route.Policy != "anonymous" && got.status < 300:
		return "nobody is logged in, and something was shown"
	case !open && who.standing == unverified && route.Policy != "unverified" && !got.away():
		return "the record is to be verified first"
	case who.standing == limited && route.Policy != "any" && route.Policy != "unverified" && !open && got.status < 300:
		return "a limited session sees its own record only"
	case route.Policy == "admin" && !who.admin && got.status < 300:
		return "only administrators may"
	}
	return ""
}

// TestMatrixCanFail makes sure that the rules above refuse what they are for.
func TestMatrixCanFail(t *testing.T) {
	page := func(policy string) web.RouteInfo {
		return web.RouteInfo{Method: "GET", Pattern: "/x", Policy: policy, Room: "x"}
	}
	for name, c := range map[string]struct {
		route  web.RouteInfo
		who    string
		got    cell
		broken bool
	}{
		"a public page":             {page("public"), "anonyme", cell{status: 200}, false},
		"a member's page":           {page("member"), "anonyme", cell{status: 200}, true},
		"a member's page, at login": {page("member"), "anonyme", cell{303, "/login"}, false},
		"a broken page":             {page("public"), "anonyme", cell{status: 500}, true},
		"the whole site, limited":   {page("member"), "limitée", cell{status: 200}, true},
		"one's own, limited":        {page("any"), "limitée", cell{status: 200}, false},
		"before verification":       {page("member"), "à vérifier", cell{status: 200}, true},
		"verification":              {page("unverified"), "à vérifier", cell{status: 200}, false},
		"administration":            {page("admin"), "membre", cell{status: 200}, true},
		"administration, admin":     {page("admin"), "admin", cell{status: 200}, false},
	} {
		for _, who := range roles() {
			if who.name == c.who && (broken(c.route, who, c.got) != "") != c.broken {
				t.Errorf("%s: %q", name, broken(c.route, who, c.got))
			}
		}
	}
	if _, missing := addressOf("/unknown/{parameter}"); missing != "unknown/parameter" {
		t.Errorf("a parameter without sample passes: %q", missing)
	}
	if got, _ := addressOf("/community/{username}/x"); got != "/community/"+subject+"/x" {
		t.Errorf("address %q", got)
	}
}

// ask sends a request with an empty form as somebody.
func (s *stage) ask(t *testing.T, who role, method, address string) cell {
	t.Helper()
	w := httptest.NewRecorder()
	s.app.handler.ServeHTTP(w, s.request(t, who, method, address, ""))
	return cellOf(w.Result())
}

// request is made from an address of its own: no limit is met.
func (s *stage) request(t *testing.T, who role, method, address, form string) *http.Request {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, address, strings.NewReader(form))
	s.asked++
	r.RemoteAddr = fmt.Sprintf("10.%d.%d.%d:1", s.asked>>16&255, s.asked>>8&255, s.asked&255)
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	if method != http.MethodGet {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if who.username != "" {
		r.AddCookie(s.cookie(t, who.username))
	}
	return r
}

package memberweb_test

import (
	"context"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/uuid"
	"golang.org/x/net/html"

	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/member/memberweb"
	"github.com/betagouv/espace-membre/internal/platform/dsfr"
	"github.com/betagouv/espace-membre/internal/platform/web"
	"github.com/betagouv/espace-membre/internal/testing/webtest"
)

// portal is the pages about members, the home page, and where letters arrive.
type portal struct {
	*webtest.Site
	requests *webtest.Requests
	service  *member.Service
	proofs   []member.ProofLetter
	notices  []member.ChangedLetter
}

func (p *portal) SendAddressProof(_ context.Context, letter member.ProofLetter) error {
	p.proofs = append(p.proofs, letter)
	return nil
}

func (p *portal) SendAddressChanged(_ context.Context, letter member.ChangedLetter) error {
	p.notices = append(p.notices, letter)
	return nil
}

// IsAgent knows the agents of one domain.
func (p *portal) IsAgent(_ context.Context, address string) (bool, error) {
	return strings.HasSuffix(address, "@ministere.gouv.fr"), nil
}

// towns are two communes of the same name, and another.
type towns struct{}

func (towns) all() []member.City {
	return []member.City{{Code: "93066", Name: "Saint-Denis", PostalCode: "93200"}, {Code: "97411", Name: "Saint-Denis", PostalCode: "97400"}, {Code: "29232", Name: "Quimper", PostalCode: "29000"}}
}

func (t towns) Search(_ context.Context, text string, _ int) (found []member.City, err error) {
	for _, city := range t.all() {
		if strings.EqualFold(city.Name, text) || city.PostalCode == text || city.Code == text {
			found = append(found, city)
		}
	}
	return found, nil
}

func (t towns) ByCode(_ context.Context, code string) (member.City, error) {
	for _, city := range t.all() {
		if city.Code == code {
			return city, nil
		}
	}
	return member.City{}, member.ErrNoCity
}

// open starts the portal, with pages of other rooms when a test needs some.
func open(t *testing.T, others ...web.Route) *portal {
	t.Helper()
	p := &portal{requests: &webtest.Requests{}}
	p.Site = webtest.New(t, func(site *webtest.Site, _ *web.Config) []web.Module {
		p.service = member.New(site.Pool, site.Clock, p.requests, member.Ports{Agents: p, Cities: towns{}, Letters: p}, member.Config{Domain: "beta.gouv.fr"})
		return []web.Module{
			memberweb.New(p.service, site.Pool, site.Clock).Module(),
			{Room: "test", Routes: append(others, web.Get("/dashboard", web.Any, func(w http.ResponseWriter, r *http.Request) error {
				return web.Render(w, r, http.StatusOK, web.Page{Title: "Accueil", Body: dsfr.Text("Accueil")})
			}))},
		}
	})
	return p
}

func start(t *testing.T) *webtest.Site {
	t.Helper()
	return open(t).Site
}

func (p *portal) apply(t *testing.T) {
	t.Helper()
	if _, err := p.requests.Apply(t.Context(), p.Pool, p.service.Jobs()); err != nil {
		t.Fatal(err)
	}
}

func (p *portal) read(t *testing.T, username string) member.Member {
	t.Helper()
	m, err := member.ByUsername(t.Context(), p.Pool, username)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func (p *portal) missions(t *testing.T, username string) []member.Mission {
	t.Helper()
	missions, err := member.MissionsOf(t.Context(), p.Pool, p.read(t, username).ID)
	if err != nil {
		t.Fatal(err)
	}
	return missions
}

func (p *portal) product(t *testing.T, slug, name string) uuid.UUID {
	t.Helper()
	id := uuid.New()
	if _, err := p.Pool.Exec(t.Context(), `INSERT INTO startup (id, slug, name, created_at, updated_at) VALUES ($1, $2, $3, '2024-01-01', '2024-01-01')`, id, slug, name); err != nil {
		t.Fatal(err)
	}
	return id
}

// filled reads the form of a page as a browser would send it, without pressing any named button.
func filled(a *webtest.Answer) url.Values {
	form := url.Values{}
	main := a.All("main")[0]
	for node := range main.Descendants() {
		name := webtest.Attribute(node, "name")
		if node.Type != html.ElementNode || name == "" {
			continue
		}
		switch node.Data {
		case "textarea":
			form.Add(name, strings.TrimPrefix(inside(node), "\n"))
		case "select":
			form.Add(name, selected(node))
		case "input":
			kind := webtest.Attribute(node, "type")
			if kind != "checkbox" && kind != "radio" || has(node, "checked") {
				form.Add(name, webtest.Attribute(node, "value"))
			}
		}
	}
	return form
}

func inside(node *html.Node) string {
	var b strings.Builder
	for inner := range node.Descendants() {
		b.WriteString(inner.Data)
	}
	return b.String()
}

func selected(list *html.Node) string {
	var first, chosen *html.Node
	for option := range list.Descendants() {
		if option.Data == "option" && option.Type == html.ElementNode {
			if first == nil {
				first = option
			}
			if has(option, "selected") {
				chosen = option
			}
		}
	}
	if chosen == nil {
		chosen = first
	}
	return webtest.Attribute(chosen, "value")
}

func has(node *html.Node, name string) bool {
	for _, attribute := range node.Attr {
		if attribute.Key == name {
			return true
		}
	}
	return false
}

// with changes some fields of a form.
func with(form url.Values, pairs ...string) url.Values {
	form = maps.Clone(form)
	for i := 0; i < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	return form
}

// told checks that a refused form says something about a field, to everybody, and keeps it.
func told(t *testing.T, name string, a *webtest.Answer, field string) {
	t.Helper()
	if a.Status != http.StatusUnprocessableEntity {
		t.Errorf("%s: status %d: %s", name, a.Status, a.Text())
		return
	}
	if node := a.ByID(field); node == nil || webtest.Attribute(node, "aria-invalid") != "true" || a.Described(field) == "" {
		t.Errorf("%s: nothing is said of %s", name, field)
	}
	summary := a.ByID("erreurs")
	if summary == nil || !strings.Contains(a.Body, `href="#`+field+`"`) {
		t.Errorf("%s: the summary does not lead to %s", name, field)
	}
}

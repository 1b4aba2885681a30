package memberweb

import (
	"cmp"
	"encoding/csv"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/a-h/templ"

	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/dsfr"
	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/platform/web"
)

type communityPage struct {
	Search  member.Search
	People  []member.Person
	Choices member.Choices
	Total   int
	Map     *communityMap // nil: the list is shown
}

// showCommunity serves GET /community.
func (p *Pages) showCommunity(w http.ResponseWriter, r *http.Request) error {
	if r.URL.Query().Has("filters") {
		return p.followBookmark(w, r)
	}
	search, err := readSearch(r.URL.Query())
	if err != nil {
		return err
	}
	if r.URL.Query().Get("vue") == mapView {
		return p.showMap(w, r, search)
	}
	people, err := member.Directory(r.Context(), p.db, search, clock.Today(p.clock))
	if err != nil {
		return err
	}
	choices, err := member.DirectoryChoices(r.Context(), p.db)
	if err != nil {
		return err
	}
	page := communityPage{Search: search, People: people, Choices: choices}
	if len(people) > 0 {
		page.Total = people[0].Total
	} else if search.Page > 1 {
		search.Page = 1
		return web.SeeOther(w, r, address("/community", search))
	}
	return web.Render(w, r, http.StatusOK, web.Page{
		Title: "Rechercher un ou une membre", Breadcrumb: []dsfr.Link{{Label: "Membres"}}, Body: communityBody(page),
	})
}

// The largest searches that are read.
const (
	maxText   = 200 // characters of a value
	maxValues = 20  // values of a filter
)

// readSearch reads the query of the list; unknown orders and pages take the default.
func readSearch(q url.Values) (member.Search, error) {
	page, _ := strconv.Atoi(q.Get("page")) // not a number: the first page
	s := member.Search{
		Text: strings.TrimSpace(q.Get("q")), Domains: values(q, "domaine"), Competences: values(q, "competence"),
		Incubators: values(q, "incubateur"), Startups: values(q, "produit"), Departement: q.Get("departement"), ActiveOnly: q.Get("actifs") != "",
		Sort: member.Sort(q.Get("tri")), Page: min(max(1, page), 100_000),
	}
	for _, list := range [][]string{{s.Text, s.Departement}, s.Domains, s.Competences, s.Incubators, s.Startups} {
		if len(list) > maxValues || slices.ContainsFunc(list, unreadable) {
			return s, fault.New(fault.Invalid, "Cette recherche n’est pas lisible.", "unreadable search")
		}
	}
	return s, nil
}

// values reads a filter that may be repeated: each value once, the empty choice of a list aside.
func values(q url.Values, name string) (list []string) {
	for _, value := range q[name] {
		if value != "" && !slices.Contains(list, value) {
			list = append(list, value)
		}
	}
	return list
}

func unreadable(text string) bool {
	return !utf8.ValidString(text) || strings.ContainsRune(text, 0) || utf8.RuneCountInString(text) > maxText
}

// Address is the list of the people of a search, for links of other pages.
func Address(s member.Search) string { return address("/community", s) }

// address is the list with a search, page included.
func address(path string, s member.Search) string {
	q := url.Values{}
	set := func(name, value string) {
		if value != "" {
			q.Set(name, value)
		}
	}
	set("q", s.Text)
	for name, list := range map[string][]string{"domaine": s.Domains, "competence": s.Competences, "incubateur": s.Incubators, "produit": s.Startups} {
		if len(list) > 0 {
			q[name] = list
		}
	}
	set("departement", s.Departement)
	set("tri", string(s.Sort))
	if s.ActiveOnly {
		q.Set("actifs", "1")
	}
	if s.Page > 1 {
		q.Set("page", strconv.Itoa(s.Page))
	}
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}

func (c communityPage) export() string {
	s := c.Search
	s.Page = 1
	return address("/community.csv", s)
}

// addresses is the text of the addresses of the search, one per line.
func (c communityPage) addresses() string {
	s := c.Search
	s.Page = 1
	return address("/community.txt", s)
}

// reachable is how many addresses that text has.
func (c communityPage) reachable() int {
	if len(c.People) == 0 {
		return 0
	}
	return c.People[0].Reachable
}

// exports are the ways to take the list away. The button that copies is shown by the script which
// makes it work; without it, the link opens the same text.
func (c communityPage) exports() []dsfr.ButtonParams {
	buttons := []dsfr.ButtonParams{{Label: "Télécharger la liste (CSV)", Href: c.export(), Variant: dsfr.Tertiary, Icon: "fr-icon-download-line"}}
	if n := c.reachable(); n > 0 {
		buttons = append(buttons, dsfr.ButtonParams{
			Label: copyLabel("Voir", n), Href: c.addresses(), Variant: dsfr.Tertiary, Icon: "fr-icon-mail-line",
			Attributes: templ.Attributes{"data-em-copy": copyLabel("Copier", n), "data-em-copied": "copie"},
		})
	}
	return buttons
}

// copyLabel says what a click copies, or shows.
func copyLabel(verb string, n int) string {
	if n == 1 {
		return verb + " l’adresse email"
	}
	return fmt.Sprintf("%s les %d adresses emails", verb, n)
}

func (c communityPage) pages() dsfr.Pages {
	return dsfr.Pages{
		Page: c.Search.Page, Count: (c.Total + member.PageSize - 1) / member.PageSize,
		Label: "Pages de membres",
		URL: func(n int) string {
			s := c.Search
			s.Page = n
			return address("/community", s)
		},
	}
}

// column makes a heading that sorts by a field, one way then the other.
func (c communityPage) column(label string, up, down member.Sort) dsfr.Column {
	s, column := c.Search, dsfr.Column{Label: label}
	switch cmp.Or(c.Search.Sort, member.ByName) {
	case up:
		s.Sort, column.Order = down, "ascending"
	case down:
		s.Sort, column.Order = up, "descending"
	default:
		s.Sort = up
	}
	s.Page = 1
	column.Sort = address("/community", s)
	return column
}

func (c communityPage) table() dsfr.TableParams {
	t := dsfr.TableParams{
		Caption: "Membres trouvés", HideCaption: true,
		Columns: []dsfr.Column{
			c.column("Nom", member.ByName, member.ByNameDown),
			{Label: "Adresse"},
			c.column("Domaine", member.ByDomain, member.ByDomainDown),
			{Label: "Produits et équipes"},
		},
	}
	for _, person := range c.People {
		t.Rows = append(t.Rows, []templ.Component{nameCell(person), addressCell(person), domainCell(person.Domain, c.inDomain(person.Domain)), productsCell(person)})
	}
	return t
}

// inDomain is the list of the people of a domain: it replaces the search, but for who is active.
func (c communityPage) inDomain(domain string) string {
	return Address(member.Search{Domains: []string{domain}, ActiveOnly: c.Search.ActiveOnly})
}

func count(n int) string {
	if n > 1 {
		return fmt.Sprintf("%d membres", n)
	}
	return fmt.Sprintf("%d membre", n)
}

func options(list []member.Named) []dsfr.Option {
	choices := make([]dsfr.Option, len(list))
	for i, named := range list {
		choices[i] = dsfr.Option{Value: named.Slug, Label: named.Name}
	}
	return choices
}

// exportCommunity serves GET /community.csv: what the list shows, nothing private.
func (p *Pages) exportCommunity(w http.ResponseWriter, r *http.Request) error {
	search, err := readSearch(r.URL.Query())
	if err != nil {
		return err
	}
	people, err := member.Everybody(r.Context(), p.db, search, clock.Today(p.clock))
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="membres.csv"`)
	w.Header().Set("Cache-Control", "no-store")
	out := csv.NewWriter(w)
	out.Comma, out.UseCRLF = ';', true
	_ = out.Write([]string{"identifiant", "nom", "rôle", "domaine", "adresse", "github", "lien", "compétences", "produits", "équipes", "actif"})
	for _, person := range people {
		_ = out.Write(row(person)) // a browser that left is told by Flush
	}
	out.Flush()
	return nil
}

// listAddresses serves GET /community.txt: the primary addresses of the active people of a search,
// one per line, to be pasted in a message.
func (p *Pages) listAddresses(w http.ResponseWriter, r *http.Request) error {
	search, err := readSearch(r.URL.Query())
	if err != nil {
		return err
	}
	addresses, err := member.PrimaryAddresses(r.Context(), p.db, search, clock.Today(p.clock))
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	for _, address := range addresses {
		_, _ = fmt.Fprintln(w, address) // a browser that left needs nothing
	}
	return nil
}

func row(p member.Person) []string {
	active := "non"
	if p.Active {
		active = "oui"
	}
	cells := []string{
		p.Username, p.Fullname, p.Role, p.Domain, p.PrimaryEmail, p.Github, p.Link,
		strings.Join(p.Competences, ", "), strings.Join(p.StartupNames, ", "), strings.Join(teamNames(p), ", "), active,
	}
	for i, cell := range cells {
		cells[i] = inert(cell)
	}
	return cells
}

func teamNames(p member.Person) (names []string) {
	for _, team := range p.Teams {
		names = append(names, team.Name+" – "+team.Incubator)
	}
	return names
}

// inert keeps a spreadsheet from reading a cell as a formula.
func inert(cell string) string {
	if cell != "" && slices.Contains([]byte("=+-@\t\r"), cell[0]) {
		return "'" + cell
	}
	return cell
}

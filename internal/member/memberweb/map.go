package memberweb

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/a-h/templ"

	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/dsfr"
	"github.com/betagouv/espace-membre/internal/platform/geo"
	"github.com/betagouv/espace-membre/internal/platform/web"
)

// mapView is the value of "vue" that asks for the map.
const mapView = "carte"

// Tiles are a background of the map that another server draws. The zero Tiles are none: the map
// is then our own drawing, and nothing is asked outside.
type Tiles struct {
	URL    string // with {z}, {x} and {y}
	Credit string // plain text, shown on the map as their licence asks
}

// UseTiles puts the map on the tiles of a server. Only the composition root calls it, before
// anything is served.
func (p *Pages) UseTiles(t Tiles) *Pages {
	p.tiles = t
	return p
}

// communityMap is the numbers of the map: no name is in the page.
type communityMap struct {
	Drawn    []placed // mainland, in the order of the drawing
	Overseas []placed // as boxes below it
	Rows     []placed // those where somebody is, as a table
	Tiles    Tiles
}

// placed is a place and how many people work there.
type placed struct {
	Code   string
	Name   string
	Path   string
	Middle string // "latitude,longitude"; may be empty
	People int
	Shade  int // 0: nobody, then 1 to 4
	Href   string
}

// showMap serves GET /community?vue=carte.
func (p *Pages) showMap(w http.ResponseWriter, r *http.Request, search member.Search) error {
	counts, err := member.DirectoryByDepartement(r.Context(), p.db, search, clock.Today(p.clock))
	if err != nil {
		return err
	}
	choices, err := member.DirectoryChoices(r.Context(), p.db)
	if err != nil {
		return err
	}
	page := communityPage{Search: search, Choices: choices, Map: &communityMap{Tiles: p.tiles}}
	for _, c := range counts {
		page.Total += c.People
	}
	page.Map.fill(search, counts)
	return web.Render(w, r, http.StatusOK, web.Page{
		Title: "Carte des membres", Breadcrumb: []dsfr.Link{{Label: "Membres", Href: "/community"}, {Label: "Carte"}}, Body: communityBody(page),
	})
}

// fill places the numbers: those of départements that the drawing has, the boxes of the others,
// and one row for each place where somebody is.
func (m *communityMap) fill(search member.Search, counts []member.Placed) {
	most := 0
	people := map[string]int{}
	for _, c := range counts {
		people[c.Departement] = c.People
		if c.Departement != member.Abroad && c.Departement != member.Unplaced {
			most = max(most, c.People)
		}
	}
	for _, d := range geo.Departements() {
		n := people[d.Code]
		delete(people, d.Code)
		one := placed{Code: d.Code, Name: d.Name, Path: d.Path, Middle: d.Middle, People: n, Shade: shade(n, most), Href: inPlace(search, d.Code)}
		switch {
		case d.Path != "":
			m.Drawn = append(m.Drawn, one)
		case d.Zone == geo.Overseas || n > 0:
			m.Overseas = append(m.Overseas, one)
		}
		if n > 0 {
			m.Rows = append(m.Rows, one)
		}
	}
	for _, c := range counts { // what no list of ours knows: abroad, nothing said, strange codes
		if n, left := people[c.Departement]; left {
			m.Rows = append(m.Rows, placed{Code: c.Departement, Name: placeName(c.Departement), People: n, Href: inPlace(search, c.Departement)})
		}
	}
}

// inPlace is the list of the people of a search who work in a place.
func inPlace(search member.Search, code string) string {
	search.Departement, search.Page = code, 1
	return Address(search)
}

// shade tells how dark a number of people is, against the largest: quarters.
func shade(n, most int) int {
	if n == 0 || most == 0 {
		return 0
	}
	return 1 + (n-1)*4/most
}

// placeName says a place that is not in the list of départements.
func placeName(code string) string {
	switch code {
	case member.Abroad:
		return "À l’étranger"
	case member.Unplaced:
		return "Lieu non renseigné"
	}
	return "Département " + code
}

// places are the choices of the filter of places.
func places() []dsfr.Option {
	var options []dsfr.Option
	for _, d := range geo.Departements() {
		options = append(options, dsfr.Option{Value: d.Code, Label: d.Code + " – " + d.Name})
	}
	for _, code := range []string{member.Abroad, member.Unplaced} {
		options = append(options, dsfr.Option{Value: code, Label: placeName(code)})
	}
	return options
}

// list and onMap are the two ways to look at the same people.
func (c communityPage) list() string {
	s := c.Search
	s.Page = 1
	return Address(s)
}

func (c communityPage) onMap() string {
	address := c.list()
	if strings.Contains(address, "?") {
		return address + "&vue=" + mapView
	}
	return address + "?vue=" + mapView
}

func (p placed) label() string { return p.Name + " : " + count(p.People) }

// box is where a territory overseas stands, below the drawing.
func box(i int) (x, y string) { return fmt.Sprint(10 + i%6*100), fmt.Sprint(600 + i/6*46) }

// frame is the viewBox of the drawing with its boxes.
func (m communityMap) frame() string {
	return fmt.Sprintf("0 0 613 %d", 600+(len(m.Overseas)+5)/6*46)
}

func (m communityMap) table() dsfr.TableParams {
	t := dsfr.TableParams{Caption: "Membres par lieu de travail", Columns: []dsfr.Column{{Label: "Lieu de travail"}, {Label: "Membres"}}}
	for _, row := range m.Rows {
		t.Rows = append(t.Rows, []templ.Component{placeCell(row), dsfr.Textf("%d", row.People)})
	}
	return t
}

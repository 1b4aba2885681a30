package geo_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/betagouv/espace-membre/internal/platform/geo"
)

// lists skips where a build has not copied the lists, except in continuous integration.
func lists(t *testing.T) {
	t.Helper()
	if err := geo.Ready(); err != nil {
		if !strings.Contains(err.Error(), "make assets") {
			t.Errorf("the message does not say what to do: %v", err)
		}
		if os.Getenv("CI") != "" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
}

func TestSearch(t *testing.T) {
	lists(t)
	for text, want := range map[string]string{
		"Saint-Denis": "97411", "st denis": "97411", "saint denis 93200": "93066", "SAINT ÉTIENNE": "42218", "saint etienne": "42218",
		"L'Haÿ-les-Roses": "94038", "l’hay les roses": "94038", "lhay les roses": "", "Oeuilly": "51410", "Œuilly": "51410",
		"69003": "69383", "lyon 69003": "69383", "Lyon 3": "69383", "rennes": "35238", "renne": "35238", "2A004": "2A004", "ajaccio": "2A004",
		"Paris": "75056", "paris 12": "75112", "75012": "75112", "97400": "97411", "97411": "97415", "xyzzy": "", "": "", "   ": "", "-'": "", "%": "", "99999": "",
		"\x00\xff": "", "Brest (29200…)": "29019", "Papeete": "98735",
	} {
		found := geo.Search(text, 10)
		got := ""
		if len(found) > 0 {
			got = found[0].Code
		}
		if got != want {
			t.Errorf("%q finds %q (%d), want %q", text, got, len(found), want)
		}
	}
	if n := len(geo.Search("saint", 10)); n != 10 {
		t.Errorf("%d found, at most 10 asked", n)
	}
	if n := len(geo.Search(strings.Repeat("a", 1000), 10)); n != 0 {
		t.Errorf("a long search finds %d", n)
	}
}

func TestExactTakesTheCommuneThatIsNamed(t *testing.T) {
	lists(t)
	for text, want := range map[string]string{
		"Paris": "75056", "PARIS": "75056", "Lyon": "69123", "Marseille": "13055", "Rennes": "35238", "Nantes": "44109", "Lille": "59350", "Toulouse": "31555",
		"75012": "75112", "69003": "69383", "13002": "13202", "35000": "35238", "31200": "31555", "35238": "35238", "75056": "75056",
		"Paris 12e Arrondissement": "75112", "lyon 69003": "69383", "Rennes (35000)": "35238", "Saint-Denis (97400)": "97411", "Brest (29200…)": "29019",
		"Saint-Denis": "93066 97411 11339 30247", "Renne": "", "Paris 1": "", "xyzzy": "", "": "",
	} {
		var codes []string
		for _, city := range geo.Exact(text) {
			codes = append(codes, city.Code)
		}
		wanted := strings.Fields(want)
		slices.Sort(codes)
		slices.Sort(wanted)
		if !slices.Equal(codes, wanted) {
			t.Errorf("%q is %v, want %v", text, codes, wanted)
		}
	}
}

func TestACityOffersItsArrondissements(t *testing.T) {
	lists(t)
	for name, want := range map[string]int{"Paris": 20, "Lyon": 9, "Marseille": 16} {
		n := 0
		for _, city := range geo.Search(name, 25) {
			if strings.HasSuffix(city.Name, "Arrondissement") {
				n++
			}
		}
		if n != want {
			t.Errorf("%s offers %d arrondissements, want %d", name, n, want)
		}
	}
}

func TestPostal(t *testing.T) {
	lists(t)
	for code, want := range map[string]string{"75056": "", "69123": "", "75112": "75012", "35238": "35000", "29019": "29200"} {
		if city, ok := geo.ByCode(code); !ok || city.Postal() != want {
			t.Errorf("%s: %q, want %q", code, city.Postal(), want)
		}
	}
}

func TestTheLabelOfACommuneFindsIt(t *testing.T) {
	lists(t)
	for _, code := range []string{"29019", "69383", "75056", "97411", "2A004", "13201", "01001", "59350"} {
		city, ok := geo.ByCode(code)
		if !ok {
			t.Errorf("no commune %s", code)
			continue
		}
		if found := geo.Search(city.Label(), 5); len(found) == 0 || found[0].Code != code {
			t.Errorf("%q finds %v", city.Label(), found)
		}
	}
}

func TestFormerCommunesAreKnownAndNotOffered(t *testing.T) {
	lists(t)
	city, ok := geo.ByCode("74268") // Seynod, part of Annecy since 2017
	if !ok || !city.Former || city.Name != "Seynod" {
		t.Fatalf("%+v, %v", city, ok)
	}
	for _, found := range geo.Search("Seynod", 10) {
		if found.Former {
			t.Errorf("offered: %+v", found)
		}
	}
	if _, ok := geo.ByCode("00000"); ok {
		t.Error("a commune that does not exist is known")
	}
}

func TestDepartements(t *testing.T) {
	for code, want := range map[string]string{"35238": "35", "2a004": "2A", "97411": "974", "98735": "987", "": "", "75": ""} {
		if got := geo.DepartementOf(code); got != want {
			t.Errorf("%s is in %q, want %q", code, got, want)
		}
	}
	lists(t)
	drawn := 0
	for _, d := range geo.Departements() {
		if (d.Path != "") != (d.Zone == geo.Mainland) {
			t.Errorf("%s is drawn: %v", d.Name, d.Path != "")
		}
		if d.Path != "" {
			drawn++
		}
	}
	if drawn != 96 {
		t.Errorf("%d départements drawn", drawn)
	}
}

func BenchmarkSearch(b *testing.B) {
	for b.Loop() {
		geo.Search("saint-denis", 10)
	}
}

package main

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestPathsAreReadAndPrinted(t *testing.T) {
	for d, want := range map[string]string{
		"m 10,10 20,0 0,20 -20,0 z":                             "M10 10l20 0 0 20 -20 0z",
		"m 10,10 10,0.1 10,-0.1 0,20 -20,0 z":                   "M10 10l20 0 0 20 -20 0z", // a point that nobody sees
		"m 10,10 20,0 0,20 -20,0 z m 100,0 30,0 0,30 -30,0 z":   "M10 10l20 0 0 20 -20 0zM110 10l30 0 0 30 -30 0z",
		"m 10,10 20,0 0,20 -20,0 z m 100,0 0.1,0 0,0.1 z":       "M10 10l20 0 0 20 -20 0z", // an island too small
		"m 10.04,10.06 20.02,0 0,20 -20.02,0 z":                 "M10 10.1l20.1 0 0 20 -20.1 0z",
		"m 10,10 20,0 0,20 -20,0 z M 200,200 20,0 0,20 -20,0 z": "M10 10l20 0 0 20 -20 0zM200 200l20 0 0 20 -20 0z",

		"m 0,0 9,0 0,9 z": "M0 0l9 0 0 9z",
	} {
		rings, err := parsePath(d)
		if err != nil {
			t.Errorf("%s: %v", d, err)
			continue
		}
		var kept [][]point
		for ring := range simplifyAll(rings) {
			kept = append(kept, ring)
		}
		if diff := cmp.Diff(want, printPath(kept)); diff != "" {
			t.Errorf("%s: %s", d, diff)
		}
	}
	for _, bad := range []string{"", "z", "m 1,2 3", "m a,b z", "m 1,2 c 3,4 5,6 z", "m 1,2 3,4"} {
		if _, err := parsePath(bad); err == nil {
			t.Errorf("%q is read", bad)
		}
	}
}

func TestAListThatIsNotWholeStopsTheBuild(t *testing.T) {
	assets := t.TempDir()
	if _, _, err := generate(assets, t.TempDir()); err == nil || !strings.Contains(err.Error(), "npm ci") {
		t.Errorf("without node_modules: %v", err)
	}
	data := filepath.Join(assets, "node_modules", "@etalab", "decoupage-administratif", "data")
	if err := os.MkdirAll(data, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(data, "communes.json"), []byte(`[{"code":"01001","nom":"X","type":"commune-actuelle"}]`), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := generate(assets, t.TempDir()); err == nil || !strings.Contains(err.Error(), "1 communes only") {
		t.Errorf("a short list: %v", err)
	}
}

func TestTheDrawingIsPlacedOnTheEarth(t *testing.T) {
	for name, c := range map[string]struct {
		drawn               point
		latitude, longitude float64
	}{
		"Bray-Dunes": {point{320.88, 0.33}, 51.089, 2.545}, "Corsen": {point{0.15, 170.91}, 48.41, -4.79}, "Bonifacio": {point{597.80, 584.07}, 41.366, 9.18},
	} {
		got := onEarth(c.drawn)
		if math.Abs(got.latitude-c.latitude) > 0.2 || math.Abs(got.longitude-c.longitude) > 0.25 {
			t.Errorf("%s is at %v, want %v,%v", name, got, c.latitude, c.longitude)
		}
	}
	square := [][]point{{{0, 0}, {10, 0}, {10, 10}, {0, 10}}, {{90, 90}, {91, 90}, {91, 91}}}
	if got, want := middle(square), onEarth(point{5, 5}); got.String() != want.String() {
		t.Errorf("the middle is at %v, want %v", got, want)
	}
}

package memberweb_test

import (
	"strings"
	"testing"

	"github.com/betagouv/espace-membre/internal/testing/webtest"
)

func TestTheMapCountsAndNeverNames(t *testing.T) {
	webtest.Communes(t)
	site := start(t)
	viewer := add(t, site, "valid.member", "Valid Member", "Autre", "2030-03-01")
	for username, code := range map[string]string{"a.un": "35238", "b.deux": "35001", "c.trois": "2A004", "d.quatre": "97411", "e.cinq": "98818", "f.six": "abcde"} {
		id := add(t, site, username, "Nom "+username, "Design", "2030-01-01")
		if _, err := site.Pool.Exec(t.Context(), `UPDATE member SET workplace_insee_code = $1 WHERE id = $2`, code, id); err != nil {
			t.Fatal(err)
		}
	}
	gone := add(t, site, "g.sept", "Nom g.sept", "Produit", "2024-12-18")
	if _, err := site.Pool.Exec(t.Context(), `UPDATE member SET workplace_abroad = 'Bruxelles' WHERE id = $1`, gone); err != nil {
		t.Fatal(err)
	}
	browser := site.As(t, viewer)
	page := browser.Get(t, "/community?vue=carte")
	text := page.Text()
	for _, want := range []string{"8 membres", "35 – Ille-et-Vilaine 2", "2A – Corse-du-Sud 1", "974 – La Réunion 1", "988 – Nouvelle-Calédonie 1", "À l’étranger 1", "Lieu non renseigné 1", "Département AB 1"} {
		if !strings.Contains(text, want) {
			t.Errorf("the map lacks %q: %s", want, text)
		}
	}
	for _, never := range []string{"Nom a", "Nom g", "@betagouv.ovh", "Bruxelles"} {
		if strings.Contains(page.Body, never) {
			t.Errorf("the map names somebody: %q", never)
		}
	}
	if !strings.Contains(page.Body, `aria-label="Ille-et-Vilaine : 2 membres"`) || len(page.Body) > 150_000 {
		t.Errorf("the drawing has no names, or weighs %d bytes", len(page.Body))
	}
	if strings.Contains(page.Body, "leaflet") {
		t.Error("a tile server is used though none is set")
	}
	filtered := browser.Get(t, "/community?vue=carte&actifs=1&domaine=Design")
	if text := filtered.Text(); !strings.Contains(text, "6 membres") || strings.Contains(text, "À l’étranger 1") {
		t.Errorf("filtered: %s", text)
	}
	if !strings.Contains(filtered.Body, "/community?actifs=1&amp;departement=35&amp;domaine=Design") {
		t.Error("a place does not lead to the filtered list")
	}
	for query, want := range map[string]string{"35": "2 membres", "2A": "1 membre", "974": "1 membre", "etranger": "1 membre", "inconnu": "1 membre", "75": "0 membre", "' OR 1=1": "0 membre"} {
		got := browser.Get(t, "/community?departement="+strings.ReplaceAll(query, " ", "+"))
		if !strings.Contains(got.Text(), want) {
			t.Errorf("list in %s: want %s", query, want)
		}
	}
	if got := site.Visitor(t).Get(t, "/community?vue=carte"); got.Status != 303 {
		t.Errorf("anonymous: %d", got.Status)
	}
}

func TestTheMapInABrowser(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a browser")
	}
	site := start(t)
	viewer := add(t, site, "valid.member", "Valid Member", "Autre", "2030-03-01")
	if _, err := site.Pool.Exec(t.Context(), `UPDATE member SET workplace_insee_code = '35238' WHERE id = $1`, viewer); err != nil {
		t.Fatal(err)
	}
	browser := webtest.OpenBrowser(t)
	for name, view := range map[string]webtest.View{"wide": {Axe: true}, "narrow": {Width: 390, Axe: true}, "narrow, no script": {Width: 390, NoScript: true}} {
		if seen := browser.Look(t, site.As(t, viewer), "/community?vue=carte", view); len(seen.Problems) > 0 || seen.Overflow != "" {
			t.Errorf("%s: %+v", name, seen)
		}
	}
}

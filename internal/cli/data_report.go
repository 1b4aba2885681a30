package cli

import (
	"maps"
	"slices"

	"github.com/betagouv/espace-membre/internal/app"
)

// shownLines is how many lines of each kind a person is shown; --json has them all.
const shownLines = 20

// tellImport writes the report of an import for a person.
func (s *session) tellImport(r app.ImportReport) {
	for _, line := range []struct {
		label string
		count interface{ Sentence() string }
	}{
		{"Organisations", r.Organizations},
		{"Incubateurs", r.Incubators},
		{"Équipes", r.Teams},
		{"Produits", r.Startups},
		{"Membres", r.Members},
	} {
		s.printf("%-14s %s\n", line.label, line.count.Sentence())
	}
	var kept, refused, notices [][2]string
	for _, k := range r.Kept {
		kept = append(kept, [2]string{k.File, k.Label + ", " + k.Reason})
	}
	for _, x := range r.Refused {
		refused = append(refused, [2]string{x.File, x.Reason})
	}
	for _, x := range r.Notices {
		notices = append(notices, [2]string{x.File, x.Reason})
	}
	s.tellLines("refusés", refused)
	s.tellLines("gardés comme dans le portail", kept)
	s.tellLines("signalés", notices)
	if r.Release == "v1.6" {
		s.printf("\nLe format v1.6 ne donne ni le domaine, ni le rôle, ni les produits : préfère v2.6 (--authors, ou USERS_API).\n")
	}
	s.tellPopulation(r)
}

func (s *session) tellLines(what string, lines [][2]string) {
	if len(lines) == 0 {
		return
	}
	s.printf("\n%d %s :\n", len(lines), what)
	for _, line := range lines[:min(len(lines), shownLines)] {
		s.printf("  %s — %s\n", line[0], line[1])
	}
	if more := len(lines) - shownLines; more > 0 {
		s.printf("  … et %d autres (--json les donne tous)\n", more)
	}
}

func (s *session) tellPopulation(r app.ImportReport) {
	p := r.Population
	if p == nil {
		return
	}
	s.printf("\nAu %s : %d membres actifs, %d membres pourvus d’adresses inventées.\n", p.Today.Numeric(), p.Active, p.Populated)
	for _, state := range slices.Sorted(maps.Keys(p.States)) {
		s.printf("  %-46s %d\n", state, p.States[state])
	}
	for _, plan := range slices.Sorted(maps.Keys(p.Plans)) {
		s.printf("  %-46s %d boîtes\n", plan, p.Plans[plan])
	}
	for _, kind := range slices.Sorted(maps.Keys(p.Drift)) {
		s.printf("  écart voulu, %-33s %d\n", kind, p.Drift[kind])
	}
}

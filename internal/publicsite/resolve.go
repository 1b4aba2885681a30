package publicsite

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/org"
	"github.com/betagouv/espace-membre/internal/platform/postgres"
	"github.com/betagouv/espace-membre/internal/startup"
)

// resolver settles the names by which records speak of others: those that nobody bears are
// left out, or made to exist, before anything is compared.
type resolver struct {
	*bundle
	lists  bool                     // the source may name records without describing them
	known  map[kind]map[string]bool // slugs in the portal or in the source
	phases map[string]bool
	// unknown counts, in lists, the names left out: one notice for all.
	unknown map[kind]map[string]bool
}

// resolve prepares the entries of a run.
func (run *importing) resolve(ctx context.Context, tx postgres.DB) error {
	r := &resolver{bundle: run.bundle, lists: run.source.lists, known: map[kind]map[string]bool{}, phases: map[string]bool{}, unknown: map[kind]map[string]bool{}}
	if err := r.load(ctx, tx); err != nil {
		return err
	}
	existing, err := org.OrganizationRecords(ctx, tx)
	if err != nil {
		return err
	}
	r.entries[product] = filter(r.entries[product], r.startup)
	r.entries[organization] = r.organizations(existing)
	r.entries[incubator] = filter(r.entries[incubator], r.incubator)
	r.entries[team] = filter(r.entries[team], r.team)
	r.entries[person] = filter(r.entries[person], r.member)
	r.tellUnknown()
	return nil
}

// load reads the slugs that the portal knows.
func (r *resolver) load(ctx context.Context, tx postgres.DB) error {
	for k, query := range map[kind]string{
		organization: `SELECT slug FROM organization`,
		incubator:    `SELECT slug FROM incubator`,
		team:         `SELECT slug FROM team`,
		product:      `SELECT slug FROM startup`,
	} {
		slugs, err := postgres.Column[string](ctx, tx, query)
		if err != nil {
			return fmt.Errorf("list the records of kind %s: %w", k, err)
		}
		r.known[k], r.unknown[k] = map[string]bool{}, map[string]bool{}
		for _, slug := range slugs {
			r.known[k][slug] = true
		}
		for _, e := range r.entries[k] {
			r.known[k][e.slug] = true
		}
	}
	names, err := startup.PhaseNames(ctx, tx)
	for _, n := range names {
		r.phases[n.Name] = true
	}
	return err
}

// filter keeps the entries that settle wants, as it changed them.
func filter(entries []entry, settle func(*entry) bool) []entry {
	var kept []entry
	for i := range entries {
		if settle(&entries[i]) {
			kept = append(kept, entries[i])
		}
	}
	return kept
}

// organizations refuses the names that another organization bears, and leaves out such acronyms:
// both are unique.
func (r *resolver) organizations(existing []org.OrganizationRecord) []entry {
	names, acronyms := map[string]string{}, map[string]string{}
	for _, o := range existing {
		names[o.Name], acronyms[o.Acronym] = o.Slug, o.Slug
	}
	return filter(r.entries[organization], func(e *entry) bool {
		name, acronym := text(e.told["name"]), text(e.told["acronym"])
		if holder := names[name]; holder != "" && holder != e.slug {
			r.refuse(e.file, "L’organisation « "+holder+" » porte déjà ce nom.")
			return false
		}
		names[name] = e.slug
		if holder := acronyms[acronym]; acronym != "" && holder != "" && holder != e.slug {
			r.notice(e.file, "Sigle « %s » laissé : l’organisation « %s » le porte déjà.", acronym, holder)
			e.told["acronym"] = raw("")
			return true
		}
		acronyms[acronym] = e.slug
		return true
	})
}

func (r *resolver) incubator(e *entry) bool {
	if owner := text(e.told["owner"]); owner != "" && !r.known[organization][owner] {
		r.notice(e.file, "Organisation « %s » inconnue : aucune.", owner)
		e.told["owner"] = raw("")
	}
	return true
}

func (r *resolver) team(e *entry) bool {
	if slug := text(e.told["incubator"]); !r.known[incubator][slug] {
		r.refuse(e.file, "Incubateur « "+slug+" » inconnu.")
		return false
	}
	return true
}

func (r *resolver) startup(e *entry) bool {
	if slug := text(e.told["incubator"]); slug != "" && !r.known[incubator][slug] {
		if r.lists {
			r.stub(incubator, slug, "title")
		} else {
			r.notice(e.file, "Incubateur « %s » inconnu : aucun.", slug)
			e.told["incubator"] = raw("")
		}
	}
	if _, told := e.told["sponsors"]; told {
		e.told["sponsors"] = raw(r.only(e, organization, "Sponsor « %s » inconnu : laissé.", texts(e.told["sponsors"])))
	}
	if _, told := e.told["phases"]; told {
		r.vocabulary(e)
	}
	return true
}

// only leaves out the slugs that no record bears, which the sentence unknown tells; sponsors that a list names come to exist.
func (r *resolver) only(e *entry, k kind, unknown string, slugs []string) []string {
	found := []string{}
	for _, slug := range slugs {
		switch {
		case r.known[k][slug]:
		case r.lists && k == organization:
			r.stub(k, slug, "name")
		case r.lists:
			r.unknown[k][slug] = true
			continue
		default:
			r.notice(e.file, unknown, slug)
			continue
		}
		found = append(found, slug)
	}
	return found
}

// stub makes a record of which only the slug is known, so that links to it are not lost; what
// describes it will replace its name.
func (r *resolver) stub(k kind, slug, name string) {
	r.known[k][slug] = true
	told := fields{name: raw(slug)}
	if k == organization {
		told["type"] = raw("autre")
	}
	r.add(entry{kind: k, slug: slug, file: slug, format: "json", release: v16, told: told, stub: true})
	r.notice(slug, "Nommé sans être décrit : créé avec son identifiant pour nom.")
}

// vocabulary puts the phases in words that the portal has, each once: of two with one name,
// the earlier.
func (r *resolver) vocabulary(e *entry) {
	var phases, kept []startup.Phase
	if json.Unmarshal(e.told["phases"], &phases) != nil {
		return
	}
	for _, p := range phases {
		if !r.phases[p.Name] {
			ours := oldPhase(p.Name)
			if !r.phases[ours] {
				r.notice(e.file, "Phase « %s » inconnue : laissée.", p.Name)
				continue
			}
			r.notice(e.file, "Phase « %s » lue comme « %s ».", p.Name, ours)
			p.Name = ours
		}
		if slices.ContainsFunc(kept, func(x startup.Phase) bool { return x.Name == p.Name }) {
			r.notice(e.file, "Phase « %s » présente deux fois : la première est gardée.", p.Name)
			continue
		}
		kept = append(kept, p)
	}
	slices.SortStableFunc(kept, comparePhases)
	e.told["phases"] = raw(kept)
}

func (r *resolver) member(e *entry) bool {
	if _, told := e.told["teams"]; told {
		e.told["teams"] = raw(r.only(e, team, "Équipe « %s » inconnue : laissée.", texts(e.told["teams"])))
	}
	var missions []member.ImportMission
	if json.Unmarshal(e.told["missions"], &missions) != nil {
		return true
	}
	for i := range missions {
		missions[i].Startups = r.only(e, product, "Produit « %s » inconnu : laissé.", missions[i].Startups)
	}
	e.told["missions"] = raw(missions)
	return true
}

// tellUnknown tells at once the names that a list left out.
func (r *resolver) tellUnknown() {
	for _, k := range []kind{product, team} {
		slugs := slices.Sorted(maps.Keys(r.unknown[k]))
		if len(slugs) == 0 {
			continue
		}
		shown := slugs[:min(len(slugs), 10)]
		r.notice("membres", "%d produits inconnus, laissés (%s…) : donne aussi les produits avec --startups.", len(slugs), strings.Join(shown, ", "))
	}
}

// text reads a JSON text; "" when it is none.
func text(v json.RawMessage) (found string) {
	if json.Unmarshal(v, &found) != nil {
		return ""
	}
	return found
}

// texts reads a JSON list of texts.
func texts(v json.RawMessage) (found []string) {
	if json.Unmarshal(v, &found) != nil {
		return nil
	}
	return found
}

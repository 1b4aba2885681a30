package memberweb

import (
	"fmt"
	"slices"

	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/dsfr"
)

// chosenFilter is a value that the search already has: a box to untick. A list only adds one
// more, so that a form of a few lines takes as many as wanted, without script.
type chosenFilter struct {
	ID    string
	Name  string // of the parameter
	Kind  string // French
	Value string
	Label string
}

// filterList is a filter that takes several values.
type filterList struct {
	name, kind, none string // parameter, what it is in French, the choice that does not filter
	options          []dsfr.Option
	chosen           []string
}

// domainList is the only one that replaces its value: nobody has two domains.
func (c communityPage) domainList() dsfr.Choice {
	return dsfr.Choice{
		Field: dsfr.Field{Name: "domaine", Label: "Domaine"}, Options: dsfr.Options(member.Domains()...),
		Chosen: c.Search.Domains[:min(1, len(c.Search.Domains))], Empty: "Tous les domaines",
	}
}

func (c communityPage) filters() []filterList {
	domains := filterList{name: "domaine", kind: "Domaine", options: dsfr.Options(member.Domains()...)}
	if len(c.Search.Domains) > 1 {
		domains.chosen = c.Search.Domains[1:]
	}
	return []filterList{domains, c.competences(), c.incubators(), c.startups()}
}

func (c communityPage) competences() filterList {
	return filterList{"competence", "Compétence", "Toutes les compétences", dsfr.Options(c.Choices.Competences...), c.Search.Competences}
}

func (c communityPage) incubators() filterList {
	return filterList{"incubateur", "Incubateur", "Tous les incubateurs", options(c.Choices.Incubators), c.Search.Incubators}
}

func (c communityPage) startups() filterList {
	return filterList{"produit", "Produit", "Tous les produits", options(c.Choices.Startups), c.Search.Startups}
}

// list is the field that adds a value to those chosen.
func (f filterList) list() dsfr.Choice {
	choice := dsfr.Choice{Field: dsfr.Field{Name: f.name, Label: f.kind}, Empty: f.none}
	if len(f.chosen) > 0 {
		choice.Empty = "En ajouter…"
	}
	for _, option := range f.options {
		if !slices.Contains(f.chosen, option.Value) {
			choice.Options = append(choice.Options, option)
		}
	}
	return choice
}

// chosenFilters are the values that may be taken off, in the order of the form.
func (c communityPage) chosenFilters() (list []chosenFilter) {
	for _, f := range c.filters() {
		for _, value := range f.chosen {
			one := chosenFilter{ID: fmt.Sprintf("filtre-%d", len(list)), Name: f.name, Kind: f.kind, Value: value, Label: value}
			if i := slices.IndexFunc(f.options, func(o dsfr.Option) bool { return o.Value == value }); i >= 0 {
				one.Label = f.options[i].Label
			}
			list = append(list, one)
		}
	}
	return list
}

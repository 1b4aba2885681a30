package member

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/google/uuid"
	"golang.org/x/text/unicode/norm"

	"github.com/betagouv/espace-membre/internal/platform/postgres"
)

// Product is a product that a mission may serve.
type Product struct {
	ID   uuid.UUID
	Slug string
	Name string
	form string // what is compared
}

// Products are all of them, by name.
type Products []Product

// AllProducts lists the products. Two that bear the same name are told apart by their slug.
func AllProducts(ctx context.Context, db postgres.DB) (Products, error) {
	rows, err := postgres.All[struct {
		ID         uuid.UUID
		Slug, Name string
	}](ctx, db, `
		SELECT id, slug,
		       CASE WHEN count(*) OVER (PARTITION BY search_form(name)) > 1 THEN name || ' (' || slug || ')' ELSE name END AS name
		FROM startup
		ORDER BY search_form(name), slug`)
	if err != nil {
		return nil, fmt.Errorf("list the products: %w", err)
	}
	list := make(Products, len(rows))
	for i, r := range rows {
		list[i] = Product{ID: r.ID, Slug: r.Slug, Name: r.Name, form: plain(r.Name)}
	}
	return list, nil
}

func (p Products) has(id uuid.UUID) bool {
	return slices.ContainsFunc(p, func(one Product) bool { return one.ID == id })
}

// name is that of a product; empty when it does not exist.
func (p Products) name(id uuid.UUID) string {
	for _, one := range p {
		if one.ID == id {
			return one.Name
		}
	}
	return ""
}

// Among gives the products of some ids, by name; unknown ids are left out.
func (p Products) Among(ids []string) Products {
	var found Products
	for _, one := range p {
		if slices.Contains(ids, one.ID.String()) {
			found = append(found, one)
		}
	}
	return found
}

// maxFound is how many products a text may offer.
const maxFound = 20

// Find gives the product that bears a name or a slug, accents and case aside; else those whose
// name holds the text, at most maxFound.
func (p Products) Find(text string) Products {
	wanted := plain(text)
	if wanted == "" {
		return nil
	}
	var holding Products
	for _, one := range p {
		switch {
		case one.form == wanted || one.Slug == wanted:
			return Products{one}
		case len(holding) < maxFound && (strings.Contains(one.form, wanted) || strings.Contains(one.Slug, wanted)):
			holding = append(holding, one)
		}
	}
	return holding
}

// plain is a text without accent, case nor spaces around.
func plain(text string) string {
	text = strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, norm.NFKD.String(text))
	return strings.Join(strings.Fields(strings.ToLower(text)), " ")
}

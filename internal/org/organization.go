package org

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/betagouv/espace-membre/internal/platform/postgres"
)

// Organization is a public body that sponsors products.
type Organization struct {
	ID                   uuid.UUID
	Slug                 string // name of its file on the public site
	Name                 string // unique
	Acronym              string // unique, case counts; empty: none
	MinisterialDomain    string // one of MinisterialDomains, or what the site says
	Type                 string // one of OrganizationTypes
	CreatedAt, UpdatedAt time.Time
}

// OrganizationTypes are the kinds of public bodies.
func OrganizationTypes() []string {
	return []string{
		"administration-centrale", "service-deconcentre", "operateur", "securite-sociale",
		"collectivite-territoriale", "autre",
	}
}

// MinisterialDomains are the fields in which an organization works.
func MinisterialDomains() []string {
	return []string{
		"affaires-etrangeres", "agriculture", "armees", "bercy", "culture", "education",
		"enseignement-sup", "environnement", "interieur", "justice", "outre-mer", "solidarite-sante",
		"spm", "sport", "travail", "territoires", "autres",
	}
}

const organizationColumns = `
	SELECT id, slug, name, COALESCE(acronym, '') AS acronym, ministerial_domain, type, created_at, updated_at
	FROM organization`

const noOrganization = "Cette organisation n’existe pas."

// OrganizationByID reads an organization; NotFound when there is none.
func OrganizationByID(ctx context.Context, db postgres.DB, id uuid.UUID) (Organization, error) {
	return postgres.One[Organization](ctx, db, noOrganization, organizationColumns+` WHERE id = $1`, id)
}

// OrganizationBySlug reads an organization by handle; NotFound when there is none.
func OrganizationBySlug(ctx context.Context, db postgres.DB, slug string) (Organization, error) {
	return postgres.One[Organization](ctx, db, noOrganization, organizationColumns+` WHERE slug = $1`, slug)
}

// Organizations lists every organization, by name.
func Organizations(ctx context.Context, db postgres.DB) ([]Organization, error) {
	all, err := postgres.All[Organization](ctx, db, organizationColumns+` ORDER BY search_form(name), slug`)
	if err != nil {
		return nil, fmt.Errorf("list organizations: %w", err)
	}
	return all, nil
}

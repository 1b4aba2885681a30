package org

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/betagouv/espace-membre/internal/platform/postgres"
)

// OrganizationRecord is an organization as a file tells it.
type OrganizationRecord struct {
	Slug              string `json:"slug"`
	Name              string `json:"name"`
	Acronym           string `json:"acronym"` // empty: none
	MinisterialDomain string `json:"ministerial_domain"`
	Type              string `json:"type"` // one of OrganizationTypes
}

// IncubatorRecord is an incubator as a file tells it.
type IncubatorRecord struct {
	Slug                string   `json:"slug"`
	Title               string   `json:"title"`
	Owner               string   `json:"owner"` // slug of an organization; unknown or empty: none
	Contact             string   `json:"contact"`
	Address             string   `json:"address"`
	Website             string   `json:"website"`
	Github              string   `json:"github"`
	ShortDescription    string   `json:"short_description"`
	Description         string   `json:"description"`
	HighlightedStartups []string `json:"highlighted_startups"`
}

// TeamRecord is a team as a file tells it.
type TeamRecord struct {
	Slug      string `json:"slug"`
	Name      string `json:"name"`
	Mission   string `json:"mission"`
	Incubator string `json:"incubator"` // slug of an incubator that exists
}

// OrganizationRecords reads every organization, locked until the transaction ends.
func OrganizationRecords(ctx context.Context, tx postgres.DB) ([]OrganizationRecord, error) {
	records, err := postgres.All[OrganizationRecord](ctx, tx, `
		SELECT slug, name, COALESCE(acronym, '') AS acronym, ministerial_domain, type
		FROM organization
		ORDER BY slug
		FOR UPDATE`)
	if err != nil {
		return nil, fmt.Errorf("read organizations: %w", err)
	}
	return records, nil
}

// IncubatorRecords reads every incubator, locked until the transaction ends.
func IncubatorRecords(ctx context.Context, tx postgres.DB) ([]IncubatorRecord, error) {
	records, err := postgres.All[IncubatorRecord](ctx, tx, `
		SELECT slug, title,
		       COALESCE((SELECT slug FROM organization WHERE id = owner_id), '') AS owner,
		       contact, address, website, github, short_description, description, highlighted_startups
		FROM incubator
		ORDER BY slug
		FOR UPDATE`)
	if err != nil {
		return nil, fmt.Errorf("read incubators: %w", err)
	}
	return records, nil
}

// TeamRecords reads every team, locked until the transaction ends.
func TeamRecords(ctx context.Context, tx postgres.DB) ([]TeamRecord, error) {
	records, err := postgres.All[TeamRecord](ctx, tx, `
		SELECT slug, name, mission,
		       (SELECT slug FROM incubator WHERE id = incubator_id) AS incubator
		FROM team
		ORDER BY slug
		FOR UPDATE`)
	if err != nil {
		return nil, fmt.Errorf("read teams: %w", err)
	}
	return records, nil
}

// KeepOrganizations makes the organizations of these slugs equal to the records, creating
// those that are not there. Nothing is deleted.
func KeepOrganizations(ctx context.Context, tx postgres.DB, now time.Time, records []OrganizationRecord) error {
	return keep(ctx, tx, now, records, `
		INSERT INTO organization (slug, name, acronym, ministerial_domain, type, created_at, updated_at)
		SELECT slug, name, NULLIF(acronym, ''), ministerial_domain, type, $2, $2
		FROM jsonb_to_recordset($1::jsonb) AS r (slug text, name text, acronym text, ministerial_domain text, type text)
		ON CONFLICT (slug) DO UPDATE
		SET name = excluded.name,
		    acronym = excluded.acronym,
		    ministerial_domain = excluded.ministerial_domain,
		    type = excluded.type,
		    updated_at = excluded.updated_at`)
}

// KeepIncubators makes the incubators of these slugs equal to the records, creating those that
// are not there. Nothing is deleted.
func KeepIncubators(ctx context.Context, tx postgres.DB, now time.Time, records []IncubatorRecord) error {
	return keep(ctx, tx, now, records, `
		INSERT INTO incubator (slug, title, owner_id, contact, address, website, github, short_description,
		    description, highlighted_startups, created_at, updated_at)
		SELECT r.slug, r.title, organization.id, r.contact, r.address, r.website, r.github, r.short_description,
		       r.description, COALESCE(r.highlighted_startups, '{}'), $2, $2
		FROM jsonb_to_recordset($1::jsonb) AS r (slug text, title text, owner text, contact text, address text,
		    website text, github text, short_description text, description text, highlighted_startups text[])
		LEFT JOIN organization ON organization.slug = r.owner
		ON CONFLICT (slug) DO UPDATE
		SET title = excluded.title,
		    owner_id = excluded.owner_id,
		    contact = excluded.contact,
		    address = excluded.address,
		    website = excluded.website,
		    github = excluded.github,
		    short_description = excluded.short_description,
		    description = excluded.description,
		    highlighted_startups = excluded.highlighted_startups,
		    updated_at = excluded.updated_at`)
}

// KeepTeams makes the teams of these slugs equal to the records, creating those that are not
// there; a record whose incubator does not exist is left out. Nothing is deleted.
func KeepTeams(ctx context.Context, tx postgres.DB, now time.Time, records []TeamRecord) error {
	return keep(ctx, tx, now, records, `
		INSERT INTO team (slug, name, mission, incubator_id, created_at, updated_at)
		SELECT r.slug, r.name, r.mission, incubator.id, $2, $2
		FROM jsonb_to_recordset($1::jsonb) AS r (slug text, name text, mission text, incubator text)
		JOIN incubator ON incubator.slug = r.incubator
		ON CONFLICT (slug) DO UPDATE
		SET name = excluded.name,
		    mission = excluded.mission,
		    incubator_id = excluded.incubator_id,
		    updated_at = excluded.updated_at`)
}

func keep[T any](ctx context.Context, tx postgres.DB, now time.Time, records []T, sql string) error {
	if len(records) == 0 {
		return nil
	}
	text, err := json.Marshal(records)
	if err != nil {
		return fmt.Errorf("keep records: encode: %w", err)
	}
	if _, err := tx.Exec(ctx, sql, string(text), now); err != nil {
		return fmt.Errorf("keep records: %w", postgres.Fault(err))
	}
	return nil
}

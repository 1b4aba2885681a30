package org

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/betagouv/espace-membre/internal/platform/postgres"
)

// Incubator carries products and has teams.
type Incubator struct {
	ID                   uuid.UUID
	Slug                 string
	Title                string
	OwnerID              uuid.UUID // the organization that it belongs to; nil uuid: none
	Contact              string    // an address, or on old records anything
	Address              string    // postal
	Website              string
	Github               string
	ShortDescription     string   // one line, may hold HTML on imported records
	Description          string   // Markdown
	HighlightedStartups  []string // slugs of the products shown first, in order
	MailboxPlan          string   // EMAIL_PLAN_…; empty: the default plan
	CreatedAt, UpdatedAt time.Time
}

const incubatorColumns = `
	SELECT id, slug, title,
	       COALESCE(owner_id, '00000000-0000-0000-0000-000000000000'::uuid) AS owner_id,
	       contact, address, website, github, short_description, description, highlighted_startups,
	       COALESCE(mailbox_plan, '') AS mailbox_plan,
	       created_at, updated_at
	FROM incubator`

const noIncubator = "Cet incubateur n’existe pas."

// IncubatorByID reads an incubator; NotFound when there is none.
func IncubatorByID(ctx context.Context, db postgres.DB, id uuid.UUID) (Incubator, error) {
	return postgres.One[Incubator](ctx, db, noIncubator, incubatorColumns+` WHERE id = $1`, id)
}

// IncubatorBySlug reads an incubator by handle; NotFound when there is none.
func IncubatorBySlug(ctx context.Context, db postgres.DB, slug string) (Incubator, error) {
	return postgres.One[Incubator](ctx, db, noIncubator, incubatorColumns+` WHERE slug = $1`, slug)
}

// Incubators lists every incubator, by title.
func Incubators(ctx context.Context, db postgres.DB) ([]Incubator, error) {
	all, err := postgres.All[Incubator](ctx, db, incubatorColumns+` ORDER BY search_form(title), slug`)
	if err != nil {
		return nil, fmt.Errorf("list incubators: %w", err)
	}
	return all, nil
}

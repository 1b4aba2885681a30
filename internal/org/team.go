package org

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/betagouv/espace-membre/internal/platform/postgres"
)

// Team is a group of people who work for an incubator as a whole, not for one product.
type Team struct {
	ID                   uuid.UUID
	Slug                 string
	Name                 string
	Mission              string // what it is for; may hold HTML on imported records
	IncubatorID          uuid.UUID
	CreatedAt, UpdatedAt time.Time
}

const teamColumns = `
	SELECT id, slug, name, mission, incubator_id, created_at, updated_at
	FROM team`

const noTeam = "Cette équipe n’existe pas."

// TeamByID reads a team; NotFound when there is none.
func TeamByID(ctx context.Context, db postgres.DB, id uuid.UUID) (Team, error) {
	return postgres.One[Team](ctx, db, noTeam, teamColumns+` WHERE id = $1`, id)
}

// TeamBySlug reads a team by handle; NotFound when there is none.
func TeamBySlug(ctx context.Context, db postgres.DB, slug string) (Team, error) {
	return postgres.One[Team](ctx, db, noTeam, teamColumns+` WHERE slug = $1`, slug)
}

// TeamsOf lists the teams of an incubator, by name.
func TeamsOf(ctx context.Context, db postgres.DB, incubator uuid.UUID) ([]Team, error) {
	teams, err := postgres.All[Team](ctx, db, teamColumns+`
	WHERE incubator_id = $1
	ORDER BY search_form(name), slug`, incubator)
	if err != nil {
		return nil, fmt.Errorf("list the teams of an incubator: %w", err)
	}
	return teams, nil
}

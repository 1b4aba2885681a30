package startup

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/postgres"
)

const startupColumns = `
	SELECT id, slug, name, pitch, description,
	       COALESCE(incubator_id, '00000000-0000-0000-0000-000000000000'::uuid) AS incubator_id,
	       contact, link, repository, stats, stats_url, budget_url, dashlord_url, accessibility_status,
	       risk_analysis, risk_analysis_url, mon_service_securise, technos, themes, user_types,
	       mailing_list, has_mobile_app, is_private_url, created_at, updated_at
	FROM startup`

const noStartup = "Ce produit n’existe pas."

// ByID reads a product; NotFound when there is none.
func ByID(ctx context.Context, db postgres.DB, id uuid.UUID) (Startup, error) {
	return postgres.One[Startup](ctx, db, noStartup, startupColumns+` WHERE id = $1`, id)
}

// BySlug reads a product by handle, as it is written; NotFound when there is none.
func BySlug(ctx context.Context, db postgres.DB, slug string) (Startup, error) {
	return postgres.One[Startup](ctx, db, noStartup, startupColumns+` WHERE slug = $1`, slug)
}

// PhaseNames lists the vocabulary of phases, in the order of a product's life.
func PhaseNames(ctx context.Context, db postgres.DB) ([]PhaseName, error) {
	names, err := postgres.All[PhaseName](ctx, db, `
		SELECT name, label, rank, active
		FROM phase_name
		ORDER BY rank`)
	if err != nil {
		return nil, fmt.Errorf("list the names of phases: %w", err)
	}
	return names, nil
}

// PhasesOf lists the phases of a product, the earliest first.
func PhasesOf(ctx context.Context, db postgres.DB, id uuid.UUID) ([]Phase, error) {
	phases, err := postgres.All[Phase](ctx, db, `
		SELECT phase.name, phase.start_day AS start, phase.end_day AS end, phase.comment
		FROM phase
		JOIN phase_name ON phase_name.name = phase.name
		WHERE phase.startup_id = $1
		ORDER BY phase.start_day, phase_name.rank`, id)
	if err != nil {
		return nil, fmt.Errorf("read the phases of product %s: %w", id, err)
	}
	return phases, nil
}

// CurrentPhases gives the name of the current phase of each product that has one, with the
// same rule as CurrentPhase.
func CurrentPhases(ctx context.Context, db postgres.DB, today clock.Day) (map[uuid.UUID]string, error) {
	type row struct {
		ID   uuid.UUID
		Name string
	}
	rows, err := postgres.All[row](ctx, db, `
		SELECT DISTINCT ON (phase.startup_id) phase.startup_id AS id, phase.name
		FROM phase
		JOIN phase_name ON phase_name.name = phase.name
		WHERE phase.start_day <= $1
		ORDER BY phase.startup_id, phase.start_day DESC, phase_name.rank DESC`, today)
	if err != nil {
		return nil, fmt.Errorf("find the current phases: %w", err)
	}
	current := make(map[uuid.UUID]string, len(rows))
	for _, r := range rows {
		current[r.ID] = r.Name
	}
	return current, nil
}

// EventsOf lists the events of a product, the earliest first.
func EventsOf(ctx context.Context, db postgres.DB, id uuid.UUID) ([]Event, error) {
	events, err := postgres.All[Event](ctx, db, `
		SELECT name, day, comment
		FROM startup_event
		WHERE startup_id = $1
		ORDER BY day, name, id`, id)
	if err != nil {
		return nil, fmt.Errorf("read the events of product %s: %w", id, err)
	}
	return events, nil
}

// Sponsor is an organization that carries a product.
type Sponsor struct {
	ID      uuid.UUID
	Slug    string
	Name    string
	Acronym string // may be empty
}

// SponsorsOf lists the sponsors of a product, by name.
func SponsorsOf(ctx context.Context, db postgres.DB, id uuid.UUID) ([]Sponsor, error) {
	sponsors, err := postgres.All[Sponsor](ctx, db, `
		SELECT organization.id, organization.slug, organization.name, COALESCE(organization.acronym, '') AS acronym
		FROM startup_sponsor
		JOIN organization ON organization.id = startup_sponsor.organization_id
		WHERE startup_sponsor.startup_id = $1
		ORDER BY search_form(organization.name)`, id)
	if err != nil {
		return nil, fmt.Errorf("read the sponsors of product %s: %w", id, err)
	}
	return sponsors, nil
}

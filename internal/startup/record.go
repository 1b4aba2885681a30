package startup

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/betagouv/espace-membre/internal/platform/postgres"
)

// Record is a product as a file tells it: other records are named by their slugs.
type Record struct {
	Slug                string   `json:"slug"`
	Name                string   `json:"name"`
	Pitch               string   `json:"pitch"`
	Description         string   `json:"description"`
	Incubator           string   `json:"incubator"` // unknown or empty: none
	Contact             string   `json:"contact"`
	Link                string   `json:"link"`
	Repository          string   `json:"repository"`
	Stats               *bool    `json:"stats"`
	StatsURL            string   `json:"stats_url"`
	BudgetURL           string   `json:"budget_url"`
	DashlordURL         string   `json:"dashlord_url"`
	AccessibilityStatus string   `json:"accessibility_status"`
	RiskAnalysis        *bool    `json:"risk_analysis"`
	RiskAnalysisURL     string   `json:"risk_analysis_url"`
	MonServiceSecurise  *bool    `json:"mon_service_securise"`
	Technos             []string `json:"technos"`
	Themes              []string `json:"themes"`
	UserTypes           []string `json:"user_types"`
	Sponsors            []string `json:"sponsors"` // in byte order; those that do not exist are skipped
	Phases              []Phase  `json:"phases"`   // each name once, in order of start and name
	Events              []Event  `json:"events"`   // in order of day, name and comment
}

// Records reads every product, locked until the transaction ends.
func Records(ctx context.Context, tx postgres.DB) ([]Record, error) {
	records, err := postgres.All[Record](ctx, tx, `
		SELECT slug, name, pitch, description,
		       COALESCE((SELECT slug FROM incubator WHERE id = incubator_id), '') AS incubator,
		       contact, link, repository, stats, stats_url, budget_url, dashlord_url, accessibility_status,
		       risk_analysis, risk_analysis_url, mon_service_securise, technos, themes, user_types,
		       ARRAY(
		           SELECT organization.slug
		           FROM startup_sponsor
		           JOIN organization ON organization.id = startup_sponsor.organization_id
		           WHERE startup_sponsor.startup_id = startup.id
		           ORDER BY organization.slug COLLATE "C") AS sponsors,
		       COALESCE((
		           SELECT jsonb_agg(jsonb_build_object('name', name, 'start', start_day,
		                      'end', COALESCE(end_day::text, ''), 'comment', comment)
		                  ORDER BY start_day, name COLLATE "C")
		           FROM phase
		           WHERE startup_id = startup.id), '[]') AS phases,
		       COALESCE((
		           SELECT jsonb_agg(jsonb_build_object('name', name, 'day', day, 'comment', comment)
		                  ORDER BY day, name COLLATE "C", comment COLLATE "C")
		           FROM startup_event
		           WHERE startup_id = startup.id), '[]') AS events
		FROM startup
		ORDER BY slug
		FOR UPDATE`)
	if err != nil {
		return nil, fmt.Errorf("read products: %w", err)
	}
	return records, nil
}

// Keep makes the products of these slugs equal to the records, creating those that are not
// there, and gives their identifiers. No product is deleted; of theirs, phases, events and
// sponsors that the record does not name are.
func Keep(ctx context.Context, tx postgres.DB, now time.Time, records []Record) (map[string]uuid.UUID, error) {
	if len(records) == 0 {
		return nil, nil
	}
	text, err := json.Marshal(records)
	if err != nil {
		return nil, fmt.Errorf("keep products: encode: %w", err)
	}
	known, ids, err := keepRecords(ctx, tx, now, string(text))
	if err != nil {
		return nil, fmt.Errorf("keep products: %w", postgres.Fault(err))
	}
	for _, part := range []string{wipePhases, wipeEvents, wipeSponsors} {
		if _, err := tx.Exec(ctx, part, ids); err != nil {
			return nil, fmt.Errorf("empty the parts of products: %w", postgres.Fault(err))
		}
	}
	for _, part := range []string{insertPhases, insertEvents, insertSponsors} {
		if _, err := tx.Exec(ctx, part, string(text)); err != nil {
			return nil, fmt.Errorf("keep the parts of products: %w", postgres.Fault(err))
		}
	}
	return known, nil
}

func keepRecords(ctx context.Context, tx postgres.DB, now time.Time, text string) (map[string]uuid.UUID, []uuid.UUID, error) {
	type row struct {
		ID   uuid.UUID
		Slug string
	}
	rows, err := postgres.All[row](ctx, tx, `
		INSERT INTO startup (slug, name, pitch, description, incubator_id, contact, link, repository, stats, stats_url,
		    budget_url, dashlord_url, accessibility_status, risk_analysis, risk_analysis_url, mon_service_securise,
		    technos, themes, user_types, created_at, updated_at)
		SELECT r.slug, r.name, r.pitch, r.description, incubator.id, r.contact, r.link, r.repository, r.stats, r.stats_url,
		       r.budget_url, r.dashlord_url, r.accessibility_status, r.risk_analysis, r.risk_analysis_url, r.mon_service_securise,
		       COALESCE(r.technos, '{}'), COALESCE(r.themes, '{}'), COALESCE(r.user_types, '{}'), $2, $2
		FROM jsonb_to_recordset($1::jsonb) AS r (slug text, name text, pitch text, description text, incubator text,
		    contact text, link text, repository text, stats boolean, stats_url text, budget_url text, dashlord_url text,
		    accessibility_status text, risk_analysis boolean, risk_analysis_url text, mon_service_securise boolean,
		    technos text[], themes text[], user_types text[])
		LEFT JOIN incubator ON incubator.slug = r.incubator
		ON CONFLICT (slug) DO UPDATE
		SET name = excluded.name,
		    pitch = excluded.pitch,
		    description = excluded.description,
		    incubator_id = excluded.incubator_id,
		    contact = excluded.contact,
		    link = excluded.link,
		    repository = excluded.repository,
		    stats = excluded.stats,
		    stats_url = excluded.stats_url,
		    budget_url = excluded.budget_url,
		    dashlord_url = excluded.dashlord_url,
		    accessibility_status = excluded.accessibility_status,
		    risk_analysis = excluded.risk_analysis,
		    risk_analysis_url = excluded.risk_analysis_url,
		    mon_service_securise = excluded.mon_service_securise,
		    technos = excluded.technos,
		    themes = excluded.themes,
		    user_types = excluded.user_types,
		    updated_at = excluded.updated_at
		RETURNING id, slug`, text, now)
	known, ids := make(map[string]uuid.UUID, len(rows)), make([]uuid.UUID, 0, len(rows))
	for _, r := range rows {
		known[r.Slug] = r.ID
		ids = append(ids, r.ID)
	}
	return known, ids, err
}

const (
	wipePhases   = `DELETE FROM phase WHERE startup_id = ANY($1)`
	wipeEvents   = `DELETE FROM startup_event WHERE startup_id = ANY($1)`
	wipeSponsors = `DELETE FROM startup_sponsor WHERE startup_id = ANY($1)`

	insertPhases = `
		INSERT INTO phase (startup_id, name, start_day, end_day, comment)
		SELECT startup.id, p.name, p.start::date, NULLIF(p."end", '')::date, p.comment
		FROM jsonb_to_recordset($1::jsonb) AS r (slug text, phases jsonb)
		JOIN startup ON startup.slug = r.slug
		CROSS JOIN LATERAL jsonb_to_recordset(NULLIF(r.phases, 'null')) AS p (name text, start text, "end" text, comment text)`
	insertEvents = `
		INSERT INTO startup_event (startup_id, name, day, comment)
		SELECT startup.id, e.name, e.day::date, e.comment
		FROM jsonb_to_recordset($1::jsonb) AS r (slug text, events jsonb)
		JOIN startup ON startup.slug = r.slug
		CROSS JOIN LATERAL jsonb_to_recordset(NULLIF(r.events, 'null')) AS e (name text, day text, comment text)`
	insertSponsors = `
		INSERT INTO startup_sponsor (startup_id, organization_id)
		SELECT DISTINCT startup.id, organization.id
		FROM jsonb_to_recordset($1::jsonb) AS r (slug text, sponsors jsonb)
		JOIN startup ON startup.slug = r.slug
		CROSS JOIN LATERAL jsonb_array_elements_text(NULLIF(r.sponsors, 'null')) AS s (slug)
		JOIN organization ON organization.slug = s.slug`
)

package member

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/postgres"
)

// Domains are the trades of the community, in display order.
func Domains() []string {
	return []string{
		"Animation", "Coaching", "Déploiement", "Design", "Développement", "Intraprenariat",
		"Produit", "Data", "Support", "Attributaire", "Autre",
	}
}

// Sort is an order of the directory.
type Sort string

// The orders; the first is the default.
const (
	ByName       Sort = "nom"
	ByNameDown   Sort = "-nom"
	ByDomain     Sort = "domaine"
	ByDomainDown Sort = "-domaine"
)

// PageSize is how many people a page of the directory shows.
const PageSize = 25

// Search says whom the directory shows. Empty fields do not filter, the others all hold at once;
// so does each value of a list.
type Search struct {
	Text        string   // part of a name or username, accents and case aside; typing slips forgiven
	Domains     []string // more than one is nobody's
	Competences []string // all of them
	Incubators  []string // slugs: people of its products or of its teams, past missions included
	Startups    []string // slugs: people with a mission there, past ones included
	// Departement is where they work: its code, Abroad or Unplaced.
	Departement string
	ActiveOnly  bool
	Sort        Sort
	Page        int // from 1
}

// Person is one line of the directory. It holds nothing private.
type Person struct {
	ID           uuid.UUID
	Username     string
	Fullname     string
	Role         string
	Domain       string
	PrimaryEmail string
	Github       string
	Link         string
	Competences  []string
	Active       bool
	Startups     []string // slugs of the products of missions that run
	StartupNames []string // their names, in the same order
	Teams        []Team
	Total        int // people found, on every line
	Reachable    int // people found who are active and have a primary address, on every line
}

// Team is a team of a person, with the incubator to which it belongs.
type Team struct {
	ID          uuid.UUID
	Name        string
	Incubator   string // title
	IncubatorID uuid.UUID
}

// Values of Search.Departement that are not a code.
const (
	Abroad   = "etranger" // a city of another country
	Unplaced = "inconnu"  // nothing is said
)

const directoryColumns = `
	SELECT member.id,
	       member.username,
	       member.fullname,
	       member.role,
	       member.domain,
	       COALESCE(member.primary_email, '') AS primary_email,
	       member.github,
	       member.link,
	       member.competences,
	       live.active,
	       current.slugs AS startups,
	       current.names AS startup_names,
	       (SELECT COALESCE(jsonb_agg(jsonb_build_object(
	                   'ID', team.id, 'Name', team.name, 'Incubator', incubator.title, 'IncubatorID', incubator.id)
	                   ORDER BY team.name, incubator.title), '[]')
	        FROM team_member
	        JOIN team ON team.id = team_member.team_id
	        JOIN incubator ON incubator.id = team.incubator_id
	        WHERE team_member.member_id = member.id) AS teams,
	       count(*) OVER () AS total,
	       count(*) FILTER (WHERE live.active AND member.primary_email IS NOT NULL) OVER () AS reachable`

// directoryPeople are the people of a search, with what their columns need. The département is
// read from the code of the commune: two characters, three overseas.
const directoryPeople = `
	FROM member
	CROSS JOIN LATERAL (
	    SELECT CASE
	               WHEN member.workplace_insee_code ~ '^9[78]' THEN left(member.workplace_insee_code, 3)
	               WHEN member.workplace_insee_code <> '' THEN upper(left(member.workplace_insee_code, 2))
	               WHEN member.workplace_abroad <> '' THEN 'etranger'
	               ELSE 'inconnu'
	           END AS departement) AS place
	CROSS JOIN LATERAL (
	    SELECT EXISTS (
	        SELECT FROM mission
	        WHERE mission.member_id = member.id
	          AND (mission.end_day IS NULL OR mission.end_day >= $1)) AS active) AS live
	CROSS JOIN LATERAL (
	    SELECT COALESCE(array_agg(found.slug ORDER BY found.name), '{}') AS slugs,
	           COALESCE(array_agg(found.name ORDER BY found.name), '{}') AS names
	    FROM (
	        SELECT DISTINCT startup.slug, startup.name
	        FROM mission
	        JOIN mission_startup ON mission_startup.mission_id = mission.id
	        JOIN startup ON startup.id = mission_startup.startup_id
	        WHERE mission.member_id = member.id
	          AND (mission.end_day IS NULL OR mission.end_day >= $1)) AS found) AS current
	WHERE ($2 = '' OR search_form(member.fullname || ' ' || member.username) LIKE '%' || replace(replace(replace(search_form($2), '\', '\\'), '%', '\%'), '_', '\_') || '%'
	               OR word_similarity(search_form($2), search_form(member.fullname || ' ' || member.username)) > 0.6)
	  AND member.domain = ALL($3::text[])
	  AND member.competences @> $4::text[]
	  AND ARRAY(
	        SELECT incubator.slug
	        FROM mission
	        JOIN mission_startup ON mission_startup.mission_id = mission.id
	        JOIN startup ON startup.id = mission_startup.startup_id
	        JOIN incubator ON incubator.id = startup.incubator_id
	        WHERE mission.member_id = member.id AND incubator.slug = ANY($5::text[])
	        UNION
	        SELECT incubator.slug
	        FROM team_member
	        JOIN team ON team.id = team_member.team_id
	        JOIN incubator ON incubator.id = team.incubator_id
	        WHERE team_member.member_id = member.id AND incubator.slug = ANY($5::text[])) @> $5::text[]
	  AND ARRAY(
	        SELECT startup.slug
	        FROM mission
	        JOIN mission_startup ON mission_startup.mission_id = mission.id
	        JOIN startup ON startup.id = mission_startup.startup_id
	        WHERE mission.member_id = member.id AND startup.slug = ANY($6::text[])) @> $6::text[]
	  AND (NOT $7 OR live.active)
	  AND ($8 = '' OR place.departement = $8)`

// orders are the ORDER BY clauses; names sort without accents nor case.
func (s Sort) clause() string {
	switch s {
	case ByNameDown:
		return ` ORDER BY search_form(member.fullname) DESC, member.username DESC`
	case ByDomain:
		return ` ORDER BY member.domain, search_form(member.fullname), member.username`
	case ByDomainDown:
		return ` ORDER BY member.domain DESC, search_form(member.fullname), member.username`
	case ByName:
	}
	return ` ORDER BY search_form(member.fullname), member.username`
}

// Directory finds a page of people; each line tells the total.
func Directory(ctx context.Context, db postgres.DB, s Search, today clock.Day) ([]Person, error) {
	return s.people(ctx, db, today, fmt.Sprintf(" LIMIT %d OFFSET %d", PageSize, PageSize*(max(1, s.Page)-1)))
}

// Everybody finds all the people of a search, for the export.
func Everybody(ctx context.Context, db postgres.DB, s Search, today clock.Day) ([]Person, error) {
	return s.people(ctx, db, today, "")
}

func (s Search) people(ctx context.Context, db postgres.DB, today clock.Day, limit string) ([]Person, error) {
	people, err := postgres.All[Person](ctx, db, directoryColumns+directoryPeople+s.Sort.clause()+limit, s.arguments(today)...)
	if err != nil {
		return nil, fmt.Errorf("search the directory: %w", err)
	}
	return people, nil
}

// PrimaryAddresses lists the primary addresses of the active people of a search, each once, in
// its order.
func PrimaryAddresses(ctx context.Context, db postgres.DB, s Search, today clock.Day) ([]string, error) {
	addresses, err := postgres.Column[string](ctx, db, `
		SELECT member.primary_email`+directoryPeople+`
		  AND live.active
		  AND member.primary_email IS NOT NULL`+s.Sort.clause(), s.arguments(today)...)
	if err != nil {
		return nil, fmt.Errorf("list the addresses of the directory: %w", err)
	}
	return addresses, nil
}

func (s Search) arguments(today clock.Day) []any {
	return []any{today, s.Text, nonNil(s.Domains), nonNil(s.Competences), nonNil(s.Incubators), nonNil(s.Startups), s.ActiveOnly, s.Departement}
}

// Placed counts the people of a search who work in a place.
type Placed struct {
	Departement string // code, Abroad or Unplaced
	People      int
}

// DirectoryByDepartement counts the people of a search by place, for a map: numbers, never names.
func DirectoryByDepartement(ctx context.Context, db postgres.DB, s Search, today clock.Day) ([]Placed, error) {
	placed, err := postgres.All[Placed](ctx, db, `
		SELECT place.departement, count(*) AS people`+directoryPeople+`
		GROUP BY place.departement
		ORDER BY place.departement`, s.arguments(today)...)
	if err != nil {
		return nil, fmt.Errorf("count the directory by place: %w", err)
	}
	return placed, nil
}

// Named is a choice of a filter.
type Named struct {
	Slug string
	Name string
}

// Choices are what the filters offer.
type Choices struct {
	Competences []string
	Incubators  []Named
	Startups    []Named
}

// DirectoryChoices lists the competences that members state, the incubators and the products.
func DirectoryChoices(ctx context.Context, db postgres.DB) (c Choices, err error) {
	c.Competences, err = postgres.Column[string](ctx, db, `
		SELECT DISTINCT unnest(competences) AS competence
		FROM member
		ORDER BY competence`)
	if err != nil {
		return c, fmt.Errorf("list competences: %w", err)
	}
	c.Incubators, err = postgres.All[Named](ctx, db, `
		SELECT slug, title AS name
		FROM incubator
		ORDER BY search_form(title)`)
	if err != nil {
		return c, fmt.Errorf("list incubators: %w", err)
	}
	c.Startups, err = postgres.All[Named](ctx, db, `
		SELECT slug, name
		FROM startup
		ORDER BY search_form(name)`)
	if err != nil {
		return c, fmt.Errorf("list products: %w", err)
	}
	return c, nil
}

// HandlesOf gives the public handles of members, incubators and products by uuid: those that do
// not exist are absent.
func HandlesOf(ctx context.Context, db postgres.DB, ids []uuid.UUID) (map[uuid.UUID]string, error) {
	type row struct {
		ID     uuid.UUID
		Handle string
	}
	rows, err := postgres.All[row](ctx, db, `
		SELECT id, username AS handle
		FROM member
		WHERE id = ANY($1)
		UNION ALL
		SELECT id, slug
		FROM incubator
		WHERE id = ANY($1)
		UNION ALL
		SELECT id, slug
		FROM startup
		WHERE id = ANY($1)`, ids)
	if err != nil {
		return nil, fmt.Errorf("read handles: %w", err)
	}
	handles := map[uuid.UUID]string{}
	for _, r := range rows {
		handles[r.ID] = r.Handle
	}
	return handles, nil
}

package member

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/postgres"
)

const memberColumns = `
	SELECT id, username, fullname, role, domain, bio, link, avatar, github, competences,
	       COALESCE(primary_email, '') AS primary_email,
	       primary_email_status AS status,
	       primary_email_status_changed_at AS status_changed_at,
	       COALESCE(secondary_email, '') AS secondary_email,
	       communication_email, email_is_redirection,
	       COALESCE(member_type, '') AS type,
	       gender,
	       COALESCE(legal_status, '') AS legal_status,
	       daily_rate, days_per_week, workplace_insee_code, workplace_abroad,
	       verified_at, created_by, created_at, updated_at
	FROM member`

const noMember = "Ce membre n’existe pas."

// ByID reads a member; NotFound when there is none.
func ByID(ctx context.Context, db postgres.DB, id uuid.UUID) (Member, error) {
	return postgres.One[Member](ctx, db, noMember, memberColumns+` WHERE id = $1`, id)
}

// ByUsername reads a member by handle; NotFound when there is none.
func ByUsername(ctx context.Context, db postgres.DB, username string) (Member, error) {
	return postgres.One[Member](ctx, db, noMember, memberColumns+` WHERE username = $1`, username)
}

// ByAddress reads the member who owns an address, primary or secondary; NotFound when nobody does.
func ByAddress(ctx context.Context, db postgres.DB, address string) (Member, error) {
	return postgres.One[Member](ctx, db, noMember, memberColumns+`
		WHERE id = (SELECT member_id FROM member_address WHERE address = $1)`, NormalizeAddress(address))
}

// ByPrimaryAddress reads the member who has a primary address, which every member may know;
// NotFound when nobody does.
func ByPrimaryAddress(ctx context.Context, db postgres.DB, address string) (Member, error) {
	return postgres.One[Member](ctx, db, noMember, memberColumns+` WHERE primary_email = $1`, NormalizeAddress(address))
}

// MissionsOf lists the missions of a member, the earliest first, with their products.
func MissionsOf(ctx context.Context, db postgres.DB, id uuid.UUID) ([]Mission, error) {
	missions, err := postgres.All[Mission](ctx, db, `
		SELECT id, member_id, start_day AS start, end_day AS end,
		       COALESCE(status, '') AS status,
		       employer,
		       ARRAY(SELECT startup_id FROM mission_startup WHERE mission_id = mission.id) AS startups
		FROM mission
		WHERE member_id = $1
		ORDER BY start_day, end_day NULLS LAST, id`, id)
	if err != nil {
		return nil, fmt.Errorf("read the missions of member %s: %w", id, err)
	}
	return missions, nil
}

// Shown is a mission as pages show it.
type Shown struct {
	Start    clock.Day
	End      clock.Day // zero: open-ended
	Status   string
	Employer string
	Startups []string // names of the products
}

// ShownMissions lists the missions of a member with the names of their products, newest first.
func ShownMissions(ctx context.Context, db postgres.DB, id uuid.UUID) ([]Shown, error) {
	missions, err := postgres.All[Shown](ctx, db, `
		SELECT start_day AS start, end_day AS end,
		       COALESCE(status, '') AS status,
		       employer,
		       ARRAY(
		           SELECT startup.name
		           FROM mission_startup
		           JOIN startup ON startup.id = mission_startup.startup_id
		           WHERE mission_startup.mission_id = mission.id
		           ORDER BY startup.name) AS startups
		FROM mission
		WHERE member_id = $1
		ORDER BY start_day DESC, id`, id)
	if err != nil {
		return nil, fmt.Errorf("read the missions of member %s: %w", id, err)
	}
	return missions, nil
}

// TeamsOf lists the teams of a member as "team – incubator".
func TeamsOf(ctx context.Context, db postgres.DB, id uuid.UUID) ([]string, error) {
	teams, err := postgres.Column[string](ctx, db, `
		SELECT team.name || ' – ' || incubator.title
		FROM team_member
		JOIN team ON team.id = team_member.team_id
		JOIN incubator ON incubator.id = team.incubator_id
		WHERE team_member.member_id = $1
		ORDER BY team.name, incubator.title`, id)
	if err != nil {
		return nil, fmt.Errorf("read the teams of member %s: %w", id, err)
	}
	return teams, nil
}

package offboarding

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/postgres"
)

// How many people are asked at most: enough for somebody to answer, few enough not to be noise.
const (
	mostMates     = 10
	mostIncubator = 5
	mostAdmins    = 5
)

// decider is somebody who may accept or refuse a request.
type decider struct {
	ID                 uuid.UUID
	Fullname           string
	PrimaryEmail       string
	SecondaryEmail     string
	CommunicationEmail string
	EmailIsRedirection bool
	Status             member.Status
	Mate               bool // serves a product of the member; else is of the incubator
}

// address is where the decider is written to; "" when nowhere.
func (d decider) address() string {
	return leaver{
		PrimaryEmail: d.PrimaryEmail, SecondaryEmail: d.SecondaryEmail, CommunicationEmail: d.CommunicationEmail, Status: d.Status,
	}.address(slotContact)
}

const deciderColumns = `
	member.id, member.fullname,
	COALESCE(member.primary_email, '') AS primary_email,
	COALESCE(member.secondary_email, '') AS secondary_email,
	member.communication_email, member.email_is_redirection,
	member.primary_email_status AS status`

// deciders lists who is asked about a member's request, each once: people who serve a product
// of the member today (those of the last mission first, public agents first), then the
// incubator's team; the administrators when there is nobody else.
func (s *Service) deciders(ctx context.Context, db postgres.DB, id uuid.UUID) ([]decider, error) {
	found, err := postgres.All[decider](ctx, db, `
		WITH theirs AS (
		    SELECT mission_startup.startup_id,
		           bool_or(mission.end_day = (SELECT max(end_day) FROM mission WHERE member_id = $1)) AS latest
		    FROM mission
		    JOIN mission_startup ON mission_startup.mission_id = mission.id
		    WHERE mission.member_id = $1
		    GROUP BY mission_startup.startup_id
		), incubators AS (
		    SELECT startup.incubator_id
		    FROM theirs
		    JOIN startup ON startup.id = theirs.startup_id
		    UNION
		    SELECT team.incubator_id
		    FROM team_member
		    JOIN team ON team.id = team_member.team_id
		    WHERE team_member.member_id = $1
		), able AS (
		    SELECT mission.member_id,
		           min(CASE WHEN theirs.latest THEN 0 ELSE 2 END + CASE WHEN mission.status IN ('admin', 'service') THEN 0 ELSE 1 END) AS rank
		    FROM mission
		    JOIN mission_startup ON mission_startup.mission_id = mission.id
		    JOIN theirs ON theirs.startup_id = mission_startup.startup_id
		    WHERE mission.start_day <= $2
		      AND (mission.end_day IS NULL OR mission.end_day >= $2)
		    GROUP BY mission.member_id
		    UNION ALL
		    SELECT team_member.member_id, 9
		    FROM team_member
		    JOIN team ON team.id = team_member.team_id
		    WHERE team.incubator_id IN (SELECT incubator_id FROM incubators)
		), chosen AS (
		    SELECT member_id, min(rank) AS rank
		    FROM able
		    WHERE member_id <> $1
		      AND EXISTS (
		            SELECT FROM mission
		            WHERE mission.member_id = able.member_id
		              AND (mission.end_day IS NULL OR mission.end_day >= $2))
		    GROUP BY member_id
		)
		SELECT `+deciderColumns+`, chosen.rank < 9 AS mate
		FROM chosen
		JOIN member ON member.id = chosen.member_id
		WHERE member.primary_email_status <> 'EMAIL_VERIFICATION_WAITING'
		ORDER BY chosen.rank, member.username`, id, s.today())
	if err != nil {
		return nil, fmt.Errorf("list who may decide: %w", err)
	}
	if people := choose(found, mostMates, mostIncubator); len(people) > 0 {
		return people, nil
	}
	found, err = postgres.All[decider](ctx, db, `
		SELECT `+deciderColumns+`, false AS mate
		FROM member
		WHERE member.username = ANY($2)
		  AND member.id <> $1
		  AND EXISTS (
		        SELECT FROM mission
		        WHERE mission.member_id = member.id
		          AND (mission.end_day IS NULL OR mission.end_day >= $3))
		ORDER BY member.username`, id, s.config.Admins, s.today())
	if err != nil {
		return nil, fmt.Errorf("list the administrators: %w", err)
	}
	return choose(found, 0, mostAdmins), nil
}

// choose keeps the first of each kind who can be written to.
func choose(found []decider, mates, others int) []decider {
	var kept []decider
	for _, d := range found {
		room := &others
		if d.Mate {
			room = &mates
		}
		if *room > 0 && d.address() != "" {
			*room--
			kept = append(kept, d)
		}
	}
	return kept
}

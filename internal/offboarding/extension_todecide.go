package offboarding

import (
	"context"
	"fmt"

	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/actor"
	"github.com/betagouv/espace-membre/internal/platform/postgres"
)

// decidableBy chooses the requests that wait on a day ($1) for a viewer ($2) whose right reaches
// everybody ($3), the members of their products ($4) or of their incubators ($5). Who is related
// to whom is what member.SubjectFor reads of one member, here of all at once: a test holds both
// together. Deciding asks that very right again.
const decidableBy = `request.state = 'pending'
  AND request.expires_day >= $1
  AND last.end_day < request.wished_day
  AND request.member_id <> $2
  AND ($3::boolean OR EXISTS (
        WITH theirs AS (
            SELECT mission_startup.startup_id
            FROM mission
            JOIN mission_startup ON mission_startup.mission_id = mission.id
            WHERE mission.member_id = request.member_id
              AND (mission.end_day >= $1 OR mission.end_day = last.end_day AND last.end_day < $1)
        )
        SELECT
        FROM mission
        JOIN mission_startup ON mission_startup.mission_id = mission.id
        JOIN theirs USING (startup_id)
        WHERE $4::boolean
          AND mission.member_id = $2
          AND mission.start_day <= $1
          AND (mission.end_day IS NULL OR mission.end_day >= $1)
        UNION ALL
        SELECT
        FROM team_member
        JOIN team ON team.id = team_member.team_id
        WHERE $5::boolean
          AND team_member.member_id = $2
          AND team.incubator_id IN (
                SELECT startup.incubator_id
                FROM theirs
                JOIN startup ON startup.id = theirs.startup_id
                UNION
                SELECT team.incubator_id
                FROM team_member
                JOIN team ON team.id = team_member.team_id
                WHERE team_member.member_id = request.member_id)))`

// decides gives what decidableBy wants to know of a viewer.
func (s *Service) decides(who actor.Actor) []any {
	may := func(relation member.Relation) bool {
		return member.Can(who, member.DecideExtension, member.Subject{Relation: relation}) == nil
	}
	return []any{s.today(), who.ID, may(0), may(member.Teammate), may(member.IncubatorTeam)}
}

// ToDecide lists the requests that somebody may decide today, the oldest first, 200 at most.
func (s *Service) ToDecide(ctx context.Context, who actor.Actor) ([]Extension, error) {
	list, err := postgres.All[Extension](ctx, s.db, extensionQuery+decidableBy+`
	ORDER BY request.asked_at, request.id
	LIMIT 200`, s.decides(who)...)
	if err != nil {
		return nil, fmt.Errorf("list the requests to decide: %w", err)
	}
	return list, nil
}

// CountToDecide counts them, all of them.
func (s *Service) CountToDecide(ctx context.Context, who actor.Actor) (int, error) {
	n, err := postgres.Scalar[int](ctx, s.db, `SELECT count(*) FROM (`+extensionQuery+decidableBy+`) AS waiting`, s.decides(who)...)
	if err != nil {
		return 0, fmt.Errorf("count the requests to decide: %w", err)
	}
	return n, nil
}

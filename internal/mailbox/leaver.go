package mailbox

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/postgres"
)

// leaver is a member whose address a departure ends, with the facts that decide.
type leaver struct {
	ID              uuid.UUID     `db:"id"`
	Username        string        `db:"username"`
	Primary         string        `db:"primary_email"`
	Secondary       string        `db:"secondary_email"`
	Status          member.Status `db:"status"`
	StatusChangedAt time.Time     `db:"status_changed_at"`
	End             clock.Day     `db:"last_end"` // of the last mission; zero: open-ended, or no mission
	HasMission      bool          `db:"has_mission"`
	// Cleaned says that the redirections were removed since this end, and none made since.
	Cleaned bool `db:"cleaned"`
}

// What departures read of members; $1 is the name of the job that cleans redirections.
const (
	leaverQuery = `
	SELECT ` + leaverColumns + leaverOrigin

	leaverColumns = `m.id, m.username,
	       coalesce(m.primary_email, '') AS primary_email,
	       coalesce(m.secondary_email, '') AS secondary_email,
	       m.primary_email_status AS status,
	       m.primary_email_status_changed_at AS status_changed_at,
	       last.end_day AS last_end,
	       last.known AS has_mission,
	       EXISTS (SELECT FROM job_action a
	               WHERE a.key = $1::text || '/' || m.id || '/' || last.end_day
	                 AND a.state = 'done'
	                 AND a.closed_at > coalesce((
	                     SELECT max(e.at) FROM audit_event e
	                     WHERE e.member_id = m.id AND e.code = 'MEMBER_REDIRECTION_CREATED'), '-infinity')) AS cleaned`

	leaverOrigin = `
	FROM member m
	CROSS JOIN LATERAL (
	    SELECT count(*) > 0 AS known,
	           CASE WHEN bool_or(x.end_day IS NULL) THEN NULL ELSE max(x.end_day) END AS end_day
	    FROM mission x
	    WHERE x.member_id = m.id) AS last
	WHERE `
)

// leaversIn lists the members in some states, whether they leave or not, by username.
func (s *Service) leaversIn(ctx context.Context, statuses ...member.Status) ([]leaver, error) {
	rows, err := postgres.All[leaver](ctx, s.db, leaverQuery+`m.primary_email_status = ANY($2::text[])
	ORDER BY m.username`, removalJob, names(statuses))
	if err != nil {
		return nil, fmt.Errorf("list the members in %v: %w", statuses, err)
	}
	return rows, nil
}

// leaver re-reads one member before acting.
func (s *Service) leaver(ctx context.Context, id uuid.UUID) (leaver, error) {
	return postgres.One[leaver](ctx, s.db, "Ce membre n’existe plus.", leaverQuery+`m.id = $2`, removalJob, id)
}

// active tells whether a mission runs or will on a day.
func (l leaver) active(today clock.Day) bool {
	return l.HasMission && (l.End.IsZero() || !l.End.Before(today))
}

// hasLeft tells whether the last mission ended n days ago or more; else why not, in French: ""
// for whoever is not leaving at all.
func (l leaver) hasLeft(n int, today clock.Day) (bool, string) {
	switch due := l.End.Add(n); {
	case !l.HasMission:
		return false, "aucune mission : rien ne dit depuis quand"
	case l.active(today):
		return false, ""
	case today.Before(due):
		return false, "pas avant le " + due.French() + ", " + days(n) + " après la fin de mission"
	}
	return true, ""
}

// waitsSince tells whether the state is n days old or more; else until when to wait, in French.
func (l leaver) waitsSince(n int, today clock.Day) (bool, string) {
	if due := clock.DayOf(l.StatusChangedAt).Add(n); today.Before(due) {
		return false, "pas avant le " + due.French() + ", " + days(n) + " après le changement d’état"
	}
	return true, ""
}

func days(n int) string {
	if n == 1 {
		return "1 jour"
	}
	return fmt.Sprintf("%d jours", n)
}

// ours tells whether an address is of the community's domain: a look-alike is not.
func (s *Service) ours(address string) bool { return strings.HasSuffix(address, "@"+s.config.Domain) }

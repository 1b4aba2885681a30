package mailbox

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/postgres"
)

// waiting is a member whose address is awaited, with the facts that decide.
type waiting struct {
	ID              uuid.UUID     `db:"id"`
	Username        string        `db:"username"`
	Fullname        string        `db:"fullname"`
	Domain          string        `db:"domain"`
	Primary         string        `db:"primary_email"`
	Secondary       string        `db:"secondary_email"`
	Communication   string        `db:"communication_email"`
	Redirection     bool          `db:"email_is_redirection"`
	Type            string        `db:"member_type"`
	Status          member.Status `db:"status"`
	StatusChangedAt time.Time     `db:"status_changed_at"`
	Active          bool          `db:"active"`      // on the day given
	HasMission      bool          `db:"has_mission"` // whatever its dates
	Plan            Plan          `db:"plan"`        // of an incubator of the latest mission; empty: the default
	Holder          string        `db:"holder"`      // username of who already holds the address to be made; empty: nobody
}

// waitingQuery reads members with, for the address that they should get ($1: day, $2: domain,
// $3: suffix of redirections, $4: incubators with Exchange), who holds it already.
const waitingQuery = `
	SELECT m.id, m.username, m.fullname, m.domain,
	       coalesce(m.primary_email, '') AS primary_email,
	       coalesce(m.secondary_email, '') AS secondary_email,
	       m.communication_email, m.email_is_redirection,
	       coalesce(m.member_type, '') AS member_type,
	       m.primary_email_status AS status,
	       m.primary_email_status_changed_at AS status_changed_at,
	       EXISTS (SELECT FROM mission x
	               WHERE x.member_id = m.id AND (x.end_day IS NULL OR x.end_day >= $1)) AS active,
	       EXISTS (SELECT FROM mission x WHERE x.member_id = m.id) AS has_mission,
	       coalesce((
	           SELECT coalesce(i.mailbox_plan, 'EMAIL_PLAN_EXCHANGE')
	           FROM mission_startup ms
	           JOIN startup s ON s.id = ms.startup_id
	           JOIN incubator i ON i.id = s.incubator_id
	           WHERE ms.mission_id = (
	                   SELECT x.id FROM mission x
	                   WHERE x.member_id = m.id
	                   ORDER BY x.end_day DESC NULLS FIRST, x.start_day DESC, x.id
	                   LIMIT 1)
	             AND (i.mailbox_plan IS NOT NULL OR i.slug = ANY($4::text[]))
	           ORDER BY array_position(ARRAY['EMAIL_PLAN_EXCHANGE', 'EMAIL_PLAN_PRO', 'EMAIL_PLAN_BASIC'],
	                                   coalesce(i.mailbox_plan, 'EMAIL_PLAN_EXCHANGE'))
	           LIMIT 1), '') AS plan,
	       coalesce((
	           SELECT o.username
	           FROM member_address a
	           JOIN member o ON o.id = a.member_id
	           WHERE o.id <> m.id
	             AND a.address = m.username || CASE WHEN m.email_is_redirection THEN $3::text ELSE '' END || '@' || $2::text), '') AS holder
	FROM member m
	WHERE `

// inStatus lists the members in some states, by username.
func (s *Service) inStatus(ctx context.Context, day clock.Day, statuses ...member.Status) ([]waiting, error) {
	return postgres.All[waiting](ctx, s.db, waitingQuery+`m.primary_email_status = ANY($5::text[])
	ORDER BY m.username`, day, s.config.Domain, s.config.RedirectionSuffix, s.incubators(), names(statuses))
}

// reread gives the facts of one member as they are now.
func (s *Service) reread(ctx context.Context, id uuid.UUID) (waiting, error) {
	return s.readIn(ctx, s.db, id)
}

// readIn is reread inside a transaction that may have changed them.
func (s *Service) readIn(ctx context.Context, db postgres.DB, id uuid.UUID) (waiting, error) {
	return postgres.One[waiting](ctx, db, "Ce membre n’existe plus.", waitingQuery+`m.id = $5`,
		clock.Today(s.clock), s.config.Domain, s.config.RedirectionSuffix, s.incubators(), id)
}

func (s *Service) incubators() []string {
	if s.config.ExchangeIncubators == nil {
		return []string{}
	}
	return s.config.ExchangeIncubators
}

func names(statuses []member.Status) []string {
	list := make([]string, len(statuses))
	for i, status := range statuses {
		list[i] = string(status)
	}
	return list
}

package onboarding

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/postgres"
)

// newcomer is a member whose record waits to be checked by themself, with the facts that decide.
type newcomer struct {
	ID        uuid.UUID     `db:"id"`
	Username  string        `db:"username"`
	Fullname  string        `db:"fullname"`
	Secondary string        `db:"secondary_email"`
	Status    member.Status `db:"status"`
	Since     time.Time     `db:"since"`   // of the state
	Active    bool          `db:"active"`  // on the day given
	Invited   bool          `db:"invited"` // since the state began
	Creator   string        `db:"creator"` // full name; empty: nobody
}

// newcomerQuery reads members on a day ($1); $2 is the code of an invitation in the history.
const newcomerQuery = `
	SELECT m.id, m.username, m.fullname,
	       coalesce(m.secondary_email, '') AS secondary_email,
	       m.primary_email_status AS status,
	       m.primary_email_status_changed_at AS since,
	       EXISTS (SELECT FROM mission x
	               WHERE x.member_id = m.id AND (x.end_day IS NULL OR x.end_day >= $1)) AS active,
	       EXISTS (SELECT FROM audit_event e
	               WHERE e.member_id = m.id AND e.code = $2
	                 AND e.at >= m.primary_email_status_changed_at) AS invited,
	       coalesce(c.fullname, '') AS creator
	FROM member m
	LEFT JOIN member c ON c.username = m.created_by AND c.id <> m.id
	WHERE `

// waiting lists the members who have not checked their record yet, by username.
func (s *Service) waiting(ctx context.Context, today clock.Day) ([]newcomer, error) {
	return postgres.All[newcomer](ctx, s.db, newcomerQuery+`m.primary_email_status = $3
	ORDER BY m.username`, today, codeInvited, member.StatusVerificationWaiting)
}

// reread gives the facts of one member as they are now, seen on a day.
func (s *Service) reread(ctx context.Context, id uuid.UUID, day clock.Day) (newcomer, error) {
	return postgres.One[newcomer](ctx, s.db, "Ce membre n’existe plus.", newcomerQuery+`m.id = $3`,
		day, codeInvited, id)
}

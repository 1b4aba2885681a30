package signin

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/actor"
	"github.com/betagouv/espace-membre/internal/platform/audit"
	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/platform/postgres"
)

// CodeSessionsClosed is the audit code of sessions closed on purpose.
const CodeSessionsClosed audit.Code = "MEMBER_SESSIONS_CLOSED"

// Revoke ends sessions of a member in a transaction, and counts them; platform/session does.
type Revoke func(ctx context.Context, db postgres.DB, member uuid.UUID) (int64, error)

// MaySeeSessions tells whether somebody may see and close the sessions of a member: the member,
// and administrators. Forbidden otherwise.
func MaySeeSessions(who actor.Actor, of uuid.UUID) error {
	switch {
	case !who.LoggedIn():
		return fault.New(fault.Forbidden, "", "nobody is logged in")
	case who.ID == of:
		return nil
	}
	return member.Can(who, member.Administer, member.Subject{})
}

// CloseSessions ends the sessions of a member that revoke says, with the links that wait in a
// mailbox, and counts the sessions. It is Forbidden but to the member and to administrators.
func (s *Service) CloseSessions(ctx context.Context, who actor.Actor, username string, revoke Revoke) (closed int64, err error) {
	m, err := member.ByUsername(ctx, s.db, username)
	if err != nil {
		return 0, err
	}
	if err := MaySeeSessions(who, m.ID); err != nil {
		return 0, err
	}
	err = postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		if closed, err = revoke(ctx, tx, m.ID); err != nil {
			return fmt.Errorf("close the sessions of %s: %w", m.Username, err)
		}
		if err := s.revokeOthers(ctx, tx, m.ID, uuid.Nil); err != nil {
			return err
		}
		return audit.Write(ctx, tx, audit.Event{
			At: s.clock.Now(), Actor: who.Username, Code: CodeSessionsClosed, Member: m.ID, Subject: m.Username,
			After: map[string]int64{"sessions": closed},
		})
	})
	return closed, err
}

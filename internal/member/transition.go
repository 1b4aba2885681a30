package member

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/betagouv/espace-membre/internal/platform/audit"
	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/platform/postgres"
)

// CodeStatusChanged is the audit event of every transition.
const CodeStatusChanged audit.Code = "MEMBER_EMAIL_STATUS_UPDATED"

// Change is one step in the life of a primary address.
type Change struct {
	To     Status
	From   []Status // states in which it is still wanted; empty: any from which it is legal
	At     time.Time
	Actor  string // username, or "system"
	Reason string // French
	// PrimaryEmail and SecondaryEmail replace the addresses when they are not nil; the empty
	// text removes the address.
	PrimaryEmail   *string
	SecondaryEmail *string
}

// Transition moves a primary address to another state: the state, its date and an audit event
// in the caller's transaction. It is a Conflict when the member is in none of the wanted
// states, or when the step is not a legal one (see Steps). A step that does not say who, when
// and why is our mistake.
func Transition(ctx context.Context, tx postgres.DB, id uuid.UUID, c Change) error {
	before, err := lockAddresses(ctx, tx, id)
	if err != nil {
		return err
	}
	if !before.Status.MayBecome(c.To) || len(c.From) > 0 && !slices.Contains(c.From, before.Status) {
		return fault.New(fault.Conflict, "L’adresse n’est plus dans l’état attendu.",
			"member %s is in state %s, cannot become %s", id, before.Status, c.To)
	}
	if c.Actor == "" || c.At.IsZero() || c.Reason == "" {
		return fmt.Errorf("move the address of member %s to %s: without actor, date or reason", id, c.To)
	}
	after := before
	after.Status = c.To
	after.Primary = replaced(before.Primary, c.PrimaryEmail)
	after.Secondary = replaced(before.Secondary, c.SecondaryEmail)
	_, err = tx.Exec(ctx, `
		UPDATE member
		SET primary_email_status = $2,
		    primary_email_status_changed_at = $3,
		    primary_email = NULLIF($4, ''),
		    secondary_email = NULLIF($5, ''),
		    updated_at = $3
		WHERE id = $1`, id, after.Status, c.At, after.Primary, after.Secondary)
	if err != nil {
		return fmt.Errorf("move the address of member %s to %s: %w", id, c.To, postgres.Fault(err))
	}
	return audit.Write(ctx, tx, audit.Event{
		At: c.At, Actor: c.Actor, Code: CodeStatusChanged, Member: id, Subject: before.Username, Reason: c.Reason,
		Before: before.told(), After: after.told(),
	})
}

// CodeSecondaryErased is the audit event of ForgetSecondary.
const CodeSecondaryErased audit.Code = "MEMBER_SECONDARY_EMAIL_DELETED"

// ForgetSecondary erases the private address of a member, and tells that it did without telling
// the address. It is a Conflict when the primary address is in none of the wanted states.
func ForgetSecondary(ctx context.Context, tx postgres.DB, id uuid.UUID, c Change) error {
	before, err := lockAddresses(ctx, tx, id)
	if err != nil {
		return err
	}
	if !slices.Contains(c.From, before.Status) {
		return fault.New(fault.Conflict, "L’adresse n’est plus dans l’état attendu.", "member %s is in state %s", id, before.Status)
	}
	_, err = tx.Exec(ctx, `
		UPDATE member
		SET secondary_email = NULL,
		    updated_at = $2
		WHERE id = $1`, id, c.At)
	if err != nil {
		return fmt.Errorf("erase the secondary address of member %s: %w", id, postgres.Fault(err))
	}
	return audit.Write(ctx, tx, audit.Event{
		At: c.At, Actor: c.Actor, Code: CodeSecondaryErased, Member: id, Subject: before.Username, Reason: c.Reason,
	})
}

func replaced(before string, by *string) string {
	if by == nil {
		return before
	}
	return NormalizeAddress(*by)
}

// addresses is what a transition changes of a member.
type addresses struct {
	Username  string
	Status    Status
	Primary   string
	Secondary string
}

// told is the part that the history keeps: the secondary address is private and stays out.
func (a addresses) told() map[string]string {
	return map[string]string{"status": string(a.Status), "primary_email": a.Primary}
}

func lockAddresses(ctx context.Context, tx postgres.DB, id uuid.UUID) (addresses, error) {
	return postgres.One[addresses](ctx, tx, "Ce membre n’existe pas.", `
		SELECT username,
		       primary_email_status AS status,
		       COALESCE(primary_email, '') AS primary,
		       COALESCE(secondary_email, '') AS secondary
		FROM member
		WHERE id = $1
		FOR UPDATE`, id)
}

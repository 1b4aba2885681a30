package member

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/betagouv/espace-membre/internal/platform/audit"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/platform/postgres"
)

// CodeEndChanged is the event of a mission whose last day moves.
const CodeEndChanged audit.Code = "MEMBER_END_DATE_UPDATED"

// Lengthening moves the last day of a member's last mission.
type Lengthening struct {
	To     clock.Day // new last day
	At     time.Time
	Actor  string // username
	Reason string // French
}

// LengthenLastMission moves the last day of the mission that ends last to a later day. It is a
// Conflict when that mission has no end, or ends that day or later already; when there is no
// mission it is one too. Rights are the caller's to ask.
func LengthenLastMission(ctx context.Context, tx postgres.DB, id uuid.UUID, l Lengthening) error {
	username, err := usernameOf(ctx, tx, id)
	if err != nil {
		return err
	}
	type row struct {
		ID  uuid.UUID
		End clock.Day
	}
	missions, err := postgres.All[row](ctx, tx, `
		SELECT id, end_day AS end
		FROM mission
		WHERE member_id = $1
		ORDER BY end_day DESC NULLS FIRST, start_day DESC, id
		FOR UPDATE`, id)
	switch {
	case err != nil:
		return fmt.Errorf("read the last mission of %s: %w", username, err)
	case len(missions) == 0:
		return fault.New(fault.Conflict, "Cette fiche n’a aucune mission à prolonger.", "%s has no mission", username)
	case missions[0].End.IsZero() || !missions[0].End.Before(l.To):
		return fault.New(fault.Conflict, "La mission dure déjà au moins jusque-là.", "the last mission of %s ends on %q", username, missions[0].End)
	}
	_, err = tx.Exec(ctx, `
		UPDATE mission
		SET end_day = $2
		WHERE id = $1`, missions[0].ID, l.To)
	if err != nil {
		return fmt.Errorf("lengthen the last mission of %s: %w", username, postgres.Fault(err))
	}
	return audit.Write(ctx, tx, audit.Event{
		At: l.At, Actor: l.Actor, Code: CodeEndChanged, Member: id, Subject: username, Reason: l.Reason,
		Before: map[string]string{"end": missions[0].End.String()}, After: map[string]string{"end": l.To.String()},
	})
}

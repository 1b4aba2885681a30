package audit

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/betagouv/espace-membre/internal/platform/postgres"
)

// line is an event as WriteAll sends it.
type line struct {
	At      time.Time       `json:"at"`
	Actor   string          `json:"actor"`
	Code    Code            `json:"code"`
	Member  *uuid.UUID      `json:"member"`
	Startup *uuid.UUID      `json:"startup"`
	Subject string          `json:"subject"`
	Reason  string          `json:"reason"`
	Before  json.RawMessage `json:"before"`
	After   json.RawMessage `json:"after"`
}

// WriteAll adds many events in one statement, in the transaction of the changes that they tell.
func WriteAll(ctx context.Context, db postgres.DB, events []Event) error {
	if len(events) == 0 {
		return nil
	}
	lines := make([]line, len(events))
	for i, e := range events {
		before, err := encode(e.Before)
		if err != nil {
			return err
		}
		after, err := encode(e.After)
		if err != nil {
			return err
		}
		lines[i] = line{e.At, e.Actor, e.Code, known(e.Member), known(e.Startup), e.Subject, e.Reason, before, after}
	}
	text, err := json.Marshal(lines)
	if err != nil {
		return fmt.Errorf("encode audit events: %w", err)
	}
	_, err = db.Exec(ctx, `
		INSERT INTO audit_event (at, actor, code, member_id, startup_id, subject, reason, before, after)
		SELECT at, actor, code, member, startup, subject, reason, NULLIF(before, 'null'), NULLIF(after, 'null')
		FROM ROWS FROM (jsonb_to_recordset($1::jsonb) AS (at timestamptz, actor text, code text, member uuid, startup uuid,
		    subject text, reason text, before jsonb, after jsonb)) WITH ORDINALITY AS e (at, actor, code, member, startup,
		    subject, reason, before, after, n)
		ORDER BY n`, string(text))
	if err != nil {
		return fmt.Errorf("write %d audit events: %w", len(events), postgres.Fault(err))
	}
	return nil
}

func known(id uuid.UUID) *uuid.UUID {
	if id == uuid.Nil {
		return nil
	}
	return &id
}

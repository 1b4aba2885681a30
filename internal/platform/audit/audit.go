// Package audit is the history of what people and jobs changed: who, when, what, before and
// after. Events are only ever added.
//
// Tables: audit_event.
package audit

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/betagouv/espace-membre/internal/platform/postgres"
)

// Code names a kind of event; the reference's codes are kept.
type Code string

// Event is one line of the history.
type Event struct {
	At      time.Time // instant, from the clock of the caller
	Actor   string    // username, or "system"
	Code    Code
	Member  uuid.UUID // member concerned, nil uuid when none
	Startup uuid.UUID // product concerned, nil uuid when none
	Subject string    // public handle of what is concerned (username, slug), kept if it is deleted
	Reason  string    // French, may be empty
	Before  any       // JSON values; nil when there is none
	After   any
}

// Write adds an event, in the transaction of the change that it tells.
func Write(ctx context.Context, db postgres.DB, e Event) error {
	before, err := encode(e.Before)
	if err != nil {
		return err
	}
	after, err := encode(e.After)
	if err != nil {
		return err
	}
	_, err = db.Exec(ctx, `
		INSERT INTO audit_event (at, actor, code, member_id, startup_id, subject, reason, before, after)
		VALUES ($1, $2, $3, NULLIF($4, '00000000-0000-0000-0000-000000000000'::uuid),
		        NULLIF($5, '00000000-0000-0000-0000-000000000000'::uuid), $6, $7, $8, $9)`,
		e.At, e.Actor, e.Code, e.Member, e.Startup, e.Subject, e.Reason, before, after)
	if err != nil {
		return fmt.Errorf("write audit event %s: %w", e.Code, postgres.Fault(err))
	}
	return nil
}

func encode(v any) (json.RawMessage, error) {
	if v == nil {
		return nil, nil
	}
	text, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("encode audit value: %w", err)
	}
	return text, nil
}

// Entry is an event as read back.
type Entry struct {
	ID      int64
	At      time.Time
	Actor   string
	Code    Code
	Subject string
	Reason  string
	Before  json.RawMessage
	After   json.RawMessage
}

// OfMember lists the newest events about a member, at most limit.
func OfMember(ctx context.Context, db postgres.DB, member uuid.UUID, limit int) ([]Entry, error) {
	return postgres.All[Entry](ctx, db, `
		SELECT id, at, actor, code, subject, reason, before, after
		FROM audit_event
		WHERE member_id = $1
		ORDER BY at DESC, id DESC
		LIMIT $2`, member, limit)
}

package member

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/betagouv/espace-membre/internal/platform/audit"
	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/platform/postgres"
)

// Version numbers what a record says: that of the last event which changed it. What happens to
// its addresses does not count. A form bears the version that it shows, so that two people who
// save the same record do not undo each other unknowingly.
type Version int64

// VersionOf gives the version of a record, to be read before what the form shows.
func VersionOf(ctx context.Context, db postgres.DB, id uuid.UUID) (Version, error) {
	version, err := postgres.Scalar[Version](ctx, db, `
		SELECT COALESCE(max(id), 0)
		FROM audit_event
		WHERE member_id = $1
		  AND code = ANY($2)`, id, formCodes())
	if err != nil {
		return 0, fmt.Errorf("read the version of member %s: %w", id, err)
	}
	return version, nil
}

// ChangedMeanwhileError refuses to save over what somebody else saved since the form was read. It
// is a Conflict; the form bears Version when it is shown again, so that saving it then is meant.
type ChangedMeanwhileError struct {
	By       string // username, or "system"
	Fullname string // of By; empty: not a member
	At       time.Time
	Fields   []string // keys of the history, sorted: what changed since
	Version  Version
}

// Error gives the English text.
func (e *ChangedMeanwhileError) Error() string {
	return fmt.Sprintf("%s changed %v meanwhile", e.By, e.Fields)
}

// Unwrap makes it a Conflict.
func (e *ChangedMeanwhileError) Unwrap() error {
	return &fault.Error{Kind: fault.Conflict, Public: "Cette fiche a changé pendant que tu la modifiais : recharge la page et recommence."}
}

// changedSince tells what others than an actor changed of a record since a version; nil when they
// changed nothing, and when the draft was made from no form.
func changedSince(ctx context.Context, db postgres.DB, actor string, id uuid.UUID, seen *Version, codes []audit.Code) (*ChangedMeanwhileError, error) {
	if seen == nil {
		return nil, nil
	}
	type row struct {
		ID              Version
		At              time.Time
		Actor, Fullname string
		Code            audit.Code
		After           json.RawMessage
	}
	rows, err := postgres.All[row](ctx, db, `
		SELECT event.id, event.at, event.actor, COALESCE(member.fullname, '') AS fullname, event.code, event.after
		FROM audit_event AS event
		LEFT JOIN member ON member.username = event.actor
		WHERE event.member_id = $1
		  AND event.id > $2
		  AND event.code = ANY($3)
		  AND event.actor <> $4
		ORDER BY event.id`, id, *seen, codes, actor)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	last := rows[len(rows)-1]
	changed := map[string]bool{}
	for _, r := range rows {
		for _, key := range changedKeys(r.Code, r.After) {
			changed[key] = true
		}
	}
	return &ChangedMeanwhileError{
		By: last.Actor, Fullname: last.Fullname, At: last.At, Fields: slices.Sorted(maps.Keys(changed)), Version: last.ID,
	}, nil
}

// changedKeys are the fields that an event changed.
func changedKeys(code audit.Code, after json.RawMessage) []string {
	if slices.Contains(missionCodes(), code) {
		return []string{"missions"}
	}
	var values struct {
		Private map[string]json.RawMessage `json:"private"`
	}
	_ = json.Unmarshal(after, &values) // an event without values changed nothing that a form shows
	return slices.Concat(slices.Collect(maps.Keys(PublicPart(after))), slices.Collect(maps.Keys(values.Private)))
}

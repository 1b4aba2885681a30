package profile

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/actor"
	"github.com/betagouv/espace-membre/internal/platform/audit"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/platform/postgres"
)

// HistoryPageSize is how many events a page of a history shows.
const HistoryPageSize = 20

// HistoryFilter says which events are wanted. Empty fields do not filter.
type HistoryFilter struct {
	Kind     Kind
	From, To clock.Day // both included
	Page     int       // from 1
}

// HistoryPage is a page of a history, the newest event first.
type HistoryPage struct {
	Events []HistoryEvent
	Total  int // events found by the filter
}

// HistoryEvent is one event, in words.
type HistoryEvent struct {
	ID         int64
	At         time.Time
	Actor      string // username, or "system"
	ByMember   bool   // the actor is a member, whose page can be opened
	Code       audit.Code
	Label      string
	Reason     string // French, may be empty
	Changes    []FieldChange
	Restorable bool // the viewer may give back the values before it
}

// History reads the events about a member: Forbidden without the right. What the machinery writes
// of its own work is shown to administrators who ask for that kind, and in no other list.
func (s *Service) History(ctx context.Context, viewer actor.Actor, r Record, f HistoryFilter) (HistoryPage, error) {
	if err := member.Can(viewer, member.ViewHistory, r.Subject); err != nil {
		return HistoryPage{}, err
	}
	if f.Kind == KindJobs && !viewer.Admin {
		f.Kind = ""
	}
	rows, err := s.historyRows(ctx, r, f)
	if err != nil {
		return HistoryPage{}, err
	}
	w, err := s.wording(ctx, rows)
	if err != nil {
		return HistoryPage{}, err
	}
	restores := s.ports.Restorer != nil && member.Can(viewer, member.RestoreHistory, r.Subject) == nil
	page := HistoryPage{Events: make([]HistoryEvent, len(rows))}
	for i, row := range rows {
		page.Total = row.Total
		page.Events[i] = HistoryEvent{
			ID: row.ID, At: row.At, Actor: row.Actor, ByMember: row.ByMember, Code: row.Code, Label: EventLabel(row.Code), Reason: row.Reason,
			Changes: changes(row.Code, row.Before, row.After, w), Restorable: restores && member.Restorable(row.Code) && len(row.Before) > 0,
		}
	}
	return page, nil
}

type historyRow struct {
	ID            int64
	At            time.Time
	Actor         string
	ByMember      bool
	Code          audit.Code
	Reason        string
	Before, After json.RawMessage
	Total         int
}

func (s *Service) historyRows(ctx context.Context, r Record, f HistoryFilter) ([]historyRow, error) {
	from, to := time.Time{}, time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)
	if !f.From.IsZero() {
		from = f.From.At(0, 0)
	}
	if !f.To.IsZero() {
		to = f.To.Add(1).At(0, 0)
	}
	rows, err := postgres.All[historyRow](ctx, s.db, `
		SELECT id, at, actor,
		       EXISTS (SELECT FROM member WHERE member.username = audit_event.actor) AS by_member,
		       code, reason, before, after,
		       count(*) OVER () AS total
		FROM audit_event
		WHERE member_id = $1
		  AND at >= $2
		  AND at < $3
		  AND CASE $4
		          WHEN '' THEN NOT code = ANY($6)
		          WHEN 'autres' THEN NOT code = ANY($5)
		          ELSE code = ANY($5)
		      END
		ORDER BY at DESC, id DESC
		LIMIT $7 OFFSET $8`,
		r.Member.ID, from, to, f.Kind, codesOf(f.Kind), codesOf(KindJobs), HistoryPageSize, HistoryPageSize*(max(1, f.Page)-1))
	if err != nil {
		return nil, fmt.Errorf("read the history of member %s: %w", r.Member.ID, err)
	}
	return rows, nil
}

// wording finds the names of the products and teams that events tell by their slug.
func (s *Service) wording(ctx context.Context, rows []historyRow) (wording, error) {
	type named struct{ Kind, Slug, Name string }
	slugs := map[string][]string{"startups": {}, "teams": {}}
	for _, row := range rows {
		collect(slugs, values(row.Before))
		collect(slugs, values(row.After))
	}
	found, err := postgres.All[named](ctx, s.db, `
		SELECT 'startup' AS kind, slug, name
		FROM startup
		WHERE slug = ANY($1)
		UNION ALL
		SELECT 'team', slug, name
		FROM team
		WHERE slug = ANY($2)`, slugs["startups"], slugs["teams"])
	if err != nil {
		return wording{}, fmt.Errorf("read the names that a history tells: %w", err)
	}
	names := map[string]string{}
	for _, one := range found {
		names[one.Kind+"/"+one.Slug] = one.Name
	}
	return wording{
		city:    s.config.CityName,
		product: func(slug string) string { return orItself(names["startup/"+slug], slug) },
		team:    func(slug string) string { return orItself(names["team/"+slug], slug) },
	}, nil
}

// collect adds the texts that stand in lists under the keys of found, at any depth.
func collect(found map[string][]string, value any) {
	switch v := value.(type) {
	case []any:
		for _, one := range v {
			collect(found, one)
		}
	case map[string]any:
		for key, inner := range v {
			list, _ := inner.([]any)
			for _, one := range list {
				if text, ok := one.(string); ok && found[key] != nil {
					found[key] = append(found[key], text)
				}
			}
			collect(found, inner)
		}
	}
}

// Restore gives back the values that stood before an event about a member, and tells whether
// anything was not the same. The event must be of that member: NotFound otherwise.
func (s *Service) Restore(ctx context.Context, who actor.Actor, r Record, event int64) (changed bool, err error) {
	if err := member.Can(who, member.RestoreHistory, r.Subject); err != nil {
		return false, err
	}
	if s.ports.Restorer == nil {
		return false, fault.New(fault.Unavailable, "Rien ne peut être rétabli pour l’instant.", "no restorer")
	}
	theirs, err := postgres.Scalar[bool](ctx, s.db, `
		SELECT EXISTS (
		    SELECT FROM audit_event
		    WHERE id = $1 AND member_id = $2)`, event, r.Member.ID)
	if err != nil {
		return false, fmt.Errorf("look for event %d: %w", event, err)
	}
	if !theirs {
		return false, fault.New(fault.NotFound, "Cet événement n’existe pas.", "event %d is not about member %s", event, r.Member.ID)
	}
	return s.ports.Restorer.RestoreVersion(ctx, who, event)
}

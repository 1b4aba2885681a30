package worker

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/job"
	"github.com/betagouv/espace-membre/internal/platform/postgres"
)

// RunView is a run as people and machines read it.
type RunView struct {
	ID         uuid.UUID               `json:"id"`
	Job        string                  `json:"job"`
	Slot       *time.Time              `json:"slot"`
	Trigger    string                  `json:"trigger"`
	Actor      string                  `json:"actor"`
	Today      clock.Day               `json:"today"`
	State      string                  `json:"state"`
	Version    int                     `json:"version"`
	Population int                     `json:"population"`
	Counts     map[string]int          `json:"counts"`  // actions by state
	Skipped    map[string]SkippedGroup `json:"skipped"` // by reason
	Hold       string                  `json:"hold,omitempty"`
	Error      string                  `json:"error,omitempty"`
	Repeats    int                     `json:"repeats,omitempty"` // the same failure again, so many times
	StartedAt  time.Time               `json:"started_at"`
	ClosedAt   *time.Time              `json:"closed_at"`
	// Actions are all of them for RunByID; for History, those that are held, failed or uncertain.
	Actions []ActionView `json:"actions"`
}

// ActionView is an action as people and machines read it; never its arguments nor its secret.
type ActionView struct {
	ID          int64           `json:"id"`
	Key         string          `json:"key"`
	Round       int             `json:"round"`
	Mode        job.Mode        `json:"mode"`
	Job         string          `json:"job"`
	RunID       *uuid.UUID      `json:"run"` // null when asked from a page
	Actor       string          `json:"actor"`
	Verb        string          `json:"verb"`
	SubjectID   *uuid.UUID      `json:"subject_id"`
	Label       string          `json:"subject"`
	Reason      string          `json:"reason"`
	Destructive bool            `json:"destructive"`
	State       job.ActionState `json:"state"`
	Attempt     int             `json:"attempt"`
	NotBefore   time.Time       `json:"not_before"`
	LastError   string          `json:"last_error,omitempty"`
	CreatedAt   time.Time       `json:"created_at"`
	StartedAt   *time.Time      `json:"started_at"`
	ClosedAt    *time.Time      `json:"closed_at"`
}

// HistoryFilter chooses runs; zero fields choose all.
type HistoryFilter struct {
	Job   string
	State string
	Limit int // 0: 50
}

type runRow struct {
	ID         uuid.UUID
	Job        string
	Slot       *time.Time
	Trigger    string
	Actor      string
	Today      clock.Day
	State      string
	Version    int
	Population int
	Counts     json.RawMessage
	Skipped    json.RawMessage
	Hold       string
	Error      string
	Repeats    int
	StartedAt  time.Time
	ClosedAt   *time.Time
}

// History lists runs, newest first, each with its actions that ask for somebody's attention.
func (w *Worker) History(ctx context.Context, f HistoryFilter) ([]RunView, error) {
	if spec, ok := w.specs[f.Job]; ok {
		f.Job = spec.Name
	}
	if f.Limit <= 0 {
		f.Limit = 50
	}
	runs, err := w.runViews(ctx, "($1 = '' OR job = $1) AND ($2 = '' OR state = $2) ORDER BY started_at DESC, id LIMIT $3", f.Job, f.State, f.Limit)
	if err != nil || len(runs) == 0 {
		return runs, err
	}
	ids, place := make([]uuid.UUID, len(runs)), map[uuid.UUID]int{}
	for i, r := range runs {
		ids[i], place[r.ID] = r.ID, i
	}
	actions, err := w.actionViews(ctx, "run_id = ANY($1) AND state IN ('held', 'failed', 'uncertain') ORDER BY id", ids)
	for _, a := range actions {
		i := place[*a.RunID]
		runs[i].Actions = append(runs[i].Actions, a)
	}
	return runs, err
}

// RunByID gives one run with all its actions.
func (w *Worker) RunByID(ctx context.Context, id uuid.UUID) (RunView, error) {
	runs, err := w.runViews(ctx, "id = $1", id)
	if err != nil {
		return RunView{}, err
	}
	if len(runs) == 0 {
		return RunView{}, noRun(id)
	}
	runs[0].Actions, err = w.actionViews(ctx, "run_id = $1 ORDER BY id", id)
	return runs[0], err
}

func (w *Worker) runViews(ctx context.Context, where string, args ...any) ([]RunView, error) {
	rows, err := postgres.All[runRow](ctx, w.pool, `
		SELECT id, job, slot, trigger, actor, today, state, version, population,
		       CASE WHEN state IN ('applying', 'held')
		            THEN (SELECT COALESCE(jsonb_object_agg(c.state, c.n), '{}')
		                  FROM (SELECT a.state, count(*) AS n FROM job_action a WHERE a.run_id = r.id GROUP BY a.state) c)
		            ELSE counts
		       END AS counts,
		       skipped, hold, error, repeats, started_at, closed_at
		FROM job_run r
		WHERE `+where, args...)
	if err != nil {
		return nil, fmt.Errorf("read the history: %w", err)
	}
	views := make([]RunView, len(rows))
	for i, r := range rows {
		v := RunView{
			ID: r.ID, Job: r.Job, Slot: r.Slot, Trigger: r.Trigger, Actor: r.Actor, Today: r.Today, State: r.State,
			Version: r.Version, Population: r.Population, Hold: r.Hold, Error: r.Error, Repeats: r.Repeats,
			StartedAt: r.StartedAt, ClosedAt: r.ClosedAt, Actions: []ActionView{},
		}
		if err := json.Unmarshal(r.Counts, &v.Counts); err != nil {
			return nil, fmt.Errorf("read the counts of a run: %w", err)
		}
		if err := json.Unmarshal(r.Skipped, &v.Skipped); err != nil {
			return nil, fmt.Errorf("read the skipped of a run: %w", err)
		}
		views[i] = v
	}
	return views, nil
}

// ActionFilter chooses actions; zero fields choose all.
type ActionFilter struct {
	States      []job.ActionState // empty: the open ones
	Subject     uuid.UUID
	Job         string
	ClosedSince time.Time // also those closed after this instant; zero: none
	Limit       int       // 0: 200
}

// Actions lists actions, newest first: by default those that are open.
func (w *Worker) Actions(ctx context.Context, f ActionFilter) ([]ActionView, error) {
	if f.Limit <= 0 {
		f.Limit = 200
	}
	if spec, ok := w.specs[f.Job]; ok {
		f.Job = spec.Name
	}
	states := []string{"held", "planned", "started", "failed", "uncertain"}
	if len(f.States) > 0 {
		states = states[:0]
		for _, s := range f.States {
			states = append(states, string(s))
		}
	}
	var since *time.Time
	if !f.ClosedSince.IsZero() {
		since = &f.ClosedSince
	}
	return w.actionViews(ctx, `(state = ANY($1) OR closed_at >= $2)
		  AND ($3::uuid IS NULL OR subject = $3)
		  AND ($4 = '' OR job = $4)
		ORDER BY id DESC
		LIMIT $5`, states, since, orNull(f.Subject), f.Job, f.Limit)
}

// OfSubject lists what a page shows of a member or product: what is open, and what was closed
// within 24 hours.
func (w *Worker) OfSubject(ctx context.Context, subject uuid.UUID) ([]ActionView, error) {
	return w.Actions(ctx, ActionFilter{Subject: subject, ClosedSince: w.clock.Now().Add(-24 * time.Hour)})
}

func (w *Worker) actionViews(ctx context.Context, where string, args ...any) ([]ActionView, error) {
	views, err := postgres.All[ActionView](ctx, w.pool, `
		SELECT id, key, round, mode, job, run_id, actor, verb, subject AS subject_id, label, reason, destructive, state,
		       attempt, not_before, last_error, created_at, started_at, closed_at
		FROM job_action
		WHERE `+where, args...)
	if err != nil {
		return nil, fmt.Errorf("read the actions: %w", err)
	}
	return views, nil
}

package webtest

import (
	"context"
	"errors"
	"slices"
	"sync"

	"github.com/jackc/pgx/v5"

	"github.com/betagouv/espace-membre/internal/platform/job"
	"github.com/betagouv/espace-membre/internal/platform/postgres"
)

// Requests stands for the worker: it keeps the actions that pages ask for, once a key, and
// lets a test apply them.
type Requests struct {
	mu      sync.Mutex
	pending []job.Action
	keys    []string
}

// Request keeps an action; the same key again does nothing.
func (q *Requests) Request(_ context.Context, _ pgx.Tx, action job.Action) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if slices.Contains(q.keys, action.Key) {
		return nil
	}
	q.keys = append(q.keys, action.Key)
	q.pending = append(q.pending, action)
	return nil
}

// Pending gives the actions asked and not yet taken.
func (q *Requests) Pending() []job.Action {
	q.mu.Lock()
	defer q.mu.Unlock()
	return slices.Clone(q.pending)
}

// Take empties the queue.
func (q *Requests) Take() []job.Action {
	q.mu.Lock()
	defer q.mu.Unlock()
	taken := q.pending
	q.pending = nil
	return taken
}

// Apply takes every action and applies it by the spec of its name; Record runs in a
// transaction as the worker's closing one does.
func (q *Requests) Apply(ctx context.Context, db postgres.DB, specs []job.Spec) ([]job.Outcome, error) {
	var outcomes []job.Outcome
	for _, action := range q.Take() {
		i := slices.IndexFunc(specs, func(s job.Spec) bool { return s.Name == action.Job })
		if i < 0 {
			return outcomes, errors.New("no spec named " + action.Job)
		}
		outcome, err := specs[i].Apply(ctx, action)
		if err != nil {
			return outcomes, err
		}
		if outcome.Record != nil {
			if err := postgres.InTx(ctx, db, func(tx pgx.Tx) error { return outcome.Record(ctx, tx) }); err != nil {
				return outcomes, err
			}
		}
		outcomes = append(outcomes, outcome)
	}
	return outcomes, nil
}

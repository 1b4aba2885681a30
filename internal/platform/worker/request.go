package worker

import (
	"cmp"
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/betagouv/espace-membre/internal/platform/actor"
	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/platform/job"
	"github.com/betagouv/espace-membre/internal/platform/postgres"
)

// Request records an action asked from a page or by another action, in the caller's transaction:
// it is applied once that commits. The same key again does nothing while it is open, ever for a
// once key, and within the hour after a state key was done. Asked by a person, it goes to the
// queue urgent unless it names another; asked by the system, to the queue of its spec.
func (w *Worker) Request(ctx context.Context, tx pgx.Tx, a job.Action) error {
	spec, err := w.spec(a.Job)
	if err != nil {
		return fmt.Errorf("request %s: %w", a.Key, err)
	}
	if err := checkAction(a); err != nil {
		return fault.New(fault.Internal, "", "request of %s: %w", a.Job, err)
	}
	a.Job = spec.Name
	a.Actor = cmp.Or(a.Actor, actor.From(ctx).Username, "system")
	if a.Queue == "" && a.Actor != "system" {
		a.Queue = job.QueueUrgent
	}
	a.Queue = queueOf(spec, a)
	if err := w.request(ctx, tx, a); err != nil {
		return fmt.Errorf("request %s: %w", a.Key, err)
	}
	return nil
}

func (w *Worker) request(ctx context.Context, tx pgx.Tx, a job.Action) error {
	now := w.clock.Now()
	rounds, err := w.rounds(ctx, tx, []string{a.Key})
	if err != nil {
		return err
	}
	var wakes []wakeUp
	switch v := judge(rounds[a.Key], a.Mode, now, w.timing.Settle); v.do {
	case reopen:
		wakes, err = reopenRows(ctx, tx, []int64{v.id}, uuid.Nil, now)
	case insert, unsteady: // a person may well ask a fourth time
		var c columns
		c.add(w, row{action: a, round: v.round, state: job.Planned}, now)
		wakes, _, err = w.insertRows(ctx, tx, &c, now)
	}
	if err != nil {
		return err
	}
	return w.wakeAll(ctx, tx, wakes)
}

// State tells where a key stands: its newest round, or job.Absent.
func (w *Worker) State(ctx context.Context, key string) (job.ActionState, error) {
	states, err := postgres.Column[job.ActionState](ctx, w.pool, `
		SELECT state
		FROM job_action
		WHERE key = $1
		ORDER BY round DESC
		LIMIT 1`, key)
	if err != nil {
		return job.Absent, fmt.Errorf("read the state of %s: %w", key, err)
	}
	if len(states) == 0 {
		return job.Absent, nil
	}
	return states[0], nil
}

package worker

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/job"
	"github.com/betagouv/espace-membre/internal/platform/postgres"
)

// sweepLock is the advisory lock under which one worker at a time repairs what others left.
const sweepLock = 0x6d656d627265 // "membre"

// Start begins to work in a role and returns at once. It goes on until Stop, whatever becomes of ctx.
func (w *Worker) Start(ctx context.Context, role Role) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.client != nil {
		return errors.New("worker: already started")
	}
	client, err := w.newClient(role)
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(context.WithoutCancel(ctx))
	if err := client.Start(context.WithoutCancel(ctx)); err != nil {
		stop()
		return fmt.Errorf("start River: %w", err)
	}
	w.client, w.stop = client, stop
	if role != RolePortal {
		w.ticking.Go(func() { w.tickUntil(ctx) })
	}
	return nil
}

// Stop ends the work: no new action is claimed, those at work are waited for until ctx ends, then
// cancelled. It must be called before the pool is closed.
func (w *Worker) Stop(ctx context.Context) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.client == nil {
		return nil
	}
	w.stop()
	err := w.client.Stop(ctx)
	if err != nil {
		last, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeTime)
		defer cancel()
		err = w.client.StopAndCancel(last)
	}
	w.ticking.Wait()
	w.client = nil
	if err != nil {
		return fmt.Errorf("stop River: %w", err)
	}
	return nil
}

func (w *Worker) tickUntil(ctx context.Context) {
	ticker := time.NewTicker(w.timing.Tick)
	defer ticker.Stop()
	for {
		w.tick(ctx)
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// tick looks once at everything. What fails is logged and tried again at the next tick.
func (w *Worker) tick(ctx context.Context) {
	_, err := guarded(func() (struct{}, error) {
		return struct{}{}, errors.Join(w.wakeDue(ctx), w.sweep(ctx), w.count(ctx), w.keepHouse(ctx))
	})
	if err != nil && ctx.Err() == nil {
		w.log.ErrorContext(ctx, "tick failed", "error", describe(err), "stack", stackOf(err))
	}
}

// wakeDue takes every due slot and asks River for its plan.
func (w *Worker) wakeDue(ctx context.Context) error {
	now := w.clock.Now()
	rows, err := w.jobRows(ctx, now)
	if err != nil {
		return err
	}
	var failed []error
	for _, d := range w.due(rows, now) {
		err := w.consume(ctx, d, now, func(tx pgx.Tx) error { return w.wakePlan(ctx, tx, d.spec.Name, d.slot) })
		if err != nil && !errors.Is(err, errTaken) {
			failed = append(failed, err)
		}
	}
	return errors.Join(failed...)
}

// sweep repairs: attempts whose process died, due actions and taken slots whose wake-up was lost.
func (w *Worker) sweep(ctx context.Context) error {
	return postgres.InTx(ctx, w.pool, func(tx pgx.Tx) error {
		mine, err := postgres.Scalar[bool](ctx, tx, `SELECT pg_try_advisory_xact_lock($1)`, sweepLock)
		if err != nil || !mine {
			return err
		}
		now := w.clock.Now()
		if err := w.bury(ctx, tx, now); err != nil {
			return err
		}
		if err := w.wakeForgotten(ctx, tx, now); err != nil {
			return err
		}
		return w.wakeLostPlans(ctx, tx, now)
	})
}

// wakeForgotten wakes River up for due actions that no wake-up stands for. One that has been
// running for long without a claim belongs to a process that died.
func (w *Worker) wakeForgotten(ctx context.Context, tx pgx.Tx, now time.Time) error {
	forgotten, err := postgres.All[wakeUp](ctx, tx, `
		WITH live AS MATERIALIZED (
		    SELECT (args ->> 'id')::bigint AS id, state
		    FROM river_job
		    WHERE kind = 'act'
		      AND state IN ('available', 'pending', 'scheduled', 'retryable', 'running')
		)
		SELECT id, queue
		FROM job_action a
		WHERE state = 'planned'
		  AND not_before <= $1
		  AND job = ANY($3)
		  AND (run_id IS NULL
		       OR job <> ALL($4) AND NOT EXISTS (SELECT FROM job j WHERE j.name = a.job AND j.paused_at IS NOT NULL))
		  AND NOT EXISTS (SELECT FROM live WHERE live.id = a.id AND (live.state <> 'running' OR a.not_before > $2))
		ORDER BY not_before, id
		LIMIT 1000`, now, now.Add(-w.timing.Died), w.known, listed(w.off))
	if err != nil {
		return fmt.Errorf("find forgotten actions: %w", err)
	}
	return w.wakeAll(ctx, tx, forgotten)
}

// wakeLostPlans asks again for the plan of a slot that was taken and never planned.
func (w *Worker) wakeLostPlans(ctx context.Context, tx pgx.Tx, now time.Time) error {
	type lost struct {
		Name     string
		LastSlot time.Time
	}
	rows, err := postgres.All[lost](ctx, tx, `
		SELECT name, last_slot
		FROM job j
		WHERE last_slot > first_seen_at
		  AND COALESCE(last_planned_at < last_slot, true)
		  AND paused_at IS NULL
		  AND name = ANY($1)
		  AND name <> ALL($2)
		  AND last_slot <= $3
		  AND NOT EXISTS (SELECT FROM river_job r
		                  WHERE r.kind = 'plan'
		                    AND r.args ->> 'job' = j.name
		                    AND r.state IN ('available', 'pending', 'scheduled', 'retryable', 'running'))`,
		w.known, listed(w.off), now)
	if err != nil {
		return fmt.Errorf("find lost plans: %w", err)
	}
	for _, l := range rows {
		if err := w.wakePlan(ctx, tx, l.Name, l.LastSlot); err != nil && !errors.Is(err, errTaken) {
			return err
		}
	}
	return nil
}

// count tells the observer how many actions stand open.
func (w *Worker) count(ctx context.Context) error {
	type group struct {
		State string
		N     int
	}
	rows, err := postgres.All[group](ctx, w.pool, `
		SELECT state, count(*) AS n
		FROM job_action
		WHERE state NOT IN ('done', 'moot')
		GROUP BY state`)
	if err != nil {
		return fmt.Errorf("count open actions: %w", err)
	}
	byState := map[string]int{}
	for _, r := range rows {
		byState[r.State] = r.N
	}
	w.metrics.OpenActions(byState)
	return nil
}

// planned tells whether a slot has had its plan: its wake-up was a double.
func (w *Worker) planned(ctx context.Context, name string, slot time.Time) (bool, error) {
	return postgres.Scalar[bool](ctx, w.pool, `
		SELECT EXISTS (SELECT FROM job WHERE name = $1 AND last_planned_at >= $2)`, name, slot)
}

// retention is how long what is closed stays readable.
const retention = 400 * 24 * time.Hour

// keepHouse, once a day and per process, forgets what is old. Once rows stay for ever, as the
// proof that they were done, without their arguments and reason.
func (w *Worker) keepHouse(ctx context.Context) error {
	now := w.clock.Now()
	today := clock.DayOf(now)
	if w.swept.Swap(today) == today {
		return nil
	}
	return w.forget(ctx, now.Add(-retention))
}

func (w *Worker) forget(ctx context.Context, before time.Time) error {
	return postgres.InTx(ctx, w.pool, func(tx pgx.Tx) error {
		for _, sql := range []string{`
			DELETE FROM job_action
			WHERE mode = '` + string(job.State) + `'
			  AND state IN ('done', 'moot')
			  AND closed_at < $1`, `
			UPDATE job_action
			SET args = NULL, reason = ''
			WHERE mode = '` + string(job.Once) + `'
			  AND state IN ('done', 'moot')
			  AND closed_at < $1
			  AND (args IS NOT NULL OR reason <> '')`, `
			DELETE FROM job_run
			WHERE state <> 'held'
			  AND closed_at < $1`} {
			if _, err := tx.Exec(ctx, sql, before); err != nil {
				return fmt.Errorf("forget what is old: %w", err)
			}
		}
		return nil
	})
}

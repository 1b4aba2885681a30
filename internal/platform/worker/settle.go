package worker

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/betagouv/espace-membre/internal/platform/postgres"
)

// settleRuns gives open runs the state of their actions. The run's lock makes concurrent closers
// count one after the other, so that the last one sees the work of all.
func (w *Worker) settleRuns(ctx context.Context, tx pgx.Tx, now time.Time, runs ...uuid.UUID) error {
	seen := map[uuid.UUID]bool{uuid.Nil: true}
	for _, run := range runs {
		if seen[run] {
			continue
		}
		seen[run] = true
		if err := w.settleRun(ctx, tx, now, run); err != nil {
			return fmt.Errorf("settle the run: %w", err)
		}
	}
	return nil
}

func (w *Worker) settleRun(ctx context.Context, tx pgx.Tx, now time.Time, run uuid.UUID) error {
	type locked struct {
		Job       string
		State     string
		StartedAt time.Time
	}
	rows, err := postgres.All[locked](ctx, tx, `
		SELECT job, state, started_at
		FROM job_run
		WHERE id = $1
		FOR UPDATE`, run)
	if err != nil || len(rows) == 0 || rows[0].State == "failed" || rows[0].State == "missed" {
		return err
	}
	state, err := stateOfRun(ctx, tx, run)
	if err != nil || state == rows[0].State && state != "ok" && state != "partial" {
		return err
	}
	var closed *time.Time
	if state == "ok" || state == "partial" {
		closed = &now
		w.metrics.RunRecorded(rows[0].Job, state, now.Sub(rows[0].StartedAt))
	}
	_, err = tx.Exec(ctx, `
		UPDATE job_run
		SET state = $2, closed_at = $3, hold = CASE WHEN $2 = 'held' THEN hold ELSE '' END,
		    counts = (SELECT COALESCE(jsonb_object_agg(state, n), '{}')
		              FROM (SELECT state, count(*) AS n FROM job_action WHERE run_id = $1 GROUP BY state) c)
		WHERE id = $1`, run, state, closed)
	return err
}

// stateOfRun: held while something waits for a person, applying while something is to be done,
// then ok, or partial when something failed or is uncertain.
func stateOfRun(ctx context.Context, tx pgx.Tx, run uuid.UUID) (string, error) {
	return postgres.Scalar[string](ctx, tx, `
		SELECT CASE
		       WHEN EXISTS (SELECT FROM job_action WHERE run_id = $1 AND state = 'held') THEN 'held'
		       WHEN EXISTS (SELECT FROM job_action WHERE run_id = $1 AND state IN ('planned', 'started')) THEN 'applying'
		       WHEN EXISTS (SELECT FROM job_action WHERE run_id = $1 AND state IN ('failed', 'uncertain')) THEN 'partial'
		       ELSE 'ok'
		       END`, run)
}

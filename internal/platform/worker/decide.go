package worker

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/betagouv/espace-membre/internal/platform/job"
	"github.com/betagouv/espace-membre/internal/platform/postgres"
)

// decision is a plan confronted with the ledger.
type decision struct {
	verdicts []verdict // one per action of the plan
	hold     string    // why the destructive actions need a person; "" when they do not
	held     *heldRun  // the job's run that waits for a person, if any
	approved bool
}

// heldRun is the one run of a job that waits for a person.
type heldRun struct {
	ID      uuid.UUID
	Version int
	Hold    string
}

// decide confronts a plan with the ledger. Reading only: record calls it under the job's lock.
func (w *Worker) decide(ctx context.Context, db postgres.DB, spec job.Spec, plan job.Plan, now time.Time) (decision, error) {
	var d decision
	rounds, err := w.rounds(ctx, db, keysOf(plan.Actions))
	if err != nil {
		return d, err
	}
	f := guardFacts{population: plan.Population, ceiling: spec.Ceiling, doubt: plan.Doubt}
	d.verdicts = make([]verdict, len(plan.Actions))
	for i, a := range plan.Actions {
		d.verdicts[i] = judge(rounds[a.Key], a.Mode, now, w.timing.Settle)
		if a.Destructive && waits(d.verdicts[i], rounds[a.Key]) {
			f.fresh++
		}
	}
	if f.recent, err = recentDestructive(ctx, db, spec.Name, now); err != nil {
		return d, err
	}
	if d.approved, err = approved(ctx, db, spec.Name); err != nil {
		return d, err
	}
	f.approved = d.approved || w.options.SelfApprove
	d.hold = holdReason(f)
	d.held, err = heldOf(ctx, db, spec.Name)
	return d, err
}

// waits tells whether the guard has a say on a wanted key: it is new, or held by an earlier guard.
func waits(v verdict, rounds []past) bool {
	if v.do == insert {
		return true
	}
	return v.do == keep && v.state == job.Held && rounds[len(rounds)-1].LastError != notHolding
}

func keysOf(actions []job.Action) []string {
	keys := make([]string, len(actions))
	for i, a := range actions {
		keys[i] = a.Key
	}
	return keys
}

// rounds reads every row of the keys, oldest round first.
func (w *Worker) rounds(ctx context.Context, db postgres.DB, keys []string) (map[string][]past, error) {
	if len(keys) == 0 {
		return nil, nil
	}
	rows, err := postgres.All[past](ctx, db, `
		SELECT id, key, round, mode, state, run_id, last_error, not_before, created_at, closed_at
		FROM job_action
		WHERE key = ANY($1)
		ORDER BY key, round`, keys)
	if err != nil {
		return nil, fmt.Errorf("read the ledger: %w", err)
	}
	byKey := make(map[string][]past, len(rows))
	for _, row := range rows {
		byKey[row.Key] = append(byKey[row.Key], row)
	}
	return byKey, nil
}

// recentDestructive counts what the ceiling of 24 hours has already let through.
func recentDestructive(ctx context.Context, db postgres.DB, name string, now time.Time) (int, error) {
	n, err := postgres.Scalar[int](ctx, db, `
		SELECT count(*)
		FROM job_action
		WHERE job = $1
		  AND destructive
		  AND state NOT IN ('held', 'moot')
		  AND (state IN ('planned', 'started') OR GREATEST(created_at, started_at, closed_at) > $2)`,
		name, now.Add(-24*time.Hour))
	if err != nil {
		return 0, fmt.Errorf("count recent destructive actions: %w", err)
	}
	return n, nil
}

func approved(ctx context.Context, db postgres.DB, name string) (bool, error) {
	yes, err := postgres.Scalar[bool](ctx, db, `
		SELECT EXISTS (SELECT FROM job WHERE name = $1 AND approved_at IS NOT NULL)`, name)
	if err != nil {
		return false, fmt.Errorf("read the approval of %s: %w", name, err)
	}
	return yes, nil
}

func heldOf(ctx context.Context, db postgres.DB, name string) (*heldRun, error) {
	rows, err := postgres.All[heldRun](ctx, db, `
		SELECT id, version, hold
		FROM job_run
		WHERE job = $1
		  AND state = 'held'`, name)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	return &rows[0], nil
}

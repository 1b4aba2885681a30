package worker

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/betagouv/espace-membre/internal/platform/audit"
	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/platform/job"
	"github.com/betagouv/espace-membre/internal/platform/postgres"
)

// Confirm lets go what a run holds, as the person read it: version is the one that they saw. When
// the list has changed since, or the run no longer waits, it is a Conflict and the run as it now
// stands is given with the error. who is a username.
func (w *Worker) Confirm(ctx context.Context, run uuid.UUID, version int, who string) (RunView, error) {
	refused := w.confirm(ctx, run, version, who, true)
	if refused != nil && !fault.Is(refused, fault.Conflict) {
		return RunView{}, refused
	}
	view, err := w.RunByID(ctx, run)
	if err != nil {
		return view, err
	}
	return view, refused
}

func (w *Worker) confirm(ctx context.Context, run uuid.UUID, version int, who string, wake bool) error {
	now := w.clock.Now()
	return postgres.InTx(ctx, w.pool, func(tx pgx.Tx) error {
		name, err := lockHeld(ctx, tx, run, version)
		if err != nil {
			return err
		}
		type freed struct {
			wakeUp
			Destructive bool
		}
		rows, err := postgres.All[freed](ctx, tx, `
			UPDATE job_action
			SET state = 'planned', not_before = GREATEST(not_before, $2), last_error = ''
			WHERE run_id = $1
			  AND state = 'held'
			RETURNING id, queue, destructive`, run, now)
		if err != nil {
			return fmt.Errorf("let the actions go: %w", err)
		}
		var wakes []wakeUp
		destructive := false
		for _, r := range rows {
			wakes, destructive = append(wakes, r.wakeUp), destructive || r.Destructive
		}
		if destructive {
			if err := approve(ctx, tx, name, nameOr(who), now); err != nil {
				return err
			}
		}
		if wake {
			if err := w.wakeAll(ctx, tx, wakes); err != nil {
				return err
			}
		}
		if err := w.settleRuns(ctx, tx, now, run); err != nil {
			return err
		}
		return audit.Write(ctx, tx, audit.Event{
			At: now, Actor: nameOr(who), Code: CodeRunConfirmed, Subject: name,
			After: map[string]any{"run": run, "version": version, "actions": len(rows)},
		})
	})
}

// lockHeld checks that a run waits, in the version that the person saw. The job's lock comes first,
// as everywhere: a plan may be refreshing the run.
func lockHeld(ctx context.Context, tx pgx.Tx, run uuid.UUID, version int) (string, error) {
	name, err := postgres.Scalar[string](ctx, tx, `
		SELECT name
		FROM job
		WHERE name = (SELECT job FROM job_run WHERE id = $1)
		FOR UPDATE`, run)
	if fault.Is(err, fault.NotFound) {
		return "", fault.New(fault.NotFound, "Cette exécution n’existe pas.", "no run %s", run)
	}
	if err != nil {
		return "", fmt.Errorf("lock the job: %w", err)
	}
	type standing struct {
		State   string
		Version int
	}
	now, err := postgres.One[standing](ctx, tx, "", `SELECT state, version FROM job_run WHERE id = $1 FOR UPDATE`, run)
	switch {
	case err != nil:
		return "", err
	case now.State != "held":
		return "", fault.New(fault.Conflict, "Cette exécution n’attend pas de confirmation.", "run %s is %s", run, now.State)
	case now.Version != version:
		return "", fault.New(fault.Conflict, "La liste a changé depuis que tu l’as lue : relis-la avant de confirmer.",
			"run %s is at version %d, not %d", run, now.Version, version)
	}
	return name, nil
}

// Resolution is what a person knows of an uncertain action.
type Resolution string

// The resolutions.
const (
	ResolvedDone  Resolution = "done"  // it was performed
	ResolvedAgain Resolution = "again" // it was not: perform it
)

// Resolve decides an uncertain action, or has a failed one tried again at once.
func (w *Worker) Resolve(ctx context.Context, id int64, r Resolution, who string) error {
	if r != ResolvedDone && r != ResolvedAgain {
		return fault.New(fault.Invalid, "Réponds « done » (faite) ou « again » (à refaire).", "unknown resolution %q", r)
	}
	now := w.clock.Now()
	return postgres.InTx(ctx, w.pool, func(tx pgx.Tx) error {
		type resolved struct {
			wakeUp
			RunID *uuid.UUID
			Job   string
			Key   string
			Label string
		}
		rows, err := postgres.All[resolved](ctx, tx, `
			UPDATE job_action
			SET state = CASE WHEN $2 = 'done' THEN 'done' ELSE 'planned' END,
			    closed_at = CASE WHEN $2 = 'done' THEN $3::timestamptz END,
			    secret = CASE WHEN $2 = 'done' THEN NULL ELSE secret END,
			    refusals = 0, not_before = $3
			WHERE id = $1
			  AND (state = 'uncertain' OR state = 'failed' AND $2 = 'again')
			RETURNING id, queue, run_id, job, key, label`, id, string(r), now)
		if err != nil {
			return fmt.Errorf("resolve the action: %w", err)
		}
		if len(rows) == 0 {
			return fault.New(fault.Conflict, "Cette action n’attend pas de décision.", "action %d is neither uncertain nor failed", id)
		}
		a := rows[0]
		if r == ResolvedAgain {
			if err := w.wakeAll(ctx, tx, []wakeUp{a.wakeUp}); err != nil {
				return err
			}
		}
		if a.RunID != nil {
			if err := w.settleRuns(ctx, tx, now, *a.RunID); err != nil {
				return err
			}
		}
		return audit.Write(ctx, tx, audit.Event{
			At: now, Actor: nameOr(who), Code: CodeActionResolved, Subject: a.Label,
			After: map[string]string{"job": a.Job, "key": a.Key, "resolution": string(r)},
		})
	})
}

// Pause stops a job: no new plan, and its planned actions wait. What people ask from pages goes on.
func (w *Worker) Pause(ctx context.Context, name, why string, who string) error {
	return w.setPause(ctx, name, why, who, true)
}

// Resume ends a pause. The slots passed meanwhile are caught up by one run.
func (w *Worker) Resume(ctx context.Context, name string, who string) error {
	return w.setPause(ctx, name, "", who, false)
}

func (w *Worker) setPause(ctx context.Context, name, why string, who string, pause bool) error {
	spec, err := w.spec(name)
	if err != nil {
		return err
	}
	now, code := w.clock.Now(), CodeResumed
	if pause {
		code = CodePaused
	}
	return postgres.InTx(ctx, w.pool, func(tx pgx.Tx) error {
		if err := lockJob(ctx, tx, spec.Name, now); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `
			UPDATE job
			SET paused_at = CASE WHEN $2 THEN $3::timestamptz END,
			    paused_by = CASE WHEN $2 THEN $4::text END,
			    paused_why = $5
			WHERE name = $1`, spec.Name, pause, now, nameOr(who), why)
		if err != nil {
			return fmt.Errorf("pause or resume %s: %w", spec.Name, err)
		}
		return audit.Write(ctx, tx, audit.Event{At: now, Actor: nameOr(who), Code: code, Subject: spec.Name, Reason: why})
	})
}

// PauseQueue stops a vendor's lane in every worker; ResumeQueue opens it again.
func (w *Worker) PauseQueue(ctx context.Context, queue job.Queue) error {
	if err := w.inserter.QueuePause(ctx, string(queue), nil); err != nil {
		return fmt.Errorf("pause the queue %s: %w", queue, err)
	}
	return nil
}

// ResumeQueue opens a vendor's lane again.
func (w *Worker) ResumeQueue(ctx context.Context, queue job.Queue) error {
	if err := w.inserter.QueueResume(ctx, string(queue), nil); err != nil {
		return fmt.Errorf("resume the queue %s: %w", queue, err)
	}
	return nil
}

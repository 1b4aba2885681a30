package worker

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/betagouv/espace-membre/internal/platform/audit"
	"github.com/betagouv/espace-membre/internal/platform/job"
	"github.com/betagouv/espace-membre/internal/platform/postgres"
)

// The events that the machinery writes.
const (
	CodeActionDone     audit.Code = "JOB_ACTION_DONE"
	CodeActionResolved audit.Code = "JOB_ACTION_RESOLVED"
	CodeRunConfirmed   audit.Code = "JOB_RUN_CONFIRMED"
	CodePaused         audit.Code = "JOB_PAUSED"
	CodeResumed        audit.Code = "JOB_RESUMED"
)

// closeTime bounds the closing of an action, which goes on when its worker is being stopped.
const closeTime = 15 * time.Second

// close writes how an attempt ended. An effect that is done but cannot be written is not done
// again: it becomes uncertain (once) or an error (state).
func (w *Worker) close(ctx context.Context, c claimed, outcome job.Outcome, met error) (ending, error) {
	ctx, cancel := context.WithTimeout(ctx, closeTime)
	defer cancel()
	e := conclude(attempted{c.Mode, c.Attempt, c.refusals, outcome.Moot, met}, w.clock.Now())
	if met != nil {
		w.log.WarnContext(ctx, "action not done", "job", c.Job, "action", c.ID, "subject", c.Label, "attempt", c.Attempt,
			"state", e.state, "error", e.text, "stack", stackOf(met))
	}
	err := w.writeEnding(ctx, c, e, outcome.Record)
	if err == nil {
		return e, nil
	}
	if errors.Is(err, errLate) {
		w.log.WarnContext(ctx, "late end of an action ignored", "job", c.Job, "action", c.ID, "attempt", c.Attempt)
		return ending{}, nil
	}
	w.log.ErrorContext(ctx, "action not closed", "job", c.Job, "action", c.ID, "subject", c.Label, "error", describe(err), "stack", stackOf(err))
	if e.state == job.Done {
		e = unwritten(c, err, w.clock.Now())
	}
	return e, w.writeEnding(ctx, c, e, nil)
}

// unwritten is the end of an action whose effect is done while its facts could not be written.
func unwritten(c claimed, err error, now time.Time) ending {
	if c.Mode == job.Once {
		return ending{job.Uncertain, c.refusals, now, "fait, mais l’écriture a échoué : " + describe(err)}
	}
	return refuse(attempted{mode: c.Mode, attempt: c.Attempt, refusals: c.refusals, err: err}, now)
}

// writeEnding is the closing transaction: the room's facts, the audit event, the state, the run.
func (w *Worker) writeEnding(ctx context.Context, c claimed, e ending, record func(context.Context, pgx.Tx) error) error {
	now := w.clock.Now()
	_, err := guarded(func() (struct{}, error) {
		return struct{}{}, postgres.InTx(ctx, w.pool, func(tx pgx.Tx) error {
			subject, err := lockStarted(ctx, tx, c)
			if err != nil {
				return err
			}
			if e.state == job.Done {
				if record != nil {
					if err := record(ctx, tx); err != nil {
						return fmt.Errorf("record the facts of %s: %w", c.Job, err)
					}
				}
				if err := audit.Write(ctx, tx, doneEvent(c, subject, now)); err != nil {
					return err
				}
			}
			if err := setEnding(ctx, tx, c, e, now); err != nil || c.run == nil {
				return err
			}
			return w.settleRuns(ctx, tx, now, *c.run)
		})
	})
	return err
}

// concerned is what an action's subject is, if it still exists.
type concerned struct {
	Member  *uuid.UUID
	Startup *uuid.UUID
}

// lockStarted checks that the attempt is still ours to close.
func lockStarted(ctx context.Context, tx pgx.Tx, c claimed) (concerned, error) {
	rows, err := postgres.All[concerned](ctx, tx, `
		SELECT (SELECT id FROM member WHERE id = a.subject) AS member,
		       (SELECT id FROM startup WHERE id = a.subject) AS startup
		FROM job_action a
		WHERE a.id = $1
		  AND a.state = 'started'
		  AND a.attempt = $2
		FOR UPDATE OF a`, c.ID, c.Attempt)
	if err != nil {
		return concerned{}, fmt.Errorf("lock the action: %w", err)
	}
	if len(rows) == 0 {
		return concerned{}, errLate
	}
	return rows[0], nil
}

func doneEvent(c claimed, subject concerned, now time.Time) audit.Event {
	e := audit.Event{
		At: now, Actor: c.Actor, Code: CodeActionDone, Subject: c.Label, Reason: c.Reason,
		After: map[string]string{"job": c.Job, "verb": c.Verb, "key": c.Key},
	}
	if subject.Member != nil {
		e.Member = *subject.Member
	}
	if subject.Startup != nil {
		e.Startup = *subject.Startup
	}
	return e
}

func setEnding(ctx context.Context, tx pgx.Tx, c claimed, e ending, now time.Time) error {
	_, err := tx.Exec(ctx, `
		UPDATE job_action
		SET state = $3, refusals = $4, not_before = $5, last_error = $6,
		    closed_at = CASE WHEN $3 IN ('done', 'moot') THEN $7::timestamptz END,
		    secret = CASE WHEN $3 IN ('done', 'moot') THEN NULL ELSE secret END
		WHERE id = $1
		  AND state = 'started'
		  AND attempt = $2`, c.ID, c.Attempt, e.state, e.refusals, e.notBefore, e.text, now)
	if err != nil {
		return fmt.Errorf("close the action: %w", err)
	}
	return nil
}

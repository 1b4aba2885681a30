package worker

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/platform/job"
	"github.com/betagouv/espace-membre/internal/platform/postgres"
)

// claimed is an action that this process, and no other, may perform.
type claimed struct {
	job.Action
	refusals int
	run      *uuid.UUID
}

// act claims one action, applies it and closes it. It gives the instant of the next attempt;
// zero when there is none to wait for. The error is only ours: what the action met is in its row.
func (w *Worker) act(ctx context.Context, id int64, off []string) (time.Time, error) {
	c, won, err := w.claim(ctx, id, off)
	if err != nil {
		return time.Time{}, err
	}
	if !won {
		return w.nextTry(ctx, id, off)
	}
	started := w.clock.Now()
	outcome, err := w.apply(ctx, c)
	e, err := w.close(context.WithoutCancel(ctx), c, outcome, err)
	if err != nil {
		return time.Time{}, err
	}
	w.metrics.ActionEnded(c.Job, string(e.state), w.clock.Now().Sub(started))
	if e.state == job.Planned {
		return e.notBefore, nil
	}
	return time.Time{}, nil
}

// claim takes an action, committed before anything leaves the machine. A plan's action waits while
// its job is paused, or switched off (off).
func (w *Worker) claim(ctx context.Context, id int64, off []string) (claimed, bool, error) {
	type read struct {
		ID          int64
		Key         string
		Round       int
		Mode        job.Mode
		Job         string
		RunID       *uuid.UUID
		Actor       string
		Verb        string
		Subject     *uuid.UUID
		Label       string
		Reason      string
		Args        json.RawMessage
		Secret      []byte
		Destructive bool
		Queue       job.Queue
		Attempt     int
		Refusals    int
		NotBefore   time.Time
		CreatedAt   time.Time
	}
	rows, err := postgres.All[read](ctx, w.pool, `
		UPDATE job_action a
		SET state = 'started', attempt = attempt + 1, started_at = $2
		WHERE id = $1
		  AND state = 'planned'
		  AND not_before <= $2
		  AND job = ANY($3)
		  AND (run_id IS NULL
		       OR job <> ALL($4) AND NOT EXISTS (SELECT FROM job j WHERE j.name = a.job AND j.paused_at IS NOT NULL))
		RETURNING id, key, round, mode, job, run_id, actor, verb, subject, label, reason, args, secret, destructive,
		          queue, attempt, refusals, not_before, created_at`, id, w.clock.Now(), w.known, listed(off))
	if err != nil || len(rows) == 0 {
		return claimed{}, false, err
	}
	r := rows[0]
	c := claimed{refusals: r.Refusals, run: r.RunID, Action: job.Action{
		ID: r.ID, Key: r.Key, Round: r.Round, Mode: r.Mode, Job: r.Job, Verb: r.Verb, Label: r.Label, Reason: r.Reason,
		Args: r.Args, Secret: r.Secret, Destructive: r.Destructive, Queue: r.Queue, NotBefore: r.NotBefore,
		Actor: r.Actor, Attempt: r.Attempt, CreatedAt: r.CreatedAt,
	}}
	if r.Subject != nil {
		c.Subject = *r.Subject
	}
	return c, true, nil
}

// listed gives an empty array rather than NULL, against which every comparison is unknown.
func listed(names []string) []string {
	if names == nil {
		return []string{}
	}
	return names
}

// nextTry tells when an action that was not ours to claim may be claimed; zero when it is closed,
// at work elsewhere, or waits for a person.
func (w *Worker) nextTry(ctx context.Context, id int64, off []string) (time.Time, error) {
	at, err := postgres.Scalar[time.Time](ctx, w.pool, `
		SELECT not_before
		FROM job_action
		WHERE id = $1
		  AND state = 'planned'
		  AND not_before > $2
		  AND (run_id IS NULL OR job <> ALL($3))`, id, w.clock.Now(), listed(off))
	if fault.Is(err, fault.NotFound) {
		return time.Time{}, nil
	}
	return at, err
}

// apply runs the room's code for one action, within the time of one action.
func (w *Worker) apply(ctx context.Context, c claimed) (job.Outcome, error) {
	secret, err := w.unsealed(c.Key, c.Secret)
	if err != nil {
		return job.Outcome{}, fault.New(fault.Internal, "", "open the secret: %w", err)
	}
	action := c.Action
	action.Secret = secret
	ctx, cancel := context.WithTimeout(ctx, w.timing.JobTimeout)
	defer cancel()
	return guarded(func() (job.Outcome, error) { return w.specs[c.Job].Apply(ctx, action) })
}

// bury ends the attempts that nobody will close: their process died. State actions are tried
// again; once actions may have been performed, so a person decides.
func (w *Worker) bury(ctx context.Context, tx pgx.Tx, now time.Time) error {
	type dead struct {
		wakeUp
		State job.ActionState
		RunID *uuid.UUID
		Job   string
	}
	rows, err := postgres.All[dead](ctx, tx, `
		UPDATE job_action
		SET state = CASE
		            WHEN mode = 'once' THEN 'uncertain'
		            WHEN refusals + 1 >= $3 THEN 'failed'
		            ELSE 'planned'
		            END,
		    refusals = refusals + 1,
		    not_before = CASE WHEN refusals + 1 >= $3 THEN $4::timestamptz ELSE $2::timestamptz END,
		    last_error = 'interrompue en cours de route'
		WHERE state = 'started'
		  AND started_at < $1
		RETURNING id, queue, state, run_id, job`, now.Add(-w.timing.Died), now, maxRefusals, now.Add(failedWait))
	if err != nil {
		return fmt.Errorf("end dead attempts: %w", err)
	}
	var wakes []wakeUp
	for _, r := range rows {
		w.log.WarnContext(ctx, "action interrupted", "action", r.ID, "job", r.Job, "state", r.State)
		w.metrics.ActionEnded(r.Job, string(r.State), w.timing.Died)
		if r.State == job.Planned {
			wakes = append(wakes, r.wakeUp)
		}
		if r.RunID != nil {
			if err := w.settleRuns(ctx, tx, now, *r.RunID); err != nil {
				return err
			}
		}
	}
	return w.wakeAll(ctx, tx, wakes)
}

// errLate says that the action was taken for dead, and decided otherwise, before we closed it.
var errLate = errors.New("the action was closed by somebody else")

package worker

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/betagouv/espace-membre/internal/platform/job"
	"github.com/betagouv/espace-membre/internal/platform/postgres"
)

// columns carries rows to insert, one slice per column: one statement for any number of them.
type columns struct {
	key, mode, job, actor, verb, label, reason, args, queue, state, note []string
	round                                                                []int
	run, subject                                                         []*uuid.UUID
	secret                                                               [][]byte
	destructive                                                          []bool
	notBefore                                                            []time.Time
}

// row is one action to insert.
type row struct {
	action job.Action
	round  int
	run    uuid.UUID // nil: asked from a page
	state  job.ActionState
	note   string
}

func (c *columns) add(w *Worker, r row, now time.Time) {
	a := r.action
	c.key, c.mode, c.job = append(c.key, a.Key), append(c.mode, string(a.Mode)), append(c.job, a.Job)
	c.actor, c.verb, c.label = append(c.actor, a.Actor), append(c.verb, a.Verb), append(c.label, a.Label)
	c.reason, c.args = append(c.reason, a.Reason), append(c.args, string(a.Args))
	c.queue, c.state, c.note = append(c.queue, string(a.Queue)), append(c.state, string(r.state)), append(c.note, r.note)
	c.round, c.run, c.subject = append(c.round, r.round), append(c.run, orNull(r.run)), append(c.subject, orNull(a.Subject))
	c.secret, c.destructive = append(c.secret, w.sealed(a.Key, a.Secret)), append(c.destructive, a.Destructive)
	notBefore := now
	if a.NotBefore.After(now) {
		notBefore = a.NotBefore
	}
	c.notBefore = append(c.notBefore, notBefore)
}

func orNull(id uuid.UUID) *uuid.UUID {
	if id == uuid.Nil {
		return nil
	}
	return &id
}

// insertRows writes new actions and gives those that may be applied. A key that somebody else
// recorded in the meantime is left to them.
func (w *Worker) insertRows(ctx context.Context, db postgres.DB, c *columns, now time.Time) (wakes []wakeUp, inserted int, err error) {
	if len(c.key) == 0 {
		return nil, 0, nil
	}
	type written struct {
		wakeUp
		State job.ActionState
	}
	rows, err := postgres.All[written](ctx, db, `
		INSERT INTO job_action (key, round, mode, job, run_id, actor, verb, subject, label, reason, args,
		                        secret, destructive, queue, state, not_before, last_error, created_at)
		SELECT key, round, mode, job, run, actor, verb, subject, label, reason, NULLIF(args, '')::jsonb,
		       secret, destructive, queue, state, not_before, note, $18
		FROM unnest($1::text[], $2::integer[], $3::text[], $4::text[], $5::uuid[], $6::text[], $7::text[], $8::uuid[],
		            $9::text[], $10::text[], $11::text[], $12::bytea[], $13::boolean[], $14::text[], $15::text[],
		            $16::timestamptz[], $17::text[])
		     WITH ORDINALITY
		     AS t (key, round, mode, job, run, actor, verb, subject, label, reason, args, secret, destructive, queue,
		           state, not_before, note, place)
		ORDER BY place
		ON CONFLICT DO NOTHING
		RETURNING id, queue, state`,
		c.key, c.round, c.mode, c.job, c.run, c.actor, c.verb, c.subject, c.label, c.reason, c.args,
		c.secret, c.destructive, c.queue, c.state, c.notBefore, c.note, now)
	if err != nil {
		return nil, 0, fmt.Errorf("insert actions: %w", err)
	}
	for _, r := range rows {
		if r.State == job.Planned {
			wakes = append(wakes, r.wakeUp)
		}
	}
	return wakes, len(rows), nil
}

// insertAll writes the wanted actions that the ledger does not hold yet.
func (b *book) insertAll(ctx context.Context) error {
	var c columns
	for i, v := range b.d.verdicts {
		if v.do != insert && v.do != unsteady {
			continue
		}
		r := row{action: b.plan.Actions[i], round: v.round, run: b.run, state: job.Planned}
		r.action.Actor = b.actor
		if b.holds(i) {
			r.run, r.state = b.held, job.Held
			b.heldNew++
		}
		if v.do == unsteady {
			r.note = notHolding
		}
		c.add(b.w, r, b.now)
	}
	wakes, inserted, err := b.w.insertRows(ctx, b.tx, &c, b.now)
	b.wakes, b.inserted = append(b.wakes, wakes...), inserted
	return err
}

// reopenAll gives another chance to what failed a day ago and is still wanted.
func (b *book) reopenAll(ctx context.Context) error {
	var ids []int64
	for _, v := range b.d.verdicts {
		if v.do == reopen {
			ids = append(ids, v.id)
		}
	}
	wakes, err := reopenRows(ctx, b.tx, ids, b.run, b.now)
	b.wakes, b.reopened = append(b.wakes, wakes...), len(wakes)
	return err
}

func reopenRows(ctx context.Context, db postgres.DB, ids []int64, run uuid.UUID, now time.Time) ([]wakeUp, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	rows, err := postgres.All[wakeUp](ctx, db, `
		UPDATE job_action
		SET state = 'planned', refusals = 0, not_before = $2, run_id = COALESCE($3, run_id)
		WHERE id = ANY($1)
		  AND state = 'failed'
		RETURNING id, queue`, ids, now, orNull(run))
	if err != nil {
		return nil, fmt.Errorf("reopen failed actions: %w", err)
	}
	return rows, nil
}

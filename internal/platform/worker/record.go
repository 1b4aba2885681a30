package worker

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/job"
	"github.com/betagouv/espace-membre/internal/platform/postgres"
)

// recording is a plan on its way to the tables.
type recording struct {
	spec    job.Spec
	plan    job.Plan
	today   clock.Day
	slot    *time.Time // nil when a person asked
	trigger string     // schedule, catch-up or person
	actor   string
	wake    bool // tell River; the synchronous executor does not
}

// recorded is what became of a plan.
type recorded struct {
	run      uuid.UUID // nil when there was nothing to tell
	held     uuid.UUID // the run that waits for a person, nil when none does
	version  int       // of the held run
	inserted int
}

// record writes a plan, in one transaction under the lock of the job's row.
func (w *Worker) record(ctx context.Context, r recording) (recorded, error) {
	var out recorded
	err := postgres.InTx(ctx, w.pool, func(tx pgx.Tx) error {
		b := &book{w: w, tx: tx, recording: r, now: w.clock.Now()}
		var err error
		out, err = b.write(ctx)
		return err
	})
	if err != nil {
		return recorded{}, fmt.Errorf("record the plan of %s: %w", r.spec.Name, err)
	}
	return out, nil
}

// book is one recording at work.
type book struct {
	recording
	w    *Worker
	tx   pgx.Tx
	now  time.Time
	d    decision
	run  uuid.UUID // of the actions that go on
	held uuid.UUID // of those that wait

	inserted, heldNew, mooted, reopened, released int
	wakes                                         []wakeUp
}

func (b *book) write(ctx context.Context) (recorded, error) {
	if err := lockJob(ctx, b.tx, b.spec.Name, b.now); err != nil {
		return recorded{}, err
	}
	withdrawn, err := b.supersede(ctx)
	if err != nil {
		return recorded{}, err
	}
	if b.d, err = b.w.decide(ctx, b.tx, b.spec, b.plan, b.now); err != nil {
		return recorded{}, err
	}
	for _, step := range []func(context.Context) error{b.openRun, b.selfApprove, b.release, b.insertAll, b.reopenAll, b.refreshHold} {
		if err := step(ctx); err != nil {
			return recorded{}, err
		}
	}
	if b.wake {
		if err := b.w.wakeAll(ctx, b.tx, b.wakes); err != nil {
			return recorded{}, err
		}
	}
	withdrawn = append(withdrawn, b.run, b.held)
	if err := b.w.settleRuns(ctx, b.tx, b.now, withdrawn...); err != nil {
		return recorded{}, err
	}
	return b.finish(ctx)
}

// lockJob makes recordings of one job follow each other.
func lockJob(ctx context.Context, tx pgx.Tx, name string, now time.Time) error {
	if err := ensureJobs(ctx, tx, []string{name}, now); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `SELECT FROM job WHERE name = $1 FOR UPDATE`, name); err != nil {
		return fmt.Errorf("lock the job %s: %w", name, err)
	}
	return nil
}

// supersede withdraws what earlier plans wanted and this one, being complete, no longer wants.
// What people asked from pages (no run) is theirs.
func (b *book) supersede(ctx context.Context) ([]uuid.UUID, error) {
	if b.plan.Partial || b.plan.Doubt != "" {
		return nil, nil
	}
	runs, err := postgres.Column[uuid.UUID](ctx, b.tx, `
		UPDATE job_action
		SET state = 'moot', closed_at = $3, secret = NULL, last_error = 'n’est plus voulu par la tâche'
		WHERE job = $1
		  AND run_id IS NOT NULL
		  AND state IN ('held', 'planned', 'failed')
		  AND key <> ALL($2)
		RETURNING run_id`, b.spec.Name, keysOf(b.plan.Actions), b.now)
	if err != nil {
		return nil, fmt.Errorf("withdraw unwanted actions: %w", err)
	}
	b.mooted = len(runs)
	return runs, nil
}

// openRun writes the run, if there is something to tell. New held actions join the run that
// already waits, if any.
func (b *book) openRun(ctx context.Context) error {
	var going, waiting, again int
	for i, v := range b.d.verdicts {
		switch {
		case v.do == reopen:
			again++
		case b.holds(i):
			waiting++
		case v.do == insert:
			going++
		}
	}
	if b.d.held != nil {
		b.held = b.d.held.ID
	}
	startHeld := waiting > 0 && b.d.held == nil
	if going+again == 0 && !startHeld && b.mooted == 0 && b.trigger != "person" {
		return nil
	}
	b.run = uuid.New()
	state, hold := "applying", ""
	if startHeld {
		state, hold, b.held = "held", cmp.Or(b.d.hold, notHolding), b.run
	}
	skipped, err := json.Marshal(summary(b.plan.Skipped))
	if err != nil {
		return fmt.Errorf("summarise the skipped: %w", err)
	}
	_, err = b.tx.Exec(ctx, `
		INSERT INTO job_run (id, job, slot, trigger, actor, today, state, population, skipped, hold, started_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
		b.run, b.spec.Name, b.slot, b.trigger, b.actor, b.today, state, b.plan.Population, skipped, hold, b.now)
	if err != nil {
		return fmt.Errorf("open the run: %w", err)
	}
	return nil
}

// holds tells whether a new action must wait for a person.
func (b *book) holds(i int) bool {
	v := b.d.verdicts[i]
	return v.do == unsteady || v.do == insert && b.plan.Actions[i].Destructive && b.d.hold != ""
}

// selfApprove writes the demo's own approval, once a destructive plan passes.
func (b *book) selfApprove(ctx context.Context) error {
	if !b.w.options.SelfApprove || b.d.approved || b.d.hold != "" || !anyDestructive(b.plan.Actions) {
		return nil
	}
	return approve(ctx, b.tx, b.spec.Name, "system", b.now)
}

func anyDestructive(actions []job.Action) bool {
	for _, a := range actions {
		if a.Destructive {
			return true
		}
	}
	return false
}

func approve(ctx context.Context, tx pgx.Tx, name, who string, now time.Time) error {
	_, err := tx.Exec(ctx, `
		UPDATE job
		SET approved_at = $2, approved_by = $3
		WHERE name = $1
		  AND approved_at IS NULL`, name, now, who)
	if err != nil {
		return fmt.Errorf("approve %s: %w", name, err)
	}
	return nil
}

// release lets go what an earlier guard held, when this plan wants it and passes every guard.
func (b *book) release(ctx context.Context) error {
	if b.d.held == nil || b.d.hold != "" {
		return nil
	}
	var ids []int64
	for i, v := range b.d.verdicts {
		if v.do == keep && v.state == job.Held && b.plan.Actions[i].Destructive {
			ids = append(ids, v.id)
		}
	}
	rows, err := postgres.All[wakeUp](ctx, b.tx, `
		UPDATE job_action
		SET state = 'planned', not_before = $2
		WHERE id = ANY($1)
		  AND state = 'held'
		  AND last_error <> $3
		RETURNING id, queue`, ids, b.now, notHolding)
	if err != nil {
		return fmt.Errorf("release held actions: %w", err)
	}
	b.released = len(rows)
	b.wakes = append(b.wakes, rows...)
	return nil
}

// refreshHold tells the run that waits what this plan changed: a person who read an older version
// must read again.
func (b *book) refreshHold(ctx context.Context) error {
	if b.d.held == nil {
		return nil
	}
	changed := b.heldNew+b.released+b.mooted > 0
	_, err := b.tx.Exec(ctx, `
		UPDATE job_run
		SET version = version + CASE WHEN $2 THEN 1 ELSE 0 END,
		    hold = CASE WHEN $3 = '' THEN hold ELSE $3 END,
		    population = $4
		WHERE id = $1`, b.held, changed, b.d.hold, b.plan.Population)
	if err != nil {
		return fmt.Errorf("refresh the run that waits: %w", err)
	}
	return nil
}

// finish writes what the job's own row remembers.
func (b *book) finish(ctx context.Context) (recorded, error) {
	quiet := 0
	if b.run == uuid.Nil && b.released == 0 && b.heldNew == 0 {
		quiet = 1
	}
	_, err := b.tx.Exec(ctx, `
		UPDATE job
		SET last_planned_at = $2, last_ok_at = $2, last_error = $3, population = $4,
		    quiet_runs = CASE WHEN $5 = 1 THEN quiet_runs + 1 ELSE 0 END
		WHERE name = $1`, b.spec.Name, b.now, b.plan.Doubt, b.plan.Population, quiet)
	if err != nil {
		return recorded{}, fmt.Errorf("remember the plan: %w", err)
	}
	out := recorded{run: b.run, inserted: b.inserted}
	if held, err := heldOf(ctx, b.tx, b.spec.Name); err != nil {
		return recorded{}, err
	} else if held != nil {
		out.held, out.version = held.ID, held.Version
	}
	return out, nil
}

// SkippedGroup is how a run remembers whom it set aside for one reason.
type SkippedGroup struct {
	Count    int      `json:"count"`
	Subjects []string `json:"subjects"` // at most 20
}

func summary(skipped []job.Skip) map[string]SkippedGroup {
	const most = 20
	groups := map[string]SkippedGroup{}
	for _, s := range skipped {
		g := groups[s.Reason]
		g.Count++
		if len(g.Subjects) < most {
			g.Subjects = append(g.Subjects, subjectOf(s.Label, s.Subject))
		}
		groups[s.Reason] = g
	}
	return groups
}

// tellFailure writes that a plan failed: the same failure again only counts on the last run.
func (w *Worker) tellFailure(ctx context.Context, r recording, failure error) error {
	text, now := describe(failure), w.clock.Now()
	return postgres.InTx(ctx, w.pool, func(tx pgx.Tx) error {
		if err := lockJob(ctx, tx, r.spec.Name, now); err != nil {
			return err
		}
		again, err := sameFailure(ctx, tx, r.spec.Name, text, now)
		if err == nil && !again {
			_, err = tx.Exec(ctx, `
				INSERT INTO job_run (id, job, slot, trigger, actor, today, state, error, started_at, closed_at)
				VALUES ($1, $2, $3, $4, $5, $6, 'failed', $7, $8, $8)`,
				uuid.New(), r.spec.Name, r.slot, r.trigger, r.actor, r.today, text, now)
		}
		if err == nil {
			_, err = tx.Exec(ctx, `UPDATE job SET last_error = $2 WHERE name = $1`, r.spec.Name, text)
		}
		w.metrics.RunRecorded(r.spec.Name, "failed", 0)
		return err
	})
}

func sameFailure(ctx context.Context, tx pgx.Tx, name, text string, now time.Time) (bool, error) {
	tag, err := tx.Exec(ctx, `
		UPDATE job_run
		SET repeats = repeats + 1, closed_at = $3
		WHERE id = (SELECT id FROM job_run WHERE job = $1 ORDER BY started_at DESC, id LIMIT 1)
		  AND state = 'failed'
		  AND error = $2`, name, text, now)
	if err != nil {
		return false, errors.Join(errors.New("find the last failure"), err)
	}
	return tag.RowsAffected() == 1, nil
}

// markPlanned says that a slot is finished although its plan failed: the next slot will try.
func (w *Worker) markPlanned(ctx context.Context, name string) error {
	_, err := w.pool.Exec(ctx, `UPDATE job SET last_planned_at = $2 WHERE name = $1`, name, w.clock.Now())
	return err
}

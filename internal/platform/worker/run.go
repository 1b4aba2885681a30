package worker

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/platform/job"
	"github.com/betagouv/espace-membre/internal/platform/postgres"
)

// RunOptions say how a person runs a job.
type RunOptions struct {
	Actor    string    // username; empty: the system
	Today    clock.Day // zero: today; another day needs Options.AnyDay
	Confirm  bool      // without it nothing is written nor applied
	Progress func(done, total int)
}

// Run is what a person's run of a job did.
type Run struct {
	Job     string         `json:"job"`
	Today   clock.Day      `json:"today"`
	Applied bool           `json:"applied"` // false: the plan was only shown
	Plan    Planned        `json:"plan"`
	ID      *uuid.UUID     `json:"run,omitempty"`
	State   string         `json:"state,omitempty"` // applying when something will be tried again, else ok, partial or held
	Held    *Hold          `json:"held,omitempty"`  // what still waits for a person
	Counts  map[string]int `json:"counts,omitempty"`
	Actions []ActionView   `json:"actions,omitempty"`
}

// Hold names what waits for a person: give both to Confirm.
type Hold struct {
	Run     uuid.UUID `json:"run"`
	Version int       `json:"version"`
}

// Run plans a job, records the plan, applies it and closes it, without River; workers may do the
// same beside it. With Confirm it also confirms what its own plan had to hold. It applies every
// action of the job that is due, those left by earlier runs included.
func (w *Worker) Run(ctx context.Context, name string, o RunOptions) (Run, error) {
	spec, today, err := w.mayRun(ctx, name, o)
	if err != nil {
		return Run{}, err
	}
	plan, err := w.draft(ctx, spec, today)
	r := recording{spec: spec, plan: plan, today: today, trigger: "person", actor: nameOr(o.Actor)}
	if err != nil {
		if o.Confirm {
			err = errors.Join(err, w.tellFailure(context.WithoutCancel(ctx), r, err))
		}
		return Run{}, err
	}
	out := Run{Job: spec.Name, Today: today}
	if out.Plan, err = w.show(ctx, w.pool, spec, plan, today); err != nil || !o.Confirm {
		return out, err
	}
	written, err := w.record(ctx, r)
	if err != nil {
		return out, err
	}
	if err := w.confirmOwn(ctx, plan, written, o.Actor); err != nil {
		return out, err
	}
	if _, err := w.Drain(ctx, DrainOptions{Job: spec.Name, Progress: o.Progress}); err != nil {
		return out, err
	}
	return w.told(context.WithoutCancel(ctx), out, written)
}

// nameOr gives a username, or that of the program itself.
func nameOr(username string) string { return cmp.Or(username, "system") }

// mayRun checks that the job can be run, on that day, here.
func (w *Worker) mayRun(ctx context.Context, name string, o RunOptions) (job.Spec, clock.Day, error) {
	today := clock.Today(w.clock)
	spec, err := w.spec(name)
	if err != nil {
		return spec, today, err
	}
	if !o.Today.IsZero() && o.Today != today {
		if o.Confirm && !w.options.AnyDay {
			return spec, today, fault.New(fault.Forbidden, "Une tâche ne s’applique qu’à la date du jour ; « plan » accepte une autre date.",
				"run %s as of %s", spec.Name, o.Today)
		}
		today = o.Today
	}
	if s := w.switches[spec.Name]; len(s.Missing) > 0 {
		return spec, today, fault.New(fault.Invalid, "Il manque des réglages : "+strings.Join(s.Missing, ", ")+".", "%s lacks settings", spec.Name)
	}
	paused, err := postgres.Scalar[bool](ctx, w.pool, `
		SELECT EXISTS (SELECT FROM job WHERE name = $1 AND paused_at IS NOT NULL)`, spec.Name)
	if err == nil && paused && o.Confirm {
		err = fault.New(fault.Conflict, "Cette tâche est en pause.", "%s is paused", spec.Name)
	}
	return spec, today, err
}

// confirmOwn confirms the run that waits, when all that it holds is what this plan wants: the
// person has just asked for exactly that.
func (w *Worker) confirmOwn(ctx context.Context, plan job.Plan, written recorded, who string) error {
	if written.held == uuid.Nil {
		return nil
	}
	keys, err := postgres.Column[string](ctx, w.pool, `
		SELECT key
		FROM job_action
		WHERE run_id = $1
		  AND state = 'held'`, written.held)
	if err != nil {
		return fmt.Errorf("read what waits: %w", err)
	}
	wanted := keysOf(plan.Actions)
	slices.Sort(wanted)
	for _, key := range keys {
		if _, ok := slices.BinarySearch(wanted, key); !ok {
			return nil
		}
	}
	err = w.confirm(ctx, written.held, written.version, who, false)
	if fault.Is(err, fault.Conflict) {
		return nil // somebody else decided, or a worker planned in the meantime: Run tells that it is held
	}
	return err
}

// told completes the result with what the tables say.
func (w *Worker) told(ctx context.Context, out Run, written recorded) (Run, error) {
	out.Applied, out.ID, out.Counts = true, orNull(written.run), map[string]int{}
	runs := []uuid.UUID{written.run}
	if written.held != uuid.Nil && written.held != written.run {
		runs = append(runs, written.held)
	}
	for _, id := range runs {
		detail, err := w.RunByID(ctx, id)
		if err != nil {
			return out, err
		}
		if id == written.run || detail.State != "ok" {
			out.State = detail.State
		}
		if detail.State == "held" {
			out.Held = &Hold{detail.ID, detail.Version}
		}
		for state, n := range detail.Counts {
			out.Counts[state] += n
		}
		out.Actions = append(out.Actions, detail.Actions...)
	}
	return out, nil
}

// DrainOptions bound a Drain.
type DrainOptions struct {
	Job string // only this job; empty: all
	// Fake lets the clock jump to the next attempt when nothing is due, at most to Until.
	Fake     *clock.Fake
	Until    time.Time // zero: a day after the start
	Progress func(done, total int)
}

// Drain applies every due action, in the order of their ids, until none is left; it gives the
// number of attempts. It needs no started worker. Plans' actions of paused jobs wait.
func (w *Worker) Drain(ctx context.Context, o DrainOptions) (int, error) {
	if o.Until.IsZero() {
		o.Until = w.clock.Now().Add(24 * time.Hour)
	}
	attempts := 0
	for {
		ids, err := w.dueActions(ctx, o.Job)
		if err != nil {
			return attempts, err
		}
		if len(ids) == 0 {
			if jumped, err := w.jump(ctx, o); err != nil || !jumped {
				return attempts, err
			}
			continue
		}
		for _, id := range ids {
			if err := ctx.Err(); err != nil {
				return attempts, err
			}
			if _, err := w.act(ctx, id, nil); err != nil {
				return attempts, err
			}
			attempts++
			if o.Progress != nil {
				o.Progress(attempts, max(attempts, len(ids)))
			}
		}
	}
}

// dueActions lists what may be claimed now.
func (w *Worker) dueActions(ctx context.Context, name string) ([]int64, error) {
	ids, err := postgres.Column[int64](ctx, w.pool, `
		SELECT id
		FROM job_action a
		WHERE state = 'planned'
		  AND not_before <= $1
		  AND job = ANY($2)
		  AND ($3 = '' OR job = $3)
		  AND (run_id IS NULL OR NOT EXISTS (SELECT FROM job j WHERE j.name = a.job AND j.paused_at IS NOT NULL))
		ORDER BY id`, w.clock.Now(), w.known, name)
	if err != nil {
		return nil, fmt.Errorf("list due actions: %w", err)
	}
	return ids, nil
}

// jump moves the fake clock to the next attempt; false when there is none before the end.
func (w *Worker) jump(ctx context.Context, o DrainOptions) (bool, error) {
	if o.Fake == nil {
		return false, nil
	}
	next, err := postgres.Scalar[*time.Time](ctx, w.pool, `
		SELECT min(not_before)
		FROM job_action a
		WHERE state = 'planned'
		  AND job = ANY($1)
		  AND ($2 = '' OR job = $2)
		  AND (run_id IS NULL OR NOT EXISTS (SELECT FROM job j WHERE j.name = a.job AND j.paused_at IS NOT NULL))`, w.known, o.Job)
	if err != nil || next == nil || next.After(o.Until) || !next.After(o.Fake.Now()) {
		return false, err
	}
	o.Fake.Set(*next)
	return true, nil
}

// RunDue plans and records, here and now, every slot that is due, after ending the attempts whose
// process died: the tick of a simulation. It gives the names of the jobs planned. A job that comes
// after another one waits until that one's actions are drained: call both until nothing is due.
func (w *Worker) RunDue(ctx context.Context) ([]string, error) {
	now := w.clock.Now()
	if err := postgres.InTx(ctx, w.pool, func(tx pgx.Tx) error { return w.bury(ctx, tx, now) }); err != nil {
		return nil, err
	}
	rows, err := w.jobRows(ctx, now)
	if err != nil {
		return nil, err
	}
	var ran []string
	for _, d := range w.due(rows, now) {
		err := w.consume(ctx, d, now, func(pgx.Tx) error { return nil })
		if errors.Is(err, errTaken) || err == nil && d.missed {
			continue
		}
		if err != nil {
			return ran, err
		}
		ran = append(ran, d.spec.Name)
		if err := w.runSlot(ctx, d.spec.Name, d.slot, false); err != nil { // told in the history
			if err := w.markPlanned(ctx, d.spec.Name); err != nil {
				return ran, err
			}
		}
	}
	return ran, w.keepHouse(ctx)
}

package worker

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivertype"

	"github.com/betagouv/espace-membre/internal/platform/job"
)

// queuePlan is where jobs are planned.
const queuePlan job.Queue = "plan"

// defaultWidths is how many actions of each queue one process applies at once.
func defaultWidths() map[job.Queue]int {
	return map[job.Queue]int{
		queuePlan: 2, job.QueueUrgent: 4, job.QueueMail: 2, job.QueueOVH: 2, job.QueueBrevo: 2,
		job.QueueMattermost: 2, job.QueueGitHub: 1, job.QueueOther: 2,
	}
}

// wakeUp names an action to look at, and the queue in which to do so.
type wakeUp struct {
	ID    int64
	Queue job.Queue
}

// actArgs wakes somebody up for one action. Doubles are harmless.
type actArgs struct {
	ID int64 `json:"id"`
}

// Kind names the wake-up in River's table.
func (actArgs) Kind() string { return "act" }

// planArgs wakes somebody up for one slot of a job.
type planArgs struct {
	Job  string    `json:"job" river:"unique"`
	Slot time.Time `json:"slot"`
}

// Kind names the wake-up in River's table.
func (planArgs) Kind() string { return "plan" }

// liveStates are those of a wake-up that has not been answered yet.
func liveStates() []rivertype.JobState {
	return []rivertype.JobState{
		rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRunning,
		rivertype.JobStateRetryable, rivertype.JobStateScheduled,
	}
}

func (w *Worker) newInserter() (*river.Client[pgx.Tx], error) {
	client, err := river.NewClient(riverpgxv5.New(w.pool), &river.Config{Logger: w.log})
	if err != nil {
		return nil, fmt.Errorf("prepare River: %w", err)
	}
	return client, nil
}

// widths gives the queues that a role works.
func (w *Worker) widths(role Role) map[string]river.QueueConfig {
	widths := defaultWidths()
	for _, name := range w.order {
		if q := w.specs[name].Queue; q != "" && widths[q] == 0 {
			widths[q] = 1
		}
	}
	for queue, n := range w.options.Widths {
		widths[queue] = max(n, 1)
	}
	queues := map[string]river.QueueConfig{}
	for queue, n := range widths {
		if role != RolePortal || queue == job.QueueUrgent {
			queues[string(queue)] = river.QueueConfig{MaxWorkers: n}
		}
	}
	return queues
}

func (w *Worker) newClient(role Role) (*river.Client[pgx.Tx], error) {
	workers := river.NewWorkers()
	if err := errors.Join(
		river.AddWorkerSafely(workers, &actWorker{w: w}),
		river.AddWorkerSafely(workers, &planWorker{w: w}),
	); err != nil {
		return nil, fmt.Errorf("prepare River's workers: %w", err)
	}
	client, err := river.NewClient(riverpgxv5.New(w.pool), &river.Config{
		Queues: w.widths(role), Workers: workers, Logger: w.log,
		JobTimeout: w.timing.JobTimeout, RescueStuckJobsAfter: max(w.timing.Rescue, w.timing.JobTimeout),
		CompletedJobRetentionPeriod: 24 * time.Hour,
		FetchPollInterval:           w.timing.Poll, FetchCooldown: min(100*time.Millisecond, w.timing.Poll),
	})
	if err != nil {
		return nil, fmt.Errorf("prepare River: %w", err)
	}
	return client, nil
}

// wakeAll asks River to look at actions, in the transaction that makes them due.
func (w *Worker) wakeAll(ctx context.Context, tx pgx.Tx, wakes []wakeUp) error {
	if len(wakes) == 0 {
		return nil
	}
	known := w.widths(RoleBoth)
	params := make([]river.InsertManyParams, len(wakes))
	for i, wake := range wakes {
		queue := string(wake.Queue)
		if _, ok := known[queue]; !ok {
			queue = string(job.QueueOther)
		}
		params[i] = river.InsertManyParams{Args: actArgs{wake.ID}, InsertOpts: &river.InsertOpts{Queue: queue}}
	}
	if _, err := w.inserter.InsertManyFastTx(ctx, tx, params); err != nil {
		return fmt.Errorf("wake River up: %w", err)
	}
	return nil
}

// wakePlan asks River for a plan; errTaken when one of this job is still on its way.
func (w *Worker) wakePlan(ctx context.Context, tx pgx.Tx, name string, slot time.Time) error {
	result, err := w.inserter.InsertTx(ctx, tx, planArgs{name, slot}, &river.InsertOpts{
		Queue: string(queuePlan), UniqueOpts: river.UniqueOpts{ByArgs: true, ByState: liveStates()},
	})
	if err != nil {
		return fmt.Errorf("ask for the plan of %s: %w", name, err)
	}
	if result.UniqueSkippedAsDuplicate {
		return errTaken
	}
	return nil
}

// actWorker answers the wake-up of an action.
type actWorker struct {
	river.WorkerDefaults[actArgs]
	w *Worker
}

// Work looks at one action, and asks to come again when it has to wait.
func (a *actWorker) Work(ctx context.Context, wake *river.Job[actArgs]) error {
	next, err := a.w.act(ctx, wake.Args.ID, a.w.off)
	if err != nil {
		return err
	}
	if next.IsZero() {
		return nil
	}
	return river.JobSnooze(max(0, next.Sub(a.w.clock.Now())))
}

// planWorker answers the wake-up of a slot.
type planWorker struct {
	river.WorkerDefaults[planArgs]
	w *Worker
}

// Timeout is that of a plan.
func (p *planWorker) Timeout(*river.Job[planArgs]) time.Duration { return p.w.timing.PlanTimeout }

// Work plans one slot. A plan that failed is tried again before the next slot, if that leaves time.
func (p *planWorker) Work(ctx context.Context, wake *river.Job[planArgs]) error {
	name, w := wake.Args.Job, p.w
	done, err := w.planned(ctx, name, wake.Args.Slot)
	if err != nil || done {
		return err
	}
	err = w.runSlot(ctx, name, wake.Args.Slot, true)
	if err == nil || errors.Is(err, context.Canceled) && ctx.Err() != nil {
		return err
	}
	now := w.clock.Now()
	if wait, again := planAgain(err, snoozes(wake.Metadata)+1, now, w.nextSlot(name, now)); again {
		return river.JobSnooze(wait)
	}
	return w.markPlanned(ctx, name)
}

// planAgain tells when a plan that failed n times is tried again: not when the next slot comes
// first, nor after five errors that waiting does not cure. It is pure.
func planAgain(err error, n int, now, nextSlot time.Time) (time.Duration, bool) {
	wait := waitFor(err, n)
	if !unavailable(err) && n >= maxRefusals {
		return 0, false
	}
	if !nextSlot.IsZero() && !now.Add(wait).Before(nextSlot) {
		return 0, false
	}
	return wait, true
}

// snoozes reads how often River has put a wake-up off.
func snoozes(metadata []byte) int {
	var m struct {
		Snoozes int `json:"snoozes"`
	}
	if err := json.Unmarshal(metadata, &m); err != nil {
		return 0 // River's own field; without it the wait starts again at its shortest
	}
	return m.Snoozes
}

package worker

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/platform/job"
)

// panicError is a breakdown of a room's code, told like any other error.
type panicError struct {
	value any
	stack []byte
}

func (e *panicError) Error() string { return fmt.Sprintf("panic: %v", e.value) }

// guarded runs f and turns a panic into an error.
func guarded[T any](f func() (T, error)) (v T, err error) {
	defer func() {
		if value := recover(); value != nil {
			err = &panicError{value, debug.Stack()}
		}
	}()
	return f()
}

// stackOf gives the stack of a breakdown, for the log; "" for other errors.
func stackOf(err error) string {
	if broke, ok := errors.AsType[*panicError](err); ok {
		return string(broke.stack)
	}
	return ""
}

// draft asks a job for its plan and completes it. Nothing is written.
func (w *Worker) draft(ctx context.Context, spec job.Spec, today clock.Day) (job.Plan, error) {
	if spec.Plan == nil {
		return job.Plan{}, fault.New(fault.Invalid, "Cette tâche ne se lance qu’à la demande, depuis une page.", "%s has no plan", spec.Name)
	}
	ctx, cancel := context.WithTimeout(ctx, w.timing.PlanTimeout)
	defer cancel()
	plan, err := guarded(func() (job.Plan, error) { return spec.Plan(ctx, today) })
	if err != nil {
		return job.Plan{}, fmt.Errorf("plan %s: %w", spec.Name, err)
	}
	return complete(spec, plan)
}

// complete fills what a job may leave out of its actions, and refuses what the ledger could not keep.
func complete(spec job.Spec, plan job.Plan) (job.Plan, error) {
	seen := make(map[string]bool, len(plan.Actions))
	actions := make([]job.Action, len(plan.Actions))
	for i, a := range plan.Actions {
		if a.Job == "" {
			a.Job = spec.Name
		}
		if a.Job != spec.Name {
			return plan, fmt.Errorf("plan %s: action %s is of another job, %s", spec.Name, a.Key, a.Job)
		}
		if err := checkAction(a); err != nil {
			return plan, fmt.Errorf("plan %s: %w", spec.Name, err)
		}
		if seen[a.Key] {
			return plan, fmt.Errorf("plan %s: two actions have the key %s", spec.Name, a.Key)
		}
		seen[a.Key] = true
		a.Queue = queueOf(spec, a)
		actions[i] = a
	}
	plan.Actions = actions
	return plan, nil
}

func checkAction(a job.Action) error {
	switch {
	case a.Key == "":
		return errors.New("an action has no key")
	case a.Mode != job.Once && a.Mode != job.State:
		return fmt.Errorf("action %s has the mode %q, neither once nor state", a.Key, a.Mode)
	case a.Verb == "":
		return fmt.Errorf("action %s has no verb", a.Key)
	}
	return nil
}

func queueOf(spec job.Spec, a job.Action) job.Queue {
	switch {
	case a.Queue != "":
		return a.Queue
	case spec.Queue != "":
		return spec.Queue
	}
	return job.QueueOther
}

// runSlot plans and records one slot: what a wake-up "plan" does. It gives the error of the plan,
// already told in the history.
func (w *Worker) runSlot(ctx context.Context, name string, slot time.Time, wake bool) error {
	spec, err := w.spec(name)
	if err != nil {
		return err
	}
	now := w.clock.Now()
	r := recording{
		spec: spec, today: clock.DayOf(now), slot: &slot, trigger: w.trigger(slot, now), actor: "system", wake: wake,
	}
	r.plan, err = w.draft(ctx, spec, r.today)
	if err == nil {
		_, err = w.record(ctx, r)
	}
	if err == nil {
		return nil
	}
	if stop := ctx.Err(); stop != nil && errors.Is(err, context.Canceled) {
		return err // we are being stopped: the wake-up comes again
	}
	w.log.ErrorContext(ctx, "job failed to plan", "job", name, "error", describe(err), "stack", stackOf(err))
	if told := w.tellFailure(context.WithoutCancel(ctx), r, err); told != nil {
		w.log.ErrorContext(ctx, "job failure not recorded", "job", name, "error", describe(told))
	}
	return err
}

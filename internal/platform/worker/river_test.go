package worker

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/platform/job"
	"github.com/betagouv/espace-membre/internal/platform/postgres"
)

// brisk makes a started worker look often.
func brisk(o *Options) {
	o.Timing = Timing{Tick: 15 * time.Millisecond, Poll: 15 * time.Millisecond}
}

// start runs workers until the end of the test.
func start(t *testing.T, role Role, workers ...*Worker) {
	t.Helper()
	for _, w := range workers {
		if err := w.Start(context.Background(), role); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { stop(t, w) })
	}
}

func stop(t *testing.T, w *Worker) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := w.Stop(ctx); err != nil {
		t.Error(err)
	}
}

// eventually waits for a condition; the machine may be busy.
func eventually(t *testing.T, what string, reached func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		if reached() {
			return
		}
	}
	t.Fatalf("never reached: %s", what)
}

func (b *bench) made() (plans, applied int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.plans, len(b.applied)
}

// twin is a second worker on the same database, clock and job.
func (b *bench) twin() *Worker {
	b.t.Helper()
	w, err := New(b.options)
	if err != nil {
		b.t.Fatal(err)
	}
	return w
}

func TestTwoWorkersTenSlots(t *testing.T) {
	b := newBench(t, func(s *job.Spec, o *Options) { brisk(o); s.Schedule = "*/4 * * * *" })
	slots := map[string]int{}
	b.plan = func(clock.Day) (job.Plan, error) {
		slot := b.clock.Now().Format("15:04")
		slots[slot]++
		return job.Plan{Partial: true, Actions: []job.Action{action(job.Once, "mail-"+slot), action(job.State, "état-"+slot)}}, nil
	}
	start(t, RoleWorker, b.Worker, b.twin())
	eventually(t, "the job is known", func() bool { return b.count(`SELECT count(*) FROM job`) == 1 })
	for i := range 10 {
		b.clock.Set(thursday.At(7, 4*(i+1)))
		eventually(t, fmt.Sprintf("slot %d", i), func() bool {
			return b.count(`SELECT count(*) FROM job_action WHERE state = 'done'`) == 2*(i+1)
		})
	}
	time.Sleep(100 * time.Millisecond) // several more ticks
	plans, applied := b.made()
	if plans != 10 || len(slots) != 10 || applied != 20 {
		t.Errorf("%d plans in %d slots, %d effects; want 10, 10 and 20", plans, len(slots), applied)
	}
	if n := b.count(`SELECT count(*) FROM job_run WHERE state = 'ok'`); n != 10 {
		t.Errorf("%d runs told, want 10", n)
	}
}

func TestAWorkerThatWasDownCatchesUp(t *testing.T) {
	b := newBench(t, func(_ *job.Spec, o *Options) { brisk(o) })
	b.wants(action(job.Once, "a"))
	if err := b.Start(context.Background(), RoleWorker); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the job is known", func() bool { return b.count(`SELECT count(*) FROM job`) == 1 })
	stop(t, b.Worker)
	b.clock.Set(thursday.At(15, 0))
	start(t, RoleWorker, b.twin())
	eventually(t, "the mail", func() bool { _, n := b.made(); return n == 1 })
	if plans, _ := b.made(); plans != 1 {
		t.Errorf("%d plans", plans)
	}
	if runs := b.history(); runs[0].Trigger != "catch-up" {
		t.Errorf("run: %+v", runs[0])
	}
}

func TestPortalsServePeopleWithoutAnyWorker(t *testing.T) {
	b := newBench(t, func(_ *job.Spec, o *Options) { brisk(o) })
	start(t, RolePortal, b.Worker)
	ctx := context.Background()
	for _, who := range []string{"camille.durand", "system"} {
		if err := postgres.InTx(ctx, b.pool, func(tx pgx.Tx) error {
			a := action(job.Once, who)
			a.Job, a.Actor = "tidy", who
			return b.Request(ctx, tx, a)
		}); err != nil {
			t.Fatal(err)
		}
	}
	eventually(t, "the request", func() bool { return b.states()["tidy/camille.durand"] == job.Done })
	b.want("tidy/system", job.Planned) // a vendor's queue is for workers
	b.clock.Set(thursday.At(8, 0))
	time.Sleep(50 * time.Millisecond)
	if plans, _ := b.made(); plans != 0 {
		t.Error("a portal planned a job")
	}
}

func TestLostWakeUpsAreMadeAgain(t *testing.T) {
	b := newBench(t, func(_ *job.Spec, o *Options) { brisk(o); o.Timing.Tick = time.Hour }).seen()
	b.wants(action(job.Once, "a"))
	b.clock.Set(thursday.At(8, 0))
	ctx := context.Background()
	if err := b.wakeDue(ctx); err != nil {
		t.Fatal(err)
	}
	b.exec(`DELETE FROM river_job`) // the wake-up of the plan is lost
	if err := b.sweep(ctx); err != nil {
		t.Fatal(err)
	}
	if n := b.count(`SELECT count(*) FROM river_job WHERE kind = 'plan'`); n != 1 {
		t.Fatalf("%d wake-ups of the plan", n)
	}
	if err := b.runSlot(ctx, "tidy", thursday.At(8, 0), true); err != nil {
		t.Fatal(err)
	}
	b.exec(`DELETE FROM river_job`) // that of the action too
	for range 2 {                   // once is enough
		if err := b.sweep(ctx); err != nil {
			t.Fatal(err)
		}
	}
	if n := b.count(`SELECT count(*) FROM river_job WHERE kind = 'act'`); n != 1 {
		t.Fatalf("%d wake-ups of the action", n)
	}
	b.exec(`UPDATE river_job SET state = 'running', attempted_at = $1`, time.Now()) // its process died before the claim
	if err := b.sweep(ctx); err != nil {
		t.Fatal(err)
	}
	if n := b.count(`SELECT count(*) FROM river_job WHERE state = 'available'`); n != 0 {
		t.Fatal("a wake-up that has just begun was doubled")
	}
	b.clock.Advance(b.timing.Died)
	if err := b.sweep(ctx); err != nil {
		t.Fatal(err)
	}
	if n := b.count(`SELECT count(*) FROM river_job WHERE state = 'available'`); n != 1 {
		t.Errorf("%d new wake-ups for an action whose wake-up died", n)
	}
}

func TestASlotWaitsForThePlanOnItsWay(t *testing.T) {
	b := newBench(t, func(s *job.Spec, _ *Options) { s.Schedule = "*/4 * * * *" }).seen()
	ctx := context.Background()
	for _, minute := range []int{4, 8} {
		b.clock.Set(thursday.At(7, minute))
		if err := b.wakeDue(ctx); err != nil {
			t.Fatal(err)
		}
	}
	if n := b.count(`SELECT count(*) FROM river_job WHERE kind = 'plan'`); n != 1 {
		t.Errorf("%d plans on their way", n)
	}
	if n := b.count(`SELECT count(*) FROM job WHERE last_slot = $1`, thursday.At(7, 4)); n != 1 {
		t.Error("the second slot was consumed without a plan")
	}
}

func TestRetriesThroughRiver(t *testing.T) {
	b := newBench(t, func(_ *job.Spec, o *Options) { brisk(o); o.Clock = clock.System{} })
	b.apply = func(_ context.Context, a job.Action) (job.Outcome, error) {
		if a.Attempt == 1 {
			return job.Outcome{}, &fault.Error{Kind: fault.Unavailable, RetryAfter: 50 * time.Millisecond, Cause: errRefused}
		}
		return job.Outcome{}, nil
	}
	start(t, RoleBoth, b.Worker)
	ctx := context.Background()
	if err := postgres.InTx(ctx, b.pool, func(tx pgx.Tx) error {
		a := action(job.Once, "a")
		a.Job = "tidy"
		return b.Request(ctx, tx, a)
	}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the second attempt", func() bool { return b.states()["tidy/a"] == job.Done })
}

func TestStopWaitsForTheActionAtWork(t *testing.T) {
	b := newBench(t, func(_ *job.Spec, o *Options) { brisk(o) })
	entered, leave := make(chan struct{}), make(chan struct{})
	b.apply = func(context.Context, job.Action) (job.Outcome, error) {
		close(entered)
		<-leave
		return job.Outcome{}, nil
	}
	if err := b.Start(context.Background(), RoleWorker); err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	if err := postgres.InTx(ctx, b.pool, func(tx pgx.Tx) error {
		a := action(job.Once, "a")
		a.Job = "tidy"
		return b.Request(ctx, tx, a)
	}); err != nil {
		t.Fatal(err)
	}
	<-entered
	time.AfterFunc(50*time.Millisecond, func() { close(leave) })
	stop(t, b.Worker)
	b.want("tidy/a", job.Done)
}

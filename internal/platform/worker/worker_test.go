package worker

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/job"
	"github.com/betagouv/espace-membre/internal/platform/postgres"
	"github.com/betagouv/espace-membre/internal/testing/pgtest"
)

// bench is a worker on a database of its own, with a clock that stands still and one job whose
// plan and effect the test decides.
type bench struct {
	*Worker
	t     *testing.T
	pool  *pgxpool.Pool
	clock *clock.Fake
	today clock.Day

	mu      sync.Mutex
	plan    func(today clock.Day) (job.Plan, error)
	apply   func(ctx context.Context, a job.Action) (job.Outcome, error)
	plans   int
	applied []string // keys
}

var thursday = clock.MustDay("2024-12-19")

func newBench(t *testing.T, adjust func(*job.Spec, *Options)) *bench {
	t.Helper()
	t.Parallel()
	b := &bench{t: t, pool: pgtest.New(t), clock: clock.At(thursday, 7, 0), today: thursday}
	spec := job.Spec{Name: "tidy", Aliases: []string{"oldTidy"}, Title: "Range", Schedule: "0 8 * * *", Default: job.On, Queue: job.QueueOVH, Plan: b.doPlan, Apply: b.doApply}
	o := Options{Pool: b.pool, Clock: b.clock, SealKey: [32]byte{1}, Logger: slog.New(slog.DiscardHandler)}
	if adjust != nil {
		adjust(&spec, &o)
	}
	o.Specs = append([]job.Spec{spec}, o.Specs...)
	var err error
	if b.Worker, err = New(o); err != nil {
		t.Fatal(err)
	}
	return b
}

func (b *bench) doPlan(_ context.Context, today clock.Day) (job.Plan, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.plans++
	if b.plan == nil {
		return job.Plan{}, nil
	}
	return b.plan(today)
}

func (b *bench) doApply(ctx context.Context, a job.Action) (job.Outcome, error) {
	b.mu.Lock()
	b.applied = append(b.applied, a.Key)
	apply := b.apply
	b.mu.Unlock()
	if apply == nil {
		return job.Outcome{}, nil
	}
	return apply(ctx, a)
}

// wants makes the next plans want these actions, of a population of 1000.
func (b *bench) wants(actions ...job.Action) {
	b.plan = func(clock.Day) (job.Plan, error) { return job.Plan{Population: 1000, Actions: actions}, nil }
}

// run runs the job as a person does.
func (b *bench) run() Run {
	b.t.Helper()
	r, err := b.Run(context.Background(), "tidy", RunOptions{Actor: "admin.member", Confirm: true})
	if err != nil {
		b.t.Fatal(err)
	}
	return r
}

// scheduled plans what is due and applies it, as a worker does; it advances to the next morning.
func (b *bench) scheduled() {
	b.t.Helper()
	b.today = b.today.Add(1)
	b.clock.Set(b.today.At(8, 0))
	b.pass()
}

func (b *bench) pass() {
	b.t.Helper()
	if _, err := b.RunDue(context.Background()); err != nil {
		b.t.Fatal(err)
	}
	if _, err := b.Drain(context.Background(), DrainOptions{}); err != nil {
		b.t.Fatal(err)
	}
}

// seen makes the job known, so that the slots to come are owed.
func (b *bench) seen() *bench {
	b.t.Helper()
	b.pass()
	return b
}

func (b *bench) states() map[string]job.ActionState {
	b.t.Helper()
	type line struct {
		Key   string
		State job.ActionState
	}
	rows, err := postgres.All[line](context.Background(), b.pool, `SELECT DISTINCT ON (key) key, state FROM job_action ORDER BY key, round DESC`)
	if err != nil {
		b.t.Fatal(err)
	}
	m := map[string]job.ActionState{}
	for _, r := range rows {
		m[r.Key] = r.State
	}
	return m
}

func (b *bench) want(key string, state job.ActionState) {
	b.t.Helper()
	if got, err := b.State(context.Background(), key); err != nil || got != state {
		b.t.Errorf("%s is %q (%v), want %q", key, got, err, state)
	}
}

func (b *bench) history() []RunView {
	b.t.Helper()
	runs, err := b.History(context.Background(), HistoryFilter{})
	if err != nil {
		b.t.Fatal(err)
	}
	return runs
}

func (b *bench) exec(sql string, args ...any) {
	b.t.Helper()
	if _, err := b.pool.Exec(context.Background(), sql, args...); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) count(sql string, args ...any) int {
	b.t.Helper()
	n, err := postgres.Scalar[int](context.Background(), b.pool, sql, args...)
	if err != nil {
		b.t.Fatal(err)
	}
	return n
}

func action(mode job.Mode, cause string) job.Action {
	return job.Action{Key: "tidy/" + cause, Mode: mode, Verb: "ranger", Label: cause, Reason: "il le faut"}
}

func removal(cause string) job.Action {
	a := action(job.State, cause)
	a.Destructive, a.Verb = true, "supprimer"
	return a
}

func removals(n int) []job.Action {
	list := make([]job.Action, n)
	for i := range list {
		list[i] = removal(fmt.Sprintf("compte-%02d", i))
	}
	return list
}

var errRefused = errors.New("refused")

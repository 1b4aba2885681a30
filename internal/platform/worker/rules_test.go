package worker

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/platform/job"
	"github.com/betagouv/espace-membre/internal/platform/postgres"
)

func TestFirstSightOwesNothing(t *testing.T) {
	b := newBench(t, nil)
	b.clock.Set(thursday.At(12, 0)) // today's slot of 8:00 is past
	b.pass()
	if b.plans != 0 {
		t.Fatalf("a job seen for the first time was planned %d times", b.plans)
	}
	b.clock.Set(thursday.Add(1).At(8, 0))
	b.pass()
	b.pass()
	if b.plans != 1 {
		t.Errorf("%d plans for one slot", b.plans)
	}
}

func TestOneRunStandsForMissedSlots(t *testing.T) {
	b := newBench(t, func(s *job.Spec, _ *Options) { s.Schedule = "*/4 * * * *" }).seen()
	var asOf clock.Day
	b.plan = func(today clock.Day) (job.Plan, error) {
		asOf = today
		return job.Plan{Actions: []job.Action{action(job.Once, "a")}}, nil
	}
	b.clock.Set(thursday.Add(3).At(9, 2))
	b.pass()
	if b.plans != 1 || asOf != thursday.Add(3) {
		t.Fatalf("%d plans, as of %s", b.plans, asOf)
	}
	run := b.history()[0]
	if run.Trigger != "catch-up" || run.State != "ok" || !run.Slot.Equal(thursday.Add(3).At(9, 0)) {
		t.Errorf("run: %+v", run)
	}
}

func TestASlotTooLateIsTold(t *testing.T) {
	b := newBench(t, func(s *job.Spec, _ *Options) { s.Late = 6 * time.Hour }).seen()
	b.clock.Set(thursday.At(14, 0))
	b.pass()
	if b.plans != 1 {
		t.Fatalf("six hours late exactly: %d plans", b.plans)
	}
	b.clock.Set(thursday.Add(1).At(14, 1))
	b.pass()
	b.pass()
	if runs := b.history(); b.plans != 1 || len(runs) != 1 || runs[0].State != "missed" {
		t.Errorf("six hours and a minute late: %d plans, %+v", b.plans, runs)
	}
}

func TestAfterWaitsForTheSameSlot(t *testing.T) {
	second := 0
	b := newBench(t, func(_ *job.Spec, o *Options) {
		o.Specs = append(o.Specs, job.Spec{
			Name: "then", Schedule: "0 8 * * *", Default: job.On, After: "tidy",
			Plan:  func(context.Context, clock.Day) (job.Plan, error) { second++; return job.Plan{}, nil },
			Apply: func(context.Context, job.Action) (job.Outcome, error) { return job.Outcome{}, nil },
		})
	}).seen()
	b.wants(action(job.State, "a"))
	b.clock.Set(thursday.At(8, 0))
	ctx := context.Background()
	for range 2 { // the first job is planned but not drained
		if _, err := b.RunDue(ctx); err != nil {
			t.Fatal(err)
		}
	}
	if second != 0 {
		t.Fatal("the second job did not wait")
	}
	b.pass()
	b.pass()
	if second != 1 {
		t.Fatalf("after the first had closed, the second ran %d times", second)
	}
	// the first job never closes its slot: an hour of patience
	b.apply = func(context.Context, job.Action) (job.Outcome, error) {
		return job.Outcome{}, fault.New(fault.Unavailable, "", "down")
	}
	b.wants(action(job.Once, "b"))
	b.clock.Set(thursday.Add(1).At(8, 0))
	b.pass()
	b.clock.Set(thursday.Add(1).At(8, 59))
	b.pass()
	if second != 1 {
		t.Fatal("the second job waited less than an hour")
	}
	b.clock.Set(thursday.Add(1).At(9, 0))
	b.pass()
	if second != 2 {
		t.Error("the second job waited more than an hour")
	}
}

func TestPauseStopsPlansAndActions(t *testing.T) {
	ctx := context.Background()
	b := newBench(t, nil).seen()
	b.apply = func(context.Context, job.Action) (job.Outcome, error) {
		return job.Outcome{}, fault.New(fault.Unavailable, "", "down")
	}
	b.wants(action(job.Once, "a"))
	b.scheduled()
	b.want("tidy/a", job.Planned)
	if err := b.Pause(ctx, "oldTidy", "panne", "admin.member"); err != nil {
		t.Fatal(err)
	}
	b.apply = nil
	before := len(b.applied)
	b.scheduled()
	if b.plans != 1 || len(b.applied) != before {
		t.Errorf("paused: %d plans, %d new attempts", b.plans, len(b.applied)-before)
	}
	if _, err := b.Run(ctx, "tidy", RunOptions{Confirm: true}); !fault.Is(err, fault.Conflict) {
		t.Errorf("run while paused: %v", err)
	}
	if err := b.Resume(ctx, "tidy", "admin.member"); err != nil {
		t.Fatal(err)
	}
	b.pass()
	b.want("tidy/a", job.Done)
	if b.plans != 2 {
		t.Errorf("resumed: %d plans", b.plans)
	}
}

func TestOnceIsForEver(t *testing.T) {
	b := newBench(t, nil).seen()
	b.wants(action(job.Once, "camille/2024-12-18"))
	for range 5 {
		b.scheduled()
	}
	b.run()
	if len(b.applied) != 1 {
		t.Errorf("a mail was sent %d times", len(b.applied))
	}
	if runs := b.history(); len(runs) != 2 { // the first morning and the person's
		t.Errorf("%d runs are told, want 2", len(runs))
	}
	if n := b.count(`SELECT quiet_runs FROM job`); n != 0 {
		t.Errorf("quiet runs after a person's: %d", n)
	}
	b.scheduled()
	if n := b.count(`SELECT quiet_runs FROM job`); n != 1 {
		t.Errorf("quiet runs: %d, want 1", n)
	}
}

func TestLeaveReturnLeaveAgain(t *testing.T) {
	b := newBench(t, nil).seen()
	suspend := action(job.State, "camille/suspendre")
	b.wants(suspend, action(job.Once, "camille/2024-12-18"))
	b.scheduled()
	b.wants() // returned
	b.scheduled()
	b.wants(suspend, action(job.Once, "camille/2025-06-30")) // left again, another end
	b.scheduled()
	want := []string{"tidy/camille/suspendre", "tidy/camille/2024-12-18", "tidy/camille/suspendre", "tidy/camille/2025-06-30"}
	if fmt.Sprint(b.applied) != fmt.Sprint(want) {
		t.Errorf("applied %v, want %v", b.applied, want)
	}
}

func TestAStateThatDoesNotHold(t *testing.T) {
	b := newBench(t, nil).seen()
	b.wants(action(job.State, "a"))
	for range 3 {
		b.run()
		b.run() // within the hour: settled
		b.clock.Advance(time.Hour + time.Second)
	}
	if len(b.applied) != 3 {
		t.Fatalf("%d rounds, want 3", len(b.applied))
	}
	b.clock.Set(thursday.At(12, 0))
	b.pass() // the slot of 8:00, caught up
	b.want("tidy/a", job.Held)
	run := b.history()[0]
	if run.State != "held" || run.Hold != notHolding {
		t.Fatalf("run: %+v", run)
	}
	b.scheduled() // a later plan that passes every guard does not release it
	b.want("tidy/a", job.Held)
	if _, err := b.Confirm(context.Background(), run.ID, run.Version, "admin.member"); err != nil {
		t.Fatal(err)
	}
	b.pass()
	b.want("tidy/a", job.Done)
	if n := b.count(`SELECT count(*) FROM job WHERE approved_at IS NOT NULL`); n != 0 {
		t.Error("confirming something harmless approved destructive plans")
	}
}

func TestWhatIsNoLongerWantedIsMoot(t *testing.T) {
	ctx := context.Background()
	b := newBench(t, nil).seen()
	b.apply = func(context.Context, job.Action) (job.Outcome, error) {
		return job.Outcome{}, fault.New(fault.Unavailable, "", "down")
	}
	b.wants(action(job.Once, "a"), action(job.State, "b"), removal("c"))
	b.scheduled()
	b.want("tidy/c", job.Held)
	if err := postgres.InTx(ctx, b.pool, func(tx pgx.Tx) error {
		return b.Request(ctx, tx, job.Action{Key: "ranger/formulaire", Mode: job.State, Job: "tidy", Verb: "ranger", Actor: "camille.durand", Reason: "demandé"})
	}); err != nil {
		t.Fatal(err)
	}
	incomplete := []job.Plan{{Partial: true}, {Doubt: "la liste est vide"}}
	for _, plan := range incomplete {
		b.plan = func(clock.Day) (job.Plan, error) { return plan, nil }
		b.scheduled()
		b.want("tidy/a", job.Planned)
		b.want("tidy/c", job.Held)
	}
	b.wants(action(job.State, "b"))
	b.scheduled()
	b.want("tidy/a", job.MootState)
	b.want("tidy/b", job.Planned)
	b.want("tidy/c", job.MootState)
	b.want("ranger/formulaire", job.Planned)
	if n := b.count(`SELECT count(*) FROM job_run WHERE state = 'held'`); n != 0 {
		t.Errorf("%d runs still wait for a person", n)
	}
	b.apply = nil
	b.wants(action(job.Once, "a"), action(job.State, "b")) // due again: mooted is not done
	b.scheduled()
	b.want("tidy/a", job.Done)
}

func TestHoldConfirmRefresh(t *testing.T) {
	ctx := context.Background()
	b := newBench(t, nil).seen()
	b.wants(append(removals(2), action(job.State, "inoffensif"))...)
	b.scheduled()
	b.want("tidy/inoffensif", job.Done) // the others go on
	b.want("tidy/compte-00", job.Held)
	first := b.history()[0]
	if first.State != "held" || !strings.Contains(first.Hold, "premier plan") || first.Counts["held"] != 2 {
		t.Fatalf("run: %+v", first)
	}
	b.wants(removals(3)...)
	b.scheduled() // refreshes that run, opens no second
	b.scheduled() // nothing new: the version that was read stays good
	runs := b.history()
	if len(runs) != 1 || runs[0].Version != first.Version+1 || runs[0].Counts["held"] != 3 {
		t.Fatalf("after refresh: %+v", runs)
	}
	view, err := b.Confirm(ctx, first.ID, first.Version, "admin.member")
	if !fault.Is(err, fault.Conflict) || len(view.Actions) != 4 || view.Version != first.Version+1 {
		t.Fatalf("stale version: %v, %d actions, version %d", err, len(view.Actions), view.Version)
	}
	b.want("tidy/compte-00", job.Held)
	if view, err = b.Confirm(ctx, first.ID, view.Version, "admin.member"); err != nil || view.State != "applying" {
		t.Fatalf("confirm: %v, %+v", err, view)
	}
	if _, err = b.Confirm(ctx, first.ID, view.Version, "admin.member"); !fault.Is(err, fault.Conflict) {
		t.Errorf("confirmed twice: %v", err)
	}
	b.pass()
	for key, state := range b.states() {
		if state != job.Done {
			t.Errorf("%s is %s", key, state)
		}
	}
	b.today = b.today.Add(2) // out of the 24 hours
	b.wants(removal("plus-tard"))
	b.scheduled() // approved once: goes on by itself
	b.want("tidy/plus-tard", job.Done)
	if n := b.count(`SELECT count(*) FROM audit_event WHERE code = 'JOB_RUN_CONFIRMED' AND actor = 'admin.member'`); n != 1 {
		t.Errorf("%d confirmations in the audit trail", n)
	}
}

func TestAHoldIsReleasedByAPlanThatPasses(t *testing.T) {
	b := newBench(t, func(_ *job.Spec, o *Options) { o.SelfApprove = true }).seen()
	b.plan = func(clock.Day) (job.Plan, error) {
		return job.Plan{Population: 1000, Actions: removals(2), Doubt: "la liste du fournisseur est vide"}, nil
	}
	b.scheduled()
	b.want("tidy/compte-00", job.Held)
	if runs := b.history(); runs[0].Hold != "la liste du fournisseur est vide" {
		t.Errorf("hold: %+v", runs[0])
	}
	b.wants(removals(2)...)
	b.scheduled()
	b.want("tidy/compte-00", job.Done)
	if runs := b.history(); len(runs) != 1 || runs[0].State != "ok" {
		t.Errorf("runs: %+v", runs)
	}
}

func TestCeilingCountsTheLastDay(t *testing.T) {
	b := newBench(t, func(s *job.Spec, o *Options) { s.Schedule, o.SelfApprove = "0 * * * *", true }).seen()
	b.wants(removals(12)...)
	b.clock.Set(thursday.At(8, 0))
	b.pass()
	b.wants(removals(20)[12:]...) // eight more: twenty in all
	b.clock.Set(thursday.At(9, 0))
	b.pass()
	b.want("tidy/compte-19", job.Done)
	b.wants(removal("compte-20"))
	b.clock.Set(thursday.At(9, 30))
	b.exec(`UPDATE job SET last_slot = last_slot - interval '1 hour'`)
	b.pass()
	b.want("tidy/compte-20", job.Held)
	b.clock.Set(thursday.Add(1).At(9, 1)) // the first twenty are out of the day
	b.plan = func(clock.Day) (job.Plan, error) {
		return job.Plan{Population: 1000, Actions: []job.Action{removal("compte-20")}}, nil
	}
	b.pass()
	b.want("tidy/compte-20", job.Done)
}

func TestRefusalsThenFailureThenAnotherDay(t *testing.T) {
	ctx := context.Background()
	b := newBench(t, nil).seen()
	b.apply = func(context.Context, job.Action) (job.Outcome, error) { return job.Outcome{}, errRefused }
	b.wants(action(job.Once, "a"), action(job.State, "b"))
	b.clock.Set(thursday.At(8, 0))
	b.pass()
	if _, err := b.Drain(ctx, DrainOptions{Fake: b.clock}); err != nil {
		t.Fatal(err)
	}
	if len(b.applied) != 10 || !b.clock.Now().Equal(thursday.At(8, 15)) { // 1 + 2 + 4 + 8 minutes
		t.Errorf("%d attempts until %s", len(b.applied), b.clock.Now())
	}
	b.want("tidy/a", job.Failed)
	run := b.history()[0]
	if run.State != "partial" || len(run.Actions) != 2 || run.Actions[0].LastError != "refused" {
		t.Errorf("run: %+v", run)
	}
	b.apply = nil
	b.today = thursday
	b.scheduled() // 8:00 of the next day: not 24 hours yet
	b.want("tidy/a", job.Failed)
	b.scheduled()
	b.want("tidy/a", job.Done)
	b.want("tidy/b", job.Done)
}

func TestUnavailableIsRetriedWithoutLimit(t *testing.T) {
	b := newBench(t, nil).seen()
	b.apply = func(_ context.Context, a job.Action) (job.Outcome, error) {
		if a.Attempt <= 30 {
			return job.Outcome{}, fault.New(fault.Unavailable, "", "down")
		}
		return job.Outcome{}, nil
	}
	b.wants(action(job.Once, "a"))
	b.clock.Set(thursday.At(8, 0))
	b.pass()
	if _, err := b.Drain(context.Background(), DrainOptions{Fake: b.clock, Until: thursday.Add(3).At(8, 0)}); err != nil {
		t.Fatal(err)
	}
	b.want("tidy/a", job.Done)
	if len(b.applied) != 31 {
		t.Errorf("%d attempts", len(b.applied))
	}
}

func TestUncertainIsNeverRepeatedButByAPerson(t *testing.T) {
	ctx := context.Background()
	for _, c := range []struct {
		name  string
		apply func(context.Context, job.Action) (job.Outcome, error)
	}{
		{"answer lost", func(context.Context, job.Action) (job.Outcome, error) {
			return job.Outcome{}, &fault.Error{Kind: fault.Unavailable, AnswerLost: true, Cause: errors.New("reset after the final dot")}
		}},
		{"panic", func(context.Context, job.Action) (job.Outcome, error) { panic("broken template") }},
		{"facts not written", func(context.Context, job.Action) (job.Outcome, error) {
			return job.Recorded(func(context.Context, pgx.Tx) error { return errRefused }), nil
		}},
		{"panic while writing the facts", func(context.Context, job.Action) (job.Outcome, error) {
			return job.Recorded(func(context.Context, pgx.Tx) error { panic("broken") }), nil
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t, nil).seen()
			b.apply = c.apply
			b.wants(action(job.Once, "a"), action(job.Once, "b"))
			b.scheduled()
			b.apply = nil
			b.scheduled()
			b.scheduled()
			b.want("tidy/a", job.Uncertain)
			if len(b.applied) != 2 {
				t.Fatalf("%d attempts on two actions", len(b.applied))
			}
			run := b.history()[0]
			if run.State != "partial" || len(run.Actions) != 2 || run.Actions[0].State != job.Uncertain {
				t.Fatalf("history: %+v", run)
			}
			if err := b.Resolve(ctx, run.Actions[0].ID, ResolvedDone, "admin.member"); err != nil {
				t.Fatal(err)
			}
			if err := b.Resolve(ctx, run.Actions[1].ID, ResolvedAgain, "admin.member"); err != nil {
				t.Fatal(err)
			}
			if err := b.Resolve(ctx, run.Actions[0].ID, ResolvedAgain, "admin.member"); !fault.Is(err, fault.Conflict) {
				t.Errorf("resolved twice: %v", err)
			}
			b.pass()
			if fmt.Sprint(b.applied[2:]) != "[tidy/b]" || b.history()[0].State != "ok" {
				t.Errorf("after a person decided: %v, %+v", b.applied[2:], b.history()[0])
			}
		})
	}
}

func TestCloseWritesFactsAndAuditTogether(t *testing.T) {
	b := newBench(t, nil).seen()
	var member uuid.UUID
	if err := b.pool.QueryRow(context.Background(), `
		INSERT INTO member (username, fullname, primary_email_status_changed_at, created_at, updated_at)
		VALUES ('camille.durand', 'Camille Durand', $1, $1, $1) RETURNING id`, b.clock.Now()).Scan(&member); err != nil {
		t.Fatal(err)
	}
	known, unknown := action(job.State, "camille.durand"), action(job.State, "produit")
	known.Subject, unknown.Subject = member, uuid.New()
	b.apply = func(_ context.Context, a job.Action) (job.Outcome, error) {
		return job.Recorded(func(ctx context.Context, tx pgx.Tx) error {
			_, err := tx.Exec(ctx, `UPDATE member SET fullname = 'Camille Durand-Petit' WHERE id = $1`, a.Subject)
			return err
		}), nil
	}
	b.wants(known, unknown)
	b.scheduled()
	if n := b.count(`SELECT count(*) FROM member WHERE fullname = 'Camille Durand-Petit'`); n != 1 {
		t.Error("the facts were not written")
	}
	if n := b.count(`SELECT count(*) FROM audit_event WHERE code = 'JOB_ACTION_DONE' AND member_id = $1 AND actor = 'system'`, member); n != 1 {
		t.Errorf("%d events about the member", n)
	}
	if n := b.count(`SELECT count(*) FROM audit_event WHERE member_id IS NULL AND subject = 'produit'`); n != 1 {
		t.Errorf("%d events about what is not a member", n)
	}
}

func TestALateFinisherLoses(t *testing.T) {
	b := newBench(t, nil).seen()
	wrote := 0
	b.apply = func(_ context.Context, a job.Action) (job.Outcome, error) {
		if a.Attempt == 1 { // taken for dead meanwhile
			b.clock.Advance(4 * time.Minute)
			if _, err := b.RunDue(context.Background()); err != nil {
				t.Error(err)
			}
		}
		return job.Recorded(func(context.Context, pgx.Tx) error { wrote++; return nil }), nil
	}
	b.wants(action(job.State, "a"))
	b.scheduled()
	b.want("tidy/a", job.Done)
	if len(b.applied) != 2 || wrote != 1 {
		t.Errorf("%d attempts, facts written %d times; want 2 and 1", len(b.applied), wrote)
	}
}

func TestDeadAttempts(t *testing.T) {
	b := newBench(t, nil).seen()
	b.wants(action(job.Once, "a"), action(job.State, "b"))
	b.clock.Set(thursday.At(8, 0))
	if _, err := b.RunDue(context.Background()); err != nil {
		t.Fatal(err)
	}
	b.exec(`UPDATE job_action SET state = 'started', attempt = 1, started_at = $1`, b.clock.Now())
	b.clock.Advance(3 * time.Minute)
	b.pass()
	b.want("tidy/b", job.Started) // three minutes exactly: still alive
	b.clock.Advance(time.Second)
	b.pass()
	b.want("tidy/a", job.Uncertain)
	b.want("tidy/b", job.Done)
}

func TestAPlanThatFails(t *testing.T) {
	for name, plan := range map[string]func(clock.Day) (job.Plan, error){
		"error":      func(clock.Day) (job.Plan, error) { return job.Plan{}, errRefused },
		"panic":      func(clock.Day) (job.Plan, error) { panic("nil listing") },
		"double key": func(clock.Day) (job.Plan, error) { return job.Plan{Actions: append(removals(1), removals(1)...)}, nil },
		"no mode":    func(clock.Day) (job.Plan, error) { return job.Plan{Actions: []job.Action{{Key: "k", Verb: "v"}}}, nil },
		"foreign spec": func(clock.Day) (job.Plan, error) {
			a := removal("a")
			a.Job = "x"
			return job.Plan{Actions: []job.Action{a}}, nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, nil).seen()
			b.plan = plan
			b.scheduled()
			b.scheduled()
			b.scheduled()
			runs := b.history()
			if len(runs) != 1 || runs[0].State != "failed" || runs[0].Repeats != 2 || runs[0].Error == "" {
				t.Fatalf("history: %+v", runs)
			}
			b.wants(action(job.Once, "a"))
			b.scheduled()
			b.want("tidy/a", job.Done)
		})
	}
}

func TestOneFailingSubjectStopsNobody(t *testing.T) {
	b := newBench(t, nil).seen()
	b.apply = func(_ context.Context, a job.Action) (job.Outcome, error) {
		if a.Label == "b" {
			panic("only this one")
		}
		return job.Outcome{}, nil
	}
	b.wants(action(job.Once, "a"), action(job.Once, "b"), action(job.Once, "c"))
	b.scheduled()
	if s := b.states(); s["tidy/a"] != job.Done || s["tidy/b"] != job.Uncertain || s["tidy/c"] != job.Done {
		t.Errorf("states: %v", s)
	}
	if run := b.history()[0]; run.State != "partial" || run.Counts["done"] != 2 {
		t.Errorf("run: %+v", run)
	}
}

func TestRunShowsThenApplies(t *testing.T) {
	ctx := context.Background()
	b := newBench(t, nil)
	b.wants(removal("a"), action(job.Once, "b"))
	shown, err := b.Run(ctx, "oldTidy", RunOptions{})
	if err != nil || shown.Applied || len(shown.Plan.Actions) != 2 || shown.Plan.Hold == "" {
		t.Fatalf("without confirm: %v, %+v", err, shown)
	}
	if n := b.count(`SELECT (SELECT count(*) FROM job_action) + (SELECT count(*) FROM job_run) + (SELECT count(*) FROM job)`); n != 0 {
		t.Fatalf("showing a plan wrote %d rows", n)
	}
	done := b.run()
	if !done.Applied || done.State != "ok" || done.Counts["done"] != 2 || len(done.Actions) != 2 {
		t.Fatalf("with confirm: %+v", done)
	}
	again := b.run()
	if len(b.applied) != 2 || again.State != "ok" || len(again.Plan.Actions) != 0 || len(again.Plan.Skipped) != 2 {
		t.Errorf("twice: %d effects, %+v", len(b.applied), again)
	}
	if _, err := b.Run(ctx, "tidy", RunOptions{Confirm: true, Today: thursday.Add(1)}); !fault.Is(err, fault.Forbidden) {
		t.Errorf("another day: %v", err)
	}
	if plan, err := b.Plan(ctx, "tidy", thursday.Add(1)); err != nil || plan.Today != thursday.Add(1) {
		t.Errorf("plan of another day: %v, %s", err, plan.Today)
	}
	if n := b.count(`SELECT count(*) FROM river_job`); n != 0 {
		t.Errorf("the synchronous executor made %d wake-ups", n)
	}
}

func TestPlanAsJSON(t *testing.T) {
	b := newBench(t, nil)
	b.plan = func(clock.Day) (job.Plan, error) {
		return job.Plan{Population: 2, Actions: []job.Action{action(job.Once, "a")}, Skipped: []job.Skip{{Label: "b", Reason: "pas d’adresse"}}}, nil
	}
	plan, err := b.Plan(context.Background(), "tidy", clock.Day{})
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(plan)
	want := `{"job":"tidy","today":"2024-12-19","population":2,"actions":[{"key":"tidy/a","verb":"ranger","subject":"a",` +
		`"reason":"il le faut","mode":"once","destructive":false}],"skipped":[{"subject":"b","reason":"pas d’adresse"}],"doubt":""}`
	if err != nil || string(text) != want {
		t.Errorf("%v\n%s\nwant\n%s", err, text, want)
	}
}

func TestRequestWithASecret(t *testing.T) {
	ctx := context.Background()
	b := newBench(t, func(_ *job.Spec, o *Options) {
		o.Specs = append(o.Specs, job.Spec{Name: "password", Apply: func(_ context.Context, a job.Action) (job.Outcome, error) {
			if string(a.Secret) != "un mot de passe" {
				return job.Outcome{}, fmt.Errorf("secret: %q", a.Secret)
			}
			return job.Outcome{}, nil
		}})
	})
	ask := job.Action{Key: "password/formulaire-1", Mode: job.State, Job: "password", Verb: "changer", Label: "camille.durand", Reason: "demandé", Secret: []byte("un mot de passe"), Actor: "camille.durand"}
	var both sync.WaitGroup
	for range 2 { // double submit
		both.Go(func() {
			if err := postgres.InTx(ctx, b.pool, func(tx pgx.Tx) error { return b.Request(ctx, tx, ask) }); err != nil {
				t.Error(err)
			}
		})
	}
	both.Wait()
	if n := b.count(`SELECT count(*) FROM job_action WHERE queue = 'urgent' AND run_id IS NULL AND secret IS NOT NULL`); n != 1 {
		t.Fatalf("%d rows, want one", n)
	}
	if n := b.count(`SELECT count(*) FROM job_action WHERE secret = $1 OR position('mot de passe'::bytea IN secret) > 0`, ask.Secret); n != 0 {
		t.Error("the secret can be read in the database")
	}
	if n := b.count(`SELECT count(*) FROM river_job WHERE queue = 'urgent'`); n != 1 {
		t.Errorf("%d wake-ups", n)
	}
	if _, err := b.Drain(ctx, DrainOptions{}); err != nil {
		t.Fatal(err)
	}
	b.want(ask.Key, job.Done)
	if n := b.count(`SELECT count(*) FROM job_action WHERE secret IS NOT NULL`); n != 0 {
		t.Error("the secret was not erased")
	}
	if err := postgres.InTx(ctx, b.pool, func(tx pgx.Tx) error { return b.Request(ctx, tx, ask) }); err != nil {
		t.Fatal(err)
	}
	b.want(ask.Key, job.Done) // the same form again does nothing
	if _, err := b.unsealed("password/formulaire-2", b.sealed(ask.Key, ask.Secret)); err == nil {
		t.Error("a secret opened under another key")
	}
	if err := postgres.InTx(ctx, b.pool, func(tx pgx.Tx) error {
		return b.Request(ctx, tx, job.Action{Key: "k", Mode: job.Once, Verb: "v", Job: "unknown"})
	}); !fault.Is(err, fault.NotFound) {
		t.Errorf("request of an unknown kind: %v", err)
	}
}

func TestARequestIsUndoneWithItsTransaction(t *testing.T) {
	ctx := context.Background()
	b := newBench(t, nil)
	err := postgres.InTx(ctx, b.pool, func(tx pgx.Tx) error {
		a := action(job.Once, "a")
		a.Job = "tidy"
		if err := b.Request(ctx, tx, a); err != nil {
			return err
		}
		return errRefused
	})
	if !errors.Is(err, errRefused) {
		t.Fatal(err)
	}
	b.want("tidy/a", job.Absent)
	if n := b.count(`SELECT count(*) FROM river_job`); n != 0 {
		t.Error("a wake-up survived")
	}
}

func TestStatusAndList(t *testing.T) {
	b := newBench(t, nil).seen()
	b.wants(removals(2)...)
	b.scheduled()
	list, err := b.Status(context.Background())
	if err != nil || len(list) != 1 {
		t.Fatalf("%v, %d jobs", err, len(list))
	}
	s := list[0]
	if s.Name != "tidy" || s.Open["held"] != 2 || s.Held == nil || s.Population != 1000 || !s.NextSlot.Equal(thursday.Add(2).At(8, 0)) {
		t.Errorf("status: %+v", s)
	}
	text, err := json.Marshal(List([]job.Spec{b.specs["tidy"], {Name: "asked"}}, map[string]Switch{"tidy": {Why: "éteinte", Missing: []string{"OVH_APP_KEY"}, Schedule: "0 9 * * *"}}))
	want := `[{"name":"tidy","aliases":["oldTidy"],"title":"Range","room":"","schedule":"0 9 * * *","default":"on","enabled":false,"why":"éteinte","needs":[],"missing":["OVH_APP_KEY"]}]`
	if err != nil || string(text) != want {
		t.Errorf("%v\n%s", err, text)
	}
}

func TestHousekeeping(t *testing.T) {
	b := newBench(t, nil).seen()
	b.wants(action(job.Once, "a"), action(job.State, "b"))
	b.scheduled()
	b.wants()
	b.clock.Advance(399 * 24 * time.Hour)
	b.pass()
	if n := b.count(`SELECT count(*) FROM job_action WHERE reason <> ''`); n != 2 {
		t.Fatalf("%d rows after 399 days", n)
	}
	b.clock.Advance(2 * 24 * time.Hour)
	b.pass()
	b.want("tidy/a", job.Done)
	b.want("tidy/b", job.Absent)
	if n := b.count(`SELECT count(*) FROM job_action WHERE reason <> '' OR args IS NOT NULL`); n != 0 {
		t.Error("the reason of an old mail was kept")
	}
	if n := b.count(`SELECT count(*) FROM job_run WHERE state = 'ok'`); n != 0 {
		t.Error("an old run was kept")
	}
}

func TestBigPlansAreQuick(t *testing.T) {
	b := newBench(t, nil)
	actions := make([]job.Action, 5000)
	for i := range actions {
		actions[i] = action(job.Once, uuid.NewString())
	}
	r := recording{spec: b.specs["tidy"], today: thursday, trigger: "person", actor: "system", wake: true}
	var err error
	if r.plan, err = complete(r.spec, job.Plan{Actions: actions}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []int{5000, 0} {
		start := time.Now()
		out, err := b.record(context.Background(), r)
		if err != nil || out.inserted != want {
			t.Fatalf("%v, %d inserted, want %d", err, out.inserted, want)
		}
		t.Logf("%d new keys of 5000: %s", want, time.Since(start).Round(time.Millisecond))
	}
}

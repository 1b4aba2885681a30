package worker

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/platform/job"
)

func instant(t *testing.T, text string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func TestLatestSlotFollowsParis(t *testing.T) {
	for _, c := range []struct{ name, schedule, now, want string }{
		{"winter morning", "0 8 * * *", "2024-12-19T07:00:00Z", "2024-12-19T07:00:00Z"},
		{"one second before", "0 8 * * *", "2024-12-19T06:59:59Z", "2024-12-18T07:00:00Z"},
		{"summer morning", "0 8 * * *", "2024-07-19T06:00:00Z", "2024-07-19T06:00:00Z"},
		{"every four minutes", "*/4 * * * *", "2024-12-19T07:03:59Z", "2024-12-19T07:00:00Z"},
		{"six fields", "0 0 8 * * *", "2024-12-19T07:30:00Z", "2024-12-19T07:00:00Z"},
		{"six fields, seconds", "30 0 8 * * *", "2024-12-19T07:30:00Z", "2024-12-19T07:00:30Z"},
		{"monthly", "0 10 1 * *", "2024-12-31T12:00:00Z", "2024-12-01T09:00:00Z"},
		{"weekly, thursday", "0 16 * * 4", "2024-12-19T14:59:59Z", "2024-12-12T15:00:00Z"},
		{"quarterly", "30 9 1 2,5,8,11 *", "2025-01-15T12:00:00Z", "2024-11-01T08:30:00Z"},
		{"weekdays, on a sunday", "0 18 * * 1-5", "2024-12-22T18:00:00Z", "2024-12-20T17:00:00Z"},
		// the night of 31 March 2024 has no 2:30: after the gap, once
		{"no such hour, before", "30 2 * * *", "2024-03-31T00:59:59Z", "2024-03-30T01:30:00Z"},
		{"no such hour, after", "30 2 * * *", "2024-03-31T02:00:00Z", "2024-03-31T01:30:00Z"},
		{"the day after the gap", "30 2 * * *", "2024-04-01T00:30:00Z", "2024-04-01T00:30:00Z"},
		// the night of 27 October 2024 has 2:30 twice: the second counts
		{"twice, first", "30 2 * * *", "2024-10-27T00:30:00Z", "2024-10-26T00:30:00Z"},
		{"twice, second", "30 2 * * *", "2024-10-27T01:30:00Z", "2024-10-27T01:30:00Z"},
		{"every eight minutes in the hour that comes twice", "*/8 * * * *", "2024-10-27T01:17:00Z", "2024-10-27T01:16:00Z"},
		{"midnight of the gap", "0 0 * * *", "2024-03-30T23:00:00Z", "2024-03-30T23:00:00Z"},
		{"eight in the morning after the gap", "0 8 * * *", "2024-03-31T06:00:00Z", "2024-03-31T06:00:00Z"},
		{"every leap day", "0 8 29 2 *", "2027-06-01T00:00:00Z", "2024-02-29T07:00:00Z"},
	} {
		t.Run(c.name, func(t *testing.T) {
			schedule, err := ParseSchedule(c.schedule)
			if err != nil {
				t.Fatal(err)
			}
			if got := latestSlot(schedule, instant(t, c.now)); !got.Equal(instant(t, c.want)) {
				t.Errorf("latest slot at %s = %s, want %s", c.now, got.UTC().Format(time.RFC3339), c.want)
			}
		})
	}
}

func TestSlotsOfTheYearComeOnceADay(t *testing.T) {
	for _, expression := range []string{"30 2 * * *", "0 3 * * *", "0 8,14 * * *"} {
		schedule, err := ParseSchedule(expression)
		if err != nil {
			t.Fatal(err)
		}
		perDay := map[string]int{}
		at := clock.MustDay("2024-01-01").At(0, 0).Add(-time.Second)
		for at = schedule.Next(at); clock.DayOf(at).Before(clock.MustDay("2025-01-01")); at = schedule.Next(at) {
			perDay[clock.DayOf(at).String()]++
		}
		want := 1
		if expression == "0 8,14 * * *" {
			want = 2
		}
		for day, n := range perDay {
			if n != want {
				t.Errorf("%s: %d slots on %s", expression, n, day)
			}
		}
		if len(perDay) != 366 {
			t.Errorf("%s: %d days", expression, len(perDay))
		}
	}
}

func TestSchedulesThatAreRefused(t *testing.T) {
	for _, bad := range []string{"", "* * *", "61 * * * *", "@every 5m", "0 0 8 * * * *"} {
		if _, err := ParseSchedule(bad); err == nil {
			t.Errorf("%q was accepted", bad)
		}
	}
}

func TestGuardAtItsLimits(t *testing.T) {
	base := guardFacts{fresh: 1, population: 1000, approved: true}
	for _, c := range []struct {
		name   string
		change func(*guardFacts)
		held   bool
	}{
		{"one action", func(*guardFacts) {}, false},
		{"nothing destructive, whatever the doubt", func(f *guardFacts) { f.fresh, f.doubt, f.approved = 0, "liste vide", false }, false},
		{"doubt", func(f *guardFacts) { f.doubt = "liste vide" }, true},
		{"first on this database", func(f *guardFacts) { f.approved = false }, true},
		{"count reached exactly", func(f *guardFacts) { f.fresh = 20 }, false},
		{"count passed by one", func(f *guardFacts) { f.fresh = 21 }, true},
		{"count reached with the last 24 hours", func(f *guardFacts) { f.fresh, f.recent = 5, 15 }, false},
		{"count passed with the last 24 hours", func(f *guardFacts) { f.fresh, f.recent = 5, 16 }, true},
		{"share reached exactly", func(f *guardFacts) { f.fresh, f.population = 10, 200 }, false},
		{"share passed", func(f *guardFacts) { f.fresh, f.population = 10, 199 }, true},
		{"three of a handful", func(f *guardFacts) { f.fresh, f.population = 3, 4 }, false},
		{"four of a handful", func(f *guardFacts) { f.fresh, f.population = 4, 4 }, true},
		{"three of nobody", func(f *guardFacts) { f.fresh, f.population = 3, 0 }, false},
		{"own ceiling reached", func(f *guardFacts) { f.fresh, f.ceiling = 50, job.Ceiling{Count: 50, Share: 0.5} }, false},
		{"own ceiling passed", func(f *guardFacts) { f.fresh, f.ceiling = 51, job.Ceiling{Count: 50, Share: 0.5} }, true},
	} {
		f := base
		c.change(&f)
		if reason := holdReason(f); (reason != "") != c.held {
			t.Errorf("%s: held because %q, want held = %t", c.name, reason, c.held)
		}
	}
}

func TestEndOfAnAttempt(t *testing.T) {
	now := instant(t, "2024-12-19T08:00:00Z")
	down := fault.New(fault.Unavailable, "", "connection refused")
	limited := &fault.Error{Kind: fault.Unavailable, RetryAfter: 7 * time.Minute, Cause: errors.New("429")}
	lost := &fault.Error{Kind: fault.Unavailable, AnswerLost: true, Cause: errors.New("reset after DATA")}
	refused := fault.New(fault.Invalid, "", "550 no such user")
	for _, c := range []struct {
		name  string
		a     attempted
		state job.ActionState
		wait  time.Duration
	}{
		{"done", attempted{mode: job.Once, attempt: 1}, job.Done, 0},
		{"moot", attempted{mode: job.Once, attempt: 1, moot: "revenu"}, job.MootState, 0},
		{"down, first", attempted{mode: job.Once, attempt: 1, err: down}, job.Planned, time.Minute},
		{"down, third", attempted{mode: job.State, attempt: 3, err: down}, job.Planned, 4 * time.Minute},
		{"down for days", attempted{mode: job.Once, attempt: 200, err: down}, job.Planned, time.Hour},
		{"down after refusals", attempted{mode: job.Once, attempt: 3, refusals: 2, err: down}, job.Planned, time.Minute},
		{"rate limited", attempted{mode: job.State, attempt: 1, err: limited}, job.Planned, 7 * time.Minute},
		{"answer lost, once", attempted{mode: job.Once, attempt: 1, err: lost}, job.Uncertain, 0},
		{"answer lost, state", attempted{mode: job.State, attempt: 1, err: lost}, job.Planned, time.Minute},
		{"answer lost, wrapped", attempted{mode: job.Once, attempt: 1, err: fmt.Errorf("send: %w", lost)}, job.Uncertain, 0},
		{"refused, first", attempted{mode: job.Once, attempt: 1, err: refused}, job.Planned, time.Minute},
		{"refused, fourth", attempted{mode: job.Once, attempt: 4, refusals: 3, err: refused}, job.Planned, 8 * time.Minute},
		{"refused, fifth", attempted{mode: job.Once, attempt: 5, refusals: 4, err: refused}, job.Failed, 24 * time.Hour},
		{"refused once after a long outage", attempted{mode: job.Once, attempt: 90, err: refused}, job.Planned, time.Minute},
		{"time ran out, nobody knows, once", attempted{mode: job.Once, attempt: 1, err: context.DeadlineExceeded}, job.Uncertain, 0},
		{"time ran out, state", attempted{mode: job.State, attempt: 1, err: context.DeadlineExceeded}, job.Planned, time.Minute},
		{"stopped before the request left, once", attempted{mode: job.Once, attempt: 1, err: fault.New(fault.Unavailable, "", "dial: %w", context.Canceled)}, job.Planned, time.Minute},
		{"broke down, once", attempted{mode: job.Once, attempt: 1, err: &panicError{value: "nil map"}}, job.Uncertain, 0},
		{"broke down, state", attempted{mode: job.State, attempt: 1, err: &panicError{value: "nil map"}}, job.Planned, time.Minute},
	} {
		e := conclude(c.a, now)
		if e.state != c.state || e.notBefore.Sub(now) != c.wait {
			t.Errorf("%s: %s in %s, want %s in %s", c.name, e.state, e.notBefore.Sub(now), c.state, c.wait)
		}
	}
}

func TestErrorsAreStoredWithoutAddress(t *testing.T) {
	if got := describe(errors.New("550 <camille.durand@exemple.org>: unknown")); got != "550 <(adresse)>: unknown" {
		t.Errorf("stored %q", got)
	}
}

func TestJudge(t *testing.T) {
	now := instant(t, "2024-12-19T08:00:00Z")
	ago := func(d time.Duration) *time.Time { at := now.Add(-d); return &at }
	done := func(round int, d time.Duration) past {
		return past{Round: round, State: job.Done, CreatedAt: now.Add(-d), ClosedAt: ago(d)}
	}
	failed := past{ID: 9, Round: 1, State: job.Failed, NotBefore: now}
	notYet := past{ID: 9, Round: 1, State: job.Failed, NotBefore: now.Add(time.Second)}
	moot := past{Round: 1, State: job.MootState, ClosedAt: ago(time.Hour)}
	for _, c := range []struct {
		name   string
		rounds []past
		mode   job.Mode
		want   step
		round  int
	}{
		{"new", nil, job.Once, insert, 1},
		{"once done, long ago", []past{done(1, 9000*time.Hour)}, job.Once, keep, 0},
		{"once mooted", []past{moot}, job.Once, insert, 2},
		{"once mooted then done", []past{moot, done(2, time.Hour)}, job.Once, keep, 0},
		{"once uncertain", []past{{Round: 1, State: job.Uncertain}}, job.Once, keep, 0},
		{"failed a day ago", []past{failed}, job.Once, reopen, 0},
		{"failed just now", []past{notYet}, job.State, keep, 0},
		{"state held", []past{{Round: 1, State: job.Held}}, job.State, keep, 0},
		{"state done an hour ago exactly", []past{done(1, time.Hour)}, job.State, keep, 0},
		{"state done over an hour ago", []past{done(1, time.Hour+time.Second)}, job.State, insert, 2},
		{"state, third round in a day", []past{done(1, 20*time.Hour), done(2, 10*time.Hour)}, job.State, insert, 3},
		{"state, fourth round in a day", []past{done(1, 20*time.Hour), done(2, 10*time.Hour), done(3, 2*time.Hour)}, job.State, unsteady, 4},
		{"state, fourth round in two days", []past{done(1, 30*time.Hour), done(2, 10*time.Hour), done(3, 2*time.Hour)}, job.State, insert, 4},
	} {
		v := judge(c.rounds, c.mode, now, time.Hour)
		if v.do != c.want || c.round != 0 && v.round != c.round {
			t.Errorf("%s: %+v, want step %d round %d", c.name, v, c.want, c.round)
		}
	}
}

func TestWhenAFailedPlanIsTriedAgain(t *testing.T) {
	now := instant(t, "2024-12-19T08:00:00Z")
	down, broken := fault.New(fault.Unavailable, "", "down"), errors.New("column missing")
	for _, c := range []struct {
		name  string
		err   error
		n     int
		next  time.Duration
		wait  time.Duration
		again bool
	}{
		{"first", broken, 1, 24 * time.Hour, time.Minute, true},
		{"the next slot comes first", broken, 3, 4 * time.Minute, 0, false},
		{"five errors", broken, 5, 24 * time.Hour, 0, false},
		{"down for hours", down, 9, 24 * time.Hour, time.Hour, true},
	} {
		wait, again := planAgain(c.err, c.n, now, now.Add(c.next))
		if wait != c.wait || again != c.again {
			t.Errorf("%s: %s, %t", c.name, wait, again)
		}
	}
}

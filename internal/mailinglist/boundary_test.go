package mailinglist_test

import (
	"slices"
	"testing"
	"time"

	"github.com/betagouv/espace-membre/internal/platform/clock"
)

// moment is an instant of a day counted from the last day of the last mission, in Paris.
type moment struct {
	days, hour, minute int
	due                bool
}

// boundary is the table of a job: at each moment from each end, what it wants is applied at the
// simulated vendor, and its effect looked at.
type boundary struct {
	job     string
	ends    []string
	moments []moment
	prepare func(w *world)
	done    func(w *world) bool
}

// ends are last days around which a count of hours, or of days in UTC, goes wrong: the night when
// the hour springs forward (2025-03-30), the one when it falls back (2025-10-26), ends of months
// and of a year, and a 29 February.
func ends() []string {
	return []string{
		"2024-12-18", "2024-12-31", "2025-01-31", "2025-02-28", "2025-03-29", "2025-03-30", "2025-10-25", "2025-10-26", "2025-11-30", "2028-02-28", "2028-02-29", "2028-03-01",
	}
}

// lastDay says that something is due until the last day, included.
func lastDay() []moment {
	return []moment{{-1, 12, 0, true}, {0, 0, 0, true}, {0, 3, 30, true}, {0, 23, 59, true}, {1, 0, 0, false}, {1, 3, 30, false}, {1, 23, 59, false}}
}

// fromDay says that something is due from the nth day after the last one.
func fromDay(n int) []moment {
	return []moment{{n - 1, 0, 0, false}, {n - 1, 23, 59, false}, {n, 0, 0, true}, {n, 3, 30, true}, {n + 1, 8, 0, true}, {n + 400, 8, 0, true}}
}

func boundaries() []boundary {
	const anne = "anne.leaves@exemple.org"
	joined := func(w *world) bool { return slices.Contains(w.on("incubateur"), anne) }
	onNews := func(w *world) bool { return slices.Contains(w.contacts(332), anne) }
	return []boundary{
		{
			job: subscribe, ends: ends(), moments: lastDay(),
			prepare: func(*world) {}, done: joined,
		},
		{
			job: unsubscribe, ends: ends(), moments: fromDay(1),
			prepare: func(w *world) { w.ovh.AddList("incubateur", anne) }, done: func(w *world) bool { return !joined(w) },
		},
		{
			// the thirtieth day falls on 2025-03-30, 2025-10-26, 2028-02-29 and 2028-03-01 too
			job: departure, ends: append(ends(), "2025-09-26", "2028-01-30", "2028-01-31"), moments: fromDay(30),
			prepare: func(w *world) { w.brevo.AddContact(anne, nil, 332) }, done: func(w *world) bool { return !onNews(w) },
		},
		{
			job: unblock, ends: ends(), moments: lastDay(),
			prepare: func(w *world) {
				w.brevo.AddContact(anne, nil, 332)
				w.brevo.Blacklist(anne, "hardBounce")
			},
			done: func(w *world) bool { return w.at(anne) == "lists [332], refuses false" },
		},
	}
}

func TestBoundaryDays(t *testing.T) {
	for _, b := range boundaries() {
		t.Run(b.job, func(t *testing.T) {
			for _, end := range b.ends {
				for _, m := range b.moments {
					b.check(t, end, m)
				}
			}
		})
	}
}

func (b boundary) check(t *testing.T, end string, m moment) {
	t.Helper()
	at := clock.MustDay(end).Add(m.days).At(m.hour, m.minute)
	t.Run(end+" then "+at.Format(time.RFC3339), func(t *testing.T) {
		w := newWorld(t)
		w.crowd()
		w.add(person{username: "anne.leaves", end: end})
		b.prepare(w)
		w.clock.Set(at)
		if n := w.applyAll(b.job); (n > 0) != m.due {
			t.Errorf("%d actions, want some: %v", n, m.due)
		}
		if done := b.done(w); done != m.due {
			t.Errorf("done at the vendor: %v, want %v", done, m.due)
		}
		if again := w.applyAll(b.job); again != 0 {
			t.Errorf("%d actions again", again)
		}
	})
}

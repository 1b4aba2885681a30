package mailinglist_test

import (
	"fmt"
	"log/slog"
	"slices"
	"testing"
	"time"

	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/worker"
	"github.com/betagouv/espace-membre/internal/testing/pgtest"
)

// engine is the room worked by the real machinery, on a database of its own.
func engine(t *testing.T) (*world, *worker.Worker) {
	t.Helper()
	pool := pgtest.New(t)
	w := newWorldOn(t, pool)
	e, err := worker.New(worker.Options{Pool: pool, Clock: w.clock, Specs: w.room.Jobs(), SealKey: [32]byte{1}, AnyDay: true, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	return w, e
}

func (w *world) run(e *worker.Worker, name string) worker.Run {
	w.t.Helper()
	r, err := e.Run(w.t.Context(), name, worker.RunOptions{Confirm: true, Actor: "admin.member"})
	if err != nil {
		w.t.Fatal(err)
	}
	return r
}

// slot plans and records a job as its schedule does, then applies what may be.
func (w *world) slot(e *worker.Worker) []string {
	w.t.Helper()
	ran, err := e.RunDue(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	if _, err := e.Drain(w.t.Context(), worker.DrainOptions{}); err != nil {
		w.t.Fatal(err)
	}
	return ran
}

// Too many departures at once wait for a person; then they are done once, and the next plans, every
// four minutes, do nothing.
func TestManyDeparturesWaitForAPerson(t *testing.T) {
	w, e := engine(t)
	for i := range 55 {
		w.add(person{username: fmt.Sprintf("gone.%02d", i), end: "2024-12-18"})
		w.ovh.AddList("incubateur", fmt.Sprintf("gone.%02d@exemple.org", i))
	}
	for i := range 600 {
		w.ovh.AddList("incubateur", fmt.Sprintf("m%d@ailleurs.fr", i))
	}
	w.slot(e) // the first sight of the jobs
	w.clock.Advance(4 * time.Minute)
	if ran := w.slot(e); !slices.Contains(ran, unsubscribe) {
		t.Fatalf("ran %v", ran)
	}
	if got := len(w.on("incubateur")); got != 655 {
		t.Fatalf("%d subscribers: nobody approved", got)
	}
	hold := w.one(`SELECT hold FROM job_run WHERE job = $1 AND state = 'held'`, unsubscribe)
	if hold != "55 actions destructrices en 24 heures, plus que le plafond de 50" {
		t.Errorf("held because %q", hold)
	}
	w.run(e, unsubscribe)
	if got := len(w.on("incubateur")); got != 600 {
		t.Errorf("%d subscribers after the confirmation", got)
	}
	for range 20 {
		w.clock.Advance(4 * time.Minute)
		w.slot(e)
	}
	if n := w.one(`SELECT count(*)::text FROM job_action WHERE job = $1`, unsubscribe); n != "55" {
		t.Errorf("%s actions in an hour and more of slots, want 55", n)
	}
}

// The end of a month passes by itself on both jobs; more than a tenth of the people at once waits.
func TestTheEndOfAMonthPasses(t *testing.T) {
	for name, c := range map[string]struct {
		job, end, slot string
		leave, stay    int
		passes         bool
	}{
		"list, usual month":     {unsubscribe, "2024-12-18", "2024-12-19 10:04", 45, 605, true},
		"list, a tenth":         {unsubscribe, "2024-12-18", "2024-12-19 10:04", 30, 270, true},
		"list, over a tenth":    {unsubscribe, "2024-12-18", "2024-12-19 10:04", 31, 269, false},
		"list, too many":        {unsubscribe, "2024-12-18", "2024-12-19 10:04", 51, 599, false},
		"contacts, usual month": {departure, "2024-11-20", "2024-12-20 08:00", 45, 605, true},
		"contacts, a tenth":     {departure, "2024-11-20", "2024-12-20 08:00", 31, 269, false},
		"contacts, too many":    {departure, "2024-11-20", "2024-12-20 08:00", 51, 599, false},
	} {
		t.Run(name, func(t *testing.T) {
			w, e := engine(t)
			w.slot(e) // the first sight of the jobs
			w.exec(`UPDATE job SET approved_at = $1, approved_by = 'admin.member'`, w.clock.Now())
			for i := range c.leave + c.stay {
				p := person{username: fmt.Sprintf("m.%03d", i)}
				if i < c.leave {
					p.end = c.end
				}
				w.add(p)
				w.ovh.AddList("incubateur", p.username+"@exemple.org")
				w.brevo.AddContact(p.username+"@exemple.org", nil, 332)
			}
			slot, err := time.ParseInLocation("2006-01-02 15:04", c.slot, w.clock.Now().Location())
			if err != nil {
				t.Fatal(err)
			}
			w.clock.Set(slot)
			w.slot(e)
			want := c.stay + c.leave
			if c.passes {
				want = c.stay
			}
			got := len(w.contacts(332))
			if c.job == unsubscribe {
				got = len(w.on("incubateur"))
			}
			if got != want {
				t.Errorf("%d are left, want %d", got, want)
			}
		})
	}
}

// Somebody leaves, comes back, leaves again: the list follows each time, once.
func TestListFollowsALife(t *testing.T) {
	w, e := engine(t)
	w.add(person{username: "anne.due", end: "2024-12-20"})
	w.ovh.AddList("incubateur", "reste@exemple.org")
	w.ovh.AddList("produit-a", "reste@exemple.org")
	w.brevo.AddContact("reste@exemple.org", nil, 332, 333)
	w.brevo.AddContact("anne.due@exemple.org", nil, 332, 333)
	on := func() bool { return slices.Contains(w.on("incubateur"), "anne.due@exemple.org") }
	day := func(d string) {
		w.clock.Set(clock.MustDay(d).At(12, 0))
		for _, name := range []string{subscribe, unsubscribe, departure} {
			for range 2 {
				w.run(e, name)
			}
		}
	}
	for _, step := range []struct {
		day, end string
		on, news bool
	}{
		{"2024-12-19", "", true, true},
		{"2024-12-20", "", true, true},
		{"2024-12-21", "", false, true},
		{"2024-12-25", "2025-01-10", true, true},
		{"2025-01-11", "", false, true},
		{"2025-02-08", "", false, true},
		{"2025-02-09", "", false, false},
		{"2025-03-01", "2025-03-31", true, false},
		{"2025-04-01", "", false, false},
	} {
		if step.end != "" {
			w.exec(`UPDATE mission SET end_day = $1`, clock.MustDay(step.end))
		}
		day(step.day)
		if on() != step.on || slices.Contains(w.contacts(332), "anne.due@exemple.org") != step.news {
			t.Errorf("%s: on the list %v, want %v; newsletter %v, want %v", step.day, on(), step.on, w.contacts(332), step.news)
		}
	}
	// joined 19/12, left 21/12, joined 25/12, left 11/01, joined 01/03, left 01/04, all lists left 09/02
	for name, want := range map[string]string{subscribe: "3", unsubscribe: "3", departure: "1"} {
		if n := w.one(`SELECT count(*)::text FROM job_action WHERE job = $1 AND state = 'done' AND subject IS NOT NULL`, name); n != want {
			t.Errorf("%s: %s actions done, want %s", name, n, want)
		}
	}
}

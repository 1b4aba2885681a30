package mailinglist_test

import (
	"testing"

	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/job"
)

// planOn is the plan of a job for a day that need not be the clock's.
func (w *world) planOn(name, day string) job.Plan {
	w.t.Helper()
	plan, err := w.job(name).Plan(w.t.Context(), clock.MustDay(day))
	if err != nil {
		w.t.Fatal(err)
	}
	return plan
}

// The demonstration plans, and applies, for a later day than its own: what was due on that day is
// judged again as of that day, not as of the clock's.
func TestAPlanForALaterDayIsJudgedOnThatDay(t *testing.T) {
	const anne = "anne.due@exemple.org"
	for _, name := range []string{unsubscribe, departure} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.crowd()
			w.add(person{username: "anne.due", end: "2024-12-20"})
			w.ovh.AddList("incubateur", anne)
			w.brevo.AddContact(anne, nil, 332)
			if plan := w.planOn(name, "2024-12-19"); len(plan.Actions) != 0 {
				t.Fatalf("too early: %v", told(plan))
			}
			plan := w.planOn(name, "2025-01-20")
			if len(plan.Actions) != 1 {
				t.Fatalf("%v", told(plan))
			}
			if outcome := w.apply(plan.Actions[0]); outcome.Moot != "" {
				t.Errorf("moot: %s", outcome.Moot)
			}
			w.expect("incubateur", w.on("incubateur"), "reste@exemple.org")
		})
	}
	t.Run(subscribe, func(t *testing.T) {
		w := newWorld(t)
		w.crowd()
		w.add(person{username: "anne.due"})
		a := w.planOn(subscribe, "2025-01-20").Actions[0]
		w.exec(`UPDATE mission SET end_day = '2025-01-19'`)
		if outcome := w.apply(a); outcome.Moot != "aucune mission en cours ou à venir" {
			t.Errorf("subscribed somebody who has left by then: %+v", outcome)
		}
	})
	t.Run(unblock, func(t *testing.T) {
		w := newWorld(t)
		w.add(person{username: "anne.due"})
		w.brevo.AddBlock(anne, "espace@exemple.org", "hardBounce")
		a := w.planOn(unblock, "2025-01-20").Actions[0]
		w.exec(`UPDATE mission SET end_day = '2025-01-19'`)
		if outcome := w.apply(a); outcome.Moot != "adresse plus en service" {
			t.Errorf("unblocked somebody who has left by then: %+v", outcome)
		}
	})
}

// A plan applied on a later day than its own is judged on the day of the clock.
func TestAnOldPlanIsJudgedToday(t *testing.T) {
	w := newWorld(t)
	w.crowd()
	w.add(person{username: "anne.due", end: "2024-12-20"})
	a := w.planOn(subscribe, "2024-12-19").Actions[0]
	w.clock.Set(clock.MustDay("2024-12-21").At(8, 0))
	if outcome := w.apply(a); outcome.Moot != "aucune mission en cours ou à venir" {
		t.Errorf("%+v", outcome)
	}
}

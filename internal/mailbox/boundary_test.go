package mailbox_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/betagouv/espace-membre/internal/mailbox"
	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/clock"
)

// edges are days that programs get wrong: both nights when the hour changes and their eves, ends
// of months and of a year, the end of February of a leap year.
var edges = []string{
	"2025-03-29", "2025-03-30", "2025-10-25", "2025-10-26", "2025-01-31", "2025-04-30", "2024-12-31", "2028-02-28", "2028-02-29",
}

// arrivals are the jobs that serve those who have a mission, and what each waits for.
var arrivals = []struct {
	job     string
	who     person
	outside func(w *world) // what OVH holds already
	to      member.Status
	told    string // what OVH holds in the end
}{
	{creation, person{status: member.StatusCreationWaiting}, nil, member.StatusCreationPending, `"anne.edge"`},
	{recreation, person{status: member.StatusDeleted}, nil, member.StatusRecreationPending, `"anne.edge"`},
	{redirection, person{status: member.StatusCreationWaiting, redirection: true}, nil, member.StatusRedirectionPending, `"anne.edge-attr@exemple.org"`},
	{redirection, person{status: member.StatusDeleted, redirection: true}, nil, member.StatusRedirectionPending, `"anne.edge-attr@exemple.org"`},
	{activation, person{status: member.StatusCreationPending, primary: "anne.edge@exemple.org"}, withBox, member.StatusPasswordPending, `"anne.edge"`},
	{activation, person{status: member.StatusSuspended, primary: "anne.edge@exemple.org"}, withBox, member.StatusPasswordPending, `"anne.edge"`},
	{activation, person{status: member.StatusExpired, primary: "anne@ministere.fr"}, nil, member.StatusActive, ""},
	{redirectionActivation, person{status: member.StatusRedirectionPending, primary: "anne.edge-attr@exemple.org", redirection: true}, withRedirection, member.StatusRedirectionActive, `"anne.edge-attr@exemple.org"`},
}

func withBox(w *world) { w.ovh.AddMailbox("EMAIL_PLAN_BASIC", "anne.edge") }
func withRedirection(w *world) {
	w.ovh.AddRedirection("anne.edge-attr@exemple.org", "anne@ailleurs.fr")
}

// atTheEdge calls f for each job and each day, with a member who waits for the job since long.
func atTheEdge(t *testing.T, f func(t *testing.T, w *world, i int, id uuid.UUID, day clock.Day)) {
	t.Helper()
	for i, a := range arrivals {
		for _, edge := range edges {
			t.Run(a.job+"/"+string(a.who.status)+"/"+edge, func(t *testing.T) {
				w, day, who := newWorld(t, mailbox.Config{}), clock.MustDay(edge), a.who
				who.username, who.secondary, who.since, who.end = "anne.edge", "anne@ailleurs.fr", day.Add(-10).At(12, 0), "none"
				if a.outside != nil {
					a.outside(w)
				}
				f(t, w, i, w.add(who), day)
			})
		}
	}
}

// first gives the action of a job about the address itself; none is "".
func (w *world) first(name string) (key string) {
	w.t.Helper()
	if plan := w.plan(name); len(plan.Actions) > 0 {
		return plan.Actions[0].Key
	}
	return ""
}

// The last day of a mission counts to its last minute in Paris; the next one does not, not even
// for what was planned in time.
func TestArrivalJobsServeThroughTheLastDay(t *testing.T) {
	atTheEdge(t, func(t *testing.T, w *world, i int, id uuid.UUID, last clock.Day) {
		a := arrivals[i]
		w.mission(id, "2024-01-01", last.String())
		w.clock.Set(last.Add(-1).At(12, 0))
		key := w.first(a.job)
		for _, at := range []time.Time{last.At(0, 0), last.At(2, 30), last.At(23, 59)} {
			if w.clock.Set(at); key == "" || w.first(a.job) != key {
				t.Fatalf("at %s: %q, the day before %q", at, w.first(a.job), key)
			}
		}
		action := w.plan(a.job).Actions[0]
		before := w.ovhState()
		w.clock.Set(last.Add(1).At(0, 0))
		if got := w.first(a.job); got != "" {
			t.Errorf("the day after, wants %q", got)
		}
		if outcome, err := w.apply(action); err != nil || outcome.Moot == "" || w.ovhState() != before {
			t.Errorf("planned in time, applied the day after: %+v, %v", outcome, err)
		}
		w.clock.Set(last.At(23, 59))
		if outcome, err := w.apply(action); err != nil || outcome.Moot != "" {
			t.Fatalf("applied in time: %+v, %v", outcome, err)
		}
		if state := w.ovhState(); !strings.Contains(state, a.told) {
			t.Errorf("OVH holds %s", state)
		}
		primary := map[bool]string{true: "anne.edge-attr@exemple.org", false: "anne.edge@exemple.org"}[a.who.redirection]
		if a.who.status == member.StatusExpired {
			primary = a.who.primary
		}
		w.expect(id, a.to, primary)
		w.dated(id)
	})
}

// A mission to come counts as one that runs: the day before it starts, the day, the day after.
func TestArrivalJobsPrepareAMissionToCome(t *testing.T) {
	atTheEdge(t, func(t *testing.T, w *world, i int, id uuid.UUID, start clock.Day) {
		w.mission(id, start.String(), start.Add(90).String())
		key := ""
		for _, shift := range []int{-1, 0, 1} {
			for _, hour := range []int{0, 2, 23} {
				w.clock.Set(start.Add(shift).At(hour, 30))
				got := w.first(arrivals[i].job)
				if key == "" {
					key = got
				}
				if got == "" || got != key {
					t.Errorf("start %+d at %d h 30: %q, want %q", shift, hour, got, key)
				}
			}
		}
	})
}

// Five minutes are five minutes, in the hour that does not exist and in the one that comes twice.
func TestOrdersSettleAcrossTheNightsOfTheHour(t *testing.T) {
	for _, a := range arrivals {
		if a.job != activation && a.job != redirectionActivation || a.who.status == member.StatusSuspended || a.who.status == member.StatusExpired {
			continue
		}
		for _, order := range []time.Time{ // around 1:00 UTC, when Paris changes
			time.Date(2025, 3, 30, 0, 57, 0, 0, time.UTC), time.Date(2025, 10, 26, 0, 57, 0, 0, time.UTC), clock.MustDay("2028-02-29").At(23, 57),
		} {
			t.Run(a.job+"/"+order.Format(time.DateOnly), func(t *testing.T) {
				w, who := newWorld(t, mailbox.Config{}), a.who
				who.username, who.secondary, who.since = "anne.edge", "anne@ailleurs.fr", order
				a.outside(w)
				id := w.add(who)
				w.clock.Set(order.Add(5*time.Minute - time.Millisecond))
				if got := w.first(a.job); got != "" {
					t.Errorf("a moment too early: %q", got)
				}
				w.clock.Set(order.Add(5 * time.Minute))
				if outcome, err := w.apply(w.plan(a.job).Actions[0]); err != nil || outcome.Moot != "" {
					t.Fatalf("%+v, %v", outcome, err)
				}
				w.expect(id, a.to, a.who.primary)
			})
		}
	}
}

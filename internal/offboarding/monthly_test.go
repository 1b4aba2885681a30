package offboarding_test

import (
	"testing"
	"time"

	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/clock"
)

// The monthly message is one a month of Paris, for whoever has a mission on that day: the last
// day counts, the next one does not. Each day is a month's end, or a night when the hour changes.
func TestMonthlyMessageAtTheEdges(t *testing.T) {
	for _, edge := range []string{
		"2024-12-31", "2025-01-31", "2025-02-28", "2025-03-29", "2025-03-30", "2025-03-31", "2025-10-25", "2025-10-26", "2025-10-31", "2028-02-28", "2028-02-29",
	} {
		t.Run(edge, func(t *testing.T) {
			w, last := newWorld(t), clock.MustDay(edge)
			w.clock.Set(last.Add(-1).At(12, 0))
			id := w.add(someone{username: "a.single", status: member.StatusActive, end: edge})
			for _, at := range []time.Time{last.Add(-1).At(0, 0), last.Add(-1).At(23, 59), last.At(0, 0), last.At(2, 30), last.At(23, 59)} {
				w.clock.Set(at)
				if got, want := keys(w.plan(monthly)), clock.DayOf(at).String()[:7]; got != want {
					t.Errorf("at %s: %q, want %q", at, got, want)
				}
			}
			late := w.plan(monthly).Actions[0]
			w.clock.Set(last.Add(1).At(0, 0))
			if got := keys(w.plan(monthly)); got != "" {
				t.Errorf("the day after: %q", got)
			}
			w.moot(late, "plus aucune mission en cours ou à venir")
			w.clock.Set(last.At(23, 59))
			w.must(late)
			if len(w.sent) != 1 || w.sent[0].To != "a.single@exemple.org" {
				t.Errorf("sent %+v", w.sent)
			}
			w.mission(id, last.Add(30).String(), "") // one to come counts, from the day before the next month to the day after
			first := clock.MustDay(last.AddMonths(1).String()[:8] + "01")
			for shift, want := range map[int]string{-1: first.Add(-1).String()[:7], 0: first.String()[:7], 1: first.String()[:7]} {
				w.clock.Set(first.Add(shift).At(10, 0))
				if got := keys(w.plan(monthly)); got != want {
					t.Errorf("%s: %q, want %q", first.Add(shift), got, want)
				}
			}
		})
	}
}

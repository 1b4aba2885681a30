package member_test

import (
	"testing"

	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/clock"
)

func missions(days ...string) []member.Mission {
	var list []member.Mission
	for i := 0; i < len(days); i += 2 {
		list = append(list, member.Mission{Start: clock.MustDay(days[i]), End: clock.MustDay(days[i+1])})
	}
	return list
}

func TestActiveOnTheLastDayAndNotTheNext(t *testing.T) {
	for name, c := range map[string]struct {
		missions []member.Mission
		day      string
		want     bool
	}{
		"day before the end":      {missions("2024-01-01", "2024-12-19"), "2024-12-18", true},
		"last day":                {missions("2024-01-01", "2024-12-19"), "2024-12-19", true},
		"day after":               {missions("2024-01-01", "2024-12-19"), "2024-12-20", false},
		"open end before a dated": {missions("2020-01-01", "", "2023-01-01", "2023-06-01"), "2024-12-19", true},
		"not begun":               {missions("2025-06-01", "2025-12-31"), "2024-12-19", true},
		"none":                    {nil, "2024-12-19", false},
		"far future":              {missions("2024-01-01", "2999-12-31"), "2024-12-19", true},
		"leap day, last day":      {missions("2024-01-01", "2024-02-29"), "2024-02-29", true},
		"leap day, the day after": {missions("2024-01-01", "2024-02-29"), "2024-03-01", false},
		"earlier one ends later":  {missions("2023-01-01", "2024-12-31", "2024-01-01", "2024-06-30"), "2024-12-19", true},
	} {
		if got := member.IsActive(c.missions, clock.MustDay(c.day)); got != c.want {
			t.Errorf("%s: active = %v on %s", name, got, c.day)
		}
	}
}

func TestExpiredForCountsCalendarDays(t *testing.T) {
	ended := missions("2024-01-01", "2024-12-19")
	for _, c := range []struct {
		n    int
		day  string
		want bool
	}{{5, "2024-12-23", false}, {5, "2024-12-24", true}, {5, "2024-12-25", true}, {1, "2024-12-19", false}, {1, "2024-12-20", true}, {30, "2025-01-17", false}, {30, "2025-01-18", true}} {
		if got := member.ExpiredFor(ended, c.n, clock.MustDay(c.day)); got != c.want {
			t.Errorf("expired for %d days on %s = %v", c.n, c.day, got)
		}
	}
	for name, m := range map[string][]member.Mission{"no mission": nil, "open end": missions("2020-01-01", "")} {
		if member.ExpiredFor(m, 0, clock.MustDay("2030-01-01")) {
			t.Errorf("%s counts as expired", name)
		}
	}
}

func TestLatestMission(t *testing.T) {
	latest, ok := member.LatestMission(missions("2020-01-01", "", "2023-01-01", "2023-06-01"))
	if !ok || !latest.End.IsZero() {
		t.Errorf("an open-ended mission must win: %+v", latest)
	}
	if _, ok := member.LatestMission(nil); ok {
		t.Error("no mission has a latest one")
	}
}

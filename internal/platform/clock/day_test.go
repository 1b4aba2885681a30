package clock

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestDayOfIsParisian(t *testing.T) {
	for _, c := range []struct{ instant, want string }{
		{"2024-12-18T22:59:59Z", "2024-12-18"},
		{"2024-12-18T23:00:00Z", "2024-12-19"},
		{"2024-06-30T21:59:59Z", "2024-06-30"},
		{"2024-06-30T22:00:00Z", "2024-07-01"},
		{"2024-10-27T00:30:00Z", "2024-10-27"},
	} {
		instant, err := time.Parse(time.RFC3339, c.instant)
		if err != nil {
			t.Fatal(err)
		}
		if got := DayOf(instant).String(); got != c.want {
			t.Errorf("DayOf(%s) = %s, want %s", c.instant, got, c.want)
		}
	}
}

func TestDayRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		day := Date(rapid.IntRange(1, 9999).Draw(t, "year"), time.Month(rapid.IntRange(1, 12).Draw(t, "month")), rapid.IntRange(1, 28).Draw(t, "day"))
		back, err := ParseDay(day.String())
		if err != nil || back != day {
			t.Fatalf("%s came back as %s (%v)", day, back, err)
		}
		n := rapid.IntRange(-1000, 1000).Draw(t, "n")
		if got := day.Add(n).Sub(day); got != n {
			t.Fatalf("%s + %d - itself = %d", day, n, got)
		}
		value, err := day.DateValue()
		if err != nil {
			t.Fatal(err)
		}
		var scanned Day
		if err := scanned.ScanDate(value); err != nil || scanned != day {
			t.Fatalf("%s scanned as %s (%v)", day, scanned, err)
		}
	})
}

func TestDayBounds(t *testing.T) {
	if _, err := ParseDay("2024-02-30"); err == nil {
		t.Error("30 February was accepted")
	}
	if got := MustDay("2024-02-28").Add(1).String(); got != "2024-02-29" {
		t.Errorf("leap day: %s", got)
	}
	if got := MustDay("2999-12-31").Add(1).String(); got != "3000-01-01" {
		t.Errorf("far future: %s", got)
	}
	if got := MustDay("2025-03-01").French(); got != "1er mars 2025" {
		t.Errorf("French: %s", got)
	}
	if !(Day{}).IsZero() || (Day{}).String() != "" {
		t.Error("the zero day is not empty")
	}
	if got := MustDay("2024-03-31").At(10, 0).UTC().Hour(); got != 8 {
		t.Errorf("10:00 of the night of the change is %d:00 UTC, want 8", got)
	}
}

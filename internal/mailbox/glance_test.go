package mailbox

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/fault"
)

func TestGlance(t *testing.T) {
	clk := clock.At(clock.MustDay("2024-12-19"), 10, 0)
	g := newGlance[string, int32](clk)
	var reads atomic.Int32
	look := func(after time.Time) int32 {
		t.Helper()
		v, err := g.look(t.Context(), "anne", after, func(context.Context) (int32, error) { return reads.Add(1), nil })
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	expect := func(want int32, after time.Time, why string) {
		t.Helper()
		if got := look(after); got != want {
			t.Errorf("%s: read %d times, want %d", why, got, want)
		}
	}
	expect(1, time.Time{}, "first")
	expect(1, time.Time{}, "at once")
	clk.Advance(glanceLife - time.Second)
	expect(1, time.Time{}, "still fresh")
	clk.Advance(time.Second)
	expect(2, time.Time{}, "too old")
	expect(3, clk.Now(), "something changed since")
}

func TestGlanceDoesNotHoldThePage(t *testing.T) {
	clk := clock.At(clock.MustDay("2024-12-19"), 10, 0)
	g := newGlance[string, string](clk)
	answer := make(chan string)
	slow := func(context.Context) (string, error) { return <-answer, nil }
	hurried, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := g.look(hurried, "anne", time.Time{}, slow); !fault.Is(err, fault.Unavailable) {
		t.Fatalf("waited: %v", err)
	}
	go func() { answer <- "at last" }()
	if v, err := g.look(t.Context(), "anne", time.Time{}, slow); err != nil || v != "at last" {
		t.Errorf("the answer is lost: %q, %v", v, err)
	}
}

func TestGlanceAtWhatFails(t *testing.T) {
	clk := clock.At(clock.MustDay("2024-12-19"), 10, 0)
	g := newGlance[string, int](clk)
	reads := 0
	fails := func(context.Context) (int, error) { reads++; return 0, errors.New("down") }
	for range 3 {
		if _, err := g.look(t.Context(), "anne", time.Time{}, fails); err == nil {
			t.Fatal("no error")
		}
	}
	clk.Advance(glanceSour)
	if _, err := g.look(t.Context(), "anne", time.Time{}, func(context.Context) (int, error) { panic("bug") }); err == nil || reads != 1 {
		t.Errorf("%v after %d reads", err, reads)
	}
}

func TestGlanceForgets(t *testing.T) {
	clk := clock.At(clock.MustDay("2024-12-19"), 10, 0)
	g := newGlance[int, int](clk)
	for i := range glanceCount + 10 {
		if _, err := g.look(t.Context(), i, time.Time{}, func(context.Context) (int, error) { return i, nil }); err != nil {
			t.Fatal(err)
		}
		if i == glanceCount-1 {
			clk.Advance(glanceLife)
		}
	}
	if len(g.kept) > 11 {
		t.Errorf("%d answers kept", len(g.kept))
	}
}

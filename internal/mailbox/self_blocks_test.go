package mailbox

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/fault"
)

// slowListing is a vendor whose listing takes as long as the test wants.
type slowListing struct {
	began chan struct{}
	goes  chan error
	count int
}

func (l *slowListing) read(context.Context) (int, error) {
	l.count++
	n := l.count
	l.began <- struct{}{}
	return n, <-l.goes
}

func TestSnapshotServesWhileANewerIsRead(t *testing.T) {
	clk := clock.At(clock.MustDay("2024-12-19"), 10, 0)
	s, l := newSnapshot[int](clk), &slowListing{began: make(chan struct{}, 1), goes: make(chan error, 1)}
	expect := func(want int, after time.Time, why string) {
		t.Helper()
		if v, err := s.look(t.Context(), after, l.read); err != nil || v != want {
			t.Errorf("%s: %d, %v, want %d", why, v, err, want)
		}
	}
	hurried, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := s.look(hurried, time.Time{}, l.read); !fault.Is(err, fault.Unavailable) {
		t.Fatalf("waited: %v", err)
	}
	l.goes <- nil
	expect(1, time.Time{}, "the first page left, the next has the answer")
	<-l.began
	clk.Advance(snapshotFresh)
	expect(1, time.Time{}, "old, but at once")
	<-l.began
	l.goes <- nil
	s.mu.Lock()
	under := s.reading
	s.mu.Unlock()
	if under != nil {
		<-under
	}
	expect(2, time.Time{}, "the newer one came behind the pages")
	clk.Advance(snapshotOldest)
	l.goes <- nil
	expect(3, time.Time{}, "too old to be shown")
	<-l.began
	l.goes <- nil
	expect(4, clk.Now(), "something changed: what was read before does not serve")
	<-l.began
}

func TestSnapshotOfWhatFails(t *testing.T) {
	clk := clock.At(clock.MustDay("2024-12-19"), 10, 0)
	s, reads := newSnapshot[int](clk), 0
	read := func(context.Context) (int, error) {
		reads++
		if reads == 1 {
			return 0, errors.New("down")
		}
		return reads, nil
	}
	for range 3 {
		if _, err := s.look(t.Context(), time.Time{}, read); err == nil {
			t.Error("a failure is told as an empty listing")
		}
	}
	clk.Advance(snapshotSour)
	if v, err := s.look(t.Context(), time.Time{}, read); err != nil || v != 2 || reads != 2 {
		t.Errorf("%d, %v after %d readings", v, err, reads)
	}
}

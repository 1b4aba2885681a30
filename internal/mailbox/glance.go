package mailbox

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/fault"
)

// How long what a vendor said is believed, and how long one read may take when nobody waits for
// it any more.
const (
	glanceLife  = 30 * time.Second
	glanceSour  = 5 * time.Second // after a failure: one page in a crowd asks again
	glanceRead  = 10 * time.Second
	glanceCount = 1000
)

// glance is a short cache of what a vendor says, for pages. Two pages that want the same thing
// ask once; a page that cannot wait leaves, and the answer serves the next one.
type glance[K comparable, V any] struct {
	clock clock.Clock
	mu    sync.Mutex
	kept  map[K]*sight[V]
}

// sight is one answer, there once ready is closed.
type sight[V any] struct {
	ready chan struct{}
	began time.Time // a change made after this may not be in it
	value V
	err   error
}

func newGlance[K comparable, V any](clk clock.Clock) *glance[K, V] {
	return &glance[K, V]{clock: clk, kept: map[K]*sight[V]{}}
}

// look gives what is known of a key, read after an instant; it reads when that is not known,
// and waits no longer than the context: Unavailable then.
func (g *glance[K, V]) look(ctx context.Context, key K, after time.Time, read func(context.Context) (V, error)) (V, error) {
	s := g.sight(ctx, key, after, read)
	select {
	case <-s.ready:
		return s.value, s.err
	case <-ctx.Done():
		var none V
		return none, fault.New(fault.Unavailable, "Le service tarde à répondre.", "look at a vendor: %w", ctx.Err())
	}
}

func (g *glance[K, V]) sight(ctx context.Context, key K, after time.Time, read func(context.Context) (V, error)) *sight[V] {
	g.mu.Lock()
	defer g.mu.Unlock()
	now := g.clock.Now()
	if s, ok := g.kept[key]; ok && s.serves(now, after) {
		return s
	}
	g.forget(now)
	s := &sight[V]{ready: make(chan struct{}), began: now}
	g.kept[key] = s
	bounded, cancel := context.WithTimeout(context.WithoutCancel(ctx), glanceRead)
	go func() {
		defer cancel()
		defer close(s.ready)
		defer func() {
			if problem := recover(); problem != nil {
				s.err = fmt.Errorf("look at a vendor: panic: %v", problem)
			}
		}()
		s.value, s.err = read(bounded)
	}()
	return s
}

// serves tells whether a sight answers a page that wants what is true after an instant.
func (s *sight[V]) serves(now, after time.Time) bool {
	if !s.began.After(after) {
		return false
	}
	select {
	case <-s.ready:
	default:
		return true // under way
	}
	if s.err != nil {
		return now.Before(s.began.Add(glanceSour))
	}
	return now.Before(s.began.Add(glanceLife))
}

// forget drops what is too old when there is much.
func (g *glance[K, V]) forget(now time.Time) {
	if len(g.kept) < glanceCount {
		return
	}
	for key, s := range g.kept {
		if !s.serves(now, time.Time{}) {
			delete(g.kept, key)
		}
	}
}

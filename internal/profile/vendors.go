package profile

import (
	"context"
	"maps"
	"sync"
	"time"

	"github.com/betagouv/espace-membre/internal/mailbox"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/fault"
)

// Pages ask vendors through a short memory, so that looking twice costs one call, and that a vendor
// which fails is left alone for a while.
const (
	remembered = time.Minute
	retried    = 15 * time.Second
	maxKept    = 1000
)

// memory keeps the last answers of a vendor, and its failures. It is safe for concurrent use.
type memory[T any] struct {
	clock clock.Clock

	mu   sync.Mutex
	kept map[string]answered[T]
}

type answered[T any] struct {
	value T
	err   error
	at    time.Time
}

// serves tells whether an answer still does at a moment; clocks may go back.
func (a answered[T]) serves(now time.Time) bool {
	life := remembered
	if a.err != nil {
		life = retried
	}
	return !now.Before(a.at) && now.Sub(a.at) < life
}

func newMemory[T any](clk clock.Clock) *memory[T] {
	return &memory[T]{clock: clk, kept: map[string]answered[T]{}}
}

// ask gives the answer kept under a key, or asks and keeps the answer.
func (m *memory[T]) ask(key string, ask func() (T, error)) (T, error) {
	m.mu.Lock()
	known, ok := m.kept[key]
	m.mu.Unlock()
	if ok && known.serves(m.clock.Now()) {
		return known.value, known.err
	}
	value, err := ask()
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.kept) >= maxKept {
		clear(m.kept)
	}
	m.kept[key] = answered[T]{value, err, m.clock.Now()}
	return value, err
}

// boxFound is what the host of mailboxes said.
type boxFound struct {
	box    mailbox.Box
	exists bool
}

// Mailbox tells whether a member has a mailbox, and what it is. An outage is Unknown, not an error.
func (s *Service) Mailbox(ctx context.Context, username string) (Presence, mailbox.Box) {
	if s.ports.Mailboxes == nil {
		return Unknown, mailbox.Box{}
	}
	found, err := s.mailboxes.ask(username, func() (boxFound, error) {
		box, err := s.ports.Mailboxes.Find(ctx, username)
		if fault.Is(err, fault.NotFound) {
			return boxFound{}, nil
		}
		return boxFound{box: box, exists: true}, err
	})
	switch {
	case err != nil:
		return Unknown, mailbox.Box{}
	case !found.exists:
		return Absent, mailbox.Box{}
	}
	return Present, found.box
}

// How the whole list of blocked addresses is read: no vendor can be asked about one of them.
const (
	blocksFresh = 5 * time.Minute // how long a reading serves
	blocksKept  = time.Hour       // how long it still does while the vendor fails
	blocksRetry = time.Minute     // how long a failed reading is not tried again
	blocksLimit = 3 * time.Minute // what a whole reading may take
)

// blockList is the last reading of the blocked addresses, shared by every page. It is read again
// behind the pages, which wait no longer than their own budget. It is safe for concurrent use.
type blockList struct {
	clock clock.Clock
	read  func(context.Context) (map[string]string, error)

	mu      sync.Mutex
	reasons map[string]string
	readAt  time.Time // zero: never
	triedAt time.Time
	failed  bool
	reading chan struct{} // closed when the reading under way ends; nil: none
}

// reasonsSince gives the reason of each block, as read after a moment and not long ago; known is
// false when no such reading came before the context ended.
func (l *blockList) reasonsSince(ctx context.Context, moment time.Time) (reasons map[string]string, known bool) {
	if done := l.refresh(ctx, moment); done != nil {
		select {
		case <-done:
		case <-ctx.Done():
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	known = !l.readAt.IsZero() && !l.readAt.Before(moment) && l.clock.Now().Sub(l.readAt) < blocksKept
	return maps.Clone(l.reasons), known
}

// refresh starts a reading when there is need; it gives what to wait for, nil when a former reading
// serves or nothing can be read now.
func (l *blockList) refresh(ctx context.Context, moment time.Time) <-chan struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.clock.Now()
	fresh := !l.readAt.IsZero() && !l.readAt.Before(moment) && now.Sub(l.readAt) < blocksFresh
	switch {
	case fresh:
		return nil
	case l.reading != nil:
		return l.reading
	case l.failed && now.Sub(l.triedAt) < blocksRetry:
		return nil
	}
	done := make(chan struct{})
	l.reading, l.triedAt = done, now
	go l.load(context.WithoutCancel(ctx), now, done)
	return done
}

func (l *blockList) load(ctx context.Context, began time.Time, done chan struct{}) {
	bounded, cancel := context.WithTimeout(ctx, blocksLimit)
	defer cancel()
	reasons, err := l.read(bounded)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.failed = err != nil; !l.failed {
		l.reasons, l.readAt = reasons, began
	}
	l.reading = nil
	close(done)
}

// blockReasons gives why our mails to blocked addresses are refused, as it stands after a moment;
// known is false when the vendor could not tell. Without vendor there is nobody to ask.
func (s *Service) blockReasons(ctx context.Context, moment time.Time) (reasons map[string]string, known bool) {
	if s.ports.Refusals == nil {
		return nil, true
	}
	return s.blocks.reasonsSince(ctx, moment)
}

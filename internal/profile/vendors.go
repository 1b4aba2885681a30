package profile

import (
	"context"
	"sync"
	"time"

	"github.com/betagouv/espace-membre/internal/mailbox"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/fault"
)

// Pages ask vendors through a short memory, so that looking twice costs one call.
const (
	remembered = time.Minute
	maxKept    = 1000
)

// memory keeps the last answers of a vendor for a minute. It is safe for concurrent use.
type memory[T any] struct {
	clock clock.Clock

	mu   sync.Mutex
	kept map[string]answered[T]
}

type answered[T any] struct {
	value T
	at    time.Time
}

func newMemory[T any](clk clock.Clock) *memory[T] {
	return &memory[T]{clock: clk, kept: map[string]answered[T]{}}
}

// ask gives the answer kept under a key, or asks and keeps the answer. Errors are not kept.
func (m *memory[T]) ask(key string, ask func() (T, error)) (T, error) {
	m.mu.Lock()
	known, ok := m.kept[key]
	m.mu.Unlock()
	if now := m.clock.Now(); ok && now.Sub(known.at) < remembered && !now.Before(known.at) {
		return known.value, nil
	}
	value, err := ask()
	if err != nil {
		return value, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.kept) >= maxKept {
		clear(m.kept)
	}
	m.kept[key] = answered[T]{value, m.clock.Now()}
	return value, nil
}

// boxFound is what the host of mailboxes said.
type boxFound struct {
	plan   mailbox.Plan
	exists bool
}

// Mailbox tells whether a member has a mailbox, and its plan (EMAIL_PLAN_…). An outage is
// Unknown, not an error.
func (s *Service) Mailbox(ctx context.Context, username string) (Presence, string) {
	if s.ports.Mailboxes == nil {
		return Unknown, ""
	}
	found, err := s.mailboxes.ask(username, func() (boxFound, error) {
		box, err := s.ports.Mailboxes.Find(ctx, username)
		if fault.Is(err, fault.NotFound) {
			return boxFound{}, nil
		}
		return boxFound{plan: box.Plan, exists: true}, err
	})
	switch {
	case err != nil:
		return Unknown, ""
	case !found.exists:
		return Absent, ""
	}
	return Present, string(found.plan)
}

// refused asks the vendor why our mails to an address are refused; known is false when it could
// not tell. Without vendor there is nobody to ask.
func (s *Service) refused(ctx context.Context, address string) (reason string, known bool) {
	if s.ports.Refusals == nil || address == "" {
		return "", true
	}
	reason, err := s.refusals.ask(address, func() (string, error) { return s.ports.Refusals.BlockReason(ctx, address) })
	return reason, err == nil
}

package mailbox

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/betagouv/espace-membre/internal/platform/actor"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/fault"
)

// AddressReach is what the vendor of mails holds against one address of a member.
type AddressReach struct {
	Kind    Kind
	Address string
	Reach
}

// Reaches reads, for an administrator, whether our mails get to each address of a member, through
// a short cache: at once, or Unavailable when the context ends first.
func (s *SelfService) Reaches(ctx context.Context, viewer actor.Actor, a Account) ([]AddressReach, error) {
	if !viewer.Admin {
		return nil, fault.New(fault.Forbidden, "Cette page est réservée aux administrateurs.", "not an administrator")
	}
	if s.blocks == nil {
		return nil, fault.New(fault.Unavailable, "Brevo n’est pas configuré ici.", "no provider of blocks")
	}
	return s.reaches.look(ctx, a.ID, a.lastChange(), func(ctx context.Context) ([]AddressReach, error) {
		list, err := s.readReaches(ctx, a)
		if err != nil {
			return nil, fmt.Errorf("read the blocks of %s: %w", a.Username, err)
		}
		return list, nil
	})
}

// readReaches asks about both addresses at once; the blocks come from the listing that all pages
// share, since the vendor cannot be asked about one address.
func (s *SelfService) readReaches(ctx context.Context, a Account) ([]AddressReach, error) {
	var list []AddressReach
	for _, one := range []AddressReach{{Kind: Primary, Address: a.Primary}, {Kind: Secondary, Address: a.Secondary}} {
		if one.Address != "" {
			list = append(list, one)
		}
	}
	var asked sync.WaitGroup
	failures := make([]error, len(list)+1)
	for i := range list {
		asked.Go(func() { list[i].NoCampaigns, failures[i] = s.blocks.RefusesCampaigns(ctx, list[i].Address) })
	}
	var blocked map[string]Block
	blocked, failures[len(list)] = s.blocked.look(ctx, a.lastChange(), s.blocks.Blocked)
	asked.Wait()
	for i := range list {
		if block, ok := blocked[list[i].Address]; ok {
			list[i].Block = &block
		}
	}
	return list, errors.Join(failures...)
}

// How the listing of blocks is read for pages: it has many pages of its own at the vendor.
const (
	snapshotFresh  = 5 * time.Minute  // how long one serves without another being asked
	snapshotOldest = 30 * time.Minute // how long it serves while another is read
	snapshotSour   = 15 * time.Second // how long a failed reading is not tried again
	snapshotLimit  = 2 * time.Minute  // what one reading may take
)

// snapshot keeps the last whole listing of something at a vendor, read again behind the pages. It
// is safe for concurrent use.
type snapshot[T any] struct {
	clock clock.Clock

	mu      sync.Mutex
	value   T
	began   time.Time // of the reading that gave the value; zero: none did
	tried   time.Time // when the last reading began
	failure error
	reading chan struct{} // closed when the reading under way ends; nil: none
}

func newSnapshot[T any](clk clock.Clock) *snapshot[T] { return &snapshot[T]{clock: clk} }

// look gives a listing read after an instant: the former one while a newer is read, if it serves.
// Without any it waits, no longer than the context: Unavailable then.
func (s *snapshot[T]) look(ctx context.Context, after time.Time, read func(context.Context) (T, error)) (value T, err error) {
	came := s.clock.Now()
	for waited := false; ; waited = true {
		value, done, err := s.current(ctx, read, func(began time.Time) bool {
			return began.After(after) || waited && !began.Before(came) // since nothing changes after it is told
		})
		if done == nil {
			return value, err
		}
		select {
		case <-done:
		case <-ctx.Done():
			return value, fault.New(fault.Unavailable, "Le service tarde à répondre.", "look at a listing: %w", ctx.Err())
		}
	}
}

// current gives what serves, or what to wait for; it starts a reading when there is need.
func (s *snapshot[T]) current(ctx context.Context, read func(context.Context) (T, error), fine func(began time.Time) bool) (T, <-chan struct{}, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.clock.Now()
	serves := now.Sub(s.began) < snapshotOldest && fine(s.began)
	sour := s.failure != nil && now.Sub(s.tried) < snapshotSour
	if s.reading == nil && !sour && (!serves || now.Sub(s.began) >= snapshotFresh) {
		s.start(ctx, now, read)
	}
	switch {
	case serves:
		return s.value, nil, nil
	case s.reading != nil:
		return s.value, s.reading, nil
	}
	return s.value, nil, s.failure
}

func (s *snapshot[T]) start(ctx context.Context, now time.Time, read func(context.Context) (T, error)) {
	done := make(chan struct{})
	s.reading, s.tried = done, now
	bounded, cancel := context.WithTimeout(context.WithoutCancel(ctx), snapshotLimit)
	go func() {
		defer cancel()
		value, err := read(bounded)
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.failure = err; err == nil {
			s.value, s.began = value, now
		}
		s.reading = nil
		close(done)
	}()
}

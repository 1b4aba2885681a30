package mailbox

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/actor"
	"github.com/betagouv/espace-membre/internal/platform/audit"
	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/platform/postgres"
)

// How the redirections are read for a page: one call each, so neither often nor while it waits.
const (
	overviewFresh  = 5 * time.Minute  // how long a reading serves
	overviewRetry  = 15 * time.Second // how long a failed one is not tried again
	overviewBudget = 2 * time.Second  // what a page waits
	overviewLimit  = 3 * time.Minute  // what a whole reading may take
)

// Overview is what is known of every redirection of the domain.
type Overview struct {
	Redirections []Owned
	ReadAt       time.Time // zero: never read
	Reading      bool      // a reading goes on: come back in a moment
	Why          string    // French: why there is nothing, or nothing newer; "" when there is
}

// Owned is a redirection and the member whose address it leaves from.
type Owned struct {
	Redirection
	Owner string // username; empty: nobody's that we know
}

// memory keeps the last reading of the redirections. It is safe for concurrent use.
type memory struct {
	mu      sync.Mutex
	list    []Redirection
	readAt  time.Time
	triedAt time.Time
	failure error
	reading chan struct{} // closed when the reading under way ends; nil: none
}

// RedirectionOverview gives administrators every redirection, as read at most five minutes ago.
// It never waits long: when OVH is slow or down, it says so, with the former reading if any.
func (s *Service) RedirectionOverview(ctx context.Context, who actor.Actor) (Overview, error) {
	if err := member.Can(who, member.Administer, member.Subject{}); err != nil {
		return Overview{}, err
	}
	if s.provider == nil {
		return Overview{Why: "OVH n’est pas configuré : il n’y a pas de redirection à montrer."}, nil
	}
	list, o := s.seen.get(ctx, s.clock.Now, s.provider.AllRedirections)
	var err error
	o.Redirections, err = s.owned(ctx, list)
	return o, err
}

// get gives what is remembered, and reads again behind the page when that is old.
func (m *memory) get(ctx context.Context, now func() time.Time, read func(context.Context) ([]Redirection, error)) ([]Redirection, Overview) {
	if done := m.refresh(ctx, now, read); done != nil {
		select {
		case <-done:
		case <-ctx.Done():
		case <-time.After(overviewBudget):
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	o := Overview{ReadAt: m.readAt, Reading: m.reading != nil}
	switch {
	case m.failure != nil:
		o.Why = "OVH ne répond pas : les redirections ne peuvent pas être lues pour le moment."
	case o.Reading:
		o.Why = "OVH n’a pas encore tout dit : la lecture continue."
	}
	return slices.Clone(m.list), o
}

// refresh starts a reading when there is need; it gives what to wait for, nil when nothing is.
func (m *memory) refresh(ctx context.Context, now func() time.Time, read func(context.Context) ([]Redirection, error)) <-chan struct{} {
	m.mu.Lock()
	defer m.mu.Unlock()
	at := now()
	switch {
	case m.reading != nil:
		return m.reading
	case !m.readAt.IsZero() && at.Sub(m.readAt) < overviewFresh:
		return nil
	case m.failure != nil && at.Sub(m.triedAt) < overviewRetry:
		return nil
	}
	done := make(chan struct{})
	m.reading, m.triedAt = done, at
	background, cancel := context.WithTimeout(context.WithoutCancel(ctx), overviewLimit)
	go func() {
		defer cancel()
		list, err := read(background)
		m.mu.Lock()
		defer m.mu.Unlock()
		if m.failure = err; err == nil {
			m.list, m.readAt = list, at
		}
		m.reading = nil
		close(done)
	}()
	return done
}

// forget makes the next page read again.
func (m *memory) forget() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.readAt = time.Time{}
}

// owned finds the member behind each address, sorted by where they leave from.
func (s *Service) owned(ctx context.Context, list []Redirection) ([]Owned, error) {
	locals := make([]string, len(list))
	for i, r := range list {
		locals[i] = s.ownerName(r)
	}
	known, err := postgres.Column[string](ctx, s.db, `SELECT username FROM member WHERE username = ANY($1::text[])`, locals)
	if err != nil {
		return nil, fmt.Errorf("find the owners of redirections: %w", err)
	}
	all := make([]Owned, len(list))
	for i, r := range list {
		all[i].Redirection = r
		if slices.Contains(known, locals[i]) {
			all[i].Owner = locals[i]
		}
	}
	slices.SortFunc(all, func(a, b Owned) int { return strings.Compare(a.From+" "+a.To, b.From+" "+b.To) })
	return all, nil
}

// ownerName is the username that an address of ours would be of.
func (s *Service) ownerName(r Redirection) string {
	return strings.TrimSuffix(localPart(r.From), s.config.RedirectionSuffix)
}

// Domain is the mail domain of the community.
func (s *Service) Domain() string { return s.config.Domain }

// EveryRedirection reads all the redirections, for the command line: it takes a call each.
func (s *Service) EveryRedirection(ctx context.Context) ([]Redirection, error) {
	if s.provider == nil {
		return nil, errNoProvider()
	}
	list, err := s.provider.AllRedirections(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the redirections: %w", err)
	}
	slices.SortFunc(list, func(a, b Redirection) int { return strings.Compare(a.From+" "+a.To, b.From+" "+b.To) })
	return list, nil
}

func errNoProvider() error {
	return fault.New(fault.Invalid, "OVH n’est pas configuré : OVH_APP_KEY, OVH_APP_SECRET et OVH_CONSUMER_KEY sont nécessaires.", "no provider of mailboxes")
}

// DropRedirections removes the redirections from an address to another, from the command line,
// and tells it; it gives how many there were. NotFound when there was none.
func (s *Service) DropRedirections(ctx context.Context, by, from, to string) (int, error) {
	if s.provider == nil {
		return 0, errNoProvider()
	}
	from, to = member.NormalizeAddress(from), member.NormalizeAddress(to)
	found, err := s.provider.Redirections(ctx, from)
	if err != nil {
		return 0, fmt.Errorf("look for the redirections: %w", err)
	}
	found = slices.DeleteFunc(found, func(r Redirection) bool { return r.To != to })
	if len(found) == 0 {
		return 0, fault.New(fault.NotFound, "Il n’y a pas de redirection de "+from+" vers "+to+".", "no such redirection")
	}
	for i, r := range found {
		if err := s.provider.RemoveRedirection(ctx, r.ID); err != nil {
			return i, fmt.Errorf("remove a redirection: %w", err)
		}
		if err := s.tellDropped(ctx, by, r); err != nil {
			return i + 1, err
		}
	}
	s.seen.forget()
	return len(found), nil
}

func (s *Service) tellDropped(ctx context.Context, by string, r Redirection) error {
	event := audit.Event{
		At: s.clock.Now(), Actor: by, Code: codeRedirectionDeleted, Subject: r.From, Reason: "redirection supprimée à la console",
		Before: map[string]string{"from": r.From, "to": r.To},
	}
	owner, err := member.ByUsername(ctx, s.db, s.ownerName(r))
	switch {
	case err == nil:
		event.Member, event.Subject = owner.ID, owner.Username
		if r.To == owner.SecondaryEmail {
			event.Before = map[string]string{"from": r.From, "to": toSecondary}
		}
	case !fault.Is(err, fault.NotFound):
		return fmt.Errorf("find the owner of a redirection: %w", err)
	default:
		event.Member = uuid.Nil
	}
	return audit.Write(ctx, s.db, event)
}

package mailbox

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/platform/job"
	"github.com/betagouv/espace-membre/internal/platform/postgres"
)

// How a message waits for the activation that is recorded with it: both start together, in two
// queues, and the activation takes a few seconds of OVH and Brevo.
const (
	activationLook = 200 * time.Millisecond
	activationTime = 20 * time.Second
	activationNext = 5 * time.Second // after the next attempt of an activation that failed
)

// awaits tells whether an address is about to become active: ready, or back after a departure.
func (m waiting) awaits(back bool) bool { return m.ordered() && !back || back && m.closed() }

// afterActivation gives the member once the activation at work has ended. One that OVH or Brevo
// refused is tried again later: the message is then unavailable until just after.
func (s *Service) afterActivation(ctx context.Context, a job.Action, m waiting) (waiting, error) {
	back := len(a.Args) > 0
	for end := time.Now().Add(activationTime); ; {
		working, next, err := s.activating(ctx, a)
		if err != nil {
			return m, err
		}
		if m, err = s.reread(ctx, a.Subject); err != nil {
			return m, fmt.Errorf("read the member again: %w", err)
		}
		if !m.awaits(back) {
			return m, nil
		}
		if !working || time.Now().After(end) {
			return m, s.notYet(m, next)
		}
		select {
		case <-ctx.Done():
			return m, fmt.Errorf("wait for the activation of %s: %w", m.Username, s.notYet(m, next))
		case <-time.After(activationLook):
		}
	}
}

// notYet is the error of a message whose address is not active; next is when that is tried again.
func (s *Service) notYet(m waiting, next time.Time) error {
	err := &fault.Error{Kind: fault.Unavailable, Public: "L’adresse n’est pas encore active.", Cause: fmt.Errorf("address of %s not active yet", m.Username)}
	if wait := next.Sub(s.clock.Now()); wait > 0 {
		err.RetryAfter = wait + activationNext
	}
	return err
}

// activating tells whether the activation recorded with a message is at work, or about to be;
// else when it is tried again, if it is.
func (s *Service) activating(ctx context.Context, a job.Action) (working bool, next time.Time, err error) {
	type row struct {
		State     job.ActionState
		Attempt   int
		NotBefore time.Time
	}
	rows, err := postgres.All[row](ctx, s.db, `
		SELECT state, attempt, not_before
		FROM job_action
		WHERE key = $1
		  AND state IN ('planned', 'started')
		ORDER BY round DESC
		LIMIT 1`, strings.TrimSuffix(a.Key, "/secondary"))
	if err != nil || len(rows) == 0 {
		return false, next, err
	}
	r := rows[0]
	if r.State == job.Started || r.Attempt == 0 {
		return true, next, nil
	}
	return false, r.NotBefore, nil
}

package mailinglist

import (
	"context"
	"fmt"

	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/job"
)

// released sets aside those whose step an administrator postponed or cancelled, unless they asked
// themselves to leave the list; days is how long after the last end the step falls due.
func (s *Service) released(ctx context.Context, people []known, step member.DepartureStep, days int, today clock.Day) (free []known, held []job.Skip, err error) {
	holds, err := member.HeldDepartures(ctx, s.db, today)
	if err != nil {
		return nil, nil, fmt.Errorf("read the departures that are held: %w", err)
	}
	for _, k := range people {
		if hold, ok := holds.Of(k.ID, step); ok && k.RefusedAt == nil && k.goneFor(days, today) {
			held = append(held, job.Skip{Subject: k.ID, Label: k.Username, Reason: hold.Reason()})
			continue
		}
		free = append(free, k)
	}
	return free, held, nil
}

// heldNow says in French that the step was postponed or cancelled, perhaps since the plan; "" when it
// may be done on a day.
func (s *Service) heldNow(ctx context.Context, k known, step member.DepartureStep, day clock.Day) (string, error) {
	if k.RefusedAt != nil {
		return "", nil
	}
	hold, held, err := member.HeldDeparture(ctx, s.db, k.ID, step, day)
	if err != nil {
		return "", fmt.Errorf("read again whether the departure is held: %w", err)
	}
	if held {
		return hold.Reason(), nil
	}
	return "", nil
}

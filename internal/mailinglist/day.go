package mailinglist

import (
	"fmt"

	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/job"
)

// planned keeps the day for which an action was wanted: the demonstration may plan, and apply, as
// of a later day than its own.
type planned struct {
	Day clock.Day `json:"day,omitzero"`
}

// dayOf is the day on which an action is judged again: that of its plan when it is a later one.
func (s *Service) dayOf(a job.Action) (clock.Day, error) {
	today := clock.Today(s.clock)
	if len(a.Args) == 0 {
		return today, nil
	}
	args, err := job.DecodeArgs[planned](a)
	if err != nil {
		return today, fmt.Errorf("read the day of the plan: %w", err)
	}
	if args.Day.After(today) {
		return args.Day, nil
	}
	return today, nil
}

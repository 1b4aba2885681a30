package job

import (
	"fmt"

	"github.com/betagouv/espace-membre/internal/platform/clock"
)

// PlanDay is kept in the arguments of an action whose right to be done depends on the day: the
// demonstration may plan, and apply, as of a later day than its own.
type PlanDay struct {
	Day clock.Day `json:"day,omitzero"`
}

// JudgedOn is the day on which an action is judged again: today, or that of its plan when it is a
// later one. An action without arguments is judged today.
func JudgedOn(a Action, today clock.Day) (clock.Day, error) {
	if len(a.Args) == 0 {
		return today, nil
	}
	args, err := DecodeArgs[PlanDay](a)
	if err != nil {
		return today, fmt.Errorf("read the day of the plan: %w", err)
	}
	if args.Day.After(today) {
		return args.Day, nil
	}
	return today, nil
}

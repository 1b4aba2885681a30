package mailbox

import (
	"context"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/platform/job"
	"github.com/betagouv/espace-membre/internal/platform/postgres"
)

// held reads what people postponed or cancelled of departures.
func (s *Service) held(ctx context.Context, today clock.Day) (Held, error) {
	if s.holds == nil {
		return func(uuid.UUID, DepartureStep) string { return "" }, nil
	}
	held, err := s.holds(ctx, today)
	if err != nil {
		return nil, fmt.Errorf("read the departures put on hold: %w", err)
	}
	return held, nil
}

// departure is one step of departures: what the five jobs that perform them share.
type departure struct {
	job    string
	step   DepartureStep
	verb   string
	from   []member.Status
	days   int // after the end of the last mission
	since  int // days that the state must have lasted too; zero: none
	cause  func(leaver) string
	reason func(leaver) string
	// mine tells whether the step concerns a member who has left; else why not, in French: ""
	// for whoever needs not be told.
	mine func(leaver) (bool, string)
}

// gather lists those whom the step concerns today, and those set aside with the reason. The
// population is the whole community: what a step may not exceed is a share of it.
func (s *Service) gather(ctx context.Context, today clock.Day, d departure) (job.Plan, []leaver, error) {
	rows, err := s.leaversIn(ctx, d.from...)
	if err != nil {
		return job.Plan{}, nil, err
	}
	held, err := s.held(ctx, today)
	if err != nil {
		return job.Plan{}, nil, err
	}
	plan, due := d.decide(rows, held, today)
	if plan.Population, err = postgres.Scalar[int](ctx, s.db, `SELECT count(*) FROM member`); err != nil {
		return job.Plan{}, nil, fmt.Errorf("count the members: %w", err)
	}
	return plan, due, nil
}

// decide wants the step for each member due. It is pure.
func (d departure) decide(rows []leaver, held Held, today clock.Day) (plan job.Plan, due []leaver) {
	for _, l := range rows {
		ok, why := d.due(l, held, today)
		switch {
		case ok:
			due = append(due, l)
			plan.Actions = append(plan.Actions, job.Action{
				Key: job.Key(d.job, l.ID, d.cause(l)), Mode: job.State, Job: d.job, Verb: d.verb, Subject: l.ID, Label: l.Username,
				Reason: d.reason(l), Destructive: true, Actor: "system", Args: job.EncodeArgs(planned{PlanDay: job.PlanDay{Day: today}}),
			})
		case why != "":
			plan.Skipped = append(plan.Skipped, job.Skip{Subject: l.ID, Label: l.Username, Reason: why})
		}
	}
	return plan, due
}

// planned is what the plan of a departure keeps in an action.
type planned struct {
	job.PlanDay
	Leftover bool `json:"leftover,omitempty"` // about a box that is not the one of the primary address
}

// plannedOf reads what the plan kept in an action; nothing of one that it did not make.
func plannedOf(a job.Action) (planned, error) {
	if len(a.Args) == 0 {
		return planned{}, nil
	}
	args, err := job.DecodeArgs[planned](a)
	if err != nil {
		return args, fmt.Errorf("read what the plan kept: %w", err)
	}
	return args, nil
}

// due tells whether the step is to be done for a member; else why not, in French: "" for whoever
// is not leaving, or is none of its business.
func (d departure) due(l leaver, held Held, today clock.Day) (bool, string) {
	mine, whose := d.mine(l)
	if !mine && whose == "" {
		return false, ""
	}
	if ok, why := l.hasLeft(d.days, today); !ok {
		return false, why
	}
	if !mine {
		return false, whose
	}
	if d.since > 0 {
		if ok, why := l.waitsSince(d.since, today); !ok {
			return false, why
		}
	}
	if why := held(l.ID, d.step); why != "" {
		return false, why
	}
	return true, ""
}

// stillLeaving re-reads a member before the step; the second value, when not nil, says that
// there is nothing to do any more.
func (s *Service) stillLeaving(ctx context.Context, a job.Action, d departure) (leaver, *job.Outcome, error) {
	l, err := s.leaver(ctx, a.Subject)
	switch {
	case fault.Is(err, fault.NotFound):
		return l, moot("la fiche n’existe plus"), nil
	case err != nil:
		return l, nil, fmt.Errorf("read the member again: %w", err)
	}
	today, err := job.JudgedOn(a, clock.Today(s.clock))
	if err != nil {
		return l, nil, err
	}
	held, err := s.held(ctx, today)
	if err != nil {
		return l, nil, err
	}
	if !slices.Contains(d.from, l.Status) {
		return l, moot("l’adresse a changé d’état"), nil
	}
	switch ok, why := d.due(l, held, today); {
	case ok:
		return l, nil, nil
	case why != "":
		return l, moot(why), nil
	case l.active(today):
		return l, moot("de nouveau une mission en cours ou à venir"), nil
	}
	return l, moot("il n’y a plus rien à faire"), nil
}

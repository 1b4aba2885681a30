package offboarding

import (
	"context"
	"errors"
	"fmt"

	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/platform/job"
	"github.com/betagouv/espace-membre/internal/platform/postgres"
)

// noticeArgs is what a message remembers of its plan.
type noticeArgs struct {
	End  clock.Day `json:"end"`
	Day  clock.Day `json:"day"` // of the plan
	Slot string    `json:"slot"`
}

var errNoLetters = errors.New("no mail server is configured")

// applyNotice sends one message, if what it says is still true.
func (s *Service) applyNotice(kind Kind) func(context.Context, job.Action) (job.Outcome, error) {
	return func(ctx context.Context, a job.Action) (job.Outcome, error) {
		args, err := job.DecodeArgs[noticeArgs](a)
		if err != nil {
			return job.Outcome{}, fmt.Errorf("read the arguments of the message: %w", err)
		}
		n := notices()[kind]
		l, err := postgres.One[leaver](ctx, s.db, "Ce membre n’existe plus.", leaverQuery+`member.id = $2`, n.job, a.Subject)
		if fault.Is(err, fault.NotFound) {
			return job.Moot("la fiche n’existe plus"), nil
		}
		if err != nil {
			return job.Outcome{}, fmt.Errorf("read the member again: %w", err)
		}
		today := s.sendingDay(args.Day)
		if moot, err := s.untrue(ctx, n, l, args, today); moot != "" || err != nil {
			return job.Moot(moot), err
		}
		return s.send(ctx, a, kind, l, args.Slot, today)
	}
}

// sendingDay is the day of the clock, or the day planned when that is a later one (a plan for
// another day, in the demonstration).
func (s *Service) sendingDay(planned clock.Day) clock.Day {
	if today := s.today(); today.After(planned) {
		return today
	}
	return planned
}

// untrue tells why a message should not leave any more; "" when it should.
func (s *Service) untrue(ctx context.Context, n notice, l leaver, args noticeArgs, today clock.Day) (string, error) {
	if l.End != args.End {
		return "la date de fin a changé", nil
	}
	holds, _, err := member.HoldsOfMember(ctx, s.db, l.ID, today)
	if err != nil {
		return "", err
	}
	if hold, held := holds.Of(l.ID, n.step); held {
		return hold.Reason(), nil
	}
	if today.After(n.late(l.End, holds.Resumed(l.ID, n.step))) {
		return "trop tard pour ce message", nil
	}
	if args.Slot != slotChat && l.address(args.Slot) == "" {
		return "plus d’adresse où écrire", nil
	}
	return "", nil
}

func (s *Service) send(ctx context.Context, a job.Action, kind Kind, l leaver, slot string, today clock.Day) (job.Outcome, error) {
	facts, err := s.facts(ctx, l.ID, today)
	if err != nil {
		return job.Outcome{}, err
	}
	coming, done := Stops(Timeline(facts, today))
	told := Notice{
		Kind: kind, Fullname: l.Fullname, End: l.End, Today: today, Coming: coming, Done: done, Address: facts.Address, Fallback: facts.Secondary,
	}
	switch {
	case slot == slotChat:
		return s.tell(ctx, a, told.post(s.config.Portal))
	case s.ports.Letters == nil:
		return job.Outcome{}, errNoLetters
	}
	if err := s.ports.Letters.Notice(ctx, a.Key, l.address(slot), told); err != nil {
		return job.Outcome{}, fmt.Errorf("send the message of %s to %s: %w", kind, l.Username, err)
	}
	return job.Outcome{}, nil
}

// tell posts to the chat, as far as it can.
func (s *Service) tell(ctx context.Context, a job.Action, text string) (job.Outcome, error) {
	if s.ports.Messenger == nil {
		return job.Moot("la messagerie n’est pas configurée"), nil
	}
	err := s.ports.Messenger.Tell(ctx, a.Key, a.Subject, text)
	if fault.Is(err, fault.NotFound) {
		return job.Moot("pas de compte dans la messagerie"), nil
	}
	if err != nil {
		return job.Outcome{}, fmt.Errorf("tell %s in the chat: %w", a.Label, err)
	}
	return job.Outcome{}, nil
}

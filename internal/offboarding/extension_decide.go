package offboarding

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/actor"
	"github.com/betagouv/espace-membre/internal/platform/audit"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/platform/job"
	"github.com/betagouv/espace-membre/internal/platform/postgres"
)

// Decision is the answer to a request.
type Decision struct {
	Accept bool
	Answer string // a word to who asked; may be empty
}

// FieldAnswer is the name of the field of a Decision, as its errors tell it.
const FieldAnswer = "reponse"

// Extension gives a request to somebody who may decide it: Forbidden to others, NotFound when
// the member never made it.
func (s *Service) Extension(ctx context.Context, who actor.Actor, username string, id uuid.UUID) (Extension, error) {
	return s.decidable(ctx, s.db, who, username, id)
}

func (s *Service) decidable(ctx context.Context, db postgres.DB, who actor.Actor, username string, id uuid.UUID) (Extension, error) {
	e, err := s.extension(ctx, db, id)
	if err != nil {
		return e, err
	}
	if e.Username != username {
		return Extension{}, fault.New(fault.NotFound, noExtension, "request %s is not of %s", id, username)
	}
	return e, s.mayDecide(ctx, db, who, e)
}

func (s *Service) mayDecide(ctx context.Context, db postgres.DB, who actor.Actor, e Extension) error {
	subject, err := member.SubjectFor(ctx, db, who, e.MemberID, s.today())
	if err != nil {
		return err
	}
	return member.Can(who, member.DecideExtension, subject)
}

// Decide accepts or refuses a request. Accepting lengthens the last mission to the day asked
// for and gives back what the departure had taken. A request that no longer waits is a Conflict,
// unless the same person takes the same decision again: a second click changes nothing.
func (s *Service) Decide(ctx context.Context, who actor.Actor, username string, id uuid.UUID, d Decision) error {
	if refusal := checkText(d.Answer, mostMessage); refusal != "" {
		return fault.Field(FieldAnswer, refusal)
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `SELECT FROM extension_request WHERE id = $1 FOR UPDATE`, id); err != nil {
			return fmt.Errorf("lock the request: %w", err)
		}
		e, err := s.decidable(ctx, tx, who, username, id)
		if err != nil {
			return err
		}
		if e.State == d.state() && e.DecidedBy == who.Username {
			return nil
		}
		if e.State != Pending {
			return fault.New(fault.Conflict, e.closed(), "request %s is %s", id, e.State)
		}
		return s.decide(ctx, tx, who, e, d)
	})
}

func (d Decision) state() ExtensionState {
	if d.Accept {
		return Accepted
	}
	return Refused
}

// closed says in French why a request may not be decided any more.
func (e Extension) closed() string {
	switch e.State {
	case Accepted:
		return "Cette demande a déjà été acceptée par " + e.Decider + "."
	case Refused:
		return "Cette demande a déjà été refusée par " + e.Decider + "."
	case Withdrawn:
		return e.Fullname + " a annulé cette demande."
	case Expired:
		return "Cette demande n’a plus cours : personne n’y a répondu à temps, ou la mission a été prolongée autrement."
	case Pending:
	}
	return ""
}

func (s *Service) decide(ctx context.Context, tx pgx.Tx, who actor.Actor, e Extension, d Decision) error {
	now, code := s.clock.Now(), CodeExtensionRefused
	comeback := ComebackNone
	if d.Accept {
		code = CodeExtensionAccepted
		var err error
		if comeback, err = s.lengthen(ctx, tx, who, e); err != nil {
			return err
		}
	}
	_, err := tx.Exec(ctx, `
		UPDATE extension_request
		SET state = $2, decided_at = $3, decided_by = $4, answer = $5
		WHERE id = $1`, e.ID, d.state(), now, who.Username, d.Answer)
	if err != nil {
		return fmt.Errorf("record the decision about %s: %w", e.Username, err)
	}
	err = audit.Write(ctx, tx, audit.Event{
		At: now, Actor: who.Username, Code: code, Member: e.MemberID, Subject: e.Username, Reason: d.Answer,
		Before: map[string]string{"end": e.EndDay.String()}, After: map[string]string{"end": e.WishedDay.String()},
	})
	if err != nil {
		return err
	}
	return s.ports.Requester.Request(ctx, tx, job.Action{
		Key: job.Key(answeredAction, e.MemberID, e.ID.String()), Mode: job.Once, Job: answeredAction, Verb: "envoyer",
		Subject: e.MemberID, Label: e.Username, Reason: "réponse à la demande de prolongation", Actor: who.Username,
		Args: job.EncodeArgs(answeredArgs{Request: e.ID, Mailbox: comeback}),
	})
}

// lengthen moves the end of the mission and has the address given back; it tells what becomes of it.
func (s *Service) lengthen(ctx context.Context, tx pgx.Tx, who actor.Actor, e Extension) (Comeback, error) {
	m, err := member.ByID(ctx, tx, e.MemberID)
	if err != nil {
		return ComebackNone, err
	}
	err = member.LengthenLastMission(ctx, tx, e.MemberID, member.Lengthening{
		To: e.WishedDay, At: s.clock.Now(), Actor: who.Username, Reason: "demande de prolongation acceptée",
	})
	if err != nil {
		return ComebackNone, err
	}
	if s.ports.Restorer != nil {
		if err := s.ports.Restorer.Restore(ctx, tx, e.MemberID, who.Username); err != nil {
			return ComebackNone, fmt.Errorf("restore the address of %s: %w", e.Username, err)
		}
	}
	switch m.Status {
	case member.StatusSuspended:
		return ComebackPassword, nil
	case member.StatusDeleted:
		return ComebackRecreate, nil
	}
	return ComebackNone, nil
}

// DecidedDay is the day of the decision, in Paris; zero while pending.
func (e Extension) DecidedDay() clock.Day {
	if e.DecidedAt == nil {
		return clock.Day{}
	}
	return clock.DayOf(*e.DecidedAt)
}

package offboarding

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/platform/job"
	"github.com/betagouv/espace-membre/internal/platform/postgres"
)

// Names of the actions that pages ask for.
const (
	askedAction    = "sendExtensionRequest"
	answeredAction = "sendExtensionAnswer"
)

type askedArgs struct {
	Request uuid.UUID `json:"request"`
	Decider uuid.UUID `json:"decider"`
}

type answeredArgs struct {
	Request uuid.UUID `json:"request"`
	Mailbox Comeback  `json:"mailbox"`
}

// Requests declares the actions that pages ask for.
func (s *Service) Requests() []job.Spec {
	return []job.Spec{
		{
			Name: askedAction, Title: "Envoie une demande de prolongation à qui peut l’accepter", Room: "offboarding", Default: job.On,
			Needs: []job.Feature{"mail"}, Queue: job.QueueUrgent, Apply: s.applyAsked,
		},
		{
			Name: answeredAction, Title: "Envoie la réponse à une demande de prolongation", Room: "offboarding", Default: job.On,
			Needs: []job.Feature{"mail"}, Queue: job.QueueUrgent, Apply: s.applyAnswered,
		},
	}
}

// applyAsked writes to one person who may decide, while the request waits.
func (s *Service) applyAsked(ctx context.Context, a job.Action) (job.Outcome, error) {
	args, err := job.DecodeArgs[askedArgs](a)
	if err != nil {
		return job.Outcome{}, fmt.Errorf("read the arguments of the message: %w", err)
	}
	e, err := s.extension(ctx, s.db, args.Request)
	switch {
	case fault.Is(err, fault.NotFound):
		return job.Moot("la demande n’existe plus"), nil
	case err != nil:
		return job.Outcome{}, fmt.Errorf("read the request again: %w", err)
	case e.State != Pending:
		return job.Moot("la demande n’attend plus de réponse"), nil
	}
	d, err := postgres.One[decider](ctx, s.db, "", `SELECT `+deciderColumns+`, false AS mate FROM member WHERE member.id = $1`, args.Decider)
	switch {
	case fault.Is(err, fault.NotFound) || err == nil && d.address() == "":
		return job.Moot("plus d’adresse où écrire"), nil
	case err != nil:
		return job.Outcome{}, fmt.Errorf("read who may decide: %w", err)
	case s.ports.Letters == nil:
		return job.Outcome{}, errNoLetters
	}
	return job.Outcome{}, s.ports.Letters.ExtensionAsked(ctx, a.Key, d.address(), AskedLetter{
		Fullname: d.Fullname, Asker: e.Fullname, Username: e.Username, Request: e.ID, End: e.EndDay, Wished: e.WishedDay,
		Message: e.Message, Expires: e.ExpiryDay,
	})
}

// applyAnswered tells the member what was decided.
func (s *Service) applyAnswered(ctx context.Context, a job.Action) (job.Outcome, error) {
	args, err := job.DecodeArgs[answeredArgs](a)
	if err != nil {
		return job.Outcome{}, fmt.Errorf("read the arguments of the message: %w", err)
	}
	e, err := s.extension(ctx, s.db, args.Request)
	if fault.Is(err, fault.NotFound) {
		return job.Moot("la demande n’existe plus"), nil
	}
	if err != nil {
		return job.Outcome{}, fmt.Errorf("read the request again: %w", err)
	}
	m, err := member.ByID(ctx, s.db, e.MemberID)
	if err != nil {
		return job.Outcome{}, fmt.Errorf("read who asked: %w", err)
	}
	to := answerAddress(m)
	switch {
	case to == "":
		return job.Moot("plus d’adresse où écrire"), nil
	case s.ports.Letters == nil:
		return job.Outcome{}, errNoLetters
	}
	return job.Outcome{}, s.ports.Letters.ExtensionAnswered(ctx, a.Key, to, AnsweredLetter{
		Fullname: m.Fullname, Accepted: e.State == Accepted, Decider: e.Decider, Wished: e.WishedDay, Answer: e.Answer, Mailbox: args.Mailbox,
	})
}

// answerAddress is where the member reads the answer: as they prefer, but never a mailbox that
// is closed while there is another address.
func answerAddress(m member.Member) string {
	if !m.Status.ActiveLike() && m.SecondaryEmail != "" {
		return m.SecondaryEmail
	}
	return leaver{
		PrimaryEmail: m.PrimaryEmail, SecondaryEmail: m.SecondaryEmail, CommunicationEmail: m.CommunicationEmail, Status: m.Status,
	}.address(slotContact)
}

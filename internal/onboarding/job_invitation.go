package onboarding

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/audit"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/platform/job"
)

const invitationJob = "sendOnboardingVerificationPendingEmail"

// codeInvited is the audit event of an invitation that left.
const codeInvited audit.Code = "EMAIL_VERIFICATION_WAITING_SENT"

func (s *Service) invitation() job.Spec {
	return job.Spec{
		Name: invitationJob, Title: "Invite le nouveau membre à vérifier sa fiche", Room: "onboarding",
		Schedule: "*/8 * * * *", Default: job.On, Needs: []job.Feature{"mail"}, Queue: job.QueueMail,
		Plan: s.planInvitations, Apply: s.applyInvitation,
	}
}

func (s *Service) planInvitations(ctx context.Context, today clock.Day) (job.Plan, error) {
	waiting, err := s.waiting(ctx, today)
	if err != nil {
		return job.Plan{}, fmt.Errorf("list the records that wait for their owner: %w", err)
	}
	return decideInvitations(waiting, today), nil
}

// decideInvitations wants one letter for each newcomer not invited yet. As long as the record is
// not checked the letter stays wanted, so a mail server that is down for days loses nobody.
func decideInvitations(waiting []newcomer, today clock.Day) job.Plan {
	plan := job.Plan{Population: len(waiting)}
	for _, n := range waiting {
		if reason := n.aside(); reason != "" {
			plan.Skipped = append(plan.Skipped, job.Skip{Subject: n.ID, Label: n.Username, Reason: reason})
			continue
		}
		plan.Actions = append(plan.Actions, job.Action{
			Key: job.Key(invitationJob, n.ID, cause(n.Since)), Mode: job.Once, Job: invitationJob, Verb: "inviter",
			Subject: n.ID, Label: n.Username, Reason: "fiche créée, à vérifier par la personne", Actor: "system",
			Args: job.EncodeArgs(job.PlanDay{Day: today}),
		})
	}
	return plan
}

// aside tells, in French, why a newcomer gets no letter now; "" when one is due.
func (n newcomer) aside() string {
	switch {
	case n.Invited:
		return "invitation déjà envoyée"
	case !n.Active:
		return "aucune mission en cours ou à venir"
	case n.Secondary == "":
		return "pas d’adresse secondaire où écrire"
	}
	return ""
}

// cause names the fact that makes the letter due: the instant since which the record waits.
func cause(at time.Time) string { return at.UTC().Format("2006-01-02T15:04:05.000000Z") }

func (s *Service) applyInvitation(ctx context.Context, a job.Action) (job.Outcome, error) {
	day, err := job.JudgedOn(a, clock.Today(s.clock))
	if err != nil {
		return job.Outcome{}, err
	}
	n, err := s.reread(ctx, a.Subject, day)
	switch {
	case fault.Is(err, fault.NotFound):
		return job.Moot("la fiche n’existe plus"), nil
	case err != nil:
		return job.Outcome{}, fmt.Errorf("read the newcomer again: %w", err)
	case n.Status != member.StatusVerificationWaiting:
		return job.Moot("la fiche est déjà vérifiée"), nil
	case n.aside() != "":
		return job.Moot(n.aside()), nil
	}
	err = s.letters.Invite(ctx, Invitation{Key: a.Key, To: n.Secondary, Fullname: n.Fullname, Creator: n.Creator})
	if err != nil {
		return job.Outcome{}, fmt.Errorf("invite %s: %w", n.Username, err)
	}
	return job.Recorded(func(ctx context.Context, tx pgx.Tx) error { return s.tell(ctx, tx, n) }), nil
}

// tell adds the invitation to the history; the address, which is private, stays out.
func (s *Service) tell(ctx context.Context, tx pgx.Tx, n newcomer) error {
	return audit.Write(ctx, tx, audit.Event{
		At: s.clock.Now(), Actor: "system", Code: codeInvited, Member: n.ID, Subject: n.Username,
		Reason: "invitation à vérifier la fiche envoyée à l’adresse secondaire",
	})
}

package mailbox

import (
	"context"

	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/job"
)

// boxAgain is the order of a mailbox for somebody who came back after it was deleted. Members
// with a redirection get theirs from redirectionCreationJob.
func (s *Service) boxAgain() order {
	return order{
		job: recreationJob, verb: "recréer", from: []member.Status{member.StatusDeleted},
		to: member.StatusRecreationPending, code: codeRecreated,
		reason: func(m waiting) string { return "de retour, adresse supprimée à recréer (" + label(s.plan(m)) + ")" },
	}
}

func (s *Service) planRecreations(ctx context.Context, today clock.Day) (job.Plan, error) {
	return s.planBoxes(ctx, today, s.boxAgain())
}

func (s *Service) applyRecreation(ctx context.Context, a job.Action) (job.Outcome, error) {
	return s.applyBox(ctx, a, s.boxAgain())
}

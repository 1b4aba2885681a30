package mailbox

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/platform/job"
)

// redirect is the order of the redirection of an « attributaire », for the first time or after a return.
func redirect() order {
	return order{
		job: redirectionJob, verb: "rediriger", redirection: true,
		from: []member.Status{member.StatusCreationWaiting, member.StatusDeleted, member.StatusSuspended},
		to:   member.StatusRedirectionPending, code: codeRedirection,
		reason: func(m waiting) string {
			if m.Status == member.StatusCreationWaiting {
				return "fiche vérifiée, redirection « attributaire » à créer"
			}
			return "de retour, redirection « attributaire » à recréer"
		},
	}
}

func (s *Service) planRedirections(ctx context.Context, today clock.Day) (job.Plan, error) {
	plan, _, err := s.planOrder(ctx, today, redirect())
	if err != nil {
		return job.Plan{}, err
	}
	taken, err := s.takenAway(ctx, today)
	if err != nil {
		return job.Plan{}, err
	}
	plan.Population += len(taken)
	for _, r := range taken {
		plan.Actions = append(plan.Actions, r.action())
	}
	return plan, nil
}

func (s *Service) applyRedirection(ctx context.Context, a job.Action) (job.Outcome, error) {
	if len(a.Args) > 0 {
		return s.giveBack(ctx, a)
	}
	m, end, err := s.still(ctx, a, redirect())
	if err != nil || end != nil {
		return orNothing(end), err
	}
	adopted, err := s.ensureRedirection(ctx, s.redirectionAddress(m.Username), m.Secondary)
	if err != nil {
		return job.Outcome{}, fmt.Errorf("create the redirection of %s: %w", m.Username, err)
	}
	reason := "redirection créée chez OVH"
	if adopted {
		reason = "redirection déjà présente chez OVH, reprise"
	}
	return job.Recorded(func(ctx context.Context, tx pgx.Tx) error {
		return s.record(ctx, tx, a, m, redirect(), reason)
	}), nil
}

// ensureRedirection makes from forward to to; adopted tells that it already did. One that
// forwards elsewhere is left alone: a person must say which is right.
func (s *Service) ensureRedirection(ctx context.Context, from, to string) (adopted bool, err error) {
	found, err := s.provider.Redirections(ctx, from)
	switch {
	case err != nil:
		return false, err
	case leadsTo(found, to):
		return true, nil
	case len(found) > 0:
		return false, fault.New(fault.Conflict, "Cette redirection existe déjà chez OVH vers une autre adresse : supprime-la ou corrige la fiche.",
			"%d redirections lead elsewhere", len(found))
	}
	return false, s.provider.Redirect(ctx, from, to, false)
}

func leadsTo(found []Redirection, to string) bool {
	return slices.ContainsFunc(found, func(r Redirection) bool { return r.To == to })
}

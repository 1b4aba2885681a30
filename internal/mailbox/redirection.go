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

func (s *Service) planRedirections(ctx context.Context, today clock.Day) (job.Plan, error) {
	rows, err := s.inStatus(ctx, today, member.StatusCreationWaiting)
	if err != nil {
		return job.Plan{}, fmt.Errorf("list members waiting for a redirection: %w", err)
	}
	return decide(rows, redirectionJob, "rediriger", true, func(waiting) string {
		return "fiche vérifiée, redirection « attributaire » à créer"
	}), nil
}

func (s *Service) applyRedirection(ctx context.Context, a job.Action) (job.Outcome, error) {
	m, end, err := s.still(ctx, a, true)
	if err != nil || end != nil {
		return orNothing(end), err
	}
	from := s.redirectionAddress(m.Username)
	adopted, err := s.ensureRedirection(ctx, from, m.Secondary)
	if err != nil {
		return job.Outcome{}, fmt.Errorf("create the redirection of %s: %w", m.Username, err)
	}
	reason := "redirection créée chez OVH"
	if adopted {
		reason = "redirection déjà présente chez OVH, reprise"
	}
	return job.Recorded(func(ctx context.Context, tx pgx.Tx) error {
		return s.record(ctx, tx, a, m, from, member.StatusRedirectionPending, codeRedirection, reason)
	}), nil
}

// ensureRedirection makes from forward to to; adopted tells that it already did. One that
// forwards elsewhere is left alone: a person must say which is right.
func (s *Service) ensureRedirection(ctx context.Context, from, to string) (adopted bool, err error) {
	found, err := s.provider.Redirections(ctx, from)
	switch {
	case err != nil:
		return false, err
	case slices.ContainsFunc(found, func(r Redirection) bool { return r.To == to }):
		return true, nil
	case len(found) > 0:
		return false, fault.New(fault.Conflict, "Cette redirection existe déjà chez OVH vers une autre adresse : supprime-la ou corrige la fiche.",
			"%d redirections lead elsewhere", len(found))
	}
	return false, s.provider.Redirect(ctx, from, to, false)
}

package mailbox

import (
	"context"
	"fmt"

	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/platform/job"
	"github.com/betagouv/espace-membre/internal/platform/postgres"
)

func (s *Service) planRedirectionActivations(ctx context.Context, today clock.Day) (job.Plan, error) {
	rows, err := s.inStatus(ctx, today, member.StatusRedirectionPending)
	if err != nil {
		return job.Plan{}, fmt.Errorf("list the redirections created: %w", err)
	}
	plan := job.Plan{Population: len(rows)}
	for _, m := range rows {
		why := m.tooEarly(s.asOf(today), s.config.Settle)
		if !m.Redirection {
			why = "la fiche n’attend pas de redirection"
		}
		if why != "" {
			plan.Skipped = append(plan.Skipped, job.Skip{Subject: m.ID, Label: m.Username, Reason: why})
			continue
		}
		plan.Actions = append(plan.Actions, job.Action{
			Key: job.Key(redirectionActivationJob, m.ID, cause(m.StatusChangedAt)), Mode: job.State, Job: redirectionActivationJob,
			Verb: "activer", Subject: m.ID, Label: m.Username, Reason: "redirection créée chez OVH, à activer", Actor: "system",
		})
	}
	return plan, nil
}

func (s *Service) applyRedirectionActivation(ctx context.Context, a job.Action) (job.Outcome, error) {
	m, err := s.reread(ctx, a.Subject)
	switch {
	case fault.Is(err, fault.NotFound):
		return job.Moot("la fiche n’existe plus"), nil
	case err != nil:
		return job.Outcome{}, fmt.Errorf("read the member again: %w", err)
	case m.Status != member.StatusRedirectionPending || !m.Redirection:
		return job.Moot("la redirection n’attend plus son activation"), nil
	case !m.Active:
		return job.Moot("aucune mission en cours ou à venir"), nil
	}
	found, err := s.provider.Redirections(ctx, m.Primary)
	switch {
	case err != nil:
		return job.Outcome{}, fmt.Errorf("look for the redirection of %s: %w", m.Username, err)
	case len(found) == 0:
		return job.Outcome{}, fault.New(fault.Unavailable, "La redirection n’est pas encore visible chez OVH.", "redirection of %s not there yet", m.Username)
	}
	lists, err := s.redirectionLists(ctx, m)
	if err != nil {
		return job.Outcome{}, err
	}
	return s.enlist(ctx, a, m, lists, member.Change{
		To: member.StatusRedirectionActive, From: []member.Status{member.StatusRedirectionPending}, Reason: "redirection présente chez OVH",
	})
}

// redirectionLists are what a new redirection joins: those of « attributaires » only, and
// somebody who comes back was already welcomed.
func (s *Service) redirectionLists(ctx context.Context, m waiting) ([]List, error) {
	if m.Type != "attributaire" {
		return nil, nil
	}
	returning, err := postgres.Scalar[bool](ctx, s.db, `
		SELECT EXISTS (
		    SELECT FROM audit_event
		    WHERE member_id = $1
		      AND code = $2
		      AND after ->> 'status' = 'EMAIL_REDIRECTION_ACTIVE')`, m.ID, member.CodeStatusChanged)
	if err != nil {
		return nil, fmt.Errorf("tell whether %s comes back: %w", m.Username, err)
	}
	if returning {
		return []List{Newsletter}, nil
	}
	return []List{Newsletter, Onboarding}, nil
}

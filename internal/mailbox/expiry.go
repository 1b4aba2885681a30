package mailbox

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/job"
)

// expiry marks the addresses of those who left that are not ours: there is nothing to close
// there, but the rest of the departure waits for it.
func (s *Service) expiry() departure {
	return departure{
		job: expiryJob, step: StepExpiry, verb: "marquer expirée", days: suspendAfter,
		from: []member.Status{
			member.StatusActive, member.StatusPasswordPending, member.StatusRedirectionActive, member.StatusSuspended,
		},
		cause:  func(l leaver) string { return l.End.String() },
		reason: func(l leaver) string { return "mission terminée le " + l.End.French() + ", adresse extérieure" },
		mine: func(l leaver) (bool, string) {
			switch {
			case l.Primary == "":
				return false, "pas d’adresse principale"
			case s.ours(l.Primary):
				return false, "" // reinitPasswordEmail's, and the next ones'
			}
			return true, ""
		},
	}
}

func (s *Service) planExpiries(ctx context.Context, today clock.Day) (job.Plan, error) {
	plan, _, err := s.gather(ctx, today, s.expiry())
	return plan, err
}

func (s *Service) applyExpiry(ctx context.Context, a job.Action) (job.Outcome, error) {
	l, end, err := s.stillLeaving(ctx, a, s.expiry())
	if err != nil || end != nil {
		return orNothing(end), err
	}
	return job.Recorded(func(ctx context.Context, tx pgx.Tx) error {
		return s.recordStep(ctx, tx, a, l, step{
			to: member.StatusExpired, from: s.expiry().from, code: codeExpired,
			reason: "départ : mission terminée le " + l.End.French() + ", adresse extérieure",
		})
	}), nil
}

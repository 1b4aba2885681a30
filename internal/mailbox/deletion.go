package mailbox

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/job"
)

// keptDays is how long a suspended mailbox is kept, and a private address after that.
const keptDays = 30

// deletion removes the mailboxes suspended for 30 days, by plan: the licence of a Pro or
// Exchange one is freed. The former address stays in the history.
func (s *Service) deletion() departure {
	return departure{
		job: deletionJob, step: StepDeletion, verb: "supprimer", days: suspendAfter, since: keptDays,
		from:  []member.Status{member.StatusSuspended},
		cause: func(l leaver) string { return cause(l.StatusChangedAt) },
		reason: func(l leaver) string {
			return "adresse suspendue depuis le " + clock.DayOf(l.StatusChangedAt).French() + ", boîte à supprimer"
		},
		mine: func(l leaver) (bool, string) {
			if l.Primary != "" && !s.ours(l.Primary) {
				return false, "adresse extérieure : setEmailExpired s’en charge"
			}
			return true, ""
		},
	}
}

func (s *Service) planDeletions(ctx context.Context, today clock.Day) (job.Plan, error) {
	return s.planWithBoxes(ctx, today, s.deletion(), s.leftoverDeletion(), "boîte déjà absente chez OVH, à noter supprimée")
}

func (s *Service) applyDeletion(ctx context.Context, a job.Action) (job.Outcome, error) {
	if args, err := plannedOf(a); err != nil || args.Leftover {
		return s.applyLeftover(ctx, a, s.leftoverDeletion(), err)
	}
	l, end, err := s.stillLeaving(ctx, a, s.deletion())
	if err != nil || end != nil {
		return orNothing(end), err
	}
	absent, err := s.onBox(ctx, l, s.provider.Delete)
	if err != nil {
		return job.Outcome{}, fmt.Errorf("delete the mailbox of %s: %w", l.Username, err)
	}
	reason := "départ : boîte supprimée 30 jours après la suspension"
	if absent {
		reason = "départ : boîte déjà absente chez OVH, 30 jours après la suspension"
	}
	return job.Recorded(func(ctx context.Context, tx pgx.Tx) error {
		return s.recordStep(ctx, tx, a, l, step{to: member.StatusDeleted, from: s.deletion().from, code: codeDeleted, reason: reason, forget: true})
	}), nil
}

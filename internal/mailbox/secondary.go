package mailbox

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/job"
)

// erasure forgets the private address of those whose departure is over. They can no longer log
// in by themselves afterwards, which is why the job is off by default.
func (s *Service) erasure() departure {
	return departure{
		job: erasureJob, step: StepSecondary, verb: "effacer", days: keptDays, since: keptDays,
		from:  []member.Status{member.StatusDeleted, member.StatusExpired},
		cause: func(l leaver) string { return cause(l.StatusChangedAt) },
		reason: func(l leaver) string {
			word := "supprimée"
			if l.Status == member.StatusExpired {
				word = "expirée"
			}
			return "adresse principale " + word + " depuis le " + clock.DayOf(l.StatusChangedAt).French() + ", adresse secondaire à effacer"
		},
		mine: func(l leaver) (bool, string) { return l.Secondary != "", "" },
	}
}

func (s *Service) planErasures(ctx context.Context, today clock.Day) (job.Plan, error) {
	plan, _, err := s.gather(ctx, today, s.erasure())
	return plan, err
}

func (s *Service) applyErasure(ctx context.Context, a job.Action) (job.Outcome, error) {
	l, end, err := s.stillLeaving(ctx, a, s.erasure())
	if err != nil || end != nil {
		return orNothing(end), err
	}
	return job.Recorded(func(ctx context.Context, tx pgx.Tx) error {
		return member.ForgetSecondary(ctx, tx, l.ID, member.Change{
			From: s.erasure().from, At: s.clock.Now(), Actor: actorOf(a),
			Reason: "départ : adresse secondaire effacée 30 jours après la fin de l’adresse principale",
		})
	}), nil
}

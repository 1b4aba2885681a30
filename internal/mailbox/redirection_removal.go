package mailbox

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/audit"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/job"
	"github.com/betagouv/espace-membre/internal/platform/postgres"
)

// removal takes away the redirections of those who left, from the day after: theirs, and the
// one of « attributaires », whose address is then deleted. The ledger remembers who was done
// for which end; a redirection made since is taken away in turn.
func (s *Service) removal() departure {
	return departure{
		job: removalJob, step: StepRedirections, verb: "retirer", days: 1, from: member.Statuses(),
		cause: func(l leaver) string { return l.End.String() },
		reason: func(l leaver) string {
			if l.redirects() {
				return "mission terminée le " + l.End.French() + ", redirection « attributaire » à supprimer"
			}
			return "mission terminée le " + l.End.French() + ", redirections à retirer"
		},
		mine: func(l leaver) (bool, string) { return l.redirects() || !l.Cleaned, "" },
	}
}

// redirects tells whether the address is a redirection that works or is about to.
func (l leaver) redirects() bool {
	return l.Status == member.StatusRedirectionActive || l.Status == member.StatusRedirectionPending
}

func (s *Service) planRemovals(ctx context.Context, today clock.Day) (job.Plan, error) {
	plan, _, err := s.gather(ctx, today, s.removal())
	return plan, err
}

func (s *Service) applyRemoval(ctx context.Context, a job.Action) (job.Outcome, error) {
	l, end, err := s.stillLeaving(ctx, a, s.removal())
	if err != nil || end != nil {
		return orNothing(end), err
	}
	for _, from := range s.origins(l) {
		if err := s.removeFrom(ctx, a, l, from); err != nil {
			return job.Outcome{}, fmt.Errorf("remove the redirections of %s: %w", l.Username, err)
		}
	}
	if !l.redirects() {
		return job.Outcome{}, nil
	}
	return job.Recorded(func(ctx context.Context, tx pgx.Tx) error {
		return s.recordStep(ctx, tx, a, l, step{
			to: member.StatusDeleted, from: []member.Status{member.StatusRedirectionActive, member.StatusRedirectionPending},
			code: codeDeleted, reason: "départ : redirection supprimée, mission terminée le " + l.End.French(), forget: true,
		})
	}), nil
}

// origins are the addresses of ours from which a member may redirect.
func (s *Service) origins(l leaver) []string {
	own := []string{s.mailboxAddress(l.Username), s.redirectionAddress(l.Username)}
	if s.ours(l.Primary) && l.Primary != own[0] && l.Primary != own[1] {
		own = append(own, l.Primary)
	}
	return own
}

// removeFrom removes the redirections that leave from an address, except the one that tells the
// departures address. Each is told just before it goes: killed in between, a return still gives
// back what is gone, and what is not gone yet is removed by the next attempt.
func (s *Service) removeFrom(ctx context.Context, a job.Action, l leaver, from string) error {
	found, err := s.provider.Redirections(ctx, from)
	if err != nil {
		return err
	}
	for _, r := range found {
		if r.To == s.config.LeavesEmail {
			continue
		}
		if !r.KeepsCopy() { // a copy is not a place where mails went: a return makes it again with the redirections
			if err := s.tellRemoved(ctx, a, l, r); err != nil {
				return err
			}
		}
		if err := s.provider.RemoveRedirection(ctx, r.ID); err != nil {
			return err
		}
	}
	return nil
}

// tellRemoved writes what is removed, so that a return can give it back: once, unless a return
// gave it back since. The private address stays out of the history.
func (s *Service) tellRemoved(ctx context.Context, a job.Action, l leaver, r Redirection) error {
	to := r.To
	if to == l.Secondary {
		to = toSecondary
	}
	known, err := postgres.Scalar[bool](ctx, s.db, `
		SELECT EXISTS (
		    SELECT FROM audit_event e
		    WHERE e.member_id = $1
		      AND e.code = $2
		      AND e.after ->> 'cause' = 'departure'
		      AND e.after ->> 'redirection' = $3
		      AND e.before ->> 'to' = $4
		      AND NOT EXISTS (
		          SELECT FROM audit_event back
		          WHERE back.member_id = e.member_id
		            AND back.code = $5
		            AND back.after ->> 'restores' = e.id::text))`, l.ID, codeRedirectionDeleted, r.ID, to, codeRedirection)
	if err != nil || known { // told by an attempt that was interrupted
		return err
	}
	return audit.Write(ctx, s.db, audit.Event{
		At: s.clock.Now(), Actor: actorOf(a), Code: codeRedirectionDeleted, Member: l.ID, Subject: l.Username,
		Reason: "départ : mission terminée le " + l.End.French(),
		Before: map[string]string{"from": r.From, "to": to}, After: map[string]string{"cause": "departure", "redirection": r.ID},
	})
}

package mailbox

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/audit"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/platform/job"
	"github.com/betagouv/espace-membre/internal/platform/postgres"
)

// A leftover is a mailbox at the username of somebody who left, which the state of their primary
// address says nothing of: that address is another administration's, a redirection, or none. The
// former portal changed or forgot primary addresses without closing the mailbox behind, whose
// password its owner still knows and whose licence is still paid.
//
// It is locked with the suspensions and deleted 30 days later with the deletions; the history
// keeps both. Whoever comes back before the deletion keeps the mailbox, locked: nobody used it
// as their address. Who then gets username@domain as primary address (recreation, or asked)
// finds it adopted, with a password to choose.
type leftover struct {
	leaver
	Holder   string     `db:"holder"`    // username of another member who has this address; empty: nobody
	LockedAt *time.Time `db:"locked_at"` // for this departure, not opened nor deleted since; nil: not
}

// leftoverQuery reads members as leaverQuery does, with what became of the mailbox at their
// username; $2 is the mail domain.
const leftoverQuery = `
	SELECT ` + leaverColumns + `,
	       coalesce((
	           SELECT o.username
	           FROM member_address a
	           JOIN member o ON o.id = a.member_id
	           WHERE o.id <> m.id AND a.address = m.username || '@' || $2::text), '') AS holder,
	       (SELECT max(e.at) FROM audit_event e
	        WHERE e.member_id = m.id
	          AND e.code = 'MEMBER_EMAIL_SUSPENDED'
	          AND e.after ->> 'leftover' = last.end_day::text
	          AND NOT EXISTS (
	              SELECT FROM audit_event o
	              WHERE o.member_id = m.id
	                AND o.at > e.at
	                AND o.code IN ('MEMBER_PASSWORD_UPDATED', 'MEMBER_EMAIL_CREATED', 'MEMBER_EMAIL_RECREATED', 'MEMBER_EMAIL_DELETED'))) AS locked_at` + leaverOrigin

// leftBehind lists, by username, those who have no mission on a day and whose mailbox, if they
// have one, is not the business of their primary address.
func (s *Service) leftBehind(ctx context.Context, today clock.Day) ([]leftover, error) {
	rows, err := postgres.All[leftover](ctx, s.db, leftoverQuery+`(last.end_day IS NOT NULL AND last.end_day < $3 OR NOT last.known)
	ORDER BY m.username`, removalJob, s.config.Domain, today)
	if err != nil {
		return nil, fmt.Errorf("list who may have left a mailbox behind: %w", err)
	}
	return slices.DeleteFunc(rows, func(l leftover) bool { return s.followsPrimary(l.leaver) }), nil
}

// followsPrimary tells whether the mailbox at a username is the one that the steps of the
// primary address lock and delete.
func (s *Service) followsPrimary(l leaver) bool {
	if l.Primary == "" {
		return l.Status == member.StatusSuspended
	}
	return l.Primary == s.mailboxAddress(l.Username) && (l.Status == member.StatusSuspended || slices.Contains(s.suspension().from, l.Status))
}

// leftoverStep is what one of the two jobs does to mailboxes left behind.
type leftoverStep struct {
	job    string
	step   DepartureStep
	verb   string
	cause  func(leftover) string
	reason func(leftover) string
	// wanted tells whether it is time for who left five days ago or more; else why not, in French:
	// "" when there is nothing to tell.
	wanted func(l leftover, today clock.Day) (bool, string)
	do     func(context.Context, Box) error
	code   audit.Code
	told   string // French: the event
}

func (s *Service) leftoverLock() leftoverStep {
	return leftoverStep{
		job: suspensionJob, step: StepSuspension, verb: "suspendre",
		cause: func(l leftover) string { return l.End.String() + "/leftover" },
		reason: func(l leftover) string {
			return "mission terminée le " + l.End.French() + ", boîte restante (" + s.primaryNow(l) + "), mot de passe à changer"
		},
		wanted: func(l leftover, _ clock.Day) (bool, string) { return l.LockedAt == nil, "" },
		do:     s.lock, code: codeSuspended, told: "départ : boîte restante verrouillée, mission terminée le ",
	}
}

func (s *Service) leftoverDeletion() leftoverStep {
	return leftoverStep{
		job: deletionJob, step: StepDeletion, verb: "supprimer",
		cause: func(l leftover) string { return cause(*l.LockedAt) + "/leftover" },
		reason: func(l leftover) string {
			return "boîte restante verrouillée depuis le " + clock.DayOf(*l.LockedAt).French() + ", à supprimer"
		},
		wanted: func(l leftover, today clock.Day) (bool, string) {
			if l.LockedAt == nil {
				return false, "boîte restante : pas encore verrouillée, reinitPasswordEmail s’en charge"
			}
			if due := clock.DayOf(*l.LockedAt).Add(keptDays); today.Before(due) {
				return false, "boîte restante : pas avant le " + due.French() + ", " + days(keptDays) + " après son verrouillage"
			}
			return true, ""
		},
		do: s.remove, code: codeDeleted, told: "départ : boîte restante supprimée 30 jours après son verrouillage, mission terminée le ",
	}
}

// lock and remove are the provider's, looked up when they are called: it may be absent.
func (s *Service) lock(ctx context.Context, box Box) error   { return s.provider.Lock(ctx, box) }
func (s *Service) remove(ctx context.Context, box Box) error { return s.provider.Delete(ctx, box) }

// primaryNow says what the primary address is, since the mailbox does not follow it.
func (s *Service) primaryNow(l leftover) string {
	switch {
	case l.Primary == "":
		return "sans adresse principale"
	case !s.ours(l.Primary):
		return "adresse principale extérieure"
	case l.redirects():
		return "l’adresse principale est une redirection"
	case l.Primary != s.mailboxAddress(l.Username):
		return "autre adresse principale"
	}
	return "adresse principale déjà close"
}

// add wants the step for each mailbox left behind that OVH shows. The mailboxes of nobody, and
// those that another member has as an address, are left alone.
func (st leftoverStep) add(plan *job.Plan, behind []leftover, seen listing, held Held, today clock.Day) {
	for _, l := range behind {
		if _, there := seen[l.Username]; !there {
			continue
		}
		ok, why := st.due(l, held, today)
		switch {
		case ok:
			plan.Actions = append(plan.Actions, st.action(l, seen, today))
		case why != "":
			plan.Skipped = append(plan.Skipped, job.Skip{Subject: l.ID, Label: l.Username, Reason: why})
		}
	}
}

func (st leftoverStep) action(l leftover, seen listing, today clock.Day) job.Action {
	return job.Action{
		Key: job.Key(st.job, l.ID, st.cause(l)), Mode: job.State, Job: st.job, Verb: st.verb, Subject: l.ID, Label: l.Username,
		Reason: seen.told(l.Username, st.reason(l), ""), Destructive: true, Actor: "system", Args: job.EncodeArgs(planned{job.PlanDay{Day: today}, true}),
	}
}

// due tells whether the step is to be done; else why not, in French: "" when nothing is to be told.
func (st leftoverStep) due(l leftover, held Held, today clock.Day) (bool, string) {
	if ok, why := l.hasLeft(suspendAfter, today); !ok {
		if why != "" {
			why = "boîte restante : " + why
		}
		return false, why
	}
	if l.Holder != "" {
		return false, "boîte restante : son adresse est dans la fiche de " + l.Holder
	}
	if ok, why := st.wanted(l, today); !ok {
		return false, why
	}
	if why := held(l.ID, st.step); why != "" {
		return false, why
	}
	return true, ""
}

// applyLeftover does the step to one mailbox left behind, on fresh facts.
func (s *Service) applyLeftover(ctx context.Context, a job.Action, st leftoverStep, unread error) (job.Outcome, error) {
	if unread != nil {
		return job.Outcome{}, unread
	}
	l, end, err := s.stillLeft(ctx, a, st)
	if err != nil || end != nil {
		return orNothing(end), err
	}
	box, err := s.provider.Find(ctx, l.Username)
	if err == nil {
		err = st.do(ctx, box)
	}
	switch {
	case fault.Is(err, fault.NotFound) && a.Attempt <= 1:
		return job.Moot("la boîte restante n’existe plus chez OVH"), nil
	case err != nil && !fault.Is(err, fault.NotFound): // not there at a later attempt: perhaps our own doing, whose answer was lost
		return job.Outcome{}, fmt.Errorf("%s the mailbox left by %s: %w", st.job, l.Username, err)
	}
	return job.Recorded(func(ctx context.Context, tx pgx.Tx) error {
		return audit.Write(ctx, tx, audit.Event{
			At: s.clock.Now(), Actor: actorOf(a), Code: st.code, Member: l.ID, Subject: l.Username, Reason: st.told + l.End.French(),
			Before: told(s.mailboxAddress(l.Username)), After: map[string]string{"leftover": l.End.String()},
		})
	}), nil
}

// stillLeft re-reads who left a mailbox before the step; the second value, when not nil, says
// that there is nothing to do any more.
func (s *Service) stillLeft(ctx context.Context, a job.Action, st leftoverStep) (leftover, *job.Outcome, error) {
	l, err := s.leftover(ctx, a.Subject)
	switch {
	case fault.Is(err, fault.NotFound):
		return l, moot("la fiche n’existe plus"), nil
	case err != nil:
		return l, nil, fmt.Errorf("read the member again: %w", err)
	}
	today, err := job.JudgedOn(a, clock.Today(s.clock))
	if err != nil {
		return l, nil, err
	}
	held, err := s.held(ctx, today)
	if err != nil {
		return l, nil, err
	}
	switch ok, why := st.due(l, held, today); {
	case l.active(today):
		return l, moot("de nouveau une mission en cours ou à venir"), nil
	case s.followsPrimary(l.leaver):
		return l, moot("la boîte est redevenue celle de l’adresse principale"), nil
	case ok:
		return l, nil, nil
	case why != "":
		return l, moot(why), nil
	}
	return l, moot("il n’y a plus rien à faire"), nil
}

// leftover re-reads one member.
func (s *Service) leftover(ctx context.Context, id uuid.UUID) (leftover, error) {
	return postgres.One[leftover](ctx, s.db, "Ce membre n’existe plus.", leftoverQuery+`m.id = $3`, removalJob, s.config.Domain, id)
}

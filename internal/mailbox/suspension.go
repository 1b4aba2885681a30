package mailbox

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/audit"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/platform/job"
)

// suspendAfter is how many days after the last one a mailbox closes: the end of the grace.
const suspendAfter = 5

// suspension closes the mailboxes of those who left, whatever their plan: their password is
// replaced by one that nobody knows. Those ordered and never opened are closed too.
func (s *Service) suspension() departure {
	return departure{
		job: suspensionJob, step: StepSuspension, verb: "suspendre", days: suspendAfter,
		from: []member.Status{
			member.StatusActive, member.StatusPasswordPending, member.StatusCreationPending, member.StatusRecreationPending,
		},
		cause:  func(l leaver) string { return l.End.String() },
		reason: func(l leaver) string { return "mission terminée le " + l.End.French() + ", mot de passe à changer" },
		mine: func(l leaver) (bool, string) {
			if !s.ours(l.Primary) {
				return false, "adresse extérieure : setEmailExpired s’en charge"
			}
			return true, ""
		},
	}
}

func (s *Service) planSuspensions(ctx context.Context, today clock.Day) (job.Plan, error) {
	return s.planWithBoxes(ctx, today, s.suspension(), s.leftoverLock(), "boîte absente chez OVH, à noter suspendue")
}

// planWithBoxes plans a step that acts on mailboxes: those of primary addresses, then what is
// left of others. OVH lists them only if somebody is due or may have left one behind; when it
// does not, the plan is an error that says so.
func (s *Service) planWithBoxes(ctx context.Context, today clock.Day, d departure, left leftoverStep, absent string) (job.Plan, error) {
	plan, due, err := s.gather(ctx, today, d)
	if err != nil {
		return job.Plan{}, err
	}
	behind, err := s.leftBehind(ctx, today)
	if err != nil || len(due)+len(behind) == 0 {
		return plan, err
	}
	seen, doubt, err := s.boxes(ctx)
	if err != nil {
		return job.Plan{}, err
	}
	plan.Doubt = doubt
	for i, l := range due {
		plan.Actions[i].Reason = seen.told(s.local(l), plan.Actions[i].Reason, absent)
	}
	held, err := s.held(ctx, today)
	if err != nil {
		return job.Plan{}, err
	}
	left.add(&plan, behind, seen, held, today)
	return plan, nil
}

// local is the part before the @ of the mailbox of somebody who left.
func (s *Service) local(l leaver) string {
	if s.ours(l.Primary) {
		return localPart(l.Primary)
	}
	return l.Username
}

func (s *Service) applySuspension(ctx context.Context, a job.Action) (job.Outcome, error) {
	if args, err := plannedOf(a); err != nil || args.Leftover {
		return s.applyLeftover(ctx, a, s.leftoverLock(), err)
	}
	l, end, err := s.stillLeaving(ctx, a, s.suspension())
	if err != nil || end != nil {
		return orNothing(end), err
	}
	reason := "départ : mission terminée le " + l.End.French()
	absent, err := s.onBox(ctx, l, s.provider.Lock)
	if err != nil {
		return job.Outcome{}, fmt.Errorf("lock the mailbox of %s: %w", l.Username, err)
	}
	if absent {
		reason += " ; la boîte n’existe pas chez OVH"
	}
	return job.Recorded(func(ctx context.Context, tx pgx.Tx) error {
		return s.recordStep(ctx, tx, a, l, step{to: member.StatusSuspended, from: s.suspension().from, code: codeSuspended, reason: reason})
	}), nil
}

// onBox does something to the mailbox of somebody who left; absent tells that there is none.
func (s *Service) onBox(ctx context.Context, l leaver, do func(context.Context, Box) error) (absent bool, err error) {
	box, err := s.provider.Find(ctx, s.local(l))
	if err == nil {
		err = do(ctx, box)
	}
	if fault.Is(err, fault.NotFound) {
		return true, nil
	}
	return false, err
}

// step is what a departure writes of a member.
type step struct {
	to     member.Status
	from   []member.Status
	code   audit.Code
	reason string
	forget bool // the primary address
}

// recordStep moves the address of somebody who left, and tells it with the address concerned.
func (s *Service) recordStep(ctx context.Context, tx pgx.Tx, a job.Action, l leaver, st step) error {
	now, who := s.clock.Now(), actorOf(a)
	change := member.Change{To: st.to, From: st.from, At: now, Actor: who, Reason: st.reason}
	if st.forget {
		change.PrimaryEmail = new(string)
	}
	if err := member.Transition(ctx, tx, l.ID, change); err != nil {
		return fmt.Errorf("record what became of the address of %s: %w", l.Username, err)
	}
	if st.code == "" {
		return nil
	}
	return audit.Write(ctx, tx, audit.Event{
		At: now, Actor: who, Code: st.code, Member: l.ID, Subject: l.Username, Reason: st.reason,
		Before: map[string]string{"value": l.Primary},
	})
}

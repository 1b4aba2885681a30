package mailbox

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/platform/job"
)

// firstBox is the order of a first mailbox.
func (s *Service) firstBox() order {
	return order{
		job: creationJob, verb: "créer", from: []member.Status{member.StatusCreationWaiting},
		to: member.StatusCreationPending, code: codeCreated,
		reason: func(m waiting) string { return "fiche vérifiée, adresse à créer (" + label(s.plan(m)) + ")" },
	}
}

func (s *Service) planCreations(ctx context.Context, today clock.Day) (job.Plan, error) {
	return s.planBoxes(ctx, today, s.firstBox())
}

// planBoxes plans mailboxes, as many of each paid plan as OVH has free accounts: the others
// are told to administrators, and come when one is bought or freed.
func (s *Service) planBoxes(ctx context.Context, today clock.Day, o order) (job.Plan, error) {
	plan, rows, err := s.planOrder(ctx, today, o)
	if err != nil {
		return job.Plan{}, err
	}
	wanted := make(map[string]Plan, len(rows))
	for _, m := range rows {
		wanted[m.Username] = s.plan(m)
	}
	return s.ration(ctx, plan, wanted), nil
}

// ration sets aside the mailboxes for which no paid account is free. When OVH does not tell
// how many are, the actions stay, and each will say what it met.
func (s *Service) ration(ctx context.Context, plan job.Plan, wanted map[string]Plan) job.Plan {
	free := map[Plan]int{}
	kept := plan.Actions[:0:0]
	for _, a := range plan.Actions {
		p := wanted[a.Label]
		left, known := free[p]
		if !known {
			left = s.countFree(ctx, p)
		}
		if left == 0 && !s.exists(ctx, a.Label) {
			plan.Skipped = append(plan.Skipped, job.Skip{
				Subject: a.Subject, Label: a.Label, Reason: "il ne reste aucun compte libre chez OVH (" + label(p) + ") : commandes-en",
			})
			free[p] = 0
			continue
		}
		free[p] = max(0, left-1)
		kept = append(kept, a)
	}
	plan.Actions = kept
	return plan
}

// exists tells whether a mailbox is there already, which needs no free account.
func (s *Service) exists(ctx context.Context, local string) bool {
	_, err := s.provider.Find(ctx, local)
	return err == nil
}

// unlimited stands for a number of accounts that does not limit.
const unlimited = 1 << 30

func (s *Service) countFree(ctx context.Context, p Plan) int {
	if p == PlanBasic {
		return unlimited
	}
	free, err := s.provider.Free(ctx, p)
	if err != nil {
		return unlimited
	}
	return free
}

// plan is the kind of mailbox of a member.
func (s *Service) plan(m waiting) Plan {
	if m.Plan != "" {
		return m.Plan
	}
	return s.config.DefaultPlan
}

func label(p Plan) string {
	switch p {
	case PlanPro:
		return "offre Pro"
	case PlanExchange:
		return "offre Exchange"
	}
	return "offre MX Plan"
}

func (s *Service) applyCreation(ctx context.Context, a job.Action) (job.Outcome, error) {
	return s.applyBox(ctx, a, s.firstBox())
}

// applyBox makes the mailbox of one member, or adopts the one that exists.
func (s *Service) applyBox(ctx context.Context, a job.Action, o order) (job.Outcome, error) {
	m, end, err := s.still(ctx, a, o)
	if err != nil || end != nil {
		return orNothing(end), err
	}
	adopted, err := s.ensureBox(ctx, m)
	if err != nil {
		return job.Outcome{}, fmt.Errorf("create the mailbox of %s: %w", m.Username, err)
	}
	if err := s.stopForwarding(ctx, m, s.mailboxAddress(m.Username)); err != nil {
		return job.Outcome{}, err
	}
	reason := "adresse créée chez OVH"
	if adopted {
		reason = "adresse déjà présente chez OVH, reprise"
	}
	return job.Recorded(func(ctx context.Context, tx pgx.Tx) error { return s.record(ctx, tx, a, m, o, reason) }), nil
}

// ensureBox makes the mailbox exist; adopted tells that it already did.
func (s *Service) ensureBox(ctx context.Context, m waiting) (adopted bool, err error) {
	_, err = s.provider.Find(ctx, m.Username)
	if err == nil || !fault.Is(err, fault.NotFound) {
		return err == nil, err
	}
	err = s.provider.Create(ctx, NewBox{Local: m.Username, Fullname: m.Fullname, Plan: s.plan(m)})
	if fault.Is(err, fault.Conflict) {
		if _, found := s.provider.Find(ctx, m.Username); found == nil { // made meanwhile
			return true, nil
		}
	}
	return false, err
}

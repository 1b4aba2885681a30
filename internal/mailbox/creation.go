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

// Codes of the events that the room writes; the reference's are kept.
const (
	codeCreated     audit.Code = "MEMBER_EMAIL_CREATED"
	codeRedirection audit.Code = "MEMBER_REDIRECTION_CREATED"
	codeUnblocked   audit.Code = "MEMBER_UNBLOCK_EMAIL"
)

func (s *Service) planCreations(ctx context.Context, today clock.Day) (job.Plan, error) {
	rows, err := s.inStatus(ctx, today, member.StatusCreationWaiting)
	if err != nil {
		return job.Plan{}, fmt.Errorf("list members waiting for a mailbox: %w", err)
	}
	return decide(rows, creationJob, "créer", false, func(m waiting) string {
		return "fiche vérifiée, adresse à créer (" + label(s.plan(m)) + ")"
	}), nil
}

// decide turns the waiting members of one kind (mailbox or redirection) into a plan.
func decide(rows []waiting, name, verb string, redirection bool, reason func(waiting) string) job.Plan {
	var plan job.Plan
	for _, m := range rows {
		if m.Redirection != redirection {
			continue // the other job's
		}
		plan.Population++
		if why := m.obstacle(); why != "" {
			plan.Skipped = append(plan.Skipped, job.Skip{Subject: m.ID, Label: m.Username, Reason: why})
			continue
		}
		plan.Actions = append(plan.Actions, job.Action{
			Key: job.Key(name, m.ID, cause(m.StatusChangedAt)), Mode: job.State, Job: name, Verb: verb,
			Subject: m.ID, Label: m.Username, Reason: reason(m), Actor: "system",
		})
	}
	return plan
}

// obstacle says, in French, why no address may be made; "" when it may.
func (m waiting) obstacle() string {
	switch {
	case !m.HasMission:
		return "aucune mission"
	case !m.Active:
		return "aucune mission en cours ou à venir"
	case m.Primary != "":
		return "a déjà une adresse principale"
	case m.Secondary == "":
		return "pas d’adresse secondaire où prévenir"
	case m.Holder != "":
		return "l’adresse à créer est déjà dans la fiche de " + m.Holder
	}
	return ""
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

// still re-reads a member before acting; the second value, when not nil, ends the action:
// nothing to do any more, or a conflict that a person must settle.
func (s *Service) still(ctx context.Context, a job.Action, redirection bool) (waiting, *job.Outcome, error) {
	m, err := s.reread(ctx, a.Subject)
	switch {
	case fault.Is(err, fault.NotFound):
		return m, moot("la fiche n’existe plus"), nil
	case err != nil:
		return m, nil, fmt.Errorf("read the member again: %w", err)
	case m.Status != member.StatusCreationWaiting || m.Redirection != redirection:
		return m, moot("l’adresse n’est plus attendue"), nil
	case m.Holder != "":
		return m, nil, fault.New(fault.Conflict, "L’adresse à créer est déjà dans la fiche de "+m.Holder+" : change l’une des deux.",
			"the address to create is already held by %s", m.Holder)
	case m.obstacle() != "":
		return m, moot(m.obstacle()), nil
	}
	return m, nil, nil
}

func moot(reason string) *job.Outcome {
	o := job.Moot(reason)
	return &o
}

func (s *Service) applyCreation(ctx context.Context, a job.Action) (job.Outcome, error) {
	m, end, err := s.still(ctx, a, false)
	if err != nil || end != nil {
		return orNothing(end), err
	}
	adopted, err := s.ensureBox(ctx, m)
	if err != nil {
		return job.Outcome{}, fmt.Errorf("create the mailbox of %s: %w", m.Username, err)
	}
	reason := "adresse créée chez OVH"
	if adopted {
		reason = "adresse déjà présente chez OVH, reprise"
	}
	return job.Recorded(func(ctx context.Context, tx pgx.Tx) error {
		return s.record(ctx, tx, a, m, s.mailboxAddress(m.Username), member.StatusCreationPending, codeCreated, reason)
	}), nil
}

func orNothing(o *job.Outcome) job.Outcome {
	if o == nil {
		return job.Outcome{}
	}
	return *o
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

// record gives a member the address that was made, and tells it.
func (s *Service) record(ctx context.Context, tx pgx.Tx, a job.Action, m waiting, address string, to member.Status, code audit.Code, reason string) error {
	now, who := s.clock.Now(), actorOf(a)
	err := member.Transition(ctx, tx, m.ID, member.Change{
		To: to, From: []member.Status{member.StatusCreationWaiting}, At: now, Actor: who, Reason: reason, PrimaryEmail: &address,
	})
	if err != nil {
		return fmt.Errorf("record the address of %s: %w", m.Username, err)
	}
	return audit.Write(ctx, tx, audit.Event{
		At: now, Actor: who, Code: code, Member: m.ID, Subject: m.Username, Reason: reason,
		After: map[string]string{"value": address},
	})
}

func actorOf(a job.Action) string {
	if a.Actor == "" {
		return "system"
	}
	return a.Actor
}

package mailbox

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/audit"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/platform/job"
)

// Codes of the events that the room writes; the reference's are kept.
const (
	codeCreated            audit.Code = "MEMBER_EMAIL_CREATED"
	codeRecreated          audit.Code = "MEMBER_EMAIL_RECREATED"
	codeSuspended          audit.Code = "MEMBER_EMAIL_SUSPENDED"
	codeExpired            audit.Code = "MEMBER_EMAIL_EXPIRED"
	codeDeleted            audit.Code = "MEMBER_EMAIL_DELETED"
	codeRedirection        audit.Code = "MEMBER_REDIRECTION_CREATED"
	codeRedirectionDeleted audit.Code = "MEMBER_REDIRECTION_DELETED"
	codeUnblocked          audit.Code = "MEMBER_UNBLOCK_EMAIL"
)

// order is one way to give an address to members who wait for one: the same rules for a first
// mailbox, a mailbox made anew and a redirection.
type order struct {
	job         string
	verb        string
	redirection bool
	from        []member.Status // states that wait for it
	to          member.Status
	code        audit.Code
	reason      func(waiting) string
}

// plan gathers those who wait and decides.
func (s *Service) planOrder(ctx context.Context, today clock.Day, o order) (job.Plan, []waiting, error) {
	rows, err := s.inStatus(ctx, today, o.from...)
	if err != nil {
		return job.Plan{}, nil, fmt.Errorf("list the members whom %s concerns: %w", o.job, err)
	}
	return o.decide(rows, s.addressFor), rows, nil
}

// decide wants an address for each member who waits for this kind and whom nothing hinders.
// Those who left without coming back wait for nothing.
func (o order) decide(rows []waiting, address func(waiting) string) job.Plan {
	var plan job.Plan
	for _, m := range rows {
		if m.Redirection != o.redirection || m.Status != member.StatusCreationWaiting && !m.Active {
			continue // another job's
		}
		plan.Population++
		if why := m.obstacle(address(m)); why != "" {
			plan.Skipped = append(plan.Skipped, job.Skip{Subject: m.ID, Label: m.Username, Reason: why})
			continue
		}
		plan.Actions = append(plan.Actions, o.action(m))
	}
	return plan
}

func (o order) action(m waiting) job.Action {
	return job.Action{
		Key: job.Key(o.job, m.ID, cause(m.StatusChangedAt)), Mode: job.State, Job: o.job, Verb: o.verb,
		Subject: m.ID, Label: m.Username, Reason: o.reason(m), Actor: "system",
	}
}

// obstacle says, in French, why an address may not be made; "" when it may.
func (m waiting) obstacle(address string) string {
	switch {
	case !m.HasMission:
		return "aucune mission"
	case !m.Active:
		return "aucune mission en cours ou à venir"
	case m.Primary != "" && m.Primary != address:
		return "a déjà une adresse principale"
	case m.Secondary == "":
		return "pas d’adresse secondaire où prévenir"
	case m.Holder != "":
		return "l’adresse à créer est déjà dans la fiche de " + m.Holder
	}
	return ""
}

// addressFor is the address that a member should have.
func (s *Service) addressFor(m waiting) string {
	if m.Redirection {
		return s.redirectionAddress(m.Username)
	}
	return s.mailboxAddress(m.Username)
}

// still re-reads a member before acting; the second value, when not nil, ends the action:
// nothing to do any more, or a conflict that a person must settle.
func (s *Service) still(ctx context.Context, a job.Action, o order) (waiting, *job.Outcome, error) {
	m, err := s.reread(ctx, a.Subject)
	switch {
	case fault.Is(err, fault.NotFound):
		return m, moot("la fiche n’existe plus"), nil
	case err != nil:
		return m, nil, fmt.Errorf("read the member again: %w", err)
	case !slices.Contains(o.from, m.Status) || m.Redirection != o.redirection:
		return m, moot("l’adresse n’est plus attendue"), nil
	case m.Holder != "":
		return m, nil, fault.New(fault.Conflict, "L’adresse à créer est déjà dans la fiche de "+m.Holder+" : change l’une des deux.",
			"the address to create is already held by %s", m.Holder)
	case m.obstacle(s.addressFor(m)) != "":
		return m, moot(m.obstacle(s.addressFor(m))), nil
	}
	return m, nil, nil
}

func moot(reason string) *job.Outcome {
	o := job.Moot(reason)
	return &o
}

func orNothing(o *job.Outcome) job.Outcome {
	if o == nil {
		return job.Outcome{}
	}
	return *o
}

// record gives a member the address that was made, and tells it.
func (s *Service) record(ctx context.Context, tx pgx.Tx, a job.Action, m waiting, o order, reason string) error {
	now, who, address := s.clock.Now(), actorOf(a), s.addressFor(m)
	err := member.Transition(ctx, tx, m.ID, member.Change{
		To: o.to, From: o.from, At: now, Actor: who, Reason: reason, PrimaryEmail: &address,
	})
	if err != nil {
		return fmt.Errorf("record the address of %s: %w", m.Username, err)
	}
	return audit.Write(ctx, tx, audit.Event{
		At: now, Actor: who, Code: o.code, Member: m.ID, Subject: m.Username, Reason: reason,
		After: map[string]string{"value": address},
	})
}

func actorOf(a job.Action) string {
	if a.Actor == "" {
		return "system"
	}
	return a.Actor
}

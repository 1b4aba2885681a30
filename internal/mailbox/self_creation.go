package mailbox

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/platform/job"
	"github.com/betagouv/espace-membre/internal/platform/postgres"
)

// CreateMailbox records that a mailbox is wanted for a member, by themself, an administrator or,
// where it replaces no address, an active colleague. Conflict says why there can be none.
func (s *SelfService) CreateMailbox(ctx context.Context, d Demand) error {
	return s.ask(ctx, d, createName, member.CreateMailbox, func(m waiting) (wish, error) {
		w := wish{name: createName, verb: "créer la boîte", reason: askedFromPortal}
		return w, s.creatable(m)
	})
}

// creatable says why no mailbox can be made for a member; nil when one can.
func (s *SelfService) creatable(m waiting) error {
	if s.room.provider == nil {
		return fault.New(fault.Unavailable, notConfiguredHere, "no provider of mailboxes")
	}
	if why := s.creationObstacle(m); why != "" {
		return fault.New(fault.Conflict, why, "no mailbox for %s in state %s", m.Username, m.Status)
	}
	return nil
}

// creationObstacle says, in French, why no mailbox can be made; "" when one can.
func (s *SelfService) creationObstacle(m waiting) string {
	switch {
	case !m.Active:
		return "Il faut une mission en cours ou à venir pour avoir une boîte."
	case m.Redirection, m.Status == member.StatusRedirectionPending, m.Status == member.StatusRedirectionActive:
		return "Cette personne a une redirection à la place d’une boîte."
	case m.Status == member.StatusVerificationWaiting:
		return "La fiche doit d’abord être vérifiée par la personne : la boîte sera ensuite créée."
	case m.Status == member.StatusCreationPending, m.Status == member.StatusRecreationPending:
		return "La création est déjà en cours : encore quelques minutes de patience."
	case m.Status == member.StatusSuspended:
		return "La boîte existe, elle est suspendue : définir un nouveau mot de passe la réactive."
	case m.Primary != "" && s.room.ours(m.Primary):
		return "Cette personne a déjà une adresse de la communauté."
	case m.Holder != "":
		return "L’adresse à créer est déjà dans la fiche de " + m.Holder + "."
	case m.Secondary == "" && m.Primary == "":
		return "Il faut une adresse secondaire, où prévenir que la boîte est prête."
	case !m.Status.MayBecome(ordered(m.Status)) && !m.Status.MayBecome(member.StatusCreationWaiting):
		return "L’adresse est dans un état inattendu : un administrateur doit intervenir."
	}
	return ""
}

// ordered is the state of an address whose mailbox was just ordered.
func ordered(from member.Status) member.Status {
	if from == member.StatusDeleted || from == member.StatusExpired {
		return member.StatusRecreationPending
	}
	return member.StatusCreationPending
}

// applyCreate orders the mailbox, or adopts the one that exists; its activation and the message
// to its owner follow, as for any new address.
func (s *SelfService) applyCreate(ctx context.Context, a job.Action) (job.Outcome, error) {
	m, err := s.room.reread(ctx, a.Subject)
	if err != nil {
		return job.Outcome{}, err
	}
	if err := s.creatable(m); err != nil {
		return job.Outcome{}, err
	}
	adopted, err := s.room.ensureBox(ctx, m)
	if fault.Is(err, fault.Conflict) && s.room.plan(m) != PlanBasic {
		return s.noneLeft(ctx, a, s.room.plan(m), err)
	}
	if err != nil {
		return job.Outcome{}, fmt.Errorf("create the mailbox of %s: %w", m.Username, err)
	}
	address := s.room.mailboxAddress(m.Username)
	if err := s.room.stopForwarding(ctx, m, address); err != nil {
		return job.Outcome{}, err
	}
	reason := "boîte créée chez OVH"
	if adopted {
		reason = "boîte déjà présente chez OVH, reprise"
	}
	return job.Recorded(func(ctx context.Context, tx pgx.Tx) error { return s.recordCreated(ctx, tx, a, m, address, reason) }), nil
}

// noneLeft ends a demand that needs a paid account when none is free: trying again would not
// help, somebody must order one.
func (s *SelfService) noneLeft(ctx context.Context, a job.Action, plan Plan, cause error) (job.Outcome, error) {
	err := postgres.InTx(ctx, s.room.db, func(tx pgx.Tx) error {
		if err := s.warnAdmins(ctx, tx, a, plan); err != nil {
			return err
		}
		return s.tell(ctx, tx, a, "Il ne reste aucun compte libre ("+label(plan)+") chez OVH : la demande de "+by(a)+" pour "+a.Label+
			" n’a pas pu être faite. Commandez-en un, puis recommencez.")
	})
	if err != nil {
		return job.Outcome{}, fmt.Errorf("tell that no account is free: %w", err)
	}
	return job.Outcome{}, fault.New(fault.Conflict,
		"Il ne reste aucun compte libre ("+label(plan)+") chez OVH. Les administrateurs doivent en commander un : recommence ensuite.", "no free account: %w", cause)
}

// recordCreated gives the member the address. An address of another administration that it
// replaces becomes the secondary one when there is none: nobody loses their way to log in.
func (s *SelfService) recordCreated(ctx context.Context, tx pgx.Tx, a job.Action, m waiting, address, reason string) error {
	before, err := member.ByID(ctx, tx, m.ID)
	if err != nil {
		return err
	}
	now, code, to := s.room.clock.Now(), codeCreated, ordered(m.Status)
	if to == member.StatusRecreationPending {
		code = codeRecreated
	}
	if !m.Status.MayBecome(to) {
		step := member.Change{To: member.StatusCreationWaiting, From: []member.Status{m.Status}, At: now, Actor: actorOf(a), Reason: "boîte demandée"}
		if err := member.Transition(ctx, tx, m.ID, step); err != nil {
			return fmt.Errorf("record that a mailbox is wanted for %s: %w", m.Username, err)
		}
	}
	change := member.Change{To: to, At: now, Actor: actorOf(a), Reason: reason, PrimaryEmail: &address}
	if m.Secondary == "" {
		change.SecondaryEmail = &m.Primary
	}
	if err := member.Transition(ctx, tx, m.ID, change); err != nil {
		return fmt.Errorf("record the mailbox of %s: %w", m.Username, err)
	}
	if err := s.follow(ctx, tx, before, actorOf(a)); err != nil {
		return err
	}
	if err := s.warnReplaced(ctx, tx, a, m, address); err != nil {
		return err
	}
	if err := s.event(ctx, tx, a, code, reason, formerly(m), told(address)); err != nil {
		return err
	}
	return s.tell(ctx, tx, a, by(a)+" a demandé "+whose(a)+" ("+label(s.room.plan(m))+") : elle est en cours de création.")
}

// formerly is the address that a change replaces; nil when there was none.
func formerly(m waiting) any {
	if m.Primary == "" {
		return nil
	}
	return told(m.Primary)
}

package mailbox

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/platform/job"
)

// Kind tells which address of a member is meant, without naming it.
type Kind string

// The kinds of addresses.
const (
	Primary   Kind = "primary"
	Secondary Kind = "secondary"
)

// ConfirmField is the name of the box that confirms what the person may have wanted otherwise.
const ConfirmField = "confirmation"

type unblockArgs struct {
	Kind      Kind `json:"kind"`
	Confirmed bool `json:"confirmed"` // that the person wants their own refusal lifted
}

// UnblockAddress records that an administrator wants our mails to reach an address again. What
// may be the person's own wish is lifted only when confirmed.
func (s *SelfService) UnblockAddress(ctx context.Context, d Demand, kind Kind, confirmed bool) error {
	return s.ask(ctx, d, unblockName, member.UnblockAddress, func(m waiting) (wish, error) {
		if s.blocks == nil {
			return wish{}, fault.New(fault.Unavailable, "Brevo n’est pas configuré ici.", "no provider of blocks")
		}
		if m.at(kind) == "" {
			return wish{}, fault.New(fault.Conflict, "Cette adresse n’existe pas ou n’existe plus.", "no %s address", kind)
		}
		return wish{name: unblockName, verb: "débloquer l’adresse", reason: askedFromPortal, args: unblockArgs{kind, confirmed}}, nil
	})
}

// at gives one of the addresses of a member; "" when there is none.
func (m waiting) at(kind Kind) string {
	switch kind {
	case Primary:
		return m.Primary
	case Secondary:
		return m.Secondary
	}
	return ""
}

func (s *SelfService) applyUnblock(ctx context.Context, a job.Action) (job.Outcome, error) {
	args, err := job.DecodeArgs[unblockArgs](a)
	if err != nil {
		return job.Outcome{}, fmt.Errorf("read the demand: %w", err)
	}
	m, err := s.room.reread(ctx, a.Subject)
	if err != nil {
		return job.Outcome{}, err
	}
	address := m.at(args.Kind)
	if address == "" || s.blocks == nil {
		return job.Moot("Cette adresse n’existe plus."), nil
	}
	reach, err := s.blocks.Reach(ctx, address)
	switch {
	case err != nil:
		return job.Outcome{}, fmt.Errorf("read the blocks of %s: %w", m.Username, err)
	case reach.Open() && a.Attempt <= 1: // at a later attempt we lifted it: only the answer was lost
		return job.Moot("Cette adresse n’est pas bloquée."), nil
	case reach.Wanted() && !args.Confirmed:
		return job.Moot("Ce blocage est peut-être le choix de la personne (" + reach.Reason() + ") : il faut confirmer qu’elle veut le lever."), nil
	}
	if err := s.lift(ctx, address, reach); err != nil {
		return job.Outcome{}, fmt.Errorf("unblock the address of %s: %w", m.Username, err)
	}
	return job.Recorded(func(ctx context.Context, tx pgx.Tx) error {
		before := map[string]string{"reason": reach.Reason()}
		return s.event(ctx, tx, a, codeUnblocked, "blocage levé chez Brevo", before, map[string]string{"address": string(args.Kind)})
	}), nil
}

func (s *SelfService) lift(ctx context.Context, address string, reach Reach) error {
	if reach.Block != nil {
		if err := s.blocks.Lift(ctx, address); err != nil {
			return err
		}
	}
	if reach.NoCampaigns {
		return s.blocks.AllowCampaigns(ctx, address)
	}
	return nil
}

// Reason says, in French, why an address is not reached; "" when it is.
func (r Reach) Reason() string {
	switch {
	case r.Block != nil:
		return ReasonLabel(r.Block.Reason)
	case r.NoCampaigns:
		return "campagnes refusées"
	}
	return ""
}

// ReasonLabel says a vendor's reason in French; an unknown one stands as it is.
func ReasonLabel(reason string) string {
	labels := map[string]string{
		"hardBounce": "la boîte n’existait pas", "adminBlocked": "bloquée par l’équipe", "contactFlaggedAsSpam": "signalé comme indésirable par la personne",
		"unsubscribedViaEmail": "désinscription par le lien d’un mail", "unsubscribedViaMA": "désinscription automatique",
		"unsubscribedViaApi": "désinscription par un programme",
	}
	if label, ok := labels[reason]; ok {
		return label
	}
	return reason
}

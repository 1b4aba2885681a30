package member

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/betagouv/espace-membre/internal/platform/actor"
	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/platform/postgres"
)

// MayCorrectInvitation asks the right to correct the address to which the owner of a record was
// invited: until they verified it, whoever created the record may, and administrators.
func MayCorrectInvitation(who actor.Actor, m Member) error {
	creator := m.CreatedBy == who.Username && Can(who, CreateMember, Subject{}) == nil
	if who.ID == m.ID || !creator && Can(who, ChangeSecondary, Subject{ID: m.ID}) != nil {
		return fault.New(fault.Forbidden, "Seules la personne qui a créé cette fiche et l’administration peuvent corriger l’invitation.",
			"%s did not create %s", who.Username, m.Username)
	}
	if m.Status != StatusVerificationWaiting {
		return fault.New(fault.Conflict, "Cette personne a déjà vérifié sa fiche : elle change elle-même ses adresses.", "member %s is in state %s", m.Username, m.Status)
	}
	return nil
}

// CorrectInvitation replaces the address to which the owner of a record was invited by mistake:
// the invitation is due again, to the new one, and nothing sent to the former one opens the
// record. No other proof is asked: the login that follows the invitation is one. It is Invalid on
// field "email" when the address cannot be theirs.
func (s *Service) CorrectInvitation(ctx context.Context, who actor.Actor, id uuid.UUID, text string) error {
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		m, err := locked(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := MayCorrectInvitation(who, m); err != nil {
			return err
		}
		c := checks{}
		address := c.address("email", text)
		if address == m.InvitedAddress() {
			c.refuse("email", "C’est déjà l’adresse de l’invitation.")
		}
		if err := s.checkInvited(ctx, tx, c, address); err != nil {
			return err
		}
		if err := c.err(); err != nil {
			return err
		}
		return s.inviteAt(ctx, tx, who, m, address)
	})
}

// inviteAt gives a record its new address of invitation.
func (s *Service) inviteAt(ctx context.Context, tx pgx.Tx, who actor.Actor, m Member, address string) error {
	if err := s.checkCorrections(ctx, tx, m.ID); err != nil {
		return err
	}
	if err := s.endChanges(ctx, tx, m.ID, Primary, Secondary); err != nil {
		return err
	}
	if err := s.setAddresses(ctx, tx, m, "", address); err != nil {
		return err
	}
	if err := s.waitAnew(ctx, tx, m); err != nil {
		return err
	}
	err := s.tellAddress(ctx, tx, m, who.Username, CodeSecondaryUpdated,
		map[string]any{PrivatePart: map[string]any{"secondary_email": m.SecondaryEmail}},
		map[string]any{PrivatePart: map[string]any{"secondary_email": address}})
	if err != nil {
		return err
	}
	return s.followContact(ctx, tx, m, who.Username)
}

// waitAnew starts the wait for a verification again, which makes an invitation due: one leaves
// for each wait.
func (s *Service) waitAnew(ctx context.Context, tx pgx.Tx, m Member) error {
	if _, err := tx.Exec(ctx, `
		UPDATE member
		SET primary_email_status_changed_at = $2
		WHERE id = $1`, m.ID, s.clock.Now()); err != nil {
		return fmt.Errorf("make an invitation of %s due again: %w", m.Username, postgres.Fault(err))
	}
	return nil
}

// checkCorrections bounds the letters that one record makes us send to addresses unknown.
func (s *Service) checkCorrections(ctx context.Context, tx pgx.Tx, id uuid.UUID) error {
	corrected, err := postgres.Scalar[int](ctx, tx, `
		SELECT count(*)
		FROM audit_event
		WHERE member_id = $1
		  AND code = $2
		  AND at > $3`, id, CodeSecondaryUpdated, s.clock.Now().Add(-time.Hour))
	if err != nil {
		return fmt.Errorf("count the corrections of an invitation: %w", err)
	}
	if corrected >= changesPerHour {
		return fault.Field("email", "Cette invitation vient d’être corrigée plusieurs fois : recommence dans une heure.")
	}
	return nil
}

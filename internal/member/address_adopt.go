package member

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/betagouv/espace-membre/internal/platform/actor"
	"github.com/betagouv/espace-membre/internal/platform/audit"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/platform/postgres"
)

// adopt gives a proved address its place.
func (s *Service) adopt(ctx context.Context, tx pgx.Tx, m Member, change uuid.UUID, p Proof) error {
	former := m.PrimaryEmail
	var err error
	if p.Kind == Secondary {
		former = m.SecondaryEmail
		err = s.adoptSecondary(ctx, tx, m, p)
	} else {
		err = s.adoptPrimary(ctx, tx, m, p)
	}
	if err != nil {
		return err
	}
	if err := s.followContact(ctx, tx, m, p.AskedBy); err != nil {
		return err
	}
	if former == "" || s.ports.Letters == nil {
		return nil
	}
	return s.requester.Request(ctx, tx, changedAction(change, m, p.Kind, former))
}

func (s *Service) adoptSecondary(ctx context.Context, tx pgx.Tx, m Member, p Proof) error {
	if err := s.setAddresses(ctx, tx, m, m.PrimaryEmail, p.Address); err != nil {
		return err
	}
	if m.Status == StatusVerificationWaiting {
		if err := s.waitAnew(ctx, tx, m); err != nil {
			return err
		}
	}
	return s.tellAddress(ctx, tx, m, p.AskedBy, CodeSecondaryUpdated,
		map[string]any{PrivatePart: map[string]any{"secondary_email": m.SecondaryEmail}},
		map[string]any{PrivatePart: map[string]any{"secondary_email": p.Address}})
}

// adoptPrimary replaces the primary address. A record that waits for its verification ends it:
// only Verify asks such a change.
func (s *Service) adoptPrimary(ctx context.Context, tx pgx.Tx, m Member, p Proof) error {
	active, err := s.active(ctx, tx, m.ID)
	switch {
	case err != nil:
		return err
	case !active:
		return fault.New(fault.Conflict, "Cette personne n’a plus de mission en cours : son adresse principale ne change plus.", "member %s is expired", m.Username)
	case !m.Status.replaceable():
		return fault.New(fault.Conflict, "L’adresse principale est en cours de création : réessaie quand elle sera prête.", "member %s is in state %s", m.Username, m.Status)
	}
	secondary := m.SecondaryEmail
	if secondary == p.Address {
		secondary = "" // it is promoted
	}
	if err := s.movePrimary(ctx, tx, m, p, secondary); err != nil {
		return err
	}
	change := PrimaryChange{Member: m.ID, Username: m.Username, From: m.PrimaryEmail, To: p.Address, At: s.clock.Now(), Actor: p.AskedBy}
	for _, follow := range s.onPrimary {
		if err := follow(ctx, tx, change); err != nil {
			return fmt.Errorf("follow the change of primary address of %s: %w", m.Username, err)
		}
	}
	return nil
}

func (s *Service) movePrimary(ctx context.Context, tx pgx.Tx, m Member, p Proof, secondary string) error {
	if m.Status == StatusActive {
		if err := s.setAddresses(ctx, tx, m, p.Address, secondary); err != nil {
			return err
		}
		return s.tellAddress(ctx, tx, m, p.AskedBy, CodePrimaryUpdated,
			map[string]any{"primary_email": m.PrimaryEmail}, map[string]any{"primary_email": p.Address})
	}
	err := Transition(ctx, tx, m.ID, Change{
		To: StatusActive, From: []Status{m.Status}, At: s.clock.Now(), Actor: p.AskedBy,
		Reason: "adresse prouvée par la personne", PrimaryEmail: &p.Address, SecondaryEmail: &secondary,
	})
	if err != nil || m.Status != StatusVerificationWaiting {
		return err
	}
	return s.stampVerified(ctx, tx, p.AskedBy, m)
}

// setAddresses writes both addresses; the database refuses one that is somebody else's.
func (s *Service) setAddresses(ctx context.Context, tx pgx.Tx, m Member, primary, secondary string) error {
	_, err := tx.Exec(ctx, `
		UPDATE member
		SET primary_email = NULLIF($2, ''), secondary_email = NULLIF($3, ''), updated_at = $4
		WHERE id = $1`, m.ID, primary, secondary, s.clock.Now())
	if err != nil {
		return fmt.Errorf("save the addresses of %s: %w", m.Username, postgres.Fault(err))
	}
	return nil
}

func (s *Service) tellAddress(ctx context.Context, tx pgx.Tx, m Member, who string, code audit.Code, before, after any) error {
	return audit.Write(ctx, tx, audit.Event{
		At: s.clock.Now(), Actor: who, Code: code, Member: m.ID, Subject: m.Username, Before: before, After: after,
	})
}

// active tells whether some mission of a member runs or will.
func (s *Service) active(ctx context.Context, db postgres.DB, id uuid.UUID) (bool, error) {
	missions, err := MissionsOf(ctx, db, id)
	return IsActive(missions, clock.Today(s.clock)), err
}

// followContact tells the other rooms when notices go elsewhere than before.
func (s *Service) followContact(ctx context.Context, tx pgx.Tx, before Member, who string) error {
	after, err := ByID(ctx, tx, before.ID)
	if err != nil || after.ContactAddress() == before.ContactAddress() {
		return err
	}
	change := ContactChange{
		Member: before.ID, Username: before.Username, From: before.ContactAddress(), To: after.ContactAddress(), At: s.clock.Now(), Actor: who,
	}
	for _, follow := range s.onContact {
		if err := follow(ctx, tx, change); err != nil {
			return fmt.Errorf("follow the change of contact address of %s: %w", before.Username, err)
		}
	}
	return nil
}

// ChoosePreference says to which of their addresses a member wants notices sent, and tells
// whether it was not so already. It is Invalid without both addresses.
func (s *Service) ChoosePreference(ctx context.Context, who actor.Actor, id uuid.UUID, kind AddressKind) (changed bool, err error) {
	if kind != Primary && kind != Secondary {
		return false, fault.Field("preference", "Choisis l’une des deux adresses.")
	}
	err = postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		if err := s.may(ctx, tx, who, ChangePreference, id); err != nil {
			return err
		}
		m, err := locked(ctx, tx, id)
		if err != nil {
			return err
		}
		if m.PrimaryEmail == "" || m.SecondaryEmail == "" {
			return fault.Field("preference", "Il faut deux adresses pour choisir : ajoute d’abord celle qui manque.")
		}
		changed = m.CommunicationEmail != string(kind)
		if !changed {
			return nil
		}
		return s.prefer(ctx, tx, who, m, kind)
	})
	return changed, err
}

func (s *Service) prefer(ctx context.Context, tx pgx.Tx, who actor.Actor, m Member, kind AddressKind) error {
	if _, err := tx.Exec(ctx, `
		UPDATE member
		SET communication_email = $2, updated_at = $3
		WHERE id = $1`, m.ID, kind, s.clock.Now()); err != nil {
		return fmt.Errorf("save the contact address of %s: %w", m.Username, postgres.Fault(err))
	}
	err := s.tellAddress(ctx, tx, m, who.Username, CodePreferenceUpdated,
		map[string]any{"communication_email": m.CommunicationEmail}, map[string]any{"communication_email": string(kind)})
	if err != nil {
		return err
	}
	return s.followContact(ctx, tx, m, who.Username)
}

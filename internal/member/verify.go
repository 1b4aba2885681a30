package member

import (
	"cmp"
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/betagouv/espace-membre/internal/platform/actor"
	"github.com/betagouv/espace-membre/internal/platform/audit"
	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/platform/postgres"
)

// Verification is what a new member confirms of their record, as typed.
type Verification struct {
	Email   string
	Profile ProfileDraft
	Mission MissionDraft // the first one
	Overlap bool         // it overlaps another one on a product, and that is meant
}

// Verified tells what became of a verification.
type Verified struct {
	Status        Status // of the primary address from now on
	Proof         string // address to which a link went, since it is not the one invited; may be empty
	DirectoryDown bool   // the directory of agents did not answer: the address was not recognised
}

// InvitedAddress is the address to which a record to verify was sent.
func (m Member) InvitedAddress() string { return cmp.Or(m.SecondaryEmail, m.PrimaryEmail) }

// Verify confirms one's own record, once. The address to which the person was invited, proved by
// the login, becomes the primary one if it is an agent's; else it stays the secondary one and a
// mailbox is asked for. Another address must be proved first: an agent's one ends the
// verification when it is, since no mailbox must then be made; any other one becomes the
// secondary address later, and the verification ends with the one invited.
func (s *Service) Verify(ctx context.Context, who actor.Actor, v Verification) (done Verified, err error) {
	if err := Can(who, VerifyRecord, Subject{ID: who.ID}); err != nil {
		return done, err
	}
	found, err := s.recognise(ctx, who, v)
	if err != nil {
		return done, err
	}
	done.DirectoryDown = found.down
	err = postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		m, err := locked(ctx, tx, who.ID)
		if err != nil {
			return err
		}
		if m.Status != StatusVerificationWaiting {
			return fault.New(fault.Conflict, "Ta fiche est déjà vérifiée.", "member %s is in state %s", m.Username, m.Status)
		}
		if m.InvitedAddress() != found.invited {
			return fault.New(fault.Conflict, "Ton adresse vient de changer : recharge la page et recommence.", "address of %s changed meanwhile", m.Username)
		}
		if err := s.confirmRecord(ctx, tx, who, m, v); err != nil {
			return err
		}
		done.Status, done.Proof, err = s.settle(ctx, tx, who, m, found)
		return err
	})
	return done, err
}

// recognised is what was learned of the addresses of a verification.
type recognised struct {
	invited, typed             string
	invitedPublic, typedPublic bool // an agent's address, or one of our own
	down                       bool // the directory could not tell
}

// recognise checks a verification without changing anything, then asks the directory, outside of
// any transaction.
func (s *Service) recognise(ctx context.Context, who actor.Actor, v Verification) (r recognised, err error) {
	m, err := ByID(ctx, s.db, who.ID)
	if err != nil {
		return r, err
	}
	if m.Status != StatusVerificationWaiting {
		return r, fault.New(fault.Conflict, "Ta fiche est déjà vérifiée.", "member %s is in state %s", m.Username, m.Status)
	}
	c := checks{}
	r.invited, r.typed = m.InvitedAddress(), NormalizeAddress(v.Email)
	if r.typed != r.invited {
		c.address("email", r.typed)
		if err := s.checkWanted(ctx, s.db, c, m, Secondary, r.typed); err != nil {
			return r, err
		}
	}
	if _, _, err := s.readVerification(ctx, s.db, c, m, v); err != nil {
		return r, err
	}
	if err := c.err(); err != nil {
		return r, err
	}
	r.invitedPublic, r.down = s.public(ctx, r.invited)
	if r.typedPublic = r.invitedPublic; r.typed != r.invited {
		r.typedPublic, r.down = s.public(ctx, r.typed)
	}
	return r, nil
}

// public tells an address that needs no mailbox: of our domain, or of an agent.
func (s *Service) public(ctx context.Context, address string) (public, down bool) {
	if s.ours(address) {
		return true, false
	}
	return s.isAgent(ctx, address)
}

// readVerification reads the record and the first mission that a verification tells.
func (s *Service) readVerification(ctx context.Context, db postgres.DB, c checks, m Member, v Verification) (Profile, *missionsChange, error) {
	profile, err := s.profile(ctx, c, v.Profile, m.Profile())
	if err != nil {
		return profile, nil, err
	}
	rows := MissionsDraft{Rows: []MissionDraft{v.Mission}, Overlap: v.Overlap}
	if v.Mission.ID == "" {
		c.refuse(MissionField(0, "start"), goneMission)
	}
	missions, err := s.readMissions(ctx, db, c, m.ID, m, rows)
	return profile, missions, err
}

// confirmRecord saves what a verification tells, besides the address.
func (s *Service) confirmRecord(ctx context.Context, tx pgx.Tx, who actor.Actor, m Member, v Verification) error {
	c := checks{}
	profile, missions, err := s.readVerification(ctx, tx, c, m, v)
	if err != nil {
		return err
	}
	if err := c.err(); err != nil {
		return err
	}
	if _, err := s.writeProfile(ctx, tx, who.Username, "vérification de la fiche", m, profile, m.EmailIsRedirection); err != nil {
		return err
	}
	_, err = s.writeMissions(ctx, tx, m, who.Username, "vérification de la fiche", *missions)
	return err
}

// settle decides of the addresses once the record is confirmed.
func (s *Service) settle(ctx context.Context, tx pgx.Tx, who actor.Actor, m Member, r recognised) (Status, string, error) {
	if r.typed == r.invited {
		if err := s.endChanges(ctx, tx, m.ID, Primary, Secondary); err != nil {
			return m.Status, "", err
		}
		status, err := s.endVerification(ctx, tx, who.Username, m, r.invited, r.invitedPublic)
		return status, "", err
	}
	kind, status := Secondary, m.Status
	if r.typedPublic {
		kind = Primary
	} else {
		var err error
		if status, err = s.endVerification(ctx, tx, who.Username, m, r.invited, r.invitedPublic); err != nil {
			return status, "", err
		}
	}
	return status, r.typed, s.openChange(ctx, tx, who, m, kind, r.typed)
}

// endVerification gives a proved address its place, and the record its date.
func (s *Service) endVerification(ctx context.Context, tx pgx.Tx, who string, m Member, address string, public bool) (Status, error) {
	none, now := "", s.clock.Now()
	change := Change{
		To: StatusCreationWaiting, From: []Status{StatusVerificationWaiting}, At: now, Actor: who,
		Reason: "fiche vérifiée, adresse à créer", PrimaryEmail: &none, SecondaryEmail: &address,
	}
	if public {
		change.To, change.Reason = StatusActive, "fiche vérifiée, adresse d’agent public"
		change.PrimaryEmail, change.SecondaryEmail = &address, &none
	}
	if err := Transition(ctx, tx, m.ID, change); err != nil {
		return m.Status, err
	}
	return change.To, s.stampVerified(ctx, tx, who, m)
}

// stampVerified dates the verification and tells it.
func (s *Service) stampVerified(ctx context.Context, tx pgx.Tx, who string, m Member) error {
	if _, err := tx.Exec(ctx, `
		UPDATE member
		SET verified_at = $2, updated_at = $2
		WHERE id = $1`, m.ID, s.clock.Now()); err != nil {
		return fmt.Errorf("date the verification of %s: %w", m.Username, postgres.Fault(err))
	}
	return audit.Write(ctx, tx, audit.Event{At: s.clock.Now(), Actor: who, Code: CodeVerified, Member: m.ID, Subject: m.Username})
}

// FirstMission gives the mission that a verification shows: the earliest one.
func FirstMission(missions []Mission) (Mission, bool) {
	if len(missions) == 0 {
		return Mission{ID: uuid.Nil}, false
	}
	return missions[0], true
}

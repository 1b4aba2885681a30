package member

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/betagouv/espace-membre/internal/platform/actor"
	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/platform/postgres"
)

const (
	// ChangeLife is how long the link that proves an address works.
	ChangeLife = 24 * time.Hour
	// changesPerHour bounds the mails that one record makes us send to addresses unknown.
	changesPerHour = 5
	// keepChanges is for how long rows are kept: the limit only needs the last hour.
	keepChanges = 30 * 24 * time.Hour
)

// RequestAddressChange records that a member wants another address of a kind, by themself or by
// an administrator, and has a link sent to it: nothing changes before that link is used. It is
// Invalid on field "email" when the address cannot be theirs.
func (s *Service) RequestAddressChange(ctx context.Context, who actor.Actor, id uuid.UUID, kind AddressKind, text string) error {
	if err := s.may(ctx, s.db, who, changing(kind), id); err != nil {
		return err
	}
	m, err := ByID(ctx, s.db, id)
	if err != nil {
		return err
	}
	c := checks{}
	address := c.address("email", text)
	if err := s.checkWanted(ctx, s.db, c, m, kind, address); err != nil {
		return err
	}
	if kind == Primary && len(c) == 0 {
		s.checkPrimary(ctx, c, m, address)
	}
	if err := c.err(); err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		m, err := locked(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := s.may(ctx, tx, who, changing(kind), id); err != nil {
			return err
		}
		return s.openChange(ctx, tx, who, m, kind, address)
	})
}

// changing is the right that a change of address asks.
func changing(kind AddressKind) Action {
	if kind == Primary {
		return ChangePrimary
	}
	return ChangeSecondary
}

// checkWanted refuses, on the field of the address, what cannot become an address of a member.
func (s *Service) checkWanted(ctx context.Context, db postgres.DB, c checks, m Member, kind AddressKind, address string) error {
	if len(c) > 0 {
		return nil
	}
	if kind == Secondary && s.ours(address) {
		c.refuse("email", "L’adresse secondaire sert quand l’adresse "+s.config.Domain+" ne répond plus : donnes-en une d’ailleurs.")
		return nil
	}
	owner, holds, err := holder(ctx, db, address)
	switch {
	case err != nil:
		return err
	case owner == m.ID && holds == kind:
		c.refuse("email", "C’est déjà cette adresse.")
	case owner == m.ID && kind == Secondary:
		c.refuse("email", "C’est déjà l’adresse principale.")
	case owner != uuid.Nil && owner != m.ID:
		c.refuse("email", "Cette adresse est déjà celle d’un autre membre.")
	}
	return nil
}

// checkPrimary refuses a primary address that is neither ours nor an agent's, and a change while
// the present one is in the making.
func (s *Service) checkPrimary(ctx context.Context, c checks, m Member, address string) {
	switch {
	case !m.Status.replaceable():
		c.refuse("email", "Ton adresse est en cours de création : attends qu’elle soit prête.")
		return
	case s.ownName(m.Username, address):
		return
	case s.ours(address):
		c.refuse("email", "À "+s.config.Domain+", ton adresse est "+m.Username+"@"+s.config.Domain+".")
		return
	}
	switch agent, down := s.isAgent(ctx, address); {
	case down:
		c.refuse("email", "L’annuaire des agents publics ne répond pas : nous ne pouvons pas vérifier cette adresse. Réessaie dans quelques minutes.")
	case !agent:
		c.refuse("email", "Cette adresse n’est pas reconnue comme celle d’un agent public. L’adresse principale est celle de la communauté, ou celle d’une administration.")
	}
}

// replaceable tells whether a primary address in this state may be replaced.
func (s Status) replaceable() bool {
	return s == StatusActive || s.MayBecome(StatusActive)
}

// openChange records a change to prove, and asks for its letter. An earlier one of the same kind
// ends.
func (s *Service) openChange(ctx context.Context, tx pgx.Tx, who actor.Actor, m Member, kind AddressKind, address string) error {
	if err := s.checkPace(ctx, tx, m.ID); err != nil {
		return err
	}
	if err := s.endChanges(ctx, tx, m.ID, kind); err != nil {
		return err
	}
	now, id := s.clock.Now(), uuid.New()
	if _, err := tx.Exec(ctx, `
		INSERT INTO address_change (id, member_id, kind, address, asked_by, requested_at, expires_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7)`, id, m.ID, kind, address, who.Username, now, now.Add(ChangeLife)); err != nil {
		return fmt.Errorf("record a change of address of %s: %w", m.Username, postgres.Fault(err))
	}
	return s.requester.Request(ctx, tx, proofAction(id, m, kind, who.Username))
}

// checkPace refuses one link too many in an hour.
func (s *Service) checkPace(ctx context.Context, tx pgx.Tx, id uuid.UUID) error {
	asked, err := postgres.Scalar[int](ctx, tx, `
		SELECT count(*)
		FROM address_change
		WHERE member_id = $1
		  AND requested_at > $2`, id, s.clock.Now().Add(-time.Hour))
	if err != nil {
		return fmt.Errorf("count the changes of address: %w", err)
	}
	if asked >= changesPerHour {
		return fault.Field("email", "Plusieurs liens viennent déjà d’être demandés : utilise le dernier reçu, ou recommence dans une heure.")
	}
	return nil
}

// PendingChange is a change of address that waits for its proof.
type PendingChange struct {
	Kind        AddressKind
	Address     string
	RequestedAt time.Time
	ExpiresAt   time.Time
}

// PendingChanges lists the changes of a member that wait. Addresses are private.
func (s *Service) PendingChanges(ctx context.Context, id uuid.UUID) ([]PendingChange, error) {
	pending, err := postgres.All[PendingChange](ctx, s.db, `
		SELECT kind, address, requested_at, expires_at
		FROM address_change
		WHERE member_id = $1
		  AND confirmed_at IS NULL
		  AND revoked_at IS NULL
		  AND expires_at > $2
		ORDER BY kind`, id, s.clock.Now())
	if err != nil {
		return nil, fmt.Errorf("list the changes of address that wait: %w", err)
	}
	return pending, nil
}

// CancelAddressChange gives up a change that waits; its link does nothing any more.
func (s *Service) CancelAddressChange(ctx context.Context, who actor.Actor, id uuid.UUID, kind AddressKind) error {
	if err := s.may(ctx, s.db, who, changing(kind), id); err != nil {
		return err
	}
	return s.endChanges(ctx, s.db, id, kind)
}

// endChanges makes the links of some kinds useless.
func (s *Service) endChanges(ctx context.Context, db postgres.DB, id uuid.UUID, kinds ...AddressKind) error {
	if _, err := db.Exec(ctx, `
		UPDATE address_change
		SET revoked_at = $3
		WHERE member_id = $1
		  AND kind = ANY($2)
		  AND confirmed_at IS NULL
		  AND revoked_at IS NULL`, id, kinds, s.clock.Now()); err != nil {
		return fmt.Errorf("end the earlier changes of address: %w", postgres.Fault(err))
	}
	return nil
}

// newToken makes 256 random bits, and the hash that is stored.
func newToken() (token string, hash []byte) {
	raw := make([]byte, 32)
	_, _ = rand.Read(raw) // never fails: the program stops instead
	token = base64.RawURLEncoding.EncodeToString(raw)
	return token, hashToken(token)
}

func hashToken(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}

// Proof is what a link proves.
type Proof struct {
	Member   uuid.UUID
	Username string
	Fullname string
	Kind     AddressKind
	Address  string
	AskedBy  string // username
}

// deadProof is the answer for an unknown, used, replaced or ended link: always the same.
func deadProof() error {
	return fault.New(fault.Invalid, "Ce lien ne fonctionne plus.", "address link unknown, used, replaced or ended")
}

// ReadProof tells what a link would change, and changes nothing.
func (s *Service) ReadProof(ctx context.Context, token string) (Proof, error) {
	proof, err := postgres.One[Proof](ctx, s.db, "", `
		SELECT c.member_id AS member, member.username, member.fullname, c.kind, c.address, c.asked_by
		FROM address_change AS c
		JOIN member ON member.id = c.member_id
		WHERE c.token_hash = $1
		  AND c.confirmed_at IS NULL
		  AND c.revoked_at IS NULL
		  AND c.expires_at > $2`, hashToken(token), s.clock.Now())
	if fault.Is(err, fault.NotFound) {
		return proof, deadProof()
	}
	return proof, err
}

// ConfirmAddressChange uses a link, once: the address becomes the member's. It is Invalid when
// the link does not work any more, a Conflict when the change has become impossible.
func (s *Service) ConfirmAddressChange(ctx context.Context, token string) (proof Proof, err error) {
	err = postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		var id uuid.UUID
		err := tx.QueryRow(ctx, `
			UPDATE address_change AS c
			SET confirmed_at = $2
			FROM member
			WHERE c.token_hash = $1
			  AND member.id = c.member_id
			  AND c.confirmed_at IS NULL
			  AND c.revoked_at IS NULL
			  AND c.expires_at > $2
			RETURNING c.id, c.member_id, member.username, member.fullname, c.kind, c.address, c.asked_by`,
			hashToken(token), s.clock.Now()).Scan(&id, &proof.Member, &proof.Username, &proof.Fullname, &proof.Kind, &proof.Address, &proof.AskedBy)
		if errors.Is(err, pgx.ErrNoRows) {
			return deadProof()
		}
		if err != nil {
			return fmt.Errorf("use an address link: %w", postgres.Fault(err))
		}
		m, err := locked(ctx, tx, proof.Member)
		if err != nil {
			return err
		}
		return s.adopt(ctx, tx, m, id, proof)
	})
	return proof, err
}

package member

import (
	"context"
	"errors"
	"fmt"
	"net/url"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/platform/job"
	"github.com/betagouv/espace-membre/internal/platform/postgres"
)

// Names of the actions that this room's pages ask.
const (
	sendProofName   = "sendAddressProof"
	sendChangedName = "sendAddressChanged"
)

// Jobs lists the kinds of actions of this room; none is scheduled.
func (s *Service) Jobs() []job.Spec {
	return []job.Spec{
		{
			Name: sendProofName, Title: "Envoie le lien qui prouve une adresse", Room: "member", Default: job.On,
			Needs: []job.Feature{"mail"}, Queue: job.QueueUrgent, Apply: s.applyProof,
		},
		{
			Name: sendChangedName, Title: "Prévient l’ancienne adresse d’un changement", Room: "member", Default: job.On,
			Needs: []job.Feature{"mail"}, Queue: job.QueueUrgent, Apply: s.applyChanged,
		},
	}
}

type changeArgs struct {
	Change uuid.UUID   `json:"change"`
	Kind   AddressKind `json:"kind"`
}

func kindLabel(kind AddressKind) string {
	if kind == Primary {
		return "adresse principale"
	}
	return "adresse secondaire"
}

func proofAction(change uuid.UUID, m Member, kind AddressKind, who string) job.Action {
	return job.Action{
		Key: job.Key(sendProofName, m.ID, change.String()), Mode: job.Once, Job: sendProofName, Verb: "envoyer", Subject: m.ID,
		Label: m.Username, Reason: kindLabel(kind) + " à prouver", Args: job.EncodeArgs(changeArgs{Change: change, Kind: kind}),
		Queue: job.QueueUrgent, Actor: who,
	}
}

// changedAction asks for the notice; the former address, which the record no longer has, travels
// sealed.
func changedAction(change uuid.UUID, m Member, kind AddressKind, former string) job.Action {
	return job.Action{
		Key: job.Key(sendChangedName, m.ID, change.String()), Mode: job.Once, Job: sendChangedName, Verb: "envoyer", Subject: m.ID,
		Label: m.Username, Reason: kindLabel(kind) + " remplacée", Args: job.EncodeArgs(changeArgs{Change: change, Kind: kind}),
		Secret: []byte(former), Queue: job.QueueUrgent,
	}
}

// wantedProof is a change whose letter is to be sent.
type wantedProof struct {
	Fullname string
	Kind     AddressKind
	Address  string
	AskedBy  string // fullname; empty when it is the member
}

// applyProof makes the token, stores its hash, then sends: a mail that arrives holds a link that
// works. Another attempt makes another token, and the first one is forgotten.
func (s *Service) applyProof(ctx context.Context, action job.Action) (job.Outcome, error) {
	args, err := job.DecodeArgs[changeArgs](action)
	if err != nil {
		return job.Outcome{}, fmt.Errorf("read the arguments of an address link: %w", err)
	}
	if s.ports.Letters == nil {
		return job.Outcome{}, errors.New("no mail server is configured")
	}
	token, hash := newToken()
	wanted, err := s.arm(ctx, args.Change, hash)
	if fault.Is(err, fault.NotFound) {
		return job.Moot("la demande a été remplacée, annulée ou utilisée"), nil
	}
	if err != nil {
		return job.Outcome{}, err
	}
	return job.Outcome{}, s.ports.Letters.SendAddressProof(ctx, ProofLetter{
		Key: action.Key, To: wanted.Address, Fullname: wanted.Fullname, Kind: wanted.Kind, AskedBy: wanted.AskedBy, Life: ChangeLife,
		URL: s.config.BaseURL + "/account/address/confirm?token=" + url.QueryEscape(token),
	})
}

// arm gives a change that still waits the hash of its token; NotFound when it does not wait any
// more. Old rows go at the same time.
func (s *Service) arm(ctx context.Context, change uuid.UUID, hash []byte) (wanted wantedProof, err error) {
	now := s.clock.Now()
	err = postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		wanted, err = postgres.One[wantedProof](ctx, tx, "", `
			UPDATE address_change AS c
			SET token_hash = $2, expires_at = $3
			FROM member
			WHERE c.id = $1
			  AND member.id = c.member_id
			  AND c.confirmed_at IS NULL
			  AND c.revoked_at IS NULL
			RETURNING member.fullname, c.kind, c.address,
			          COALESCE((
			              SELECT asker.fullname
			              FROM member AS asker
			              WHERE asker.username = c.asked_by
			                AND asker.id <> c.member_id), '') AS asked_by`,
			change, hash, now.Add(ChangeLife))
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `
			DELETE FROM address_change
			WHERE requested_at < $1`, now.Add(-keepChanges)); err != nil {
			return fmt.Errorf("forget old changes of address: %w", err)
		}
		return nil
	})
	return wanted, err
}

// applyChanged tells the former address.
func (s *Service) applyChanged(ctx context.Context, action job.Action) (job.Outcome, error) {
	args, err := job.DecodeArgs[changeArgs](action)
	if err != nil {
		return job.Outcome{}, fmt.Errorf("read the arguments of a notice: %w", err)
	}
	m, err := ByID(ctx, s.db, action.Subject)
	switch {
	case fault.Is(err, fault.NotFound):
		return job.Moot("la fiche n’existe plus"), nil
	case err != nil:
		return job.Outcome{}, err
	case s.ports.Letters == nil:
		return job.Outcome{}, errors.New("no mail server is configured")
	}
	return job.Outcome{}, s.ports.Letters.SendAddressChanged(ctx, ChangedLetter{
		Key: action.Key, To: string(action.Secret), Fullname: m.Fullname, Kind: args.Kind, At: s.clock.Now(),
	})
}

package signin

import (
	"context"
	"errors"
	"fmt"
	"net/url"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/betagouv/espace-membre/internal/platform/job"
	"github.com/betagouv/espace-membre/internal/platform/postgres"
)

const sendLoginEmailName = "sendLoginEmail"

// sendLoginEmail is asked by the login page; portals work its queue, so that logging in does
// not depend on a worker.
func (s *Service) sendLoginEmail() job.Spec {
	return job.Spec{
		Name:    sendLoginEmailName,
		Title:   "Envoie le lien de connexion demandé",
		Room:    "signin",
		Default: job.On,
		Needs:   []job.Feature{"mail"},
		Queue:   job.QueueUrgent,
		Apply:   s.applyLoginEmail,
	}
}

// recipient is who owns the address typed.
type recipient struct {
	ID       uuid.UUID
	Fullname string
}

// applyLoginEmail makes the token, stores its hash, then sends: a mail that arrives holds a
// link that works. Another attempt makes another token, and the first one is forgotten.
func (s *Service) applyLoginEmail(ctx context.Context, action job.Action) (job.Outcome, error) {
	args, err := job.DecodeArgs[linkArgs](action)
	if err != nil {
		return job.Outcome{}, fmt.Errorf("read the login link's arguments: %w", err)
	}
	if s.letters == nil {
		return job.Outcome{}, errors.New("no mail server is configured: nobody can log in")
	}
	address := string(action.Secret)
	to, err := s.owner(ctx, address)
	if errors.Is(err, pgx.ErrNoRows) {
		return job.Moot("adresse inconnue"), nil
	}
	if err != nil {
		return job.Outcome{}, err
	}
	token, armed, err := s.arm(ctx, args.Link, to.ID)
	if err != nil {
		return job.Outcome{}, err
	}
	if !armed {
		return job.Moot("un lien plus récent a été demandé"), nil
	}
	return job.Outcome{}, s.letters.SendLogin(ctx, LoginLetter{
		Key: action.Key, To: address, Fullname: to.Fullname, Life: LinkLife,
		URL: s.config.BaseURL + "/signin?token=" + url.QueryEscape(token),
	})
}

func (s *Service) owner(ctx context.Context, address string) (recipient, error) {
	var r recipient
	err := s.db.QueryRow(ctx, `
		SELECT member.id, member.fullname
		FROM member_address
		JOIN member ON member.id = member_address.member_id
		WHERE member_address.address = $1`, address).Scan(&r.ID, &r.Fullname)
	if err != nil {
		return r, fmt.Errorf("find the owner of an address: %w", postgres.Fault(err))
	}
	return r, nil
}

// arm gives a link its token and ends the older ones of the member, in one transaction of its
// own. A link that is used, ended or older than another of the same member stays unarmed.
func (s *Service) arm(ctx context.Context, link, owner uuid.UUID) (token string, armed bool, err error) {
	token, hash := newToken()
	now := s.clock.Now()
	err = postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `
			SELECT pg_advisory_xact_lock(hashtextextended($1::text, 1))`, owner.String()); err != nil {
			return fmt.Errorf("wait for the member's other links: %w", err)
		}
		tag, err := tx.Exec(ctx, `
			UPDATE login_link AS wanted
			SET member_id = $2, token_hash = $3, expires_at = $4
			WHERE wanted.id = $1
			  AND wanted.used_at IS NULL
			  AND wanted.revoked_at IS NULL
			  AND NOT EXISTS (
			        SELECT 1
			        FROM login_link AS newer
			        WHERE newer.member_id = $2
			          AND newer.id <> wanted.id
			          AND newer.requested_at > wanted.requested_at)`,
			link, owner, hash, now.Add(LinkLife))
		if err != nil {
			return fmt.Errorf("store the login link's hash: %w", err)
		}
		if tag.RowsAffected() == 0 {
			return nil
		}
		armed = true
		if err := s.revokeOthers(ctx, tx, owner, link); err != nil {
			return err
		}
		return s.sweep(ctx, tx)
	})
	return token, armed, err
}

// sweep deletes the rows that no limit and no question needs any more.
func (s *Service) sweep(ctx context.Context, tx pgx.Tx) error {
	if _, err := tx.Exec(ctx, `
		DELETE FROM login_link
		WHERE requested_at < $1`, s.clock.Now().Add(-keep)); err != nil {
		return fmt.Errorf("forget old login links: %w", err)
	}
	return nil
}

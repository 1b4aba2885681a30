package signin

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/mail"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/audit"
	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/platform/job"
	"github.com/betagouv/espace-membre/internal/platform/postgres"
)

// CodeLogin is the audit code of a login.
const CodeLogin audit.Code = "MEMBER_LOGIN"

// ErrTooMany refuses a link asked too often, by this client or for this address.
var ErrTooMany = errors.New("too many login links asked in one hour")

// Ask is a link asked from the login page.
type Ask struct {
	Address string // as typed
	Client  string // network address of the browser
	Next    string // page to open after login, already checked to be one of ours; may be empty
}

// RequestLink records that a link is wanted, for any well-formed address: Invalid on field
// email otherwise, ErrTooMany above the limits. It does not look whether somebody owns it.
func (s *Service) RequestLink(ctx context.Context, ask Ask) error {
	address := member.NormalizeAddress(ask.Address)
	if !wellFormed(address) {
		return fault.Field("email", "Saisis une adresse au bon format, par exemple prenom.nom@beta.gouv.fr.")
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		if err := s.checkLimits(ctx, tx, address, ask.Client); err != nil {
			return err
		}
		id := uuid.New()
		if _, err := tx.Exec(ctx, `
			INSERT INTO login_link (id, address_hash, client_hash, next_path, requested_at)
			VALUES ($1, $2, $3, $4, $5)`,
			id, s.mac("address", address), s.mac("client", ask.Client), ask.Next, s.clock.Now()); err != nil {
			return fmt.Errorf("record a login link: %w", err)
		}
		return s.requester.Request(ctx, tx, linkAction(id, address))
	})
}

// wellFormed accepts what may be an address; whether it works, only the mail tells.
func wellFormed(address string) bool {
	parsed, err := mail.ParseAddress(address)
	if err != nil || parsed.Address != address || len(address) > 254 {
		return false
	}
	_, domain, _ := strings.Cut(address, "@")
	return strings.Contains(domain, ".")
}

// mac hides an address while letting us count it.
func (s *Service) mac(kind, text string) []byte {
	h := hmac.New(sha256.New, s.config.Key)
	h.Write([]byte("login_link/" + kind + "\x00" + text))
	return h.Sum(nil)
}

// checkLimits counts the last hour, one request at a time for an address and for a client.
func (s *Service) checkLimits(ctx context.Context, tx pgx.Tx, address, client string) error {
	addressMAC, clientMAC := s.mac("address", address), s.mac("client", client)
	for _, key := range [][]byte{addressMAC, clientMAC} { // always in this order: no deadlock
		if _, err := tx.Exec(ctx, `
			SELECT pg_advisory_xact_lock(hashtextextended(encode($1, 'hex'), 0))`, key); err != nil {
			return fmt.Errorf("wait for login requests: %w", err)
		}
	}
	var ofAddress, ofClient int
	err := tx.QueryRow(ctx, `
		SELECT count(*) FILTER (WHERE address_hash = $1),
		       count(*) FILTER (WHERE client_hash = $2)
		FROM login_link
		WHERE (address_hash = $1 OR client_hash = $2)
		  AND requested_at > $3`, addressMAC, clientMAC, s.clock.Now().Add(-time.Hour)).Scan(&ofAddress, &ofClient)
	if err != nil {
		return fmt.Errorf("count login requests: %w", err)
	}
	if ofAddress >= s.config.Limits.PerAddress || ofClient >= s.config.Limits.PerClient {
		return ErrTooMany
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

// Entry is what a link opens.
type Entry struct {
	Member uuid.UUID
	Next   string // page asked before login; may be empty
}

// Owner is the member whose account a link opens.
type Owner struct {
	ID       uuid.UUID
	Username string
	Fullname string
}

// OwnerOf tells whose account a link would open, without using it: Invalid when it would open
// none, with the same sentence as Consume.
func (s *Service) OwnerOf(ctx context.Context, token string) (Owner, error) {
	var o Owner
	var sentTo []byte
	err := s.db.QueryRow(ctx, `
		SELECT member.id, member.username, member.fullname, login_link.address_hash
		FROM login_link
		JOIN member ON member.id = login_link.member_id
		WHERE token_hash = $1
		  AND used_at IS NULL
		  AND revoked_at IS NULL
		  AND expires_at > $2`, hashToken(token), s.clock.Now()).Scan(&o.ID, &o.Username, &o.Fullname, &sentTo)
	if errors.Is(err, pgx.ErrNoRows) {
		return o, deadLink()
	}
	if err != nil {
		return o, fmt.Errorf("read a login link: %w", postgres.Fault(err))
	}
	return o, s.stillTheirs(ctx, s.db, o.ID, sentTo)
}

func deadLink() error {
	return fault.New(fault.Invalid, "Ce lien de connexion ne fonctionne plus.", "login link unknown, used, replaced or ended")
}

// Consume uses a link: once, within its hour. Anything else is Invalid, with the same
// sentence for an unknown, used, replaced or ended link.
func (s *Service) Consume(ctx context.Context, token string) (Entry, error) {
	var entry Entry
	err := postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		now := s.clock.Now()
		var username string
		var sentTo []byte
		err := tx.QueryRow(ctx, `
			UPDATE login_link
			SET used_at = $2
			FROM member
			WHERE token_hash = $1
			  AND member.id = login_link.member_id
			  AND used_at IS NULL
			  AND revoked_at IS NULL
			  AND expires_at > $2
			RETURNING login_link.member_id, login_link.next_path, member.username, login_link.address_hash`,
			hashToken(token), now).Scan(&entry.Member, &entry.Next, &username, &sentTo)
		if errors.Is(err, pgx.ErrNoRows) {
			return deadLink()
		}
		if err != nil {
			return fmt.Errorf("use a login link: %w", err)
		}
		if err := s.stillTheirs(ctx, tx, entry.Member, sentTo); err != nil {
			return err
		}
		if err := s.revokeOthers(ctx, tx, entry.Member, uuid.Nil); err != nil {
			return err
		}
		return audit.Write(ctx, tx, audit.Event{At: now, Actor: username, Code: CodeLogin, Member: entry.Member, Subject: username})
	})
	return entry, err
}

// stillTheirs kills a link that was sent to an address which the member has lost since: who reads
// the mail there may be somebody else.
func (s *Service) stillTheirs(ctx context.Context, db postgres.DB, owner uuid.UUID, sentTo []byte) error {
	addresses, err := postgres.Column[string](ctx, db, `
		SELECT address
		FROM member_address
		WHERE member_id = $1`, owner)
	if err != nil {
		return fmt.Errorf("read the addresses of who logs in: %w", err)
	}
	for _, address := range addresses {
		if hmac.Equal(s.mac("address", address), sentTo) {
			return nil
		}
	}
	return deadLink()
}

// revokeOthers kills the links of a member that still work, except one.
func (s *Service) revokeOthers(ctx context.Context, tx pgx.Tx, owner, except uuid.UUID) error {
	if _, err := tx.Exec(ctx, `
		UPDATE login_link
		SET revoked_at = $2
		WHERE member_id = $1
		  AND id <> $3
		  AND used_at IS NULL
		  AND revoked_at IS NULL`, owner, s.clock.Now(), except); err != nil {
		return fmt.Errorf("end the older login links: %w", err)
	}
	return nil
}

type linkArgs struct {
	Link uuid.UUID `json:"link"`
}

// linkAction asks for the mail; the address travels sealed and goes when the action closes.
func linkAction(link uuid.UUID, address string) job.Action {
	return job.Action{
		Key: job.Key(sendLoginEmailName, link, "lien"), Mode: job.Once, Job: sendLoginEmailName, Verb: "envoyer",
		Label: "lien de connexion", Reason: "demandé depuis la page de connexion",
		Args: job.EncodeArgs(linkArgs{Link: link}), Secret: []byte(address), Queue: job.QueueUrgent,
	}
}

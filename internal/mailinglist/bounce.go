package mailinglist

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/actor"
	"github.com/betagouv/espace-membre/internal/platform/audit"
	"github.com/betagouv/espace-membre/internal/platform/chatpost"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/platform/postgres"
)

// Kind is how an address does not receive our mails.
type Kind string

// The kinds; those of Brevo keep its words.
const (
	Refused      Kind = "refused"       // the server said no at once (SMTP 5xx)
	HardBounce   Kind = "hard_bounce"   // accepted, then returned for good
	SoftBounce   Kind = "soft_bounce"   // returned for now: mailbox full, server down
	Blocked      Kind = "blocked"       // kept by the vendor, which remembers an earlier refusal
	InvalidEmail Kind = "invalid_email" // not an address
	Spam         Kind = "spam"          // the person complained
	Unsubscribed Kind = "unsubscribed"  // the person wants no mail
	Error        Kind = "error"         // the vendor failed
)

// French says a kind to people.
func (k Kind) French() string {
	switch k {
	case Refused:
		return "refusé par le serveur de messagerie"
	case HardBounce:
		return "renvoyé : l’adresse n’existe pas"
	case SoftBounce:
		return "renvoyé pour l’instant : boîte pleine ou serveur indisponible"
	case Blocked:
		return "bloqué chez Brevo après un premier refus"
	case InvalidEmail:
		return "adresse mal formée"
	case Spam:
		return "signalé comme indésirable par son destinataire"
	case Unsubscribed:
		return "son destinataire s’est désinscrit"
	case Error:
		return "échec du service d’envoi"
	}
	return string(k)
}

// ForGood tells whether the address will not receive the next mail either.
func (k Kind) ForGood() bool { return k != SoftBounce && k != Error }

// Undelivered is one mail that did not arrive.
type Undelivered struct {
	Address    string
	Kind       Kind
	Source     string // smtp or brevo
	Detail     string // what the server said, without any address: "550 5.1.1"
	MessageKey string // tells an attempt of the same message from another message
	Subject    string // of the mail; only told in the chat, may be empty
}

// Record writes that a mail did not arrive, on the member who holds the address, and tells the
// operations channel the first time. Another attempt of the same message changes nothing.
func (s *Service) Record(ctx context.Context, u Undelivered) error {
	u.Address, u.Detail = member.NormalizeAddress(u.Address), discreet(u.Detail)
	if u.Address == "" || u.Kind == "" {
		return fault.New(fault.Invalid, "", "an undelivered mail without address or kind")
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		holder, err := s.holder(ctx, tx, u.Address)
		if err != nil {
			return err
		}
		first, err := s.count(ctx, tx, u, holder)
		if err != nil || !first {
			return err
		}
		return s.announce(ctx, tx, u, holder)
	})
}

// discreet shortens what a server said, and takes the addresses out of it.
func discreet(text string) string {
	runes := []rune(strings.TrimSpace(regexp.MustCompile(`[^\s<>"'(),;:]+@[^\s<>"'(),;:]+`).ReplaceAllString(text, "(adresse)")))
	return string(runes[:min(len(runes), 200)])
}

// owner is who holds an address; the nil uuid when nobody does.
type owner struct {
	ID       uuid.UUID
	Username string
}

func (s *Service) holder(ctx context.Context, tx pgx.Tx, address string) (owner, error) {
	rows, err := postgres.All[owner](ctx, tx, `
		SELECT member.id, member.username
		FROM member_address
		JOIN member ON member.id = member_address.member_id
		WHERE member_address.address = $1`, address)
	if err != nil {
		return owner{}, fmt.Errorf("find who holds an address: %w", err)
	}
	if len(rows) == 0 {
		return owner{}, nil
	}
	return rows[0], nil
}

// count writes the refusal; first tells whether it is news: the first of its kind, or the first
// since a mail was received.
func (s *Service) count(ctx context.Context, tx pgx.Tx, u Undelivered, holder owner) (first bool, err error) {
	return postgres.Scalar[bool](ctx, tx, `
		WITH before AS (
		    SELECT id
		    FROM mail_refusal
		    WHERE address = $1
		      AND kind = $2
		      AND source = $3
		      AND cleared_at IS NULL
		), written AS (
		    INSERT INTO mail_refusal AS r (address, kind, source, member_id, detail, message_key, times, first_at, last_at)
		    VALUES ($1, $2, $3, NULLIF($4, '00000000-0000-0000-0000-000000000000'::uuid), $5, $6, 1, $7, $7)
		    ON CONFLICT (address, kind, source) DO UPDATE
		    SET member_id = EXCLUDED.member_id, detail = EXCLUDED.detail, message_key = EXCLUDED.message_key,
		        times = CASE WHEN r.cleared_at IS NOT NULL THEN 1
		                     WHEN r.message_key = EXCLUDED.message_key AND r.message_key <> '' THEN r.times
		                     ELSE r.times + 1 END,
		        first_at = CASE WHEN r.cleared_at IS NOT NULL THEN EXCLUDED.last_at ELSE r.first_at END,
		        last_at = GREATEST(r.last_at, EXCLUDED.last_at), cleared_at = NULL
		    RETURNING id
		)
		SELECT NOT EXISTS (SELECT FROM before)
		FROM written`, u.Address, u.Kind, u.Source, holder.ID, u.Detail, u.MessageKey, s.clock.Now())
}

// announce writes the event on the member's record, and tells the operations channel. An address
// that is nobody's is not written there: it is seen by administrators only.
func (s *Service) announce(ctx context.Context, tx pgx.Tx, u Undelivered, holder owner) error {
	now, name := s.clock.Now(), "une adresse qui n’est dans aucune fiche"
	if holder.ID != uuid.Nil {
		name = "`" + holder.Username + "`"
		err := audit.Write(ctx, tx, audit.Event{
			At: now, Actor: "system", Code: CodeUndelivered, Member: holder.ID, Subject: holder.Username, Reason: u.Kind.French(),
			After: map[string]string{"kind": string(u.Kind), "source": u.Source, "detail": u.Detail},
		})
		if err != nil {
			return err
		}
	}
	if s.requester == nil {
		return nil
	}
	text := "Un mail pour " + name + " n’est pas arrivé : " + u.Kind.French() + "."
	if u.Subject != "" {
		text = "Un mail pour " + name + " (« " + u.Subject + " ») n’est pas arrivé : " + u.Kind.French() + "."
	}
	cause := fmt.Sprintf("%s/%s/%s", u.Source, u.Kind, now.UTC().Format(time.RFC3339))
	return chatpost.Tell(ctx, tx, s.requester, chatpost.Action(holder.ID, holder.Username, cause, "mail non arrivé", chatpost.Post{Channel: chatpost.Secretariat, Text: text}))
}

// Received writes that an address accepted a mail: its earlier immediate refusals are over. With
// delivered, the vendor also says that the mail arrived, so that bounces are over too.
func (s *Service) Received(ctx context.Context, address string, delivered bool) error {
	_, err := s.db.Exec(ctx, `
		UPDATE mail_refusal
		SET cleared_at = $2
		WHERE address = $1
		  AND cleared_at IS NULL
		  AND (kind = 'refused' OR $3 AND kind IN ('hard_bounce', 'soft_bounce', 'blocked', 'invalid_email', 'error'))`,
		member.NormalizeAddress(address), s.clock.Now(), delivered)
	if err != nil {
		return fmt.Errorf("write that an address receives mails: %w", postgres.Fault(err))
	}
	return nil
}

// Note is a refusal as shown to its owner and to administrators.
type Note struct {
	Address string    `db:"address"`
	Kind    Kind      `db:"kind"`
	Source  string    `db:"source"`
	Detail  string    `db:"detail"`
	Times   int       `db:"times"`
	FirstAt time.Time `db:"first_at"`
	LastAt  time.Time `db:"last_at"`
	// Username is the holder's, in the list of all; empty when nobody holds the address now.
	Username string `db:"username"`
}

const noteColumns = `
	SELECT mail_refusal.address, mail_refusal.kind, mail_refusal.source, mail_refusal.detail, mail_refusal.times,
	       mail_refusal.first_at, mail_refusal.last_at, COALESCE(member.username, '') AS username
	FROM mail_refusal
	LEFT JOIN member_address ON member_address.address = mail_refusal.address
	LEFT JOIN member ON member.id = member_address.member_id
	WHERE mail_refusal.cleared_at IS NULL`

// RefusalsOf lists, latest first, how the addresses that somebody holds now do not receive our
// mails. It shows private addresses: to their owner and to administrators.
func (s *Service) RefusalsOf(ctx context.Context, who actor.Actor, id uuid.UUID) ([]Note, error) {
	subject, err := member.SubjectFor(ctx, s.db, who, id, clock.Today(s.clock))
	if err != nil {
		return nil, fmt.Errorf("find the member of refusals: %w", err)
	}
	if err := member.Can(who, member.ViewPrivate, subject); err != nil {
		return nil, err
	}
	return postgres.All[Note](ctx, s.db, noteColumns+`
	  AND member.id = $1
	ORDER BY mail_refusal.last_at DESC, mail_refusal.id`, id)
}

// Refusals lists the latest of everybody, at most limit, for administrators.
func (s *Service) Refusals(ctx context.Context, who actor.Actor, limit int) ([]Note, error) {
	if err := member.Can(who, member.Administer, member.Subject{}); err != nil {
		return nil, err
	}
	return postgres.All[Note](ctx, s.db, noteColumns+`
	ORDER BY mail_refusal.last_at DESC, mail_refusal.id
	LIMIT $1`, limit)
}

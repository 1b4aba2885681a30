// Package mail writes and sends letters. A letter is a value ([Letter]) from which the HTML and
// the text part are both made, so that they never differ. A [Sender] delivers one message to one
// recipient and tells precisely what became of it: see the promise of [Sender].
//
// Addresses, subjects, contents and credentials never appear in errors nor in logs.
package mail

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/mail"
	"strings"

	"github.com/google/uuid"

	"github.com/betagouv/espace-membre/internal/platform/fault"
)

// Message is one mail to exactly one person.
type Message struct {
	Key     string // key of the action that sends it: the Message-ID is made from it, so a resend is recognisable
	To      string // one bare address
	Subject string // one line
	Text    string // plain text part
	HTML    string // HTML part; may be empty
	ReplyTo string // one bare address; may be empty
	Leave   string // https address whose POST leaves what the message belongs to (RFC 8058); may be empty
}

// Sender delivers messages. Its errors are faults:
// Invalid means that the server refused the message for good (RetryAfter does not help);
// Unavailable that it can be tried again later, and nobody received anything;
// Unavailable with [fault.AnswerLost] that the whole message left and no answer came back, so
// that the person may have received it: never send it again without asking somebody.
type Sender interface {
	Send(ctx context.Context, m Message) error
}

// Check refuses a message without exactly one well-formed recipient, subject and text.
func (m Message) Check() error {
	for _, address := range []string{m.To, m.ReplyTo} {
		if address == "" && m.To != "" {
			continue
		}
		parsed, err := mail.ParseAddress(address)
		if err != nil || parsed.Address != address {
			return fault.New(fault.Invalid, "L’adresse du destinataire n’est pas valable.", "mail: address is not exactly one bare address")
		}
	}
	switch {
	case m.Subject == "" || strings.ContainsAny(m.Subject, "\r\n"):
		return fault.New(fault.Invalid, "L’objet du message n’est pas valable.", "mail: subject is empty or holds a line break")
	case m.Text == "":
		return fault.New(fault.Invalid, "Le message est vide.", "mail: no text part")
	case strings.ContainsAny(m.Leave, "\r\n<> "):
		return fault.New(fault.Invalid, "Le lien de désinscription n’est pas valable.", "mail: the way out is not an address")
	}
	return nil
}

// Headers gives what a message adds to the usual headers: the button of mail programs that leaves
// a list (RFC 2369 and, for one click, RFC 8058).
func (m Message) Headers() map[string]string {
	if m.Leave == "" {
		return nil
	}
	return map[string]string{"List-Unsubscribe": "<" + m.Leave + ">", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
}

// MessageID gives the identifier of a message, without angle brackets: the same for the same key,
// a random one without key.
func (m Message) MessageID(domain string) string {
	if m.Key == "" {
		return rand.Text() + "@" + domain
	}
	return hex.EncodeToString(m.digest()) + "@" + domain
}

// UniqueID gives the key as an uuid, for vendors that recognise a repeated request by one; the nil
// uuid without key.
func (m Message) UniqueID() uuid.UUID {
	if m.Key == "" {
		return uuid.Nil
	}
	return uuid.NewHash(sha256.New(), uuid.Nil, []byte(m.Key), 8)
}

func (m Message) digest() []byte {
	sum := sha256.Sum256([]byte(m.Key))
	return sum[:16]
}

// domainOf gives what follows the @ of an address.
func domainOf(address string) (string, error) {
	parsed, err := mail.ParseAddress(address)
	if err != nil {
		return "", fmt.Errorf("mail: sender address is not valid: %w", err)
	}
	_, domain, _ := strings.Cut(parsed.Address, "@")
	return domain, nil
}

package brevo

import (
	"context"
	"net/http"
	"strings"

	"github.com/betagouv/espace-membre/internal/platform/mail"
)

// Mailer sends transactional mail by Brevo's API; it is a [mail.Sender].
type Mailer struct {
	client   *Client
	from     string
	fromName string
}

// Mailer makes a sender. The address must be a sender that the Brevo account knows; the name may be empty.
func (c *Client) Mailer(from, fromName string) *Mailer {
	if fromName == "" {
		fromName = "Espace Membre BetaGouv"
	}
	return &Mailer{client: c, from: from, fromName: fromName}
}

// Send delivers one message; see [mail.Sender]. A call that got no answer, or a 5xx other than
// 503, has its answer lost. Brevo chooses the Message-ID; the idempotency key, made of the action's
// key, lets it recognise for half an hour a message that it was already given.
func (m *Mailer) Send(ctx context.Context, message mail.Message) error {
	if err := message.Check(); err != nil {
		return err
	}
	err := m.client.http.Do(ctx, http.MethodPost, "/smtp/email", m.body(message), nil)
	switch code, text := refusal(err); {
	case code == "duplicate_parameter" && message.Key != "":
		return nil // it has this very message already
	case code == "invalid_parameter" && strings.HasSuffix(text, "in to"):
		return mail.AddressRefused(mail.Refusal{Code: http.StatusBadRequest, Status: code}, err)
	}
	return err
}

type party struct {
	Email string `json:"email"`
	Name  string `json:"name,omitempty"`
}

type outgoing struct {
	Sender  party             `json:"sender"`
	To      []party           `json:"to"`
	ReplyTo *party            `json:"replyTo,omitempty"`
	Subject string            `json:"subject"`
	HTML    string            `json:"htmlContent,omitempty"`
	Text    string            `json:"textContent"`
	Headers map[string]string `json:"headers,omitempty"`
}

func (m *Mailer) body(message mail.Message) outgoing {
	body := outgoing{
		Sender: party{m.from, m.fromName}, To: []party{{Email: message.To}},
		Subject: message.Subject, HTML: message.HTML, Text: message.Text, Headers: message.Headers(),
	}
	if message.ReplyTo != "" {
		body.ReplyTo = &party{Email: message.ReplyTo}
	}
	if message.Key != "" {
		if body.Headers == nil {
			body.Headers = map[string]string{}
		}
		body.Headers["idempotencyKey"] = message.UniqueID().String()
	}
	return body
}

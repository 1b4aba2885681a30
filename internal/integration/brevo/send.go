package brevo

import (
	"context"
	"net/http"

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
// 503, has its answer lost. Brevo chooses the Message-ID.
func (m *Mailer) Send(ctx context.Context, message mail.Message) error {
	if err := message.Check(); err != nil {
		return err
	}
	type person struct {
		Email string `json:"email"`
		Name  string `json:"name,omitempty"`
	}
	body := struct {
		Sender  person   `json:"sender"`
		To      []person `json:"to"`
		ReplyTo *person  `json:"replyTo,omitempty"`
		Subject string   `json:"subject"`
		HTML    string   `json:"htmlContent,omitempty"`
		Text    string   `json:"textContent"`
	}{Sender: person{m.from, m.fromName}, To: []person{{Email: message.To}}, Subject: message.Subject, HTML: message.HTML, Text: message.Text}
	if message.ReplyTo != "" {
		body.ReplyTo = &person{Email: message.ReplyTo}
	}
	return m.client.http.Do(ctx, http.MethodPost, "/smtp/email", body, nil)
}

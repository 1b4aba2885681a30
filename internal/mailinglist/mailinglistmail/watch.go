// Package mailinglistmail watches what leaves by mail, so that an address that refuses our mails is
// told to its owner and to administrators.
package mailinglistmail

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/betagouv/espace-membre/internal/mailinglist"
	"github.com/betagouv/espace-membre/internal/platform/mail"
)

// Watched sends through another sender and records the addresses that are refused for good.
type Watched struct {
	next mail.Sender
	room *mailinglist.Service
}

var _ mail.Sender = Watched{}

// Watch puts the room between the letters and the sender.
func Watch(next mail.Sender, room *mailinglist.Service) Watched { return Watched{next, room} }

// recordTime bounds the writing, which goes on when the delivery ran out of time.
const recordTime = 5 * time.Second

// Send delivers one message; see [mail.Sender]. What becomes of the message does not depend on the
// recording: a mail that left has left.
func (w Watched) Send(ctx context.Context, m mail.Message) error {
	sent := w.next.Send(ctx, m)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordTime)
	defer cancel()
	if sent == nil {
		// An error here must not make the action send again; the next mail corrects the note.
		_ = w.room.Received(ctx, m.To, false)
		return nil
	}
	if refusal, ok := mail.RefusedAddress(sent); ok {
		if err := w.room.Record(ctx, undelivered(m, refusal)); err != nil {
			return fmt.Errorf("%w (and the refusal could not be written: %w)", sent, err)
		}
	}
	return sent
}

func undelivered(m mail.Message, r mail.Refusal) mailinglist.Undelivered {
	u := mailinglist.Undelivered{
		Address: m.To, Kind: mailinglist.Refused, Source: "smtp", MessageKey: m.Key, Subject: m.Subject,
		Detail: strings.TrimSpace(fmt.Sprintf("%d %s", r.Code, r.Status)),
	}
	if r.Code < 500 { // an API's answer, not SMTP's
		u.Kind, u.Source, u.Detail = mailinglist.InvalidEmail, "brevo", r.Status
	}
	return u
}

package sandbox

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/betagouv/espace-membre/internal/integration/brevo/brevosim"
)

// bounces tells whether a mail accepted for some recipients comes back.
func (s *Sandbox) bounces(to string) bool {
	bounced := false
	for one := range strings.SplitSeq(to, ", ") {
		bounced = s.faults.PickBounce(one) || bounced
	}
	return bounced
}

// bounce returns a mail that was accepted: a report reaches its sender, as a mail server does
// (RFC 3464), and the portal's hook is told, as Brevo does.
func (s *Sandbox) bounce(m Mail) {
	if err := s.Deliver(report(m)); err != nil {
		s.options.Logger.Error("bounce not kept", "error", err)
	}
	s.tellHook(m)
}

const noMailbox = "550 5.1.1 No such user here"

// report is the mail that a server sends to the sender of a mail that it could not deliver.
func report(m Mail) Mail {
	return Mail{
		From: "mailer-daemon@localhost", FromName: "Mail Delivery System", To: m.From, Subject: "Undelivered Mail Returned to Sender",
		MessageID: "bounce-of-" + m.MessageID,
		Headers:   map[string]string{"Auto-Submitted": "auto-replied", "Content-Type": "multipart/report; report-type=delivery-status"},
		Text: fmt.Sprintf("This is the mail system of the sandbox.\n\nYour message could not be delivered.\n\n"+
			"Final-Recipient: rfc822; %s\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; %s\nX-Original-Message-ID: <%s>\nX-Original-Subject: %s\n",
			m.To, noMailbox, m.MessageID, m.Subject),
	}
}

// tellHook calls the portal in the background, a few times if it does not answer.
func (s *Sandbox) tellHook(m Mail) {
	if s.options.HookURL == "" {
		return
	}
	now := s.options.Clock.Now()
	body, err := json.Marshal(map[string]any{
		"event": "hard_bounce", "email": m.To, "id": now.Unix(), "date": now.Format(time.DateTime), "ts": now.Unix(), "ts_event": now.Unix(),
		"message-id": "<" + m.MessageID + ">", "subject": m.Subject, "tag": "", "tags": []string{}, "reason": noMailbox,
	})
	if err != nil { // impossible: texts and numbers
		return
	}
	s.calls.Go(func() {
		for range 3 {
			if s.call(body) {
				return
			}
			time.Sleep(hookPause)
		}
		s.options.Logger.Warn("the portal was not told of a bounce")
	})
}

const hookPause = 300 * time.Millisecond

func (s *Sandbox) call(body []byte) bool {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, s.options.HookURL, bytes.NewReader(body))
	if err != nil {
		return false
	}
	r.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return false
	}
	defer answer.Body.Close()
	return answer.StatusCode < 300
}

// FromBrevo puts a mail that the simulated Brevo sends among the caught ones, or returns it.
func (s *Sandbox) FromBrevo(d brevosim.Delivery) error {
	m := Mail{
		From: d.From, FromName: d.FromName, To: d.To, ReplyTo: d.ReplyTo, Subject: d.Subject,
		Text: d.Text, HTML: d.HTML, MessageID: d.MessageID, Headers: d.Headers,
	}
	if s.faults.PickBounce(m.To) {
		m.Bounced = true
		if err := s.Deliver(m); err != nil {
			return err
		}
		s.tellHook(m)
		return brevosim.ErrBounced
	}
	return s.Deliver(m)
}

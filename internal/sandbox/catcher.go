package sandbox

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"time"

	"github.com/emersion/go-sasl"
	gosmtp "github.com/emersion/go-smtp"

	"github.com/betagouv/espace-membre/internal/sandbox/simkit"
)

// newCatcher makes the SMTP server: no encryption, any credentials or none, any sender.
func (s *Sandbox) newCatcher() *gosmtp.Server {
	server := gosmtp.NewServer(gosmtp.BackendFunc(func(c *gosmtp.Conn) (gosmtp.Session, error) {
		return &delivery{sandbox: s, conn: c}, nil
	}))
	server.Domain = "localhost"
	server.AllowInsecureAuth = true
	server.EnableSMTPUTF8 = true
	server.MaxMessageBytes = 25 << 20
	server.MaxRecipients = 50
	server.ReadTimeout, server.WriteTimeout = time.Minute, time.Minute
	server.ErrorLog = slog.NewLogLogger(s.options.Logger.Handler(), slog.LevelDebug)
	return server
}

// delivery is one SMTP conversation.
type delivery struct {
	sandbox *Sandbox
	conn    *gosmtp.Conn
	from    string
	to      []string
}

// AuthMechanisms says that PLAIN is accepted.
func (d *delivery) AuthMechanisms() []string { return []string{sasl.Plain} }

// Auth accepts any credentials.
func (d *delivery) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, _, _ string) error { return nil }), nil
}

// Mail notes the sender.
func (d *delivery) Mail(from string, _ *gosmtp.MailOptions) error {
	d.from = from
	return nil
}

// Rcpt notes a recipient, or refuses it when a switch says so.
func (d *delivery) Rcpt(to string, _ *gosmtp.RcptOptions) error {
	if d.sandbox.faults.PickRefusal(to) {
		d.write(to, 550, "", simkit.Refuse)
		return answered(550, 5, 1, 1, "No such user here")
	}
	d.to = append(d.to, to)
	return nil
}

// Reset forgets the message.
func (d *delivery) Reset() { d.from, d.to = "", nil }

// Logout ends the conversation.
func (d *delivery) Logout() error { return nil }

// Data receives the message, suffers what the switches say, and keeps it.
func (d *delivery) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return fmt.Errorf("receive message: %w", err)
	}
	m, err := parse(bytes.NewReader(raw))
	if err != nil {
		d.write(strings.Join(d.to, ", "), 554, "", "")
		return answered(554, 5, 6, 0, "Unreadable message")
	}
	m.To = strings.Join(d.to, ", ")
	if m.From == "" {
		m.From = d.from
	}
	trouble := d.sandbox.faults.Pick(simkit.SMTP, "MAIL", m.To)
	m.Bounced = trouble.Fault == nil && d.sandbox.bounces(m.To)
	time.Sleep(trouble.DelayBefore)
	if trouble.Fault == nil || trouble.Fault.When == simkit.After {
		if err := d.sandbox.Deliver(m); err != nil {
			d.sandbox.options.Logger.Error("mail not kept", "error", err)
			return answered(451, 4, 3, 0, "Local error")
		}
	}
	time.Sleep(trouble.DelayAfter)
	if m.Bounced {
		d.write(m.To, 250, m.Subject, simkit.Bounce)
		d.sandbox.bounce(m)
		return nil
	}
	return d.answer(m, trouble)
}

func (d *delivery) answer(m Mail, trouble simkit.Trouble) error {
	if trouble.Fault == nil {
		kind := simkit.Kind("")
		if trouble.DelayBefore+trouble.DelayAfter > 0 {
			kind = simkit.Slow
		}
		d.write(m.To, 250, m.Subject, kind)
		return nil
	}
	fault := *trouble.Fault
	switch fault.Kind {
	case simkit.Drop:
		d.write(m.To, 0, m.Subject, fault.Kind)
		_ = d.conn.Conn().Close() // that is the point
		return answered(421, 4, 3, 0, "Closing")
	case simkit.RateLimit:
		d.write(m.To, 452, m.Subject, fault.Kind)
		return answered(452, 4, 5, 3, "Too many messages, try again later")
	}
	code := 451
	if fault.Status != 0 {
		code = fault.Status
	}
	d.write(m.To, code, m.Subject, fault.Kind)
	return answered(code, code/100, 3, 0, "Temporary failure of the sandbox")
}

func (d *delivery) write(to string, status int, subject string, kind simkit.Kind) {
	entry := simkit.Entry{Vendor: simkit.SMTP, Method: "MAIL", Path: to, Status: status, Body: subject, Fault: kind}
	if err := d.sandbox.journal.Add(entry); err != nil {
		d.sandbox.options.Logger.Error("journal not written", "error", err)
	}
}

func answered(code, class, subject, detail int, text string) error {
	return &gosmtp.SMTPError{Code: code, EnhancedCode: gosmtp.EnhancedCode{class, subject, detail}, Message: text}
}

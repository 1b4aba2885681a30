package app

import (
	"context"
	"log/slog"

	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/config"
	"github.com/betagouv/espace-membre/internal/platform/mail"
)

// newSender gives the way in which mails leave; nil when none is configured.
func newSender(settings config.Config, clk clock.Clock) (mail.Sender, error) {
	if !settings.Enabled("mail") {
		return nil, nil
	}
	if settings.Mail.UseBrevo {
		return newBrevo(settings).Mailer(settings.Mail.Sender, settings.Mail.SenderName), nil
	}
	return newSMTP(settings, clk)
}

// pingMail asks the mail server, or Brevo, whether it answers and accepts our credentials.
func pingMail(ctx context.Context, settings config.Config) error {
	if settings.Mail.UseBrevo {
		return newBrevo(settings).Ping(ctx)
	}
	sender, err := newSMTP(settings, clock.System{})
	if err != nil {
		return err
	}
	return sender.Ping(ctx)
}

func newSMTP(settings config.Config, clk clock.Clock) (*mail.SMTP, error) {
	return mail.NewSMTP(mail.SMTPConfig{
		From: settings.Mail.Sender, FromName: settings.Mail.SenderName,
		Service: settings.Mail.Service, Host: settings.Mail.Host, Port: settings.Mail.Port,
		IgnoreTLS: settings.Mail.IgnoreTLS, User: settings.Mail.User, Password: settings.Mail.Password.Reveal(), Clock: clk,
		Debug: mailLog(settings),
	})
}

// mailLog gives where the SMTP conversations are told, when MAIL_DEBUG asks for it: their lines are
// raised to the level that the log keeps.
func mailLog(settings config.Config) *slog.Logger {
	if !settings.Mail.Debug {
		return nil
	}
	return slog.New(raised{slog.Default().Handler()})
}

// raised keeps debug lines in a log of informations.
type raised struct{ slog.Handler }

// Enabled is true of every line.
func (raised) Enabled(context.Context, slog.Level) bool { return true }

// Handle writes a debug line as an information.
func (r raised) Handle(ctx context.Context, record slog.Record) error {
	record.Level = max(record.Level, slog.LevelInfo)
	return r.Handler.Handle(ctx, record)
}

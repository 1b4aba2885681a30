package app

import (
	"context"
	"log/slog"

	"github.com/betagouv/espace-membre/internal/platform/config"
)

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

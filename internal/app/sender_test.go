package app

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"

	"github.com/betagouv/espace-membre/internal/platform/config"
)

// MAIL_DEBUG tells the conversations in a log that keeps no debug line.
func TestMailDebugIsHeard(t *testing.T) {
	var log bytes.Buffer
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelInfo})))
	t.Cleanup(func() { slog.SetDefault(before) })
	settings := config.Config{}
	if mailLog(settings) != nil {
		t.Error("conversations are told without being asked")
	}
	settings.Mail.Debug = true
	mailLog(settings).Debug("smtp", "line", "EHLO")
	if !strings.Contains(log.String(), "EHLO") {
		t.Errorf("nothing heard: %q", log.String())
	}
}

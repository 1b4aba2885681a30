package sandbox_test

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/platform/mail"
	"github.com/betagouv/espace-membre/internal/sandbox/simkit"
)

func copied(t *testing.T, dir string) string {
	t.Helper()
	to := t.TempDir()
	if err := os.CopyFS(filepath.Join(to, "copy"), os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(to, "copy")
}

// cut removes the last bytes of a file.
func cut(t *testing.T, path string, bytes int64) {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(path, info.Size()-bytes); err != nil {
		t.Fatal(err)
	}
}

func (s *started) sender(t *testing.T) *mail.SMTP {
	t.Helper()
	host, port, err := net.SplitHostPort(s.smtp)
	if err != nil {
		t.Fatal(err)
	}
	number, err := strconv.Atoi(port)
	if err != nil {
		t.Fatal(err)
	}
	sender, err := mail.NewSMTP(mail.SMTPConfig{From: "espace-membre@incubateur.net", Host: host, Port: number, Timeout: 3 * time.Second, Clock: clock.At(clock.MustDay("2024-12-19"), 10, 0)})
	if err != nil {
		t.Fatal(err)
	}
	return sender
}

func letter(t *testing.T, to string) mail.Message {
	t.Helper()
	m, err := mail.Letter{
		Subject: "Ton adresse est prête – œuvre d’été", Preheader: "Voilà", Title: "Prête",
		Leave:  mail.LeaveMembersList("https://exemple.org/lists/unsubscribe?membre=0f7c0f56-98a1-4c3e-9d0c-1f1f1f1f1f1f&signature=abcdefghijklmnopqrstuvwx"),
		Blocks: []mail.Block{mail.Para("Bonjour Élodie,"), mail.Button{Label: "Me connecter", URL: "https://exemple.org/login?a=1&b=" + strings.Repeat("x", 300)}},
	}.Message("sendOnboarding/1234/x", to)
	if err != nil {
		t.Fatal(err)
	}
	m.ReplyTo = "aide@exemple.org"
	return m
}

func TestLetterArrivesWhole(t *testing.T) {
	box := start(t, "")
	sent := letter(t, "camille.durand@exemple.org")
	sender := box.sender(t)
	if err := sender.Ping(context.Background()); err != nil {
		t.Fatal(err)
	}
	if err := sender.Send(context.Background(), sent); err != nil {
		t.Fatal(err)
	}
	mails := box.Mails()
	if len(mails) != 1 {
		t.Fatalf("%d mails", len(mails))
	}
	got := mails[0]
	for name, pair := range map[string][2]string{
		"from": {got.From, "espace-membre@incubateur.net"}, "from name": {got.FromName, "Espace Membre BetaGouv"}, "to": {got.To, sent.To},
		"reply": {got.ReplyTo, sent.ReplyTo}, "subject": {got.Subject, sent.Subject}, "text": {got.Text, sent.Text}, "html": {got.HTML, sent.HTML},
		"message id": {got.MessageID, sent.MessageID("incubateur.net")}, "date": {got.Headers["Date"], "Thu, 19 Dec 2024 10:00:00 +0100"},
		"user agent": {got.Headers["User-Agent"] + got.Headers["X-Mailer"], ""}, "auto": {got.Headers["Auto-Submitted"], "auto-generated"},
		"way out": {got.Headers["List-Unsubscribe"], "<" + sent.Leave + ">"}, "one click": {got.Headers["List-Unsubscribe-Post"], "List-Unsubscribe=One-Click"},
	} {
		if pair[0] != pair[1] {
			t.Errorf("%s: %q, want %q", name, pair[0], pair[1])
		}
	}
	entries := box.Journal().Entries("smtp")
	if len(entries) != 1 || entries[0].Status != 250 || entries[0].Path != sent.To || entries[0].Body != sent.Subject {
		t.Errorf("journal: %+v", entries)
	}
}

func TestWhatBecomesOfAMessage(t *testing.T) {
	for _, c := range []struct {
		name  string
		fault simkit.Fault
		kind  fault.Kind
		lost  bool
		mails int
	}{
		{"refused address", simkit.Fault{Kind: simkit.Refuse, Path: "Camille@exemple.org"}, fault.Invalid, false, 0},
		{"another address is refused", simkit.Fault{Kind: simkit.Refuse, Path: "autre@exemple.org"}, -1, false, 1},
		{"temporary failure", simkit.Fault{Kind: simkit.Error, When: simkit.Before}, fault.Unavailable, false, 0},
		{"failure for good", simkit.Fault{Kind: simkit.Error, Status: 554, When: simkit.Before}, fault.Invalid, false, 0},
		{"too many", simkit.Fault{Kind: simkit.RateLimit, When: simkit.Before}, fault.Unavailable, false, 0},
		{"dropped after the final dot, not kept", simkit.Fault{Kind: simkit.Drop, When: simkit.Before}, fault.Unavailable, true, 0},
		{"dropped after the final dot, kept", simkit.Fault{Kind: simkit.Drop, When: simkit.After}, fault.Unavailable, true, 1},
		{"slow", simkit.Fault{Kind: simkit.Slow, LatencyMS: 50, When: simkit.Before}, -1, false, 1},
		{"too slow", simkit.Fault{Kind: simkit.Slow, LatencyMS: 3300, When: simkit.After}, fault.Unavailable, true, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			box := start(t, "")
			c.fault.Vendor, c.fault.Rate = simkit.SMTP, 1
			if err := c.fault.Check([]string{simkit.SMTP}); err != nil {
				t.Fatal(err)
			}
			box.Faults().Add(c.fault)
			err := box.sender(t).Send(context.Background(), letter(t, "camille@exemple.org"))
			switch {
			case c.kind < 0 && err != nil:
				t.Errorf("refused: %v", err)
			case c.kind >= 0 && (!fault.Is(err, c.kind) || fault.AnswerLost(err) != c.lost || fault.Public(err) == ""):
				t.Errorf("%v: kind %s, lost %v", err, fault.KindOf(err), fault.AnswerLost(err))
			}
			if err != nil && strings.Contains(err.Error(), "camille") {
				t.Errorf("the error shows an address: %v", err)
			}
			if len(box.Mails()) != c.mails {
				t.Errorf("%d mails, want %d", len(box.Mails()), c.mails)
			}
		})
	}
}

func TestNobodyListens(t *testing.T) {
	box := start(t, "")
	sender := box.sender(t)
	box.close(t)
	err := sender.Send(context.Background(), letter(t, "camille@exemple.org"))
	if !fault.Is(err, fault.Unavailable) || fault.AnswerLost(err) {
		t.Errorf("%v, lost %v", err, fault.AnswerLost(err))
	}
}

package mail

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	gosmtp "github.com/emersion/go-smtp"

	"github.com/betagouv/espace-membre/internal/platform/fault"
)

// relay is an SMTP server that remembers what it was told.
type relay struct {
	mu       sync.Mutex
	messages []string
	users    []string
	tls      bool
	port     int
}

type conversation struct {
	relay *relay
	conn  *gosmtp.Conn
}

func (c *conversation) Reset()                                 {}
func (c *conversation) Logout() error                          { return nil }
func (c *conversation) Mail(string, *gosmtp.MailOptions) error { return nil }
func (c *conversation) Rcpt(string, *gosmtp.RcptOptions) error { return nil }
func (c *conversation) Data(r io.Reader) error {
	text, err := io.ReadAll(r)
	c.relay.mu.Lock()
	defer c.relay.mu.Unlock()
	_, c.relay.tls = c.conn.TLSConnectionState()
	c.relay.messages = append(c.relay.messages, string(text))
	return err
}

type withAuth struct{ *conversation }

func (c withAuth) AuthMechanisms() []string { return []string{sasl.Plain} }

func (c withAuth) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if password != "s3cret" {
			return gosmtp.ErrAuthFailed
		}
		c.relay.mu.Lock()
		defer c.relay.mu.Unlock()
		c.relay.users = append(c.relay.users, user)
		return nil
	}), nil
}

type relayOptions struct{ startTLS, implicit, auth, clearAuth bool }

func newRelay(t *testing.T, o relayOptions) (*relay, *tls.Config) {
	t.Helper()
	certificates := httptest.NewUnstartedServer(nil)
	certificates.StartTLS()
	t.Cleanup(certificates.Close)
	r := &relay{}
	server := gosmtp.NewServer(gosmtp.BackendFunc(func(c *gosmtp.Conn) (gosmtp.Session, error) {
		if o.auth {
			return withAuth{&conversation{relay: r, conn: c}}, nil
		}
		return &conversation{relay: r, conn: c}, nil
	}))
	server.AllowInsecureAuth, server.ErrorLog = o.clearAuth, slog.NewLogLogger(slog.DiscardHandler, 0)
	server.ReadTimeout = 5 * time.Second
	if o.startTLS {
		server.TLSConfig = &tls.Config{Certificates: certificates.TLS.Certificates, MinVersion: tls.VersionTLS12}
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r.port = listener.Addr().(*net.TCPAddr).Port
	if o.implicit {
		listener = tls.NewListener(listener, &tls.Config{Certificates: certificates.TLS.Certificates, MinVersion: tls.VersionTLS12})
	}
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close() })
	trusted := x509.NewCertPool()
	trusted.AddCert(certificates.Certificate())
	return r, &tls.Config{ServerName: "127.0.0.1", RootCAs: trusted, MinVersion: tls.VersionTLS12}
}

func (r *relay) sender(t *testing.T, config *tls.Config, change func(*SMTPConfig)) *SMTP {
	t.Helper()
	c := SMTPConfig{From: "espace@exemple.org", Host: "127.0.0.1", Port: r.port, Timeout: 3 * time.Second, TLS: config}
	if change != nil {
		change(&c)
	}
	sender, err := NewSMTP(c)
	if err != nil {
		t.Fatal(err)
	}
	return sender
}

var short = Message{Key: "k", To: "camille@exemple.org", Subject: "Objet", Text: "Bonjour\n.\nsuite"}

func TestEncryption(t *testing.T) {
	for _, c := range []struct {
		name     string
		server   relayOptions
		ignore   bool
		implicit bool
		want     bool
	}{
		{name: "STARTTLS offered", server: relayOptions{startTLS: true}, want: true},
		{name: "STARTTLS offered and ignored", server: relayOptions{startTLS: true}, ignore: true},
		{name: "STARTTLS not offered"},
		{name: "from the first byte", server: relayOptions{implicit: true}, implicit: true, want: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			relay, config := newRelay(t, c.server)
			sender := relay.sender(t, config, func(s *SMTPConfig) { s.IgnoreTLS = c.ignore })
			sender.implicit = c.implicit
			if err := sender.Send(context.Background(), short); err != nil {
				t.Fatal(err)
			}
			if relay.tls != c.want && !c.implicit || len(relay.messages) != 1 || !strings.Contains(relay.messages[0], "\r\n.\r\nsuite") {
				t.Errorf("encrypted: %v, messages: %q", relay.tls, relay.messages)
			}
		})
	}
}

func TestUnknownCertificateIsRefused(t *testing.T) {
	relay, _ := newRelay(t, relayOptions{startTLS: true})
	err := relay.sender(t, nil, nil).Send(context.Background(), short)
	if !fault.Is(err, fault.Unavailable) || fault.AnswerLost(err) || len(relay.messages) != 0 {
		t.Errorf("%v, %d messages", err, len(relay.messages))
	}
}

func TestAuthentication(t *testing.T) {
	for _, c := range []struct {
		name     string
		server   relayOptions
		password string
		ignore   bool
		sent     bool
		users    int
	}{
		{"over STARTTLS", relayOptions{startTLS: true, auth: true}, "s3cret", false, true, 1},
		{"never in clear by itself", relayOptions{auth: true, clearAuth: true}, "s3cret", false, false, 0},
		{"in clear when asked not to encrypt", relayOptions{auth: true, clearAuth: true}, "s3cret", true, true, 1},
		{"wrong password", relayOptions{startTLS: true, auth: true}, "tr0mpé", false, false, 0},
		{"a server that asks for none", relayOptions{}, "s3cret", false, true, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			relay, config := newRelay(t, c.server)
			sender := relay.sender(t, config, func(s *SMTPConfig) { s.User, s.Password, s.IgnoreTLS = "utilisateur", c.password, c.ignore })
			err := sender.Send(context.Background(), short)
			if c.sent != (err == nil) || len(relay.users) != c.users {
				t.Errorf("%v, users %v", err, relay.users)
			}
			if err != nil && (!fault.Is(err, fault.Unavailable) || fault.AnswerLost(err) || strings.Contains(err.Error(), c.password) || strings.Contains(err.Error(), "utilisateur")) {
				t.Errorf("%v: %s", err, fault.KindOf(err))
			}
		})
	}
}

// script plays the server's side of a conversation on one connection.
func script(t *testing.T, play func(conn net.Conn, lines *bufio.Scanner)) *relay {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		play(conn, bufio.NewScanner(conn))
	}()
	return &relay{port: listener.Addr().(*net.TCPAddr).Port}
}

// answering answers each command in turn; after the last one it hangs up.
func answering(answers ...string) func(net.Conn, *bufio.Scanner) {
	return func(conn net.Conn, lines *bufio.Scanner) {
		for _, answer := range answers {
			_, _ = io.WriteString(conn, answer+"\r\n")
			if !lines.Scan() {
				return
			}
		}
	}
}

func TestConnectionLost(t *testing.T) {
	const ok = "250 ok"
	for _, c := range []struct {
		name    string
		answers []string
		kind    fault.Kind
		lost    bool
	}{
		{"at once", nil, fault.Unavailable, false},
		{"after the greeting", []string{"220 hello"}, fault.Unavailable, false},
		{"after the recipient", []string{"220 hello", ok, ok, ok, ok}, fault.Unavailable, false},
		{"busy", []string{"421 4.3.2 come back later"}, fault.Unavailable, false},
		{"greylisted", []string{"220 hello", ok, ok, ok, "451 4.7.1 later camille@exemple.org", ok}, fault.Unavailable, false},
		{"no such mailbox", []string{"220 hello", ok, ok, ok, "550 5.1.1 camille@exemple.org unknown", ok}, fault.Invalid, false},
		{"sender refused", []string{"220 hello", ok, ok, "553 5.7.1 not you", ok}, fault.Invalid, false},
		{"content refused at once", []string{"220 hello", ok, ok, ok, ok, "554 5.7.1 no", ok}, fault.Invalid, false},
		{"nonsense", []string{"hello?"}, fault.Unavailable, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := script(t, answering(c.answers...)).sender(t, nil, nil).Send(context.Background(), short)
			if !fault.Is(err, c.kind) || fault.AnswerLost(err) != c.lost || fault.Public(err) == "" {
				t.Errorf("%v: kind %s, lost %v", err, fault.KindOf(err), fault.AnswerLost(err))
			}
			if err != nil && strings.Contains(err.Error(), "camille") {
				t.Errorf("the error shows an address: %v", err)
			}
		})
	}
}

// untilData answers well up to the content.
func untilData(conn net.Conn, lines *bufio.Scanner) {
	_, _ = io.WriteString(conn, "220 hello\r\n")
	for lines.Scan() {
		if lines.Text() == "DATA" {
			_, _ = io.WriteString(conn, "354 go\r\n")
			return
		}
		_, _ = io.WriteString(conn, "250 ok\r\n")
	}
}

func TestLostOnlyAfterTheFinalDot(t *testing.T) {
	cutInside := script(t, func(conn net.Conn, lines *bufio.Scanner) {
		untilData(conn, lines)
		lines.Scan()
		_ = conn.(*net.TCPConn).SetLinger(0)
	})
	long := short
	long.Text = strings.Repeat("Une ligne assez longue pour remplir les tampons.\n", 400_000)
	err := cutInside.sender(t, nil, nil).Send(context.Background(), long)
	if !fault.Is(err, fault.Unavailable) || fault.AnswerLost(err) {
		t.Errorf("cut inside the content: %v, lost %v", err, fault.AnswerLost(err))
	}

	cutAfter := script(t, func(conn net.Conn, lines *bufio.Scanner) {
		untilData(conn, lines)
		for lines.Scan() && lines.Text() != "." {
		}
	})
	err = cutAfter.sender(t, nil, nil).Send(context.Background(), short)
	if !fault.Is(err, fault.Unavailable) || !fault.AnswerLost(err) {
		t.Errorf("cut after the final dot: %v, lost %v", err, fault.AnswerLost(err))
	}

	acceptedThenCut := script(t, func(conn net.Conn, lines *bufio.Scanner) {
		untilData(conn, lines)
		for lines.Scan() && lines.Text() != "." {
		}
		_, _ = io.WriteString(conn, "250 accepted\r\n")
	})
	if err := acceptedThenCut.sender(t, nil, nil).Send(context.Background(), short); err != nil {
		t.Errorf("accepted, then hung up: %v", err)
	}
}

func TestCancelledDelivery(t *testing.T) {
	silent := script(t, func(conn net.Conn, lines *bufio.Scanner) {
		untilData(conn, lines)
		for lines.Scan() {
		}
	})
	ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
	defer cancel()
	began := time.Now()
	err := silent.sender(t, nil, nil).Send(ctx, short)
	if !fault.AnswerLost(err) || time.Since(began) > 2*time.Second {
		t.Errorf("%v after %s, lost %v", err, time.Since(began), fault.AnswerLost(err))
	}
}

func TestMessagesAreChecked(t *testing.T) {
	sender := (&relay{port: 1}).sender(t, nil, nil)
	for name, change := range map[string]func(*Message){
		"no recipient":   func(m *Message) { m.To = "" },
		"two recipients": func(m *Message) { m.To = "a@exemple.org, b@exemple.org" },
		"a name":         func(m *Message) { m.To = "Camille <a@exemple.org>" },
		"a header":       func(m *Message) { m.To = "a@exemple.org\r\nBcc: b@exemple.org" },
		"a second line":  func(m *Message) { m.Subject = "a\r\nBcc: b@exemple.org" },
		"no subject":     func(m *Message) { m.Subject = "" },
		"no text":        func(m *Message) { m.Text = "" },
		"bad reply":      func(m *Message) { m.ReplyTo = "nobody" },
	} {
		m := short
		change(&m)
		if err := sender.Send(context.Background(), m); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestMessageID(t *testing.T) {
	a, b := Message{Key: "a"}, Message{Key: "b"}
	first, again := a.MessageID("x.org"), a.MessageID("x.org")
	if first != again || a.MessageID("x.org") == b.MessageID("x.org") || !strings.HasSuffix(a.MessageID("x.org"), "@x.org") {
		t.Errorf("%s, %s", a.MessageID("x.org"), b.MessageID("x.org"))
	}
	one, other := Message{}.MessageID("x.org"), Message{}.MessageID("x.org")
	if one == other {
		t.Error("two messages without key have the same identifier")
	}
}

func TestServices(t *testing.T) {
	for name, want := range map[string]string{"maildev": "localhost:1025", "SendinBlue": "smtp-relay.brevo.com:587", "Mail-Jet": "in-v3.mailjet.com:587", "GMAIL": "smtp.gmail.com:465"} {
		sender, err := NewSMTP(SMTPConfig{From: "a@exemple.org", Service: name, Host: "ignored", Port: 2525})
		if err != nil || sender.Address() != want {
			t.Errorf("%s: %v, %v", name, sender, err)
		}
	}
	if sender, err := NewSMTP(SMTPConfig{From: "a@exemple.org", Service: "inconnu", Host: "relais"}); err != nil || sender.Address() != "relais:25" {
		t.Errorf("unknown service with a host: %v", err)
	}
	for _, c := range []SMTPConfig{{From: "a@exemple.org"}, {From: "nobody", Host: "relais"}, {From: "a@exemple.org", Service: "inconnu"}} {
		if _, err := NewSMTP(c); err == nil {
			t.Errorf("%+v accepted", c)
		}
	}
}

func TestTrackingIsOff(t *testing.T) {
	relay, config := newRelay(t, relayOptions{})
	sender := relay.sender(t, config, nil)
	sender.headers = trackingOff("SendinBlue")
	if err := sender.Send(context.Background(), short); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(relay.messages[0], "X-Mailjet-TrackClick: 0") {
		t.Errorf("headers: %s", relay.messages[0])
	}
	if trackingOff("gmail") != nil {
		t.Error("headers for a service that does not track")
	}
}

func TestDebugIsDiscreet(t *testing.T) {
	relay, config := newRelay(t, relayOptions{startTLS: true, auth: true})
	var log bytes.Buffer
	sender := relay.sender(t, config, func(s *SMTPConfig) {
		s.User, s.Password = "utilisateur", "s3cret"
		s.Debug = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	})
	if err := sender.Send(context.Background(), short); err != nil {
		t.Fatal(err)
	}
	text := log.String()
	if !strings.Contains(text, "RCPT TO") {
		t.Errorf("nothing was logged:\n%s", text)
	}
	for _, private := range []string{"camille", "s3cret", "utilisateur", "Bonjour", "AHV0aWxpc2F0ZXVy"} {
		if strings.Contains(text, private) {
			t.Errorf("the log shows %q:\n%s", private, text)
		}
	}
}

func TestRefusalNeverShowsAddresses(t *testing.T) {
	err := refused(fmt.Errorf("dial: %w", errors.New("550 <camille.durand@exemple.org>: unknown")), &wire{})
	if strings.Contains(err.Error(), "camille") {
		t.Error(err)
	}
}

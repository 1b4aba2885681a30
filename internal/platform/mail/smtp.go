package mail

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strconv"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"

	"github.com/betagouv/espace-membre/internal/platform/clock"
)

// SMTPConfig tells how messages leave by SMTP. The names of the settings are in brackets.
type SMTPConfig struct {
	From      string        // sender address [MAIL_SENDER]
	FromName  string        // shown beside it; empty: "Espace Membre BetaGouv"
	Service   string        // known service, which wins over host, port and TLS [MAIL_SERVICE]
	Host      string        // [MAIL_HOST]
	Port      int           // zero: 25; 465: TLS from the first byte [MAIL_PORT]
	IgnoreTLS bool          // never encrypt; else STARTTLS as soon as the server offers it [MAIL_IGNORE_TLS]
	User      string        // empty: no authentication [MAIL_USER]
	Password  string        // [MAIL_PASS]
	Timeout   time.Duration // of one whole delivery; zero: 30 s
	Keep      time.Duration // how long a free connection waits for another message; zero: 15 s, negative: not at all
	Clock     clock.Clock   // dates the messages; nil: the system's
	Debug     *slog.Logger  // commands and answers without addresses, credentials or content [MAIL_DEBUG]; nil: none
	TLS       *tls.Config   // nil: certificates of the system
}

const implicitTLS = 465 // port on which TLS starts before SMTP (RFC 8314)

// SMTP sends messages through one server. A connection carries several messages when they follow
// each other closely. It is safe for concurrent use.
type SMTP struct {
	config   SMTPConfig
	domain   string
	headers  map[string]string
	implicit bool // TLS from the first byte
	pool     *pool
}

// NewSMTP checks the settings; it does not connect.
func NewSMTP(c SMTPConfig) (*SMTP, error) {
	if service, ok := ServiceNamed(c.Service); ok {
		c.Host, c.Port, c.IgnoreTLS = service.Host, service.Port, service.IgnoreTLS
	}
	if c.Host == "" {
		return nil, fmt.Errorf("mail: no SMTP server: neither a host nor a known service")
	}
	domain, err := domainOf(c.From)
	if err != nil {
		return nil, err
	}
	if c.FromName == "" {
		c.FromName = "Espace Membre BetaGouv"
	}
	if c.Port == 0 {
		c.Port = 25
	}
	if c.Timeout == 0 {
		c.Timeout = 30 * time.Second
	}
	if c.Keep == 0 {
		c.Keep = 15 * time.Second
	}
	if c.Clock == nil {
		c.Clock = clock.System{}
	}
	if c.TLS == nil {
		c.TLS = &tls.Config{ServerName: c.Host, MinVersion: tls.VersionTLS12}
	}
	return &SMTP{
		config: c, domain: domain, headers: trackingOff(c.Service), implicit: c.Port == implicitTLS && !c.IgnoreTLS,
		pool: &pool{keep: c.Keep},
	}, nil
}

// Close hangs up the free connections.
func (s *SMTP) Close() { s.pool.close() }

// Address gives the server as "host:port".
func (s *SMTP) Address() string { return net.JoinHostPort(s.config.Host, strconv.Itoa(s.config.Port)) }

// Ping tells whether the server answers and accepts our credentials, without sending anything.
func (s *SMTP) Ping(ctx context.Context) error {
	l, err := s.connect(ctx)
	if err != nil {
		return err
	}
	l.hangUp()
	return nil
}

// Send delivers one message; see [Sender].
func (s *SMTP) Send(ctx context.Context, m Message) error {
	if err := m.Check(); err != nil {
		return err
	}
	message, err := s.compose(m)
	if err != nil {
		return err
	}
	for l := s.pool.take(); l != nil; l = s.pool.take() {
		if err := s.carry(ctx, l, message); !errors.Is(err, errStale) {
			return err
		}
	}
	l, err := s.connect(ctx)
	if err != nil {
		return err
	}
	return s.carry(ctx, l, message)
}

// errStale says that a line was dead before the message was begun.
var errStale = errors.New("mail: the connection was closed meanwhile")

func (s *SMTP) carry(ctx context.Context, l *line, message *gomail.Msg) error {
	again, err := l.send(ctx, message)
	switch {
	case err == nil && again:
		s.pool.give(l)
	case err == nil:
		l.hangUp()
	case l.stale(err):
		l.wire.close()
		return errStale
	default:
		l.wire.close() // without QUIT, which would end the DATA of a message cut in the middle
		return refused(err, l.wire)
	}
	return nil
}

// connect opens a conversation. Credentials are kept for a server that asks for none, as a local
// catcher, which then receives the message without them.
func (s *SMTP) connect(ctx context.Context) (*line, error) {
	l, err := s.dialLine(ctx, s.config.User != "")
	if err != nil && strings.Contains(err.Error(), "does not support SMTP AUTH") {
		l.wire.close()
		l, err = s.dialLine(ctx, false)
	}
	if err != nil {
		l.wire.close() // the library leaves it open
		return nil, refused(err, l.wire)
	}
	return l, nil
}

func (s *SMTP) dialLine(ctx context.Context, authenticate bool) (*line, error) {
	l := &line{wire: &wire{}}
	stop := context.AfterFunc(ctx, l.wire.close)
	defer stop()
	var err error
	if l.client, err = s.client(l.wire, authenticate); err != nil {
		return l, err
	}
	l.connected, err = l.client.DialToSMTPClientWithContext(ctx)
	return l, err
}

func (s *SMTP) compose(m Message) (*gomail.Msg, error) {
	message := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	if err := message.FromFormat(s.config.FromName, s.config.From); err != nil {
		return nil, fmt.Errorf("mail: sender: %w", err)
	}
	if err := message.To(m.To); err != nil {
		return nil, invalidRecipient()
	}
	if m.ReplyTo != "" {
		if err := message.ReplyTo(m.ReplyTo); err != nil {
			return nil, invalidRecipient()
		}
	}
	message.Subject(m.Subject)
	message.SetDateWithValue(s.config.Clock.Now().In(clock.Paris()))
	message.SetMessageIDWithValue(m.MessageID(s.domain))
	message.SetGenHeader("Auto-Submitted", "auto-generated")
	for _, more := range []map[string]string{s.headers, m.Headers()} {
		for name, value := range more {
			message.SetGenHeaderPreformatted(gomail.Header(name), value)
		}
	}
	message.SetBodyString(gomail.TypeTextPlain, m.Text)
	if m.HTML != "" {
		message.AddAlternativeString(gomail.TypeTextHTML, m.HTML)
	}
	return message, nil
}

func (s *SMTP) client(wire *wire, authenticate bool) (*gomail.Client, error) {
	options := []gomail.Option{
		gomail.WithPort(s.config.Port),
		gomail.WithTimeout(s.config.Timeout),
		gomail.WithHELO(s.domain),
		gomail.WithTLSConfig(s.config.TLS.Clone()),
		gomail.WithTLSPolicy(gomail.TLSOpportunistic),
		gomail.WithDialContextFunc(s.dial(wire)),
		gomail.WithoutSMTPUTF8(),
	}
	if s.config.IgnoreTLS {
		options = append(options, gomail.WithTLSPolicy(gomail.NoTLS))
	}
	if authenticate {
		options = append(options, gomail.WithSMTPAuth(s.authentication()), gomail.WithUsername(s.config.User), gomail.WithPassword(s.config.Password))
	}
	if s.config.Debug != nil {
		options = append(options, gomail.WithDebugLog(), gomail.WithLogger(discreet{s.config.Debug}))
	}
	client, err := gomail.NewClient(s.config.Host, options...)
	if err != nil {
		return nil, fmt.Errorf("mail: SMTP settings: %w", err)
	}
	return client, nil
}

// authentication lets the library choose a mechanism that suits the connection. A password
// crosses an unencrypted connection only where the setting says not to encrypt.
func (s *SMTP) authentication() gomail.SMTPAuthType {
	if s.config.IgnoreTLS {
		return gomail.SMTPAuthPlainNoEnc
	}
	return gomail.SMTPAuthAutoDiscover
}

func (s *SMTP) dial(wire *wire) gomail.DialContextFunc {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		dialer := net.Dialer{Timeout: min(s.config.Timeout, 10*time.Second)}
		conn, err := dialer.DialContext(ctx, network, address)
		if err != nil {
			return nil, err
		}
		watched := wire.watch(conn)
		if !s.implicit {
			return watched, nil
		}
		encrypted := tls.Client(watched, s.config.TLS.Clone())
		if err := encrypted.HandshakeContext(ctx); err != nil {
			return nil, err
		}
		return encrypted, nil
	}
}

package ovh

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/platform/httpclient"
)

// Config is the account that the portal has at OVH.
type Config struct {
	Endpoint        string // with its version: https://eu.api.ovh.com/1.0
	AppKey          string
	AppSecret       string
	ConsumerKey     string
	Domain          string // mail domain of the mailboxes
	ProService      string // empty: no Pro mailbox
	ExchangeService string // empty: no Exchange mailbox; names both the organisation and the service
	PerSecond       float64
	Backoff         time.Duration // first pause before a retry; zero: httpclient's default
	Clock           clock.Clock   // nil: the system's
	Observe         func(vendor, method string, status int, took time.Duration)
}

// Client calls OVH. It is safe for concurrent use.
type Client struct {
	config Config
	http   *httpclient.Client
	signer *signer
}

// New makes a client; it calls nothing.
func New(c Config) *Client {
	if c.Clock == nil {
		c.Clock = clock.System{}
	}
	c.Endpoint = strings.TrimRight(c.Endpoint, "/")
	base := httpclient.Config{
		Vendor: "ovh", BaseURL: c.Endpoint, PerSecond: c.PerSecond, Backoff: c.Backoff, Observe: c.Observe,
	}
	s := newSigner(c, httpclient.New(base))
	base.Authorize = s.sign
	return &Client{config: c, http: httpclient.New(base), signer: s}
}

// Ping asks OVH for something that needs valid credentials and the configured domain.
func (c *Client) Ping(ctx context.Context) error {
	return c.do(ctx, http.MethodGet, c.domainPath(), nil, nil)
}

// do calls OVH; a refused timestamp makes it measure the clocks again, once.
func (c *Client) do(ctx context.Context, method, path string, in, out any) error {
	err := c.http.Do(ctx, method, path, in, out)
	if refusal(err).code == codeExpired {
		if err := c.signer.forget(ctx); err != nil {
			return err
		}
		err = c.http.Do(ctx, method, path, in, out)
	}
	return explain(err)
}

func (c *Client) domainPath(rest ...string) string {
	return path(append([]string{"email", "domain", c.config.Domain}, rest...)...)
}

func (c *Client) proPath(rest ...string) string {
	return path(append([]string{"email", "pro", c.config.ProService, "account"}, rest...)...)
}

func (c *Client) exchangePath(rest ...string) string {
	service := c.config.ExchangeService
	return path(append([]string{"email", "exchange", service, "service", service, "account"}, rest...)...)
}

// hostedPath is the path of the accounts of a paid plan, or of one of them.
func (c *Client) hostedPath(plan Plan, rest ...string) string {
	if plan == PlanExchange {
		return c.exchangePath(rest...)
	}
	return c.proPath(rest...)
}

// boxPath is the path of one mailbox of a plan.
func (c *Client) boxPath(plan Plan, local string, rest ...string) string {
	if plan == PlanPro || plan == PlanExchange {
		return c.hostedPath(plan, append([]string{c.address(local)}, rest...)...)
	}
	return c.domainPath(append([]string{"account", local}, rest...)...)
}

// address is the mailbox address of a local part.
func (c *Client) address(local string) string { return local + "@" + c.config.Domain }

// path joins escaped segments.
func path(segments ...string) string {
	var b strings.Builder
	for _, s := range segments {
		b.WriteByte('/')
		b.WriteString(url.PathEscape(s))
	}
	return b.String()
}

// absent tells whether an error means "no such thing", the only error that may be read so.
func absent(err error) bool { return fault.Is(err, fault.NotFound) }

var errNotConfigured = errors.New("service name missing in the settings")

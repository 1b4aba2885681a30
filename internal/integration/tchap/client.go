// Package tchap asks Tchap, the messaging of the public service, on which home server an address
// has its place: that tells public servants from everybody else. It knows no room.
//
// Source: the "info" endpoint of Tchap's identity server, GET
// /_matrix/identity/api/v1/info?medium=email&address=…, which needs no key
// (https://github.com/matrix-org/sydent, branch dinum, docs/info.md).
//
// Every error is a fault. Addresses appear in the calls, never in errors nor in logs.
package tchap

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/platform/httpclient"
)

// External is the home server of those who are nobody's public servant.
const External = "agent.externe.tchap.gouv.fr"

// timeout is how long one question may last: a person waits for the answer in front of a form.
const timeout = 2 * time.Second

// Config is one directory.
type Config struct {
	// Prefix is the address of the directory, to which the address asked is appended.
	Prefix  string
	Timeout time.Duration                                               // of one question; zero: 2 s
	Observe func(vendor, method string, status int, took time.Duration) // metrics; may be nil
}

// Client asks one directory. It is safe for concurrent use.
type Client struct {
	http *httpclient.Client
	path string
}

// New makes a client; it does not connect. A question is asked once: whoever waits asks again.
func New(c Config) *Client {
	if c.Timeout == 0 {
		c.Timeout = timeout
	}
	base, path := split(c.Prefix)
	return &Client{path: path, http: httpclient.New(httpclient.Config{
		Vendor: "tchap", BaseURL: base, Timeout: c.Timeout, Retries: -1, Observe: c.Observe,
	})}
}

// split parts a prefix after its host: what follows, a final slash or equal sign included, is kept.
func split(prefix string) (base, path string) {
	scheme, rest, ok := strings.Cut(prefix, "://")
	if !ok {
		return prefix, "/"
	}
	host, path, _ := strings.Cut(rest, "/")
	return scheme + "://" + host, "/" + path
}

// HomeServer gives the home server of an address, in lower case: [External] for who is nobody's
// public servant. Every error is Unavailable: the directory refuses nobody.
func (c *Client) HomeServer(ctx context.Context, address string) (string, error) {
	var answer struct {
		HS string `json:"hs"`
	}
	asked := url.QueryEscape(strings.ToLower(strings.TrimSpace(address)))
	err := c.http.Do(ctx, http.MethodGet, c.path+asked, nil, &answer)
	if err == nil && answer.HS == "" {
		err = errors.New("the answer names no home server")
	}
	if err != nil {
		return "", silent(err)
	}
	return strings.ToLower(answer.HS), nil
}

// silent makes any failure the same one: nobody knows whether the address is a public servant's.
func silent(err error) error {
	return &fault.Error{
		Kind: fault.Unavailable, Public: "L’annuaire des agents publics (Tchap) ne répond pas.",
		RetryAfter: fault.RetryAfter(err), Cause: fmt.Errorf("ask the directory of public servants: %w", err),
	}
}

// Ping tells whether the directory answers, by asking for an address that cannot exist.
func (c *Client) Ping(ctx context.Context) error {
	_, err := c.HomeServer(ctx, "personne@exemple.invalid")
	return err
}

// Package brevo calls Brevo (contact lists, blocks of transactional mail, sending by API).
// It knows no room. Source: https://developers.brevo.com/reference
//
// Every error is a fault. Addresses appear in the calls, never in errors nor in logs.
package brevo

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/platform/httpclient"
)

// Config is one Brevo account.
type Config struct {
	APIKey    string
	BaseURL   string                                                      // with the version: https://api.brevo.com/v3
	PerSecond float64                                                     // calls a second; zero: 8, under Brevo's 10 for contacts
	Timeout   time.Duration                                               // one attempt; zero: 10 s
	Backoff   time.Duration                                               // first pause before a call is repeated; zero: 200 ms
	Observe   func(vendor, method string, status int, took time.Duration) // metrics; may be nil
}

// Client calls one Brevo account. It is safe for concurrent use.
type Client struct{ http *httpclient.Client }

// New makes a client; it does not connect.
func New(c Config) *Client {
	if c.PerSecond == 0 {
		c.PerSecond = 8
	}
	return &Client{http: httpclient.New(httpclient.Config{
		Vendor: "brevo", BaseURL: c.BaseURL, PerSecond: c.PerSecond, Timeout: c.Timeout, Backoff: c.Backoff, Observe: c.Observe,
		Authorize: func(r *http.Request, _ []byte) error {
			r.Header.Set("api-key", c.APIKey)
			return nil
		},
	})}
}

// Ping tells whether Brevo answers and accepts our key.
func (c *Client) Ping(ctx context.Context) error {
	return c.http.Do(ctx, http.MethodGet, "/account", nil, nil)
}

// refusal gives the code and the text with which Brevo refused; empty when it did not.
func refusal(err error) (code, message string) {
	refused, ok := errors.AsType[*httpclient.StatusError](err)
	if !ok {
		return "", ""
	}
	var answer struct{ Code, Message string }
	if json.Unmarshal([]byte(refused.Body), &answer) != nil {
		return "", ""
	}
	return answer.Code, answer.Message
}

// absent forgives a 404: what was to go is gone.
func absent(err error) error {
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	return err
}

// segment escapes an address for a path, the plus sign included.
func segment(address string) string { return url.QueryEscape(address) }

func page(limit, offset int) url.Values {
	return url.Values{"limit": {strconv.Itoa(limit)}, "offset": {strconv.Itoa(offset)}}
}

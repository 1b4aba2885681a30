// Package chatwebhook posts to Mattermost through incoming webhooks. It knows no room.
// Source: https://developers.mattermost.com/integrate/webhooks/incoming/
//
// The address of a webhook is a secret: it never appears in errors nor in logs.
package chatwebhook

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/betagouv/espace-membre/internal/platform/chatpost"
	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/platform/httpclient"
)

// Config is the webhooks of the channels; a channel without address has none.
type Config struct {
	URLs      map[chatpost.Channel]string
	PerSecond float64                                                     // posts a second to one webhook; zero: 5
	Timeout   time.Duration                                               // of one post; zero: 10 s
	Observe   func(vendor, method string, status int, took time.Duration) // metrics; may be nil
}

// Client posts to the configured channels; it is a [chatpost.Poster], safe for concurrent use.
type Client struct {
	hooks map[chatpost.Channel]*httpclient.Client
}

var _ chatpost.Poster = (*Client)(nil)

// New makes a client; it does not connect.
func New(c Config) *Client {
	client := &Client{hooks: map[chatpost.Channel]*httpclient.Client{}}
	for channel, url := range c.URLs {
		if url != "" {
			client.hooks[channel] = httpclient.New(httpclient.Config{
				Vendor: "mattermost", BaseURL: url, PerSecond: cmp.Or(c.PerSecond, 5), Timeout: c.Timeout, Observe: c.Observe,
			})
		}
	}
	return client
}

// Has tells whether a channel has a webhook.
func (c *Client) Has(channel chatpost.Channel) bool { return c.hooks[channel] != nil }

// place is where a channel's webhook posts by itself, as the reference asked: Mattermost's word.
func place(channel chatpost.Channel) string {
	switch channel {
	case chatpost.Secretariat:
		return "secretariat"
	case chatpost.General, chatpost.Dinum:
		return "town-square"
	case chatpost.Gip: // the place that the webhook was made for
	}
	return ""
}

// Post sends one message; see [chatpost.Poster].
func (c *Client) Post(ctx context.Context, p chatpost.Post) error {
	hook := c.hooks[p.Channel]
	if hook == nil {
		return fault.New(fault.Invalid, "Ce canal n’a pas de webhook.", "no webhook for channel %s", p.Channel)
	}
	body := struct {
		Text    string `json:"text"`
		Channel string `json:"channel,omitempty"`
	}{p.Text, cmp.Or(p.To, place(p.Channel))}
	// The answer is the text "ok", not JSON: it is not read.
	if err := hook.Do(ctx, http.MethodPost, "", body, nil); err != nil {
		return fmt.Errorf("post to the webhook of %s: %w", p.Channel, err)
	}
	return nil
}

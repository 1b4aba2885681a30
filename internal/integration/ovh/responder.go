package ovh

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/betagouv/espace-membre/internal/platform/fault"
)

// Responder is the automatic reply of an MX mailbox. Other plans have none here: their owners
// set it in their webmail.
type Responder struct {
	Content string
	From    time.Time // zero: from now on
	To      time.Time // zero: without end
	Copy    bool      // the mailbox keeps what it answers to
}

// period is how OVH writes the dates of one that exists: null is no bound.
type period struct {
	Content string     `json:"content"`
	From    *time.Time `json:"from"`
	To      *time.Time `json:"to"`
}

// Responder gives the automatic reply of a mailbox; NotFound when there is none.
func (c *Client) Responder(ctx context.Context, local string) (Responder, error) {
	var answer struct {
		period
		Copy bool `json:"copy"`
	}
	if err := c.do(ctx, http.MethodGet, c.domainPath("responder", local), nil, &answer); err != nil {
		return Responder{}, fmt.Errorf("read an automatic reply: %w", err)
	}
	return Responder{Content: answer.Content, From: instant(answer.From), To: instant(answer.To), Copy: answer.Copy}, nil
}

// CreateResponder starts an automatic reply; the mailbox keeps what it answers to when Copy is
// set. Conflict when there is one already.
func (c *Client) CreateResponder(ctx context.Context, local string, r Responder) error {
	body := struct {
		Account string     `json:"account"`
		Content string     `json:"content"`
		From    *time.Time `json:"from,omitempty"`
		To      *time.Time `json:"to,omitempty"`
		Copy    bool       `json:"copy"`
	}{local, r.Content, moment(r.From), moment(r.To), r.Copy}
	if err := c.do(ctx, http.MethodPost, c.domainPath("responder"), body, nil); err != nil {
		return fmt.Errorf("create an automatic reply: %w", err)
	}
	return nil
}

// UpdateResponder replaces the text and the dates of an automatic reply; OVH does not change
// whether copies are kept. NotFound when there is none.
func (c *Client) UpdateResponder(ctx context.Context, local string, r Responder) error {
	body := period{r.Content, moment(r.From), moment(r.To)}
	if err := c.do(ctx, http.MethodPut, c.domainPath("responder", local), body, nil); err != nil {
		return fmt.Errorf("update an automatic reply: %w", err)
	}
	return nil
}

// DeleteResponder stops an automatic reply; an absent one is fine.
func (c *Client) DeleteResponder(ctx context.Context, local string) error {
	err := c.do(ctx, http.MethodDelete, c.domainPath("responder", local), nil, nil)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return fmt.Errorf("delete an automatic reply: %w", err)
	}
	return nil
}

func instant(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return *t
}

func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.Truncate(time.Second)
	return &t
}

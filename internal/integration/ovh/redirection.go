package ovh

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"github.com/betagouv/espace-membre/internal/platform/fault"
)

// Redirection forwards what arrives at From to To, both whole addresses.
type Redirection struct {
	ID   string `json:"id"`
	From string `json:"from"`
	To   string `json:"to"`
}

// Redirections lists the redirections from and to given addresses; an empty one does not
// filter, and asking for neither is refused (thousands of calls).
func (c *Client) Redirections(ctx context.Context, from, to string) ([]Redirection, error) {
	if from == "" && to == "" {
		return nil, errors.New("list redirections: no filter")
	}
	query := url.Values{}
	if from != "" {
		query.Set("from", from)
	}
	if to != "" {
		query.Set("to", to)
	}
	var ids []string
	if err := c.do(ctx, http.MethodGet, c.domainPath("redirection")+"?"+query.Encode(), nil, &ids); err != nil {
		return nil, fmt.Errorf("list redirections: %w", err)
	}
	found := make([]Redirection, 0, len(ids))
	for _, id := range ids {
		var r Redirection
		err := c.do(ctx, http.MethodGet, c.domainPath("redirection", id), nil, &r)
		if absent(err) { // deleted since the listing
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("read a redirection: %w", err)
		}
		found = append(found, r)
	}
	return found, nil
}

// CreateRedirection forwards from to to, without a local copy. Conflict when the same one exists.
func (c *Client) CreateRedirection(ctx context.Context, from, to string) error {
	body := struct {
		From      string `json:"from"`
		To        string `json:"to"`
		LocalCopy bool   `json:"localCopy"`
	}{from, to, false}
	if err := c.do(ctx, http.MethodPost, c.domainPath("redirection"), body, nil); err != nil {
		return fmt.Errorf("create a redirection: %w", err)
	}
	return nil
}

// DeleteRedirection removes a redirection; an absent one is fine.
func (c *Client) DeleteRedirection(ctx context.Context, id string) error {
	err := c.do(ctx, http.MethodDelete, c.domainPath("redirection", id), nil, nil)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return fmt.Errorf("delete a redirection: %w", err)
	}
	return nil
}

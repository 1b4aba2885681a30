package ovh

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"golang.org/x/sync/errgroup"

	"github.com/betagouv/espace-membre/internal/platform/fault"
)

// Redirection forwards what arrives at From to To, both whole addresses.
type Redirection struct {
	ID   string `json:"id"`
	From string `json:"from"`
	To   string `json:"to"`
}

// atOnce is how many redirections are read at the same time; the client's rate holds besides.
const atOnce = 5

// Redirections lists the redirections from and to given addresses; an empty one does not
// filter. Asking for neither is refused: see AllRedirections.
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
	return c.redirections(ctx, "?"+query.Encode())
}

// AllRedirections lists every redirection of the domain, at the price of one call each: for
// the graph, never for a page's own time nor for a plan.
func (c *Client) AllRedirections(ctx context.Context) ([]Redirection, error) {
	return c.redirections(ctx, "")
}

func (c *Client) redirections(ctx context.Context, query string) ([]Redirection, error) {
	ids, err := c.list(ctx, c.domainPath("redirection")+query)
	if err != nil {
		return nil, fmt.Errorf("list redirections: %w", err)
	}
	read := make([]*Redirection, len(ids))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(atOnce)
	for i, id := range ids {
		group.Go(func() error {
			var r Redirection
			err := c.do(ctx, http.MethodGet, c.domainPath("redirection", id), nil, &r)
			switch {
			case absent(err): // deleted since the listing
			case err != nil:
				return fmt.Errorf("read a redirection: %w", err)
			default:
				read[i] = &r
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	found := make([]Redirection, 0, len(read))
	for _, r := range read {
		if r != nil {
			found = append(found, *r)
		}
	}
	return found, nil
}

// CreateRedirection forwards from to to; keepCopy leaves a copy in the mailbox of from, if there
// is one: OVH then keeps a second redirection, from the address to itself, which stays until it
// is deleted too. Conflict when the same redirection exists.
func (c *Client) CreateRedirection(ctx context.Context, from, to string, keepCopy bool) error {
	body := struct {
		From      string `json:"from"`
		To        string `json:"to"`
		LocalCopy bool   `json:"localCopy"`
	}{from, to, keepCopy}
	if err := c.do(ctx, http.MethodPost, c.domainPath("redirection"), body, nil); err != nil {
		return fmt.Errorf("create a redirection: %w", err)
	}
	return nil
}

// ChangeRedirection makes a redirection lead to another address. NotFound when there is none.
func (c *Client) ChangeRedirection(ctx context.Context, id, to string) error {
	body := struct {
		To string `json:"to"`
	}{to}
	if err := c.do(ctx, http.MethodPost, c.domainPath("redirection", id, "changeRedirection"), body, nil); err != nil {
		return fmt.Errorf("change a redirection: %w", err)
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

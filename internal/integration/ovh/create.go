package ovh

import (
	"context"
	"fmt"
	"net/http"
	"slices"

	"github.com/betagouv/espace-membre/internal/platform/fault"
)

// CreateMX asks OVH for an MX Plan mailbox; OVH makes it a little later. Conflict when the
// name is taken.
func (c *Client) CreateMX(ctx context.Context, local, password string) error {
	body := struct {
		AccountName string `json:"accountName"`
		Password    string `json:"password"`
	}{local, password}
	if err := c.do(ctx, http.MethodPost, c.domainPath("account"), body, nil); err != nil {
		return fmt.Errorf("create an MX mailbox: %w", err)
	}
	return nil
}

// CreatePro gives a free Pro placeholder the name of a member. Conflict when none is free;
// Invalid when no Pro service is configured.
func (c *Client) CreatePro(ctx context.Context, who Identity) error {
	if c.config.ProService == "" {
		return notConfigured(fault.Invalid, PlanPro)
	}
	return c.configure(ctx, PlanPro, c.proPath, who)
}

// CreateExchange gives a free Exchange placeholder the name of a member. Conflict when none
// is free; Invalid when no Exchange service is configured.
func (c *Client) CreateExchange(ctx context.Context, who Identity) error {
	if c.config.ExchangeService == "" {
		return notConfigured(fault.Invalid, PlanExchange)
	}
	return c.configure(ctx, PlanExchange, c.exchangePath, who)
}

func (c *Client) configure(ctx context.Context, plan Plan, at func(...string) string, who Identity) error {
	free, err := c.addresses(ctx, at(), placeholderDomain)
	if err != nil {
		return fmt.Errorf("list the free accounts of %s: %w", plan, err)
	}
	if len(free) == 0 {
		return noPlaceholder(plan)
	}
	slices.Sort(free) // always the same choice: a retry does not take a second account
	body := struct {
		DisplayName string `json:"displayName"`
		FirstName   string `json:"firstName"`
		LastName    string `json:"lastName"`
		Login       string `json:"login"`
		Domain      string `json:"domain"`
	}{who.DisplayName, who.FirstName, who.LastName, who.Local, c.config.Domain}
	if err := c.do(ctx, http.MethodPut, at(free[0]), body, nil); err != nil {
		return c.configured(ctx, err, at(c.address(who.Local)))
	}
	return nil
}

// configured forgives a refused PUT when the account is there after all: an earlier attempt
// had succeeded, only its answer was lost.
func (c *Client) configured(ctx context.Context, refused error, path string) error {
	if c.do(ctx, http.MethodGet, path, nil, nil) == nil {
		return nil
	}
	if absent(refused) { // somebody else took the placeholder meanwhile: the next attempt takes another
		return fault.New(fault.Unavailable, "Le compte libre choisi chez OVH vient d’être pris.", "free account taken meanwhile: %w", refused)
	}
	return fmt.Errorf("configure a free account: %w", refused)
}

func noPlaceholder(plan Plan) error {
	return fault.New(fault.Conflict,
		"Il ne reste aucun compte "+label(plan)+" libre chez OVH : commande-en un, puis relance l’action.",
		"no free placeholder for %s", plan)
}

func notConfigured(kind fault.Kind, plan Plan) error {
	return fault.New(kind, "L’offre "+label(plan)+" n’est pas configurée.", "%s: %w", plan, errNotConfigured)
}

func label(plan Plan) string {
	switch plan {
	case PlanPro:
		return "Pro"
	case PlanExchange:
		return "Exchange"
	}
	return "MX Plan"
}

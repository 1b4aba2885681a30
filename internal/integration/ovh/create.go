package ovh

import (
	"context"
	"fmt"
	"net/http"

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
	return c.configure(ctx, PlanPro, who)
}

// CreateExchange gives a free Exchange placeholder the name of a member. Conflict when none
// is free; Invalid when no Exchange service is configured.
func (c *Client) CreateExchange(ctx context.Context, who Identity) error {
	return c.configure(ctx, PlanExchange, who)
}

func (c *Client) configure(ctx context.Context, plan Plan, who Identity) error {
	free, err := c.Free(ctx, plan)
	if err != nil {
		return err
	}
	if len(free) == 0 {
		return noPlaceholder(plan)
	}
	body := struct {
		DisplayName string `json:"displayName"`
		FirstName   string `json:"firstName"`
		LastName    string `json:"lastName"`
		Login       string `json:"login"`
		Domain      string `json:"domain"`
	}{who.DisplayName, who.FirstName, who.LastName, who.Local, c.config.Domain}
	if err := c.do(ctx, http.MethodPut, c.hostedPath(plan, free[0]), body, nil); err != nil {
		return c.configured(ctx, err, c.hostedPath(plan, c.address(who.Local)))
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

package ovh

import (
	"context"
	"fmt"
	"net/http"

	"github.com/betagouv/espace-membre/internal/platform/fault"
)

// newPassword is the body of the calls that set a password.
type newPassword struct {
	Password string `json:"password"`
}

// ChangePassword sets the password of a mailbox, by its plan's own call (an unknown plan is MX).
// NotFound when there is no such mailbox in that plan; Invalid when OVH refuses the password.
func (c *Client) ChangePassword(ctx context.Context, plan Plan, local, password string) error {
	err := c.do(ctx, http.MethodPost, c.boxPath(plan, local, "changePassword"), newPassword{password}, nil)
	if err != nil {
		return fmt.Errorf("change the password of a mailbox: %w", err)
	}
	return nil
}

// Delete removes a mailbox with all that it holds, by its plan. An MX mailbox is gone. A Pro or
// Exchange account is reset: it becomes a free placeholder again, so its licence can serve
// somebody else (OVH's guide "Deleting an email account"). NotFound when there is none.
func (c *Client) Delete(ctx context.Context, plan Plan, local string) error {
	if err := c.do(ctx, http.MethodDelete, c.boxPath(plan, local), nil, nil); err != nil {
		return fmt.Errorf("delete a mailbox: %w", err)
	}
	return nil
}

// Upgrade moves an MX mailbox and its messages to a free Pro account, with a new password.
// Conflict when no account is free; NotFound when there is no such MX mailbox; nothing when the
// mailbox is Pro already, which an upgrade whose answer was lost leaves behind.
func (c *Client) Upgrade(ctx context.Context, local, password string) error {
	account, err := c.Account(ctx, local)
	switch {
	case err != nil:
		return fmt.Errorf("find the mailbox to upgrade: %w", err)
	case account.Plan == PlanPro:
		return nil
	case account.Plan != PlanMX:
		return fault.New(fault.Conflict, "Seule une boîte MX Plan peut passer à l’offre Pro.", "mailbox is of plan %s", account.Plan)
	}
	free, err := c.Free(ctx, PlanPro)
	if err != nil {
		return err
	}
	if len(free) == 0 {
		return noPlaceholder(PlanPro)
	}
	path := c.domainPath("account", local, "migrate", c.config.ProService, "destinationEmailAddress", free[0], "migrate")
	if err := c.do(ctx, http.MethodPost, path, newPassword{password}, nil); err != nil {
		return fmt.Errorf("upgrade a mailbox: %w", err)
	}
	return nil
}

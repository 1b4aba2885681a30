package ovh

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/betagouv/espace-membre/internal/platform/fault"
)

// NewMailingList is a list to create.
type NewMailingList struct {
	Name    string // part before the @
	Owner   string // address of who answers for the list
	ReplyTo string // where answers go; empty: the list's default
}

// MailingLists names the mailing lists of the domain.
func (c *Client) MailingLists(ctx context.Context) ([]string, error) {
	var names []string
	if err := c.do(ctx, http.MethodGet, c.domainPath("mailingList"), nil, &names); err != nil {
		return nil, fmt.Errorf("list the mailing lists: %w", err)
	}
	return names, nil
}

// CreateMailingList orders a list where everybody may write, usable a little later; Conflict when
// it exists.
func (c *Client) CreateMailingList(ctx context.Context, n NewMailingList) error {
	type options struct {
		ModeratorMessage     bool `json:"moderatorMessage"`
		SubscribeByModerator bool `json:"subscribeByModerator"`
		UsersPostOnly        bool `json:"usersPostOnly"`
	}
	body := struct {
		Language   string  `json:"language"`
		Name       string  `json:"name"`
		OwnerEmail string  `json:"ownerEmail"`
		ReplyTo    string  `json:"replyTo,omitempty"`
		Options    options `json:"options"`
	}{Language: "fr", Name: n.Name, OwnerEmail: n.Owner, ReplyTo: n.ReplyTo}
	if err := c.do(ctx, http.MethodPost, c.domainPath("mailingList"), body, nil); err != nil {
		return fmt.Errorf("create the mailing list %s: %w", n.Name, err)
	}
	return nil
}

// Subscribers lists the addresses of a list; NotFound when there is no such list. An address
// subscribed or removed lately may still be absent or present: OVH works a little later.
func (c *Client) Subscribers(ctx context.Context, list string) ([]string, error) {
	var addresses []string
	if err := c.do(ctx, http.MethodGet, c.domainPath("mailingList", list, "subscriber"), nil, &addresses); err != nil {
		return nil, fmt.Errorf("list the subscribers of %s: %w", list, err)
	}
	return addresses, nil
}

// CountSubscribers gives how many subscribers OVH announces for a list; -1 when it does not tell.
func (c *Client) CountSubscribers(ctx context.Context, list string) (int, error) {
	var answer struct {
		NbSubscribers *int `json:"nbSubscribers"`
	}
	if err := c.do(ctx, http.MethodGet, c.domainPath("mailingList", list), nil, &answer); err != nil {
		return 0, fmt.Errorf("read the mailing list %s: %w", list, err)
	}
	if answer.NbSubscribers == nil {
		return -1, nil
	}
	return *answer.NbSubscribers, nil
}

// Subscribe puts an address on a list; one that is there already is fine. NotFound when there is
// no such list.
func (c *Client) Subscribe(ctx context.Context, list, email string) error {
	body := struct {
		Email string `json:"email"`
	}{email}
	err := c.do(ctx, http.MethodPost, c.domainPath("mailingList", list, "subscriber"), body, nil)
	if err != nil && !already(err) {
		return fmt.Errorf("subscribe to %s: %w", list, err)
	}
	return nil
}

// already recognises the refusal of what is there, whatever the status with which OVH says it.
func already(err error) bool {
	return fault.Is(err, fault.Conflict) || strings.Contains(strings.ToLower(refusal(err).message), "already")
}

// Unsubscribe takes an address off a list; an absent one is fine.
func (c *Client) Unsubscribe(ctx context.Context, list, email string) error {
	err := c.do(ctx, http.MethodDelete, c.domainPath("mailingList", list, "subscriber", email), nil, nil)
	if err != nil && !absent(err) {
		return fmt.Errorf("unsubscribe from %s: %w", list, err)
	}
	return nil
}

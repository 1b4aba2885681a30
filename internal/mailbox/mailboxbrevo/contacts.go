// Package mailboxbrevo lets the mailbox room keep its contact lists at Brevo.
package mailboxbrevo

import (
	"context"
	"fmt"

	"github.com/betagouv/espace-membre/internal/integration/brevo"
	"github.com/betagouv/espace-membre/internal/mailbox"
	"github.com/betagouv/espace-membre/internal/platform/fault"
)

// Lists gives Brevo's number of each list of the room.
type Lists map[mailbox.List]int

// Contacts is the room's port on a Brevo client.
type Contacts struct {
	client *brevo.Client
	lists  Lists
}

var _ mailbox.Contacts = Contacts{}

// New makes the port of a client; a list without a number is an error when it is needed.
func New(client *brevo.Client, lists Lists) Contacts { return Contacts{client, lists} }

// Subscribe implements mailbox.Contacts.
func (c Contacts) Subscribe(ctx context.Context, contact mailbox.Contact, lists []mailbox.List) error {
	ids := make([]int, 0, len(lists))
	for _, l := range lists {
		id := c.lists[l]
		if id == 0 {
			return fault.New(fault.Invalid, "Le numéro de la liste Brevo "+string(l)+" n’est pas configuré.", "no brevo number for list %s", l)
		}
		ids = append(ids, id)
	}
	first, last := brevo.SplitName(contact.Fullname)
	err := c.client.UpsertContact(ctx, brevo.NewContact{
		Email: contact.Address, FirstName: first, LastName: last, Domain: contact.Domain, ListIDs: ids,
	})
	if err != nil {
		return fmt.Errorf("keep the brevo contact: %w", err)
	}
	return nil
}

// BlockReason implements mailbox.Contacts.
func (c Contacts) BlockReason(ctx context.Context, address string) (string, error) {
	block, err := c.client.BlockOf(ctx, address)
	if fault.Is(err, fault.NotFound) {
		return "", nil
	}
	return string(block.Reason), err
}

// Unblock implements mailbox.Contacts.
func (c Contacts) Unblock(ctx context.Context, address string) error {
	return c.client.Unblock(ctx, address)
}

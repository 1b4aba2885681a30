// Package mailinglistbrevo lets the mailinglist room keep its contact lists at Brevo, and lift the
// blocks that nobody wanted.
package mailinglistbrevo

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/betagouv/espace-membre/internal/integration/brevo"
	"github.com/betagouv/espace-membre/internal/mailinglist"
	"github.com/betagouv/espace-membre/internal/platform/fault"
)

// Config gives Brevo's number of each list, and how a contact changes address.
type Config struct {
	Lists map[mailinglist.ContactList]int
	// Rename changes the address of the contact itself, which keeps its history; else the new
	// address takes the place of the former one on its lists [FEATURE_SIB_USE_UPDATE_CONTACT_EMAIL].
	Rename bool
}

// Contacts is the room's port on a Brevo client.
type Contacts struct {
	client *brevo.Client
	config Config
}

var _ mailinglist.Contacts = Contacts{}

// New makes the port of a client; a list without a number is an error when it is needed.
func New(client *brevo.Client, config Config) Contacts { return Contacts{client, config} }

func (c Contacts) number(list mailinglist.ContactList) (int, error) {
	id := c.config.Lists[list]
	if id == 0 {
		return 0, fault.New(fault.Invalid, "Le numéro de la liste Brevo "+string(list)+" n’est pas configuré.", "no brevo number for list %s", list)
	}
	return id, nil
}

// Members implements mailinglist.Contacts.
func (c Contacts) Members(ctx context.Context, list mailinglist.ContactList) ([]mailinglist.Contact, int, error) {
	id, err := c.number(list)
	if err != nil {
		return nil, 0, err
	}
	found, announced, err := c.client.ListContacts(ctx, id)
	if fault.Is(err, fault.NotFound) {
		return nil, 0, fault.New(fault.NotFound, fmt.Sprintf("La liste Brevo %s (numéro %d) n’existe pas : vérifie MAILING_LIST_%s.", list, id, list), "%w", err)
	}
	if err != nil {
		return nil, 0, err
	}
	contacts := make([]mailinglist.Contact, 0, len(found))
	for _, one := range found {
		contacts = append(contacts, mailinglist.Contact{
			ID: strconv.FormatInt(one.ID, 10), Address: strings.ToLower(one.Email), Refuses: one.EmailBlacklisted,
		})
	}
	return contacts, announced, nil
}

// Remove implements mailinglist.Contacts.
func (c Contacts) Remove(ctx context.Context, list mailinglist.ContactList, addresses ...string) error {
	id, err := c.number(list)
	if err != nil {
		return err
	}
	return c.client.RemoveFromList(ctx, id, addresses...)
}

// Blocks implements mailinglist.Contacts.
func (c Contacts) Blocks(ctx context.Context) ([]mailinglist.Block, error) {
	found, err := c.client.Blocked(ctx, brevo.Period{})
	if err != nil {
		return nil, err
	}
	blocks := make([]mailinglist.Block, 0, len(found))
	for _, b := range found {
		blocks = append(blocks, mailinglist.Block{Address: strings.ToLower(b.Email), Reason: string(b.Reason), At: b.BlockedAt})
	}
	return blocks, nil
}

// WhyRefuses implements mailinglist.Contacts.
func (c Contacts) WhyRefuses(ctx context.Context, address string) (string, error) {
	contact, err := c.client.Contact(ctx, address)
	switch {
	case fault.Is(err, fault.NotFound):
		return "", nil
	case err != nil:
		return "", err
	case !contact.EmailBlacklisted:
		return "", nil
	}
	return string(contact.WhyBlacklisted()), nil
}

// LiftBlock implements mailinglist.Contacts.
func (c Contacts) LiftBlock(ctx context.Context, address string) error {
	return c.client.Unblock(ctx, address)
}

// AllowCampaigns implements mailinglist.Contacts.
func (c Contacts) AllowCampaigns(ctx context.Context, address string) error {
	return c.client.AllowCampaigns(ctx, address)
}

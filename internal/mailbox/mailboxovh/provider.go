// Package mailboxovh lets the mailbox room keep its mailboxes and redirections at OVH.
package mailboxovh

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"strings"

	"github.com/betagouv/espace-membre/internal/integration/ovh"
	"github.com/betagouv/espace-membre/internal/mailbox"
)

// Provider is the room's port on an OVH client.
type Provider struct{ client *ovh.Client }

var _ mailbox.Provider = Provider{}

// New makes the port of a client.
func New(client *ovh.Client) Provider { return Provider{client} }

// Find implements mailbox.Provider.
func (p Provider) Find(ctx context.Context, local string) (mailbox.Box, error) {
	account, err := p.client.Account(ctx, local)
	return mailbox.Box{Plan: mailbox.Plan(account.Plan)}, err
}

// Create implements mailbox.Provider. The password of an MX mailbox is drawn at random and
// forgotten: the member chooses one later.
func (p Provider) Create(ctx context.Context, box mailbox.NewBox) error {
	switch box.Plan {
	case mailbox.PlanPro:
		return p.client.CreatePro(ctx, identity(box))
	case mailbox.PlanExchange:
		return p.client.CreateExchange(ctx, identity(box))
	}
	return p.client.CreateMX(ctx, box.Local, password())
}

// identity splits a name at its first space, as OVH wants two parts.
func identity(box mailbox.NewBox) ovh.Identity {
	name := strings.TrimSpace(box.Fullname)
	first, last, _ := strings.Cut(name, " ")
	return ovh.Identity{Local: box.Local, DisplayName: name, FirstName: first, LastName: strings.TrimSpace(last)}
}

// password draws 16 random bytes, which make 22 characters; OVH takes 9 to 30.
func password() string {
	secret := make([]byte, 16)
	_, _ = rand.Read(secret) // never fails
	return base64.RawStdEncoding.EncodeToString(secret)
}

// Redirections implements mailbox.Provider.
func (p Provider) Redirections(ctx context.Context, from string) ([]string, error) {
	found, err := p.client.Redirections(ctx, from, "")
	if err != nil {
		return nil, err
	}
	targets := make([]string, 0, len(found))
	for _, r := range found {
		if strings.EqualFold(r.From, from) { // whatever the filter let through
			targets = append(targets, strings.ToLower(r.To))
		}
	}
	return targets, nil
}

// Redirect implements mailbox.Provider.
func (p Provider) Redirect(ctx context.Context, from, to string) error {
	return p.client.CreateRedirection(ctx, from, to)
}

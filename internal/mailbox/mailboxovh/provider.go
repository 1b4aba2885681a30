// Package mailboxovh lets the mailbox room keep its mailboxes, redirections and automatic
// replies at OVH.
package mailboxovh

import (
	"context"
	"strings"

	"github.com/betagouv/espace-membre/internal/integration/ovh"
	"github.com/betagouv/espace-membre/internal/mailbox"
	"github.com/betagouv/espace-membre/internal/platform/fault"
)

// Provider is the room's port on an OVH client.
type Provider struct{ client *ovh.Client }

var _ mailbox.Provider = Provider{}

// New makes the port of a client.
func New(client *ovh.Client) Provider { return Provider{client} }

// Find implements mailbox.Boxes.
func (p Provider) Find(ctx context.Context, local string) (mailbox.Box, error) {
	account, err := p.client.Account(ctx, local)
	if err != nil {
		return mailbox.Box{}, err
	}
	return box(account), nil
}

func box(a ovh.Account) mailbox.Box {
	local, _, _ := strings.Cut(a.Address, "@")
	return mailbox.Box{Local: strings.ToLower(local), Plan: mailbox.Plan(a.Plan), Blocked: a.Blocked}
}

// List implements mailbox.Boxes.
func (p Provider) List(ctx context.Context) ([]mailbox.Box, error) {
	accounts, err := p.client.Boxes(ctx)
	if err != nil {
		return nil, err
	}
	boxes := make([]mailbox.Box, len(accounts))
	for i, a := range accounts {
		boxes[i] = box(a)
	}
	return boxes, nil
}

// Free implements mailbox.Boxes.
func (p Provider) Free(ctx context.Context, plan mailbox.Plan) (int, error) {
	free, err := p.client.Free(ctx, ovh.Plan(plan))
	return len(free), err
}

// Create implements mailbox.Boxes. The password of an MX mailbox is drawn at random and
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

// SetPassword implements mailbox.Boxes.
func (p Provider) SetPassword(ctx context.Context, box mailbox.Box, password string) error {
	return p.client.ChangePassword(ctx, ovh.Plan(box.Plan), box.Local, password)
}

// Lock implements mailbox.Boxes.
func (p Provider) Lock(ctx context.Context, box mailbox.Box) error {
	return p.SetPassword(ctx, box, password())
}

// Delete implements mailbox.Boxes.
func (p Provider) Delete(ctx context.Context, box mailbox.Box) error {
	return p.client.Delete(ctx, ovh.Plan(box.Plan), box.Local)
}

// Upgrade implements mailbox.Boxes.
func (p Provider) Upgrade(ctx context.Context, local, password string) error {
	return p.client.Upgrade(ctx, local, password)
}

// Redirections implements mailbox.Redirections.
func (p Provider) Redirections(ctx context.Context, from string) ([]mailbox.Redirection, error) {
	found, err := p.client.Redirections(ctx, from, "")
	if err != nil {
		return nil, err
	}
	kept := make([]mailbox.Redirection, 0, len(found))
	for _, r := range found {
		if strings.EqualFold(r.From, from) { // whatever the filter let through
			kept = append(kept, redirection(r))
		}
	}
	return kept, nil
}

// AllRedirections implements mailbox.Redirections.
func (p Provider) AllRedirections(ctx context.Context) ([]mailbox.Redirection, error) {
	found, err := p.client.AllRedirections(ctx)
	if err != nil {
		return nil, err
	}
	all := make([]mailbox.Redirection, len(found))
	for i, r := range found {
		all[i] = redirection(r)
	}
	return all, nil
}

func redirection(r ovh.Redirection) mailbox.Redirection {
	return mailbox.Redirection{ID: r.ID, From: strings.ToLower(r.From), To: strings.ToLower(r.To)}
}

// Redirect implements mailbox.Redirections.
func (p Provider) Redirect(ctx context.Context, from, to string, keepCopy bool) error {
	return p.client.CreateRedirection(ctx, from, to, keepCopy)
}

// Retarget implements mailbox.Redirections.
func (p Provider) Retarget(ctx context.Context, id, to string) error {
	return p.client.ChangeRedirection(ctx, id, to)
}

// RemoveRedirection implements mailbox.Redirections.
func (p Provider) RemoveRedirection(ctx context.Context, id string) error {
	return p.client.DeleteRedirection(ctx, id)
}

// Reply implements mailbox.Replies.
func (p Provider) Reply(ctx context.Context, local string) (mailbox.Reply, error) {
	r, err := p.client.Responder(ctx, local)
	if err != nil {
		return mailbox.Reply{}, err
	}
	return mailbox.Reply{Text: r.Content, From: r.From, To: r.To}, nil
}

// SetReply implements mailbox.Replies.
func (p Provider) SetReply(ctx context.Context, local string, reply mailbox.Reply) error {
	r := ovh.Responder{Content: reply.Text, From: reply.From, To: reply.To, Copy: true}
	err := p.client.UpdateResponder(ctx, local, r)
	if fault.Is(err, fault.NotFound) {
		return p.client.CreateResponder(ctx, local, r)
	}
	return err
}

// RemoveReply implements mailbox.Replies.
func (p Provider) RemoveReply(ctx context.Context, local string) error {
	return p.client.DeleteResponder(ctx, local)
}

// Package mailinglistovh lets the mailinglist room keep its lists at OVH.
package mailinglistovh

import (
	"context"
	"strings"

	"github.com/betagouv/espace-membre/internal/integration/ovh"
	"github.com/betagouv/espace-membre/internal/mailinglist"
)

// Host is the room's port on an OVH client.
type Host struct{ client *ovh.Client }

var _ mailinglist.Host = Host{}

// New makes the port of a client.
func New(client *ovh.Client) Host { return Host{client} }

// Names implements mailinglist.Host.
func (h Host) Names(ctx context.Context) ([]string, error) { return h.client.MailingLists(ctx) }

// Subscribers implements mailinglist.Host.
func (h Host) Subscribers(ctx context.Context, list string) ([]string, error) {
	addresses, err := h.client.Subscribers(ctx, list)
	for i, a := range addresses {
		addresses[i] = strings.ToLower(strings.TrimSpace(a))
	}
	return addresses, err
}

// Announced implements mailinglist.Host.
func (h Host) Announced(ctx context.Context, list string) (int, error) {
	return h.client.CountSubscribers(ctx, list)
}

// Subscribe implements mailinglist.Host.
func (h Host) Subscribe(ctx context.Context, list, address string) error {
	return h.client.Subscribe(ctx, list, address)
}

// Unsubscribe implements mailinglist.Host.
func (h Host) Unsubscribe(ctx context.Context, list, address string) error {
	return h.client.Unsubscribe(ctx, list, address)
}

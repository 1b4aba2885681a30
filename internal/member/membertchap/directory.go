// Package membertchap lets the member room ask Tchap whether an address is a public servant's.
package membertchap

import (
	"context"

	"github.com/betagouv/espace-membre/internal/integration/tchap"
	"github.com/betagouv/espace-membre/internal/member"
)

// Directory is the room's port on a Tchap client.
type Directory struct{ client *tchap.Client }

var _ member.PublicServiceDirectory = Directory{}

// New makes the port of a client.
func New(client *tchap.Client) Directory { return Directory{client} }

// IsAgent implements member.PublicServiceDirectory: an address is an agent's when Tchap keeps a
// place for it anywhere but on the home server of external people. No domain is known by heart.
func (d Directory) IsAgent(ctx context.Context, address string) (bool, error) {
	server, err := d.client.HomeServer(ctx, address)
	return err == nil && server != tchap.External, err
}

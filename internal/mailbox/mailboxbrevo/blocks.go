package mailboxbrevo

import (
	"context"
	"fmt"

	"github.com/betagouv/espace-membre/internal/integration/brevo"
	"github.com/betagouv/espace-membre/internal/mailbox"
	"github.com/betagouv/espace-membre/internal/platform/fault"
)

// Blocks is the port of the room on what Brevo holds against an address.
type Blocks struct{ client *brevo.Client }

var _ mailbox.Blocks = Blocks{}

// NewBlocks makes the port of a client.
func NewBlocks(client *brevo.Client) Blocks { return Blocks{client} }

// Reach implements mailbox.Blocks.
func (b Blocks) Reach(ctx context.Context, address string) (mailbox.Reach, error) {
	var reach mailbox.Reach
	block, err := b.client.BlockOf(ctx, address)
	switch {
	case err == nil:
		reach.Block = &mailbox.Block{Reason: string(block.Reason), Sender: block.Sender, At: block.BlockedAt}
	case !fault.Is(err, fault.NotFound):
		return reach, fmt.Errorf("read the block: %w", err)
	}
	contact, err := b.client.Contact(ctx, address)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return reach, fmt.Errorf("read the contact: %w", err)
	}
	reach.NoCampaigns = err == nil && contact.EmailBlacklisted
	return reach, nil
}

// Lift implements mailbox.Blocks.
func (b Blocks) Lift(ctx context.Context, address string) error {
	return b.client.Unblock(ctx, address)
}

// AllowCampaigns implements mailbox.Blocks.
func (b Blocks) AllowCampaigns(ctx context.Context, address string) error {
	err := b.client.AllowCampaigns(ctx, address)
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	return err
}

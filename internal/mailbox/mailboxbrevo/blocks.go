package mailboxbrevo

import (
	"context"
	"fmt"
	"strings"

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
		known := told(block)
		reach.Block = &known
	case !fault.Is(err, fault.NotFound):
		return reach, fmt.Errorf("read the block: %w", err)
	}
	reach.NoCampaigns, err = b.RefusesCampaigns(ctx, address)
	return reach, err
}

func told(b brevo.Block) mailbox.Block {
	return mailbox.Block{Reason: string(b.Reason), Sender: b.Sender, At: b.BlockedAt}
}

// Blocked implements mailbox.Blocks. As for one address, the latest block counts, but one chosen by
// the person before any other.
func (b Blocks) Blocked(ctx context.Context) (map[string]mailbox.Block, error) {
	listed, err := b.client.Blocked(ctx, brevo.Period{})
	if err != nil {
		return nil, err
	}
	blocked := make(map[string]mailbox.Block, len(listed))
	for _, one := range listed {
		address := strings.ToLower(one.Email)
		if former, known := blocked[address]; !known || !former.Wanted() && one.Reason.ChosenByPerson() {
			blocked[address] = told(one)
		}
	}
	return blocked, nil
}

// RefusesCampaigns implements mailbox.Blocks.
func (b Blocks) RefusesCampaigns(ctx context.Context, address string) (bool, error) {
	contact, err := b.client.Contact(ctx, address)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return false, fmt.Errorf("read the contact: %w", err)
	}
	return err == nil && contact.EmailBlacklisted, nil
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

package mailbox

import (
	"context"
	"time"
)

// Block is why an address gets no transactional mail from us any more.
type Block struct {
	Reason string // in the vendor's word: hardBounce, unsubscribedViaEmail…
	Sender string // our address, the mail of which is blocked
	At     time.Time
}

// Wanted tells whether the block follows from the person's own wish, or may: a reason that we
// do not know counts as such.
func (b Block) Wanted() bool { return !liftable(b.Reason) }

// Reach is what the vendor of mails holds against an address.
type Reach struct {
	Block       *Block // nil: transactional mails get through
	NoCampaigns bool   // refuses campaigns: the person's choice, or the consequence of a bounce
}

// Open tells that everything gets through.
func (r Reach) Open() bool { return r.Block == nil && !r.NoCampaigns }

// Wanted tells whether something of it may be the person's own wish.
func (r Reach) Wanted() bool { return r.NoCampaigns || r.Block != nil && r.Block.Wanted() }

// Blocks are the blocks of the vendor of mails. Errors are faults.
type Blocks interface {
	// Reach tells what an address gets now; one that the vendor does not know gets everything. It
	// reads the whole listing: for an action, never for a page.
	Reach(ctx context.Context, address string) (Reach, error)
	// Blocked gives every block, by address in lower case, at the price of the whole listing.
	Blocked(ctx context.Context) (map[string]Block, error)
	// RefusesCampaigns tells it of one address; an unknown one refuses nothing.
	RefusesCampaigns(ctx context.Context, address string) (bool, error)
	// Lift lets transactional mails through; an address that is not blocked is fine.
	Lift(ctx context.Context, address string) error
	// AllowCampaigns lifts a refusal of campaigns; an unknown address is fine.
	AllowCampaigns(ctx context.Context, address string) error
}

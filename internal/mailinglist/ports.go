package mailinglist

import (
	"context"
	"time"
)

// Host holds the mailing lists of the community's domain. Errors are faults; addresses are in
// lower case.
type Host interface {
	// Names lists the mailing lists of the domain.
	Names(ctx context.Context) ([]string, error)
	// Subscribers lists the addresses of a list; NotFound when there is no such list. Orders of the
	// last minutes may not show yet.
	Subscribers(ctx context.Context, list string) ([]string, error)
	// Announced tells how many subscribers a list is said to have; negative when nobody says.
	Announced(ctx context.Context, list string) (int, error)
	// Subscribe puts an address on a list; one that is there already is fine.
	Subscribe(ctx context.Context, list, address string) error
	// Unsubscribe takes an address off a list; an absent one is fine.
	Unsubscribe(ctx context.Context, list, address string) error
}

// ContactList is a list of contacts for campaigns.
type ContactList string

// The contact lists.
const (
	Newsletter ContactList = "NEWSLETTER"
	Onboarding ContactList = "ONBOARDING"
)

func contactLists() []ContactList { return []ContactList{Newsletter, Onboarding} }

// Contact is a member of a contact list.
type Contact struct {
	ID      string // the vendor's own
	Address string // lower case
	Refuses bool   // every campaign, whatever the reason
}

// Block is an address to which the vendor sends no transactional mail any more.
type Block struct {
	Address string // lower case
	Reason  string // the vendor's word: hardBounce, unsubscribedViaEmail…
	At      time.Time
}

// Person is a contact as it should be.
type Person struct {
	Address  string
	Fullname string
	Domain   string // field of activity
}

// Contacts is the vendor of contact lists, of campaigns and of transactional blocks. Errors are faults.
type Contacts interface {
	// Members lists the contacts of a list, and how many the vendor says that there are.
	Members(ctx context.Context, list ContactList) (contacts []Contact, announced int, err error)
	// Remove takes addresses off a list; absent ones are fine.
	Remove(ctx context.Context, list ContactList, addresses ...string) error
	// Blocks lists every transactional block, whichever of our senders it concerns.
	Blocks(ctx context.Context) ([]Block, error)
	// WhyRefuses tells why a contact refuses campaigns, in the vendor's word; "" when it does not
	// refuse any more, or when the vendor does not say.
	WhyRefuses(ctx context.Context, address string) (string, error)
	// LiftBlock lets transactional mails reach an address again; one that is not blocked is fine.
	LiftBlock(ctx context.Context, address string) error
	// AllowCampaigns makes a contact receive campaigns again.
	AllowCampaigns(ctx context.Context, address string) error
	// Move makes a contact follow a person who changed address: the new address joins the lists
	// that the former one leaves, keeps what the person refused (campaigns, or single lists), and
	// is never put where they were not. A former address that the vendor does not know is fine:
	// there is nothing to move.
	Move(ctx context.Context, former string, to Person) (Moved, error)
	// Follows tells whether Move would change nothing.
	Follows(ctx context.Context, former, address string) (bool, error)
}

// Moved is what became of a contact that had to follow its person.
type Moved struct {
	Changed bool   // there was something to move
	Refusal string // in the vendor's word, why the person refuses every campaign; "" when they do not
}

// UnknownReason stands for the reason of a refusal that the vendor does not explain.
const UnknownReason = "unknown"

// Liftable tells whether a block may be lifted without asking: those that a server or an
// administrator set, never one that follows from the person's own wish. A reason that is not known
// counts as a wish.
func Liftable(reason string) bool { return reason == "hardBounce" || reason == "adminBlocked" }

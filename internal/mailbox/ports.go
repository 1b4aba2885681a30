package mailbox

import "context"

// Plan is a kind of mailbox; the names are those of the settings and of incubator.mailbox_plan.
type Plan string

// The plans.
const (
	PlanBasic    Plan = "EMAIL_PLAN_BASIC"
	PlanPro      Plan = "EMAIL_PLAN_PRO"
	PlanExchange Plan = "EMAIL_PLAN_EXCHANGE"
)

// Box is a mailbox that exists.
type Box struct {
	Plan Plan
}

// NewBox is a mailbox to make.
type NewBox struct {
	Local    string // part before the @: the username
	Fullname string
	Plan     Plan
}

// Provider holds the mailboxes and redirections of the community's domain. Errors are faults.
type Provider interface {
	// Find gives the mailbox of a local part; NotFound when there is none. A vendor that
	// does not answer is another error, never an absence.
	Find(ctx context.Context, local string) (Box, error)
	// Create orders a mailbox, usable a little later; Conflict when the name is taken or no
	// account of the plan is free.
	Create(ctx context.Context, box NewBox) error
	// Redirections gives the addresses to which an address forwards.
	Redirections(ctx context.Context, from string) ([]string, error)
	// Redirect makes an address forward to another.
	Redirect(ctx context.Context, from, to string) error
}

// List is a contact list that members join.
type List string

// The lists.
const (
	Newsletter List = "NEWSLETTER"
	Onboarding List = "ONBOARDING"
)

// Contact is a member as contact lists know them.
type Contact struct {
	Address  string
	Fullname string
	Domain   string // field of activity
}

// Contacts is the vendor of contact lists and of their blocks. Errors are faults.
type Contacts interface {
	// Subscribe creates or updates a contact and adds it to lists.
	Subscribe(ctx context.Context, contact Contact, lists []List) error
	// BlockReason tells why transactional messages to an address are blocked, in the
	// vendor's word (hardBounce, unsubscribedViaEmail…); "" when they are not.
	BlockReason(ctx context.Context, address string) (string, error)
	// Unblock lifts the block; an absent one is fine.
	Unblock(ctx context.Context, address string) error
}

// Welcome is what the message "your address is ready" says.
type Welcome struct {
	To       string // secondary address
	Fullname string
	Address  string // the new address
	Webmail  string // URL
	Leave    string // signed URL that refuses the members' list; empty: none
}

// Letters sends the room's messages; key makes the message unique.
type Letters interface {
	Welcome(ctx context.Context, key string, w Welcome) error
}

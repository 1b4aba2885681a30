package mailbox

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/betagouv/espace-membre/internal/platform/clock"
)

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
	Local   string // part before the @
	Plan    Plan
	Blocked bool // the vendor stopped it for abuse; told by Find only
}

// NewBox is a mailbox to make.
type NewBox struct {
	Local    string // part before the @: the username
	Fullname string
	Plan     Plan
}

// Boxes are the mailboxes of the community's domain. Errors are faults.
type Boxes interface {
	// Find gives the mailbox of a local part; NotFound when there is none. A vendor that
	// does not answer is another error, never an absence.
	Find(ctx context.Context, local string) (Box, error)
	// List gives every mailbox of every plan, sorted by local part, in one call a plan. A
	// plan that fails is an error: the list is never shorter than the truth without saying so.
	List(ctx context.Context) ([]Box, error)
	// Free counts the paid accounts of a plan that nobody uses; Invalid when the plan is not configured.
	Free(ctx context.Context, plan Plan) (int, error)
	// Create orders a mailbox, usable a little later; Conflict when the name is taken or no
	// account of the plan is free.
	Create(ctx context.Context, box NewBox) error
	// SetPassword gives a mailbox a password; NotFound when there is no such mailbox, Invalid
	// when the vendor refuses the password.
	SetPassword(ctx context.Context, box Box, password string) error
	// Lock gives a mailbox a password that nobody knows; NotFound when there is no such mailbox.
	Lock(ctx context.Context, box Box) error
	// Delete removes a mailbox and what it holds, and frees its licence when its plan has
	// one; NotFound when there is no such mailbox.
	Delete(ctx context.Context, box Box) error
	// Upgrade moves an MX mailbox to the Pro plan, with a new password. Conflict when no Pro
	// account is free; nothing when it is a Pro mailbox already.
	Upgrade(ctx context.Context, local, password string) error
}

// Redirection makes what arrives at an address leave for another.
type Redirection struct {
	ID       string // the vendor's
	From, To string // whole addresses, lower case
}

// Redirections are those of the community's domain. Errors are faults.
type Redirections interface {
	// Redirections gives those that leave from an address.
	Redirections(ctx context.Context, from string) ([]Redirection, error)
	// AllRedirections gives every one, at the price of a call each: never in a plan.
	AllRedirections(ctx context.Context) ([]Redirection, error)
	// Redirect makes an address forward to another; keepCopy leaves a copy in its mailbox.
	// Conflict when it does already.
	Redirect(ctx context.Context, from, to string, keepCopy bool) error
	// Retarget makes a redirection lead to another address; NotFound when it is gone.
	Retarget(ctx context.Context, id, to string) error
	// RemoveRedirection removes one; an absent one is fine.
	RemoveRedirection(ctx context.Context, id string) error
}

// Reply is the automatic reply of an MX mailbox.
type Reply struct {
	Text     string
	From, To time.Time // zero: no bound
}

// Replies are the automatic replies of MX mailboxes; the other plans have none here. Errors
// are faults.
type Replies interface {
	// Reply gives the automatic reply of a mailbox; NotFound when there is none.
	Reply(ctx context.Context, local string) (Reply, error)
	// SetReply starts or replaces it. The mailbox keeps the messages that it answers to.
	SetReply(ctx context.Context, local string, reply Reply) error
	// RemoveReply stops it; an absent one is fine.
	RemoveReply(ctx context.Context, local string) error
}

// Provider holds the mailboxes, redirections and automatic replies of the community's domain.
type Provider interface {
	Boxes
	Redirections
	Replies
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

// Welcome is what the messages "your address is ready" and "your address is back" say.
type Welcome struct {
	To       string // secondary address
	Fullname string
	Address  string // the address concerned
	Webmail  string // URL
	Leave    string // signed URL that refuses the members' list; empty: none
}

// Letters sends the room's messages; key makes the message unique.
type Letters interface {
	// Welcome tells that a new address is ready.
	Welcome(ctx context.Context, key string, w Welcome) error
	// Restored tells somebody who came back that the address opens again, with a password to choose.
	Restored(ctx context.Context, key string, w Welcome) error
}

// DepartureStep names what this room does of a departure, for Holds.
type DepartureStep string

// The steps.
const (
	StepRedirections DepartureStep = "redirections"
	StepSuspension   DepartureStep = "suspension"
	StepExpiry       DepartureStep = "expiry"
	StepDeletion     DepartureStep = "deletion"
	StepSecondary    DepartureStep = "secondary"
)

// Held tells in French why a step of a member's departure must wait; "" when it need not.
type Held func(id uuid.UUID, step DepartureStep) string

// Holds reads what people postponed or cancelled of departures, as it counts on a day.
type Holds func(ctx context.Context, today clock.Day) (Held, error)

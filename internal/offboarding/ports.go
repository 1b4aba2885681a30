package offboarding

import (
	"context"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/betagouv/espace-membre/internal/platform/clock"
)

// Letters sends the room's mails, one message to one address; key makes each unique. Errors:
// Unavailable to try again later, with AnswerLost when it may have left, anything else when it
// was refused.
type Letters interface {
	Notice(ctx context.Context, key, to string, n Notice) error
	SecondaryMissing(ctx context.Context, key, to string, m MissingLetter) error
	ExtensionAsked(ctx context.Context, key, to string, l AskedLetter) error
	ExtensionAnswered(ctx context.Context, key, to string, l AnsweredLetter) error
}

// Messenger writes to members in the chat. It is best effort: what it cannot do never keeps a
// mail from leaving.
type Messenger interface {
	// Tell posts a direct message, in Markdown, to a member's own account; NotFound when the
	// member has none. Other errors are those of Letters.
	Tell(ctx context.Context, key string, member uuid.UUID, text string) error
}

// Restorer gives back what a departure took away, once the member is active again.
type Restorer interface {
	// Restore records, in the transaction that lengthens the mission, what must be done to the
	// member's address: a suspended one is made active again, a deleted one may be made
	// anew. It calls no vendor. by is the username of who decided.
	Restore(ctx context.Context, tx pgx.Tx, member uuid.UUID, by string) error
}

// Notice is what a message about a departure says.
type Notice struct {
	Kind     Kind
	Fullname string
	End      clock.Day // last day of the last mission
	Today    clock.Day // when it is sent
	Coming   []Stop    // what stops, soonest first
	Done     []Stop    // what has stopped
	Address  AddressKind
	Fallback bool // a secondary address is known
}

// Ours tells whether the primary address is the community's, and stops with the departure.
func (n Notice) Ours() bool { return n.Address == Mailbox || n.Address == Redirection }

// Stop is something that a departure ends.
type Stop struct {
	Day  clock.Day // zero: unknown
	Text string    // French, to the person, present tense, no capital nor full stop
}

// AskedLetter tells somebody who may decide that a member asks to stay longer.
type AskedLetter struct {
	Fullname string // of the reader
	Asker    string // full name
	Username string // of who asks
	Request  uuid.UUID
	End      clock.Day // last day known
	Wished   clock.Day
	Message  string // by who asks; may be empty
	Expires  clock.Day
}

// AnsweredLetter tells the member what was decided.
type AnsweredLetter struct {
	Fullname string
	Accepted bool
	Decider  string // full name
	Wished   clock.Day
	Answer   string // by who decided; may be empty
	Mailbox  Comeback
}

// Comeback is what becomes of the address of somebody who stays or comes back.
type Comeback string

// The ways in which an address comes back.
const (
	ComebackNone     Comeback = ""         // nothing had stopped
	ComebackPassword Comeback = "password" // suspended: it wakes up, with a password to choose
	ComebackRecreate Comeback = "recreate" // deleted: a new one is made, or asked with one button
)

// MissingLetter is what the letter to a member without secondary address says.
type MissingLetter struct {
	Member   uuid.UUID
	Fullname string
}

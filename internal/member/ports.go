package member

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// PublicServiceDirectory tells whether an address is that of an agent of the State or of
// another public body.
type PublicServiceDirectory interface {
	// IsAgent answers for a normalised address, within the time that the context leaves. An
	// error means that the directory could not tell: the caller decides what then.
	IsAgent(ctx context.Context, address string) (bool, error)
}

// City is a commune, or an arrondissement of one.
type City struct {
	Code       string // INSEE
	Name       string
	PostalCode string // empty where none of several names it: Paris, Lyon, Marseille…
	Exact      bool   // found by its full name, its postal code or its INSEE code
}

// Cities knows the communes in which members work.
type Cities interface {
	// Search gives the communes that a text may mean (a name, a postal code, an INSEE code),
	// the best first, at most limit; none is not an error.
	Search(ctx context.Context, text string, limit int) ([]City, error)
	// ByCode gives a commune by its INSEE code; NotFound when there is none.
	ByCode(ctx context.Context, code string) (City, error)
}

// Letters sends the mails of this room. Errors: Unavailable to try again later, AnswerLost when
// a mail may have left, anything else when it was refused.
type Letters interface {
	// SendAddressProof sends the link that proves the ownership of an address.
	SendAddressProof(ctx context.Context, letter ProofLetter) error
	// SendAddressChanged tells an address that another one has replaced it.
	SendAddressChanged(ctx context.Context, letter ChangedLetter) error
}

// ProofLetter is what the letter with the link needs.
type ProofLetter struct {
	Key      string // of the action
	To       string // the address to prove
	Fullname string // of the member
	Kind     AddressKind
	AskedBy  string // fullname of who asked when it is somebody else; empty: the member
	URL      string // of the landing page, with the token: never log it
	Life     time.Duration
}

// ChangedLetter is what the notice to the former address needs.
type ChangedLetter struct {
	Key      string // of the action
	To       string // the former address
	Fullname string
	Kind     AddressKind
	At       time.Time
}

// PrimaryChange is a primary address that has just been replaced by another.
type PrimaryChange struct {
	Member   uuid.UUID
	Username string
	From     string // empty when there was none
	To       string
	At       time.Time
	Actor    string // username
}

// ContactChange is a member whose notices go to another address from now on.
type ContactChange struct {
	Member   uuid.UUID
	Username string
	From     string // empty when there was none
	To       string
	At       time.Time
	Actor    string // username
}

// PrimaryHook follows a change of primary address in its transaction: it records actions, calls
// no vendor, and its error undoes the change.
type PrimaryHook func(ctx context.Context, tx pgx.Tx, change PrimaryChange) error

// ContactHook follows a change of contact address, on the same terms.
type ContactHook func(ctx context.Context, tx pgx.Tx, change ContactChange) error

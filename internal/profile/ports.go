package profile

import (
	"context"
	"time"

	"github.com/betagouv/espace-membre/internal/mailbox"
	"github.com/betagouv/espace-membre/internal/platform/actor"
	"github.com/betagouv/espace-membre/internal/platform/files"
)

// Ports are what this room asks outside. All but Files may be nil when its settings are missing:
// what it would have told is then "unknown".
type Ports struct {
	Mailboxes Mailboxes
	Refusals  Refusals
	// Deliveries is asked for administrators only.
	Deliveries Deliveries
	Letters    Letters
	Files      files.Store // never nil: the database keeps files by default
	Restorer   Restorer
}

// Restorer gives back to a record the values that stood before an event of its history. It checks
// the right RestoreHistory itself, and writes an event of its own.
type Restorer interface {
	// RestoreVersion tells whether anything was not the same: Conflict when the event cannot be
	// undone, Forbidden without the right, NotFound when there is no such event.
	RestoreVersion(ctx context.Context, who actor.Actor, event int64) (changed bool, err error)
}

// Mailboxes knows the mailboxes of the community's domain; the provider of the room mailbox is one.
type Mailboxes interface {
	// Find gives the mailbox of a local part; NotFound when there is none. A vendor that does
	// not answer is another error, never an absence.
	Find(ctx context.Context, local string) (mailbox.Box, error)
}

// Refusals knows the addresses to which our mails are not delivered any more.
type Refusals interface {
	// Blocked gives the reason of every block, in the vendor's word (hardBounce,
	// unsubscribedViaEmail…), by address in lower case. It may take many calls.
	Blocked(ctx context.Context) (map[string]string, error)
}

// Deliveries knows what became of the mails sent to an address.
type Deliveries interface {
	// Deliveries lists what happened lately, the latest first.
	Deliveries(ctx context.Context, address string) ([]Delivery, error)
}

// Delivery is one thing that happened to a mail.
type Delivery struct {
	At      time.Time
	To      string
	What    string // the vendor's word: delivered, hardBounces…
	Subject string
	Tag     string // may be empty
	From    string
	Reason  string // of a refusal; may be empty
}

// Letters sends the mails of this room.
type Letters interface {
	// SendDiagnosis sends one letter to one address; key is that of the action. Errors:
	// Unavailable to try again later, AnswerLost when it may have left.
	SendDiagnosis(ctx context.Context, key, to string, letter DiagnosisLetter) error
}

// DiagnosisLetter is what a person is told by mail.
type DiagnosisLetter struct {
	Fullname  string
	Diagnosis Diagnosis
	BaseURL   string // of the portal, before the path of each step
	Support   string // address of the team
}

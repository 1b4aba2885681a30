package profile

import (
	"context"

	"github.com/betagouv/espace-membre/internal/mailbox"
	"github.com/betagouv/espace-membre/internal/platform/actor"
	"github.com/betagouv/espace-membre/internal/platform/files"
)

// Ports are what this room asks outside. All but Files may be nil when its settings are missing:
// what it would have told is then "unknown".
type Ports struct {
	Mailboxes Mailboxes
	Refusals  Refusals
	Letters   Letters
	Files     files.Store // never nil: the database keeps files by default
	Restorer  Restorer
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

// Refusals knows the addresses to which our mails are not delivered any more; the contacts of the
// room mailbox are one.
type Refusals interface {
	// BlockReason tells why mails to an address are refused, in the vendor's word (hardBounce,
	// unsubscribedViaEmail…); "" when they are not.
	BlockReason(ctx context.Context, address string) (string, error)
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

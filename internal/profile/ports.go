package profile

import (
	"context"

	"github.com/betagouv/espace-membre/internal/platform/files"
)

// Ports are what this room asks outside. All but Files may be nil when its settings are missing:
// what it would have told is then "unknown".
type Ports struct {
	Mailboxes Mailboxes
	Refusals  Refusals
	Letters   Letters
	Files     files.Store // never nil: the database keeps files by default
}

// Mailboxes knows the mailboxes of the community's domain.
type Mailboxes interface {
	// Find gives the plan of a member's mailbox (EMAIL_PLAN_…); NotFound when there is no
	// mailbox. A vendor that does not answer is another error, never an absence.
	Find(ctx context.Context, username string) (plan string, err error)
}

// Refusals knows the addresses to which our mails are not delivered any more.
type Refusals interface {
	// Reason tells why mails to an address are refused, in the vendor's word (hardBounce,
	// unsubscribedViaEmail…); "" when they are delivered.
	Reason(ctx context.Context, address string) (string, error)
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
}

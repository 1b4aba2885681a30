package signin

import (
	"context"
	"time"
)

// Letters sends the mails of this room.
type Letters interface {
	// SendLogin sends one letter to one address. Errors: Unavailable to try again later,
	// AnswerLost when it may have left, anything else when it was refused.
	SendLogin(ctx context.Context, letter LoginLetter) error
}

// LoginLetter is what the letter with the link needs.
type LoginLetter struct {
	Key      string // of the action: the same one for every attempt
	To       string // the address typed
	Fullname string
	URL      string // of the landing page, with the token: never log it
	Life     time.Duration
}

package onboarding

import "context"

// Invitation is what the letter to a newcomer says.
type Invitation struct {
	Key      string // of the action: the same one for every attempt
	To       string // secondary address, with which the newcomer logs in
	Fullname string
	Creator  string // full name of the colleague who made the record; empty when nobody did
}

// Letters sends the letters of this room. Errors: Unavailable to try again later, AnswerLost
// when the letter may have left, anything else when it was refused.
type Letters interface {
	Invite(ctx context.Context, invitation Invitation) error
}

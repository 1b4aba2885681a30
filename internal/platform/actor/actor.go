// Package actor says who does something: a logged-in member, nobody, or the system.
package actor

import (
	"context"

	"github.com/google/uuid"
)

// Standing is how much a logged-in person may do, by the state of their missions.
type Standing string

// The standings, from nobody to a member in activity.
const (
	Anonymous  Standing = ""           // not logged in
	Unverified Standing = "unverified" // must confirm their record first
	Limited    Standing = "limited"    // expired for 5 days or more: own record only
	Grace      Standing = "grace"      // expired, end + 1 to end + 4
	Active     Standing = "active"     // some mission runs or will
)

// Actor is the person on whose behalf a page, a command or a job acts. The zero Actor is nobody.
type Actor struct {
	ID       uuid.UUID // member uuid; nil for the system and for nobody
	Username string    // handle, or "system"
	Fullname string
	Standing Standing
	Admin    bool // listed in ESPACE_MEMBRE_ADMIN
}

// System is the actor of scheduled jobs and of commands.
func System() Actor { return Actor{Username: "system", Standing: Active} }

// LoggedIn tells whether the actor is a member with a session.
func (a Actor) LoggedIn() bool { return a.ID != uuid.Nil }

// IsSystem tells whether the actor is the program itself.
func (a Actor) IsSystem() bool { return a.ID == uuid.Nil && a.Username == "system" }

type key struct{}

// With puts the actor in a context.
func With(ctx context.Context, a Actor) context.Context { return context.WithValue(ctx, key{}, a) }

// From gives the actor of a context; nobody when there is none.
func From(ctx context.Context) Actor {
	a, _ := ctx.Value(key{}).(Actor)
	return a
}

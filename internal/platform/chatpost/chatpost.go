// Package chatpost tells chat channels what happens, best effort: a room writes a Post, records it
// as a once action in its own transaction, and one spec (postToChat) sends it through the incoming
// webhook of the channel. A channel without webhook is silent, a chat that is down delays nothing
// else, and a post that is a day late is dropped.
package chatpost

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/job"
)

// Channel is a place where the portal posts; each has its webhook in the settings.
type Channel string

// The channels.
const (
	Secretariat Channel = "secretariat" // what members and administrators do to accounts
	General     Channel = "general"     // the whole community
	Dinum       Channel = "dinum"       // the space of the DINUM
	Gip         Channel = "gip"         // the space of the GIP
)

// Channels lists them all.
func Channels() []Channel { return []Channel{Secretariat, General, Dinum, Gip} }

// Post is one message.
type Post struct {
	Channel Channel `json:"channel"`
	// To changes where the webhook posts: "@username" for a direct message of its bot, or the name
	// of another channel. Empty: the channel's own place.
	To   string `json:"to,omitempty"`
	Text string `json:"text"` // Markdown of Mattermost; never a secret
}

// Poster sends one post. Errors are faults: Unavailable may be tried again; with AnswerLost, the
// post may be there already; the others were refused for good.
type Poster interface {
	// Has tells whether a channel has a webhook.
	Has(channel Channel) bool
	Post(ctx context.Context, p Post) error
}

// JobName is the kind of request that posts, and the beginning of the keys of its actions.
const JobName = "postToChat"

// late is how long a post is worth sending.
const late = 24 * time.Hour

// Action makes the action of a post about somebody or something (subject, label); cause is the fact
// that it tells, so that it is told once: the key of the action it follows, an end date, an event's number.
func Action(subject uuid.UUID, label, cause, reason string, p Post) job.Action {
	return job.Action{
		Key: job.Key(JobName, subject, cause), Mode: job.Once, Job: JobName, Verb: "publier", Subject: subject, Label: label,
		Reason: reason, Args: job.EncodeArgs(p), Queue: job.QueueMattermost,
	}
}

// Tell records a post in a transaction; it is sent once that commits.
func Tell(ctx context.Context, tx pgx.Tx, requester job.Requester, action job.Action) error {
	if err := requester.Request(ctx, tx, action); err != nil {
		return fmt.Errorf("record a post: %w", err)
	}
	return nil
}

// Spec is the kind of request that sends posts. The poster is nil when no channel has a webhook.
func Spec(poster Poster, clk clock.Clock) job.Spec {
	return job.Spec{
		Name: JobName, Title: "Publie un message dans la messagerie", Room: "platform/chatpost", Default: job.On, Queue: job.QueueMattermost,
		Apply: func(ctx context.Context, a job.Action) (job.Outcome, error) { return apply(ctx, poster, clk, a) },
	}
}

func apply(ctx context.Context, poster Poster, clk clock.Clock, a job.Action) (job.Outcome, error) {
	post, err := job.DecodeArgs[Post](a)
	switch {
	case err != nil:
		return job.Outcome{}, fmt.Errorf("read the post: %w", err)
	case poster == nil || !poster.Has(post.Channel):
		return job.Moot("le canal « " + string(post.Channel) + " » n’a pas de webhook"), nil
	case !a.CreatedAt.IsZero() && clk.Now().Sub(a.CreatedAt) > late:
		return job.Moot("message vieux de plus d’un jour"), nil
	}
	if err := poster.Post(ctx, post); err != nil {
		return job.Outcome{}, fmt.Errorf("post to %s: %w", post.Channel, err)
	}
	return job.Outcome{}, nil
}

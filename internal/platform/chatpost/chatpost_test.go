package chatpost_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/betagouv/espace-membre/internal/platform/chatpost"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/platform/job"
)

var today = clock.MustDay("2024-12-19")

// board keeps what is posted to one channel.
type board struct {
	channel chatpost.Channel
	posts   []chatpost.Post
	down    error
}

func (b *board) Has(c chatpost.Channel) bool { return c == b.channel }

func (b *board) Post(_ context.Context, p chatpost.Post) error {
	if b.down == nil {
		b.posts = append(b.posts, p)
	}
	return b.down
}

func action(channel chatpost.Channel) job.Action {
	return chatpost.Action(uuid.NewSHA1(uuid.NameSpaceOID, []byte("camille")), "camille.durand", "x/2024-12-18", "boîte créée", chatpost.Post{Channel: channel, Text: "Une boîte."})
}

func TestPostIsSentWhereAsked(t *testing.T) {
	b := &board{channel: chatpost.Secretariat}
	at := clock.At(today, 10, 0)
	spec := chatpost.Spec(b, at)
	a := action(chatpost.Secretariat)
	if a.Mode != job.Once || a.Queue != job.QueueMattermost || a.Job != spec.Name || spec.Scheduled() {
		t.Errorf("action %+v", a)
	}
	if outcome, err := spec.Apply(t.Context(), a); err != nil || outcome.Moot != "" || len(b.posts) != 1 || b.posts[0].Text != "Une boîte." {
		t.Errorf("%+v, %v, %+v", outcome, err, b.posts)
	}
}

func TestWhatIsNotPosted(t *testing.T) {
	b := &board{channel: chatpost.Secretariat}
	at := clock.At(today, 10, 0)
	old := action(chatpost.Secretariat)
	old.CreatedAt = at.Now().Add(-25 * time.Hour)
	for name, c := range map[string]struct {
		poster chatpost.Poster
		action job.Action
	}{
		"another channel": {b, action(chatpost.Gip)}, "no webhook at all": {nil, action(chatpost.Secretariat)}, "a day late": {b, old},
	} {
		if outcome, err := chatpost.Spec(c.poster, at).Apply(t.Context(), c.action); err != nil || outcome.Moot == "" {
			t.Errorf("%s: %+v, %v", name, outcome, err)
		}
	}
	fresh := action(chatpost.Secretariat)
	fresh.CreatedAt = at.Now().Add(-23 * time.Hour)
	if _, err := chatpost.Spec(b, at).Apply(t.Context(), fresh); err != nil || len(b.posts) != 1 {
		t.Errorf("a post of yesterday: %v, %d", err, len(b.posts))
	}
}

func TestFailureKeepsItsKind(t *testing.T) {
	lost := &fault.Error{Kind: fault.Unavailable, AnswerLost: true}
	b := &board{channel: chatpost.Secretariat, down: lost}
	if _, err := chatpost.Spec(b, clock.At(today, 10, 0)).Apply(t.Context(), action(chatpost.Secretariat)); !fault.AnswerLost(err) {
		t.Errorf("a lost answer became %v", err)
	}
	bad := action(chatpost.Secretariat)
	bad.Args = []byte("{")
	if _, err := chatpost.Spec(b, clock.At(today, 10, 0)).Apply(t.Context(), bad); err == nil {
		t.Error("an unreadable post was accepted")
	}
}

type requests []job.Action

func (r *requests) Request(_ context.Context, _ pgx.Tx, a job.Action) error {
	*r = append(*r, a)
	return nil
}

func TestTellRecordsTheAction(t *testing.T) {
	var r requests
	if err := chatpost.Tell(t.Context(), nil, &r, action(chatpost.General)); err != nil || len(r) != 1 {
		t.Errorf("%v, %d", err, len(r))
	}
}

package chatwebhook_test

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/betagouv/espace-membre/internal/integration/chatwebhook"
	"github.com/betagouv/espace-membre/internal/integration/chatwebhook/chatwebhooksim"
	"github.com/betagouv/espace-membre/internal/platform/chatpost"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/sandbox/simkit"
)

const secret = "cle-tres-secrete"

func newWorld(t *testing.T) (*chatwebhook.Client, *chatwebhooksim.Sim, *simkit.Faults) {
	t.Helper()
	sim := chatwebhooksim.New(chatwebhooksim.Config{Clock: clock.At(clock.MustDay("2024-12-19"), 10, 0), Hooks: map[string]chatwebhooksim.Hook{
		secret: {Name: "Secrétariat", Channel: "secretariat"}, "general": {Name: "Communauté", Channel: "town-square"}, "gip": {Name: "GIP", Channel: "gip-annonces"},
	}})
	faults := &simkit.Faults{}
	server := httptest.NewServer(faults.Wrap("mattermost", sim))
	t.Cleanup(server.Close)
	return chatwebhook.New(chatwebhook.Config{PerSecond: 1000, Timeout: time.Second, URLs: map[chatpost.Channel]string{
		chatpost.Secretariat: server.URL + "/hooks/" + secret, chatpost.General: server.URL + "/hooks/general", chatpost.Gip: server.URL + "/hooks/gip", chatpost.Dinum: "",
	}}), sim, faults
}

func TestEachChannelHasItsPlace(t *testing.T) {
	client, sim, _ := newWorld(t)
	for _, c := range []struct {
		post  chatpost.Post
		place string
	}{
		{chatpost.Post{Channel: chatpost.Secretariat, Text: "un"}, "secretariat"},
		{chatpost.Post{Channel: chatpost.General, Text: "deux"}, "town-square"},
		{chatpost.Post{Channel: chatpost.Gip, Text: "trois"}, "gip-annonces"},
		{chatpost.Post{Channel: chatpost.Secretariat, To: "@camille.durand", Text: "quatre"}, "@camille.durand"},
	} {
		if err := client.Post(t.Context(), c.post); err != nil {
			t.Fatal(err)
		}
		posts := sim.Posts()
		if last := posts[len(posts)-1]; last.Channel != c.place || last.Text != c.post.Text {
			t.Errorf("%+v went to %+v", c.post, last)
		}
	}
	if client.Has(chatpost.Dinum) || !client.Has(chatpost.Gip) {
		t.Error("a channel without webhook is said to have one, or the contrary")
	}
}

func TestFailuresAreFaultsWithoutTheAddress(t *testing.T) {
	client, sim, faults := newWorld(t)
	post := chatpost.Post{Channel: chatpost.Secretariat, Text: "x"}
	for _, c := range []struct {
		name  string
		fault *simkit.Fault
		post  chatpost.Post
		kind  fault.Kind
		lost  bool
	}{
		{"no webhook", nil, chatpost.Post{Channel: chatpost.Dinum, Text: "x"}, fault.Invalid, false},
		{"no text", nil, chatpost.Post{Channel: chatpost.Secretariat}, fault.Invalid, false},
		{"unknown channel", nil, chatpost.Post{Channel: chatpost.Secretariat, To: "nulle-part", Text: "x"}, fault.NotFound, false},
		{"limited", &simkit.Fault{Kind: simkit.RateLimit, When: simkit.Before}, post, fault.Unavailable, false},
		{"down before", &simkit.Fault{Kind: simkit.Error, Status: 503, When: simkit.Before}, post, fault.Unavailable, false},
		{"hung up", &simkit.Fault{Kind: simkit.Drop, When: simkit.Before}, post, fault.Unavailable, true},
	} {
		faults.Clear("")
		if c.fault != nil {
			c.fault.Vendor, c.fault.Rate = "mattermost", 1
			faults.Add(*c.fault)
		}
		err := client.Post(t.Context(), c.post)
		if !fault.Is(err, c.kind) || fault.AnswerLost(err) != c.lost {
			t.Errorf("%s: %v, kind %s, lost %v", c.name, err, fault.KindOf(err), fault.AnswerLost(err))
		}
		if err != nil && strings.Contains(err.Error(), secret) {
			t.Errorf("%s: the error shows the webhook: %v", c.name, err)
		}
	}
	if len(sim.Posts()) != 0 {
		t.Errorf("posted all the same: %+v", sim.Posts())
	}
}

// A post is never sent twice by the client itself: a post is no call that may be repeated.
func TestPostIsNotRepeated(t *testing.T) {
	asked := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked++
		w.WriteHeader(http.StatusBadGateway)
	}))
	defer server.Close()
	client := chatwebhook.New(chatwebhook.Config{URLs: map[chatpost.Channel]string{chatpost.General: server.URL}})
	if err := client.Post(t.Context(), chatpost.Post{Channel: chatpost.General, Text: "x"}); !fault.AnswerLost(err) || asked != 1 {
		t.Errorf("%v, asked %d times", err, asked)
	}
}

func TestUnreachableWebhookStaysSecret(t *testing.T) {
	var log strings.Builder
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(io.Writer(&log), &slog.HandlerOptions{Level: slog.LevelDebug})))
	t.Cleanup(func() { slog.SetDefault(before) })
	client := chatwebhook.New(chatwebhook.Config{URLs: map[chatpost.Channel]string{chatpost.General: "http://127.0.0.1:1/hooks/" + secret}})
	err := client.Post(t.Context(), chatpost.Post{Channel: chatpost.General, Text: "x"})
	if !fault.Is(err, fault.Unavailable) || fault.AnswerLost(err) || strings.Contains(err.Error()+log.String(), secret) {
		t.Errorf("%v, log %s", err, log.String())
	}
}

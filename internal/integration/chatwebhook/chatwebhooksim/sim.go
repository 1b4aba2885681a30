// Package chatwebhooksim plays the incoming webhooks of a Mattermost server, from its
// documentation: a webhook is a key in the path, which knows its own channel and may be locked to
// it. It keeps what was posted, and refuses as Mattermost does. It shares nothing with our client.
package chatwebhooksim

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/betagouv/espace-membre/internal/platform/clock"
)

// Hook is one incoming webhook.
type Hook struct {
	Name    string // what people call it
	Channel string // where it posts by itself
	Locked  bool   // to that channel
}

// Config is the server.
type Config struct {
	Hooks    map[string]Hook // by key, the last part of the address
	Channels []string        // that exist beside those of the hooks; town-square always does
	Users    []string        // usernames that receive direct messages; none: anybody
	Clock    clock.Clock     // nil: the system's
}

// Post is a message that was posted.
type Post struct {
	ID      int       `json:"id"`
	At      time.Time `json:"at"`
	Hook    string    `json:"hook"`    // name of the webhook
	Channel string    `json:"channel"` // or "@username"
	Text    string    `json:"text"`
}

type state struct {
	Posts []Post `json:"posts"` // oldest first
}

// Sim is the simulated server: an http.Handler that serves POST …/hooks/{key}, safe for concurrent use.
type Sim struct {
	config Config

	mu    sync.Mutex
	state state
}

// New makes a server without posts.
func New(c Config) *Sim {
	if c.Clock == nil {
		c.Clock = clock.System{}
	}
	return &Sim{config: c, state: state{Posts: []Post{}}}
}

const (
	maxText   = 16383 // runes of one post
	keptPosts = 2000
)

// refused is an error as Mattermost writes it.
type refused struct {
	status      int
	id, message string
}

// ServeHTTP answers as Mattermost.
func (s *Sim) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_, key, found := strings.Cut(r.URL.Path, "/hooks/")
	switch {
	case !found:
		write(w, refused{http.StatusNotFound, "api.context.404.app_error", "Sorry, we could not find the page."})
		return
	case r.Method != http.MethodPost:
		write(w, refused{http.StatusMethodNotAllowed, "api.context.405.app_error", "Method not allowed."})
		return
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	if err != nil {
		write(w, refused{http.StatusBadRequest, "web.incoming_webhook.parse.app_error", "Unable to parse incoming data."})
		return
	}
	if bad := s.receive(key, body); bad != nil {
		write(w, *bad)
		return
	}
	w.Header().Set("Content-Type", "text/plain")
	_, _ = io.WriteString(w, "ok") // the caller may be gone
}

func write(w http.ResponseWriter, r refused) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(r.status)
	_ = json.NewEncoder(w).Encode(map[string]any{"id": r.id, "message": r.message, "detailed_error": "", "status_code": r.status})
}

func (s *Sim) receive(key string, body []byte) *refused {
	hook, known := s.config.Hooks[key]
	if !known {
		return &refused{http.StatusBadRequest, "web.incoming_webhook.invalid.app_error", "Invalid webhook."}
	}
	var in struct{ Text, Channel string }
	if json.Unmarshal(body, &in) != nil {
		return &refused{http.StatusBadRequest, "web.incoming_webhook.parse.app_error", "Unable to parse incoming data."}
	}
	switch {
	case in.Text == "":
		return &refused{http.StatusBadRequest, "web.incoming_webhook.text.app_error", "No text specified."}
	case utf8.RuneCountInString(in.Text) > maxText:
		return &refused{http.StatusBadRequest, "web.incoming_webhook.text.length.app_error", "Maximum text length reached."}
	}
	channel, bad := s.target(hook, strings.TrimPrefix(in.Channel, "#"))
	if bad != nil {
		return bad
	}
	s.keep(hook, channel, in.Text)
	return nil
}

// target is where a post goes.
func (s *Sim) target(hook Hook, asked string) (string, *refused) {
	user, direct := strings.CutPrefix(asked, "@")
	switch {
	case asked == "" || asked == hook.Channel:
		return hook.Channel, nil
	case hook.Locked:
		return "", &refused{http.StatusForbidden, "web.incoming_webhook.channel_locked.app_error", "This webhook is not permitted to post to the requested channel."}
	case direct && len(s.config.Users) > 0 && !slices.Contains(s.config.Users, user):
		return "", &refused{http.StatusBadRequest, "web.incoming_webhook.user.app_error", "Couldn't find the user."}
	case !direct && asked != "town-square" && !s.exists(asked):
		return "", &refused{http.StatusNotFound, "web.incoming_webhook.channel.app_error", "Couldn't find the channel."}
	}
	return asked, nil
}

func (s *Sim) exists(channel string) bool {
	if slices.Contains(s.config.Channels, channel) {
		return true
	}
	for _, h := range s.config.Hooks {
		if h.Channel == channel {
			return true
		}
	}
	return false
}

func (s *Sim) keep(hook Hook, channel, text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	next := 1
	if n := len(s.state.Posts); n > 0 {
		next = s.state.Posts[n-1].ID + 1
	}
	s.state.Posts = append(s.state.Posts, Post{ID: next, At: s.config.Clock.Now(), Hook: hook.Name, Channel: channel, Text: text})
	if len(s.state.Posts) > keptPosts {
		s.state.Posts = slices.Delete(s.state.Posts, 0, keptPosts/10)
	}
}

// Posts gives what was posted, oldest first.
func (s *Sim) Posts() []Post {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.state.Posts)
}

// State gives everything, to be shown as JSON.
func (s *Sim) State() any { return state{Posts: s.Posts()} }

// Snapshot writes the state as JSON, for Restore.
func (s *Sim) Snapshot() ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return json.Marshal(s.state)
}

// Restore replaces the state with a snapshot.
func (s *Sim) Restore(snapshot []byte) error {
	restored := state{Posts: []Post{}}
	if err := json.Unmarshal(snapshot, &restored); err != nil {
		return fmt.Errorf("restore the simulated webhooks: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state = restored
	return nil
}

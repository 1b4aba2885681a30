// Package brevosim is a simulated Brevo account, written from Brevo's documentation
// (https://developers.brevo.com/reference): contacts, lists, blocks and events of transactional
// mail, sending, campaigns. It checks the key, validates bodies, pages, and refuses as Brevo does, with
// {"code", "message"}. It shares nothing with our client.
package brevosim

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/mail"
	"strings"
	"sync"
	"time"

	"github.com/betagouv/espace-membre/internal/platform/clock"
)

// Config is the account that the simulated Brevo knows.
type Config struct {
	APIKey  string
	Lists   map[int]string       // identifier to name; nil: 332, 333 and 7, the usual ones
	Senders []string             // addresses allowed to send; none: any
	Clock   clock.Clock          // nil: the system's
	Deliver func(Delivery) error // receives what is sent; nil: counted only
}

// Delivery is a mail that the account was asked to send to one person.
type Delivery struct {
	From, FromName, To, ReplyTo, Subject, Text, HTML, MessageID string
	Headers                                                     map[string]string // those that the caller adds
}

// ErrBounced is what Config.Deliver gives for an address that does not exist: Brevo has accepted
// the mail, then learns it, and blocks the address.
var ErrBounced = errors.New("brevosim: no such mailbox")

// Sim is a simulated Brevo. It is an http.Handler, safe for concurrent use; it serves the paths of
// version 3 whatever precedes "/v3/".
type Sim struct {
	config Config
	mux    *http.ServeMux

	mu    sync.Mutex
	state state
}

// New makes an account without contacts.
func New(c Config) *Sim {
	if c.Clock == nil {
		c.Clock = clock.System{}
	}
	if c.Lists == nil {
		c.Lists = map[int]string{332: "Infolettre", 333: "Accueil", 7: "Rappels"}
	}
	s := &Sim{config: c, mux: http.NewServeMux(), state: emptyState()}
	s.route("GET /account", s.account)
	s.route("POST /contacts", s.createContact)
	s.route("GET /contacts/{identifier}", s.readContact)
	s.route("PUT /contacts/{identifier}", s.updateContact)
	s.route("DELETE /contacts/{identifier}", s.deleteContact)
	s.route("GET /contacts/lists/{list}/contacts", s.listContacts)
	s.route("POST /contacts/lists/{list}/contacts/remove", s.removeFromList)
	s.route("GET /smtp/blockedContacts", s.listBlocked)
	s.route("DELETE /smtp/blockedContacts/{email}", s.unblock)
	s.route("POST /smtp/email", s.send)
	s.route("GET /smtp/statistics/events", s.listEvents)
	s.route("POST /emailCampaigns", s.createCampaign)
	s.route("GET /emailCampaigns/{campaign}", s.readCampaign)
	s.route("POST /emailCampaigns/{campaign}/sendNow", s.sendCampaign)
	s.route("GET /emailCampaigns/{campaign}/sharedUrl", s.shareCampaign)
	s.mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		refuse(http.StatusNotFound, "document_not_found", "Invalid route/method passed").write(w)
	})
	return s
}

// handler answers one call of an authenticated account, under the lock.
type handler func(r *http.Request, body []byte) answer

func (s *Sim) route(pattern string, h handler) {
	s.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		if key := r.Header.Get("api-key"); key == "" || key != s.config.APIKey {
			refuse(http.StatusUnauthorized, "unauthorized", "Key not found").write(w)
			return
		}
		body, err := io.ReadAll(io.LimitReader(r.Body, 10<<20))
		if err != nil {
			refuse(http.StatusBadRequest, "bad_request", "Unable to read the body").write(w)
			return
		}
		s.mu.Lock()
		result := h(r, body)
		s.mu.Unlock()
		result.write(w)
	})
}

// ServeHTTP answers as Brevo.
func (s *Sim) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	prefix := ""
	if before, _, versioned := strings.Cut(r.URL.Path, "/v3/"); versioned {
		prefix = before + "/v3"
	}
	http.StripPrefix(prefix, s.mux).ServeHTTP(w, r)
}

type answer struct {
	status int
	body   any // nil: none
}

func refuse(status int, code, format string, args ...any) answer {
	return answer{status, map[string]string{"code": code, "message": fmt.Sprintf(format, args...)}}
}

func invalid(format string, args ...any) answer {
	return refuse(http.StatusBadRequest, "invalid_parameter", format, args...)
}

func done() answer { return answer{status: http.StatusNoContent} }

func (a answer) write(w http.ResponseWriter) {
	if a.body == nil {
		w.WriteHeader(a.status)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(a.status)
	_ = json.NewEncoder(w).Encode(a.body) // the connection is gone: nobody to tell
}

func (s *Sim) account(*http.Request, []byte) answer {
	return answer{http.StatusOK, map[string]any{
		"email": "compte@exemple.org", "firstName": "Compte", "lastName": "Simulé", "companyName": "Bac à sable",
		"address": map[string]string{"street": "1 rue Exemple", "city": "Paris", "zipCode": "75000", "country": "France"},
		"plan":    []map[string]any{{"type": "free", "creditsType": "sendLimit", "credits": 300}},
		"relay":   map[string]any{"enabled": true, "data": map[string]any{"userName": "compte@exemple.org", "relay": "smtp-relay.exemple.org", "port": 587}},
	}}
}

// decode reads a JSON object; the answer is a refusal when it is not one.
func decode(body []byte, into any) (answer, bool) {
	if err := json.Unmarshal(body, into); err != nil {
		return refuse(http.StatusBadRequest, "bad_request", "Input must be a valid JSON object"), false
	}
	return answer{}, true
}

// normal gives an address as Brevo keeps it, lower-cased; false when it is not one.
func normal(email string) (string, bool) {
	parsed, err := mail.ParseAddress(email)
	if err != nil || parsed.Address != email || !strings.Contains(email[strings.LastIndex(email, "@"):], ".") {
		return "", false
	}
	return strings.ToLower(email), true
}

func (s *Sim) now() string { return stamp(s.config.Clock.Now()) }

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

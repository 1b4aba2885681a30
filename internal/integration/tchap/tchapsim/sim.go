// Package tchapsim is a simulated directory of Tchap, written from the documentation of its "info"
// endpoint (https://github.com/matrix-org/sydent, branch dinum, docs/info.md): entries for exact
// addresses, patterns for domains, and the errors of the Matrix specification. It shares nothing
// with our client.
package tchapsim

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/betagouv/espace-membre/internal/platform/clock"
)

// external is where the real directory sends everybody whom no other line describes.
const external = "agent.externe.tchap.gouv.fr"

// path of the only endpoint, whatever precedes it.
const path = "/_matrix/identity/api/v1/info"

// Config is the directory that is simulated.
type Config struct {
	Clock clock.Clock // nil: the system's
}

// state is what the directory holds; it is what survives a restart.
type state struct {
	Entries map[string]string `json:"entries"`           // address to home server
	Domains map[string]string `json:"domains"`           // domain, its subdomains included, to home server
	Lookups int               `json:"lookups"`           // answers given
	Last    string            `json:"last_at,omitempty"` // instant of the last one
}

// Sim is a simulated directory. It is an http.Handler, safe for concurrent use.
type Sim struct {
	clock clock.Clock

	mu    sync.Mutex
	state state
}

// New makes a directory that knows nobody: every address is external.
func New(c Config) *Sim {
	if c.Clock == nil {
		c.Clock = clock.System{}
	}
	return &Sim{clock: c.Clock, state: emptyState()}
}

func emptyState() state { return state{Entries: map[string]string{}, Domains: map[string]string{}} }

// AddAgent puts one address on a home server.
func (s *Sim) AddAgent(address, server string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state.Entries[strings.ToLower(address)] = server
}

// AddDomain puts the addresses of a domain, and of its subdomains, on a home server.
func (s *Sim) AddDomain(domain, server string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state.Domains[strings.ToLower(domain)] = server
}

// ServeHTTP answers as the directory.
func (s *Sim) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	medium, address := query.Get("medium"), query.Get("address")
	switch {
	case !strings.HasSuffix(r.URL.Path, path):
		refuse(w, http.StatusNotFound, "M_UNRECOGNIZED", "Unrecognized request")
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		refuse(w, http.StatusMethodNotAllowed, "M_UNRECOGNIZED", "Unrecognized request")
	case medium == "" || address == "":
		refuse(w, http.StatusBadRequest, "M_MISSING_PARAMS", "Missing parameters: "+strings.Join(missing(medium, address), ", "))
	case medium != "email" && medium != "msisdn":
		refuse(w, http.StatusBadRequest, "M_INVALID_PARAM", "Unknown medium")
	default:
		answer(w, http.StatusOK, map[string]string{"hs": s.lookup(medium, address)})
	}
}

func missing(medium, address string) []string {
	return slices.DeleteFunc([]string{"medium", "address"}, func(name string) bool {
		return name == "medium" && medium != "" || name == "address" && address != ""
	})
}

// lookup finds the home server: the entry of the address, else the longest domain, else external.
func (s *Sim) lookup(medium, address string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state.Lookups++
	s.state.Last = s.clock.Now().UTC().Format("2006-01-02T15:04:05Z")
	address = strings.ToLower(address)
	if server, ok := s.state.Entries[address]; ok {
		return server
	}
	_, domain, found := strings.Cut(address, "@")
	for medium == "email" && found && domain != "" {
		if server, ok := s.state.Domains[domain]; ok {
			return server
		}
		_, domain, found = strings.Cut(domain, ".")
	}
	return external
}

func refuse(w http.ResponseWriter, status int, code, text string) {
	answer(w, status, map[string]string{"errcode": code, "error": text})
}

func answer(w http.ResponseWriter, status int, body map[string]string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // the client is gone: nobody to tell
}

// State gives the directory, to be shown as JSON.
func (s *Sim) State() any {
	text, err := s.Snapshot()
	if err != nil {
		return map[string]string{"error": err.Error()}
	}
	return json.RawMessage(text)
}

// Snapshot writes the state as JSON, for Restore.
func (s *Sim) Snapshot() ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return json.Marshal(s.state)
}

// Restore replaces the state by that of a Snapshot.
func (s *Sim) Restore(text []byte) error {
	restored := emptyState()
	if err := json.Unmarshal(text, &restored); err != nil {
		return fmt.Errorf("restore the directory: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state = restored
	return nil
}

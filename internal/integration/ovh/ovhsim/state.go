package ovhsim

import (
	"encoding/json"
	"fmt"
	"strconv"
	"time"
)

type mailbox struct {
	Name    string    `json:"name"`
	Blocked bool      `json:"blocked"`
	ReadyAt time.Time `json:"ready_at"` // OVH makes it a little after the order
	// Password is a digest of the last one set, never shown; the count tells that it changed.
	Password        string `json:"password_digest,omitempty"`
	PasswordChanges int    `json:"password_changes"`
}

type hosted struct {
	Address     string `json:"address"`
	Login       string `json:"login"`
	Domain      string `json:"domain"`
	DisplayName string `json:"display_name"`
	FirstName   string `json:"first_name"`
	LastName    string `json:"last_name"`
	Configured  bool   `json:"configured"`
	// ReadyAt is when OVH has finished to reset the account, zero for the others.
	ReadyAt         time.Time `json:"ready_at,omitzero"`
	Password        string    `json:"password_digest,omitempty"`
	PasswordChanges int       `json:"password_changes"`
}

type redirection struct {
	ID   string `json:"id"`
	From string `json:"from"`
	To   string `json:"to"`
}

type responder struct {
	Content string     `json:"content"`
	From    *time.Time `json:"from"`
	To      *time.Time `json:"to"`
	Copy    bool       `json:"copy"`
	CopyTo  string     `json:"copy_to"`
}

type state struct {
	Next         int64                   `json:"next"`     // last identifier given
	MX           map[string]mailbox      `json:"mx"`       // by local part
	Pro          map[string]hosted       `json:"pro"`      // by address, placeholders included
	Exchange     map[string]hosted       `json:"exchange"` // idem
	Redirections map[string]redirection  `json:"redirections"`
	Responders   map[string]responder    `json:"responders"` // by local part
	Lists        map[string]*mailingList `json:"lists"`      // by name
}

func emptyState() state {
	return state{
		MX: map[string]mailbox{}, Pro: map[string]hosted{}, Exchange: map[string]hosted{},
		Redirections: map[string]redirection{}, Responders: map[string]responder{}, Lists: map[string]*mailingList{},
	}
}

// State gives a copy of everything, to be shown as JSON. It holds no password, only
// digests of them.
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

// Restore replaces the state with a snapshot.
func (s *Sim) Restore(snapshot []byte) error {
	restored := emptyState()
	if err := json.Unmarshal(snapshot, &restored); err != nil {
		return fmt.Errorf("restore the simulated OVH: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state = restored
	return nil
}

func (s *Sim) addRedirection(from, to string) redirection {
	s.state.Next++
	r := redirection{ID: formatID(s.state.Next), From: from, To: to}
	s.state.Redirections[r.ID] = r
	return r
}

func formatID(n int64) string { return strconv.FormatInt(n, 10) }

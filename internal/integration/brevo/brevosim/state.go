package brevosim

import (
	"encoding/json"
	"fmt"
	"slices"
)

type contact struct {
	ID               int64          `json:"id"`
	Email            string         `json:"email"`
	EmailBlacklisted bool           `json:"emailBlacklisted"`
	SMSBlacklisted   bool           `json:"smsBlacklisted"`
	CreatedAt        string         `json:"createdAt"`
	ModifiedAt       string         `json:"modifiedAt"`
	ListIDs          []int          `json:"listIds"`
	ListUnsubscribed []int          `json:"listUnsubscribed"`
	Attributes       map[string]any `json:"attributes"`
}

type block struct {
	Email     string `json:"email"`
	Sender    string `json:"sender"`
	Code      string `json:"code"`
	BlockedAt string `json:"blocked_at"` // RFC 3339, UTC
}

type state struct {
	NextID   int64               `json:"next_id"` // last identifier given
	Contacts map[string]*contact `json:"contacts"`
	Blocks   []block             `json:"blocks"`
	Sent     int                 `json:"sent"` // mails accepted
}

func emptyState() state { return state{Contacts: map[string]*contact{}, Blocks: []block{}} }

// AddContact puts a contact there, as one made long ago; used to prepare a sample.
func (s *Sim) AddContact(email string, attributes map[string]any, lists ...int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.newContact(email)
	for name, value := range attributes {
		c.Attributes[name] = value
	}
	join(c, lists)
}

// AddBlock blocks transactional mail to an address; code is one of Brevo's reasons (hardBounce…).
func (s *Sim) AddBlock(email, sender, code string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state.Blocks = append(s.state.Blocks, block{Email: email, Sender: sender, Code: code, BlockedAt: s.now()})
}

// Unsubscribe makes a contact refuse campaigns, as the link of a mail does.
func (s *Sim) Unsubscribe(email string, lists ...int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.newContact(email)
	c.EmailBlacklisted = true
	leave(c, lists)
	c.ListUnsubscribed = append(c.ListUnsubscribed, lists...)
}

// newContact gives the contact of an address, made if needed. The lock is held.
func (s *Sim) newContact(email string) *contact {
	if known, ok := s.state.Contacts[email]; ok {
		return known
	}
	s.state.NextID++
	c := &contact{
		ID: s.state.NextID, Email: email, CreatedAt: s.now(), ModifiedAt: s.now(),
		ListIDs: []int{}, ListUnsubscribed: []int{}, Attributes: map[string]any{},
	}
	s.state.Contacts[email] = c
	return c
}

func join(c *contact, lists []int) {
	for _, list := range lists {
		if !slices.Contains(c.ListIDs, list) {
			c.ListIDs = append(c.ListIDs, list)
		}
	}
}

// leave takes a contact off lists and tells whether it was on one of them.
func leave(c *contact, lists []int) bool {
	before := len(c.ListIDs)
	c.ListIDs = slices.DeleteFunc(c.ListIDs, func(id int) bool { return slices.Contains(lists, id) })
	return len(c.ListIDs) < before
}

// State gives everything, to be shown as JSON.
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
		return fmt.Errorf("restore the simulated Brevo: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state = restored
	return nil
}

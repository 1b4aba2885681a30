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
	Statistics       statistics     `json:"statistics"` // not shown in the listings of lists
}

// statistics is what became of the campaigns sent to a contact.
type statistics struct {
	HardBounces     []fact          `json:"hardBounces,omitempty"`
	Complaints      []fact          `json:"complaints,omitempty"`
	Delivered       []fact          `json:"delivered,omitempty"`
	Unsubscriptions unsubscriptions `json:"unsubscriptions"`
}

type unsubscriptions struct {
	User  []fact `json:"userUnsubscription"`
	Admin []fact `json:"adminUnsubscription"`
}

type fact struct {
	CampaignID int64  `json:"campaignId,omitempty"`
	EventTime  string `json:"eventTime"`
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
	Events   []event             `json:"events"`
	// Keys are the idempotency keys seen, with their instant.
	Keys      map[string]string   `json:"keys"`
	Campaigns map[int64]*campaign `json:"campaigns"`
}

func emptyState() state {
	return state{
		Contacts: map[string]*contact{}, Blocks: []block{}, Events: []event{}, Keys: map[string]string{}, Campaigns: map[int64]*campaign{},
	}
}

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
	c.Statistics.Unsubscriptions.User = append(c.Statistics.Unsubscriptions.User, fact{CampaignID: 1, EventTime: s.now()})
}

// Blacklist makes a contact refuse campaigns for one of Brevo's reasons: hardBounce,
// contactFlaggedAsSpam, adminBlocked or unsubscribedViaEmail. It stays on its lists.
func (s *Sim) Blacklist(email, why string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.newContact(email)
	c.EmailBlacklisted = true
	one := fact{CampaignID: 1, EventTime: s.now()}
	switch why {
	case "hardBounce":
		c.Statistics.HardBounces = append(c.Statistics.HardBounces, one)
	case "contactFlaggedAsSpam":
		c.Statistics.Complaints = append(c.Statistics.Complaints, one)
	case "adminBlocked":
		c.Statistics.Unsubscriptions.Admin = append(c.Statistics.Unsubscriptions.Admin, fact{EventTime: s.now()})
	default:
		c.Statistics.Unsubscriptions.User = append(c.Statistics.Unsubscriptions.User, one)
	}
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
		Statistics: statistics{Unsubscriptions: unsubscriptions{User: []fact{}, Admin: []fact{}}},
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

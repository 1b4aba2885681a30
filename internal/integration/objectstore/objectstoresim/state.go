package objectstoresim

import (
	"encoding/json"
	"fmt"
	"time"
)

// object is a stored content.
type object struct {
	MediaType string    `json:"media_type"`
	Content   []byte    `json:"content"`
	Modified  time.Time `json:"modified"`
}

// State gives what the bucket holds, without contents.
func (s *Sim) State() any {
	type line struct {
		MediaType string    `json:"media_type"`
		Size      int       `json:"size"` // bytes
		Modified  time.Time `json:"modified"`
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	lines := map[string]line{}
	for key, o := range s.objects {
		lines[key] = line{o.MediaType, len(o.Content), o.Modified}
	}
	return lines
}

// Snapshot writes the state as JSON, for Restore.
func (s *Sim) Snapshot() ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return json.Marshal(s.objects)
}

// Restore replaces the state with a snapshot.
func (s *Sim) Restore(snapshot []byte) error {
	restored := map[string]object{}
	if err := json.Unmarshal(snapshot, &restored); err != nil {
		return fmt.Errorf("restore the simulated object storage: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.objects = restored
	return nil
}

package brevosim

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

// event is something that happened to a transactional mail, as Brevo lists it.
type event struct {
	Date      string `json:"date"`
	Event     string `json:"event"`
	Email     string `json:"email"`
	Subject   string `json:"subject,omitempty"`
	MessageID string `json:"messageId"`
	Reason    string `json:"reason,omitempty"`
	From      string `json:"from,omitempty"`
}

// keptEvents is how many events the simulated account remembers.
const keptEvents = 20_000

// kinds are the events that Brevo knows.
func kinds() []string {
	return []string{
		"bounces", "hardBounces", "softBounces", "delivered", "spam", "requests", "opened", "clicks", "invalid", "deferred", "blocked",
		"unsubscribed", "error", "loadedByProxy",
	}
}

// happened writes an event. The lock is held.
func (s *Sim) happened(d Delivery, kind, reason string) {
	if len(s.state.Events) >= keptEvents {
		s.state.Events = slices.Delete(s.state.Events, 0, keptEvents/10)
	}
	s.state.Events = append(s.state.Events, event{
		Date: s.now(), Event: kind, Email: strings.ToLower(d.To), Subject: d.Subject, MessageID: "<" + d.MessageID + ">", Reason: reason, From: d.From,
	})
}

// AddEvent puts an event there, now; kind is one of Brevo's words.
func (s *Sim) AddEvent(email, from, kind, reason string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.happened(Delivery{To: email, From: from, MessageID: "ancien@smtp-relay.exemple.org"}, kind, reason)
}

func (s *Sim) listEvents(r *http.Request, _ []byte) answer {
	limit, offset, bad, ok := window(r, 2500, 5000)
	if !ok {
		return bad
	}
	from, to, bad, ok := s.period(r)
	if !ok {
		return bad
	}
	query := r.URL.Query()
	email, kind := strings.ToLower(query.Get("email")), query.Get("event")
	if kind != "" && !slices.Contains(kinds(), kind) {
		return invalid("Invalid value for event")
	}
	if from == "" {
		from, to = s.config.Clock.Now().AddDate(0, 0, -30).Format(time.DateOnly), s.config.Clock.Now().Format(time.DateOnly)
	}
	found := []event{}
	for _, e := range s.state.Events {
		day := e.Date[:len(time.DateOnly)]
		if day >= from && day <= to && (email == "" || e.Email == email) && (kind == "" || e.Event == kind) {
			found = append(found, e)
		}
	}
	if query.Get("sort") != "asc" {
		slices.Reverse(found)
	}
	if found = cut(found, limit, offset); len(found) == 0 {
		return answer{http.StatusOK, map[string]any{}} // Brevo leaves the list out
	}
	return answer{http.StatusOK, map[string]any{"events": found}}
}

package brevo

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/betagouv/espace-membre/internal/platform/clock"
)

// EventKind is what happened to a transactional mail, in Brevo's word.
type EventKind string

// The kinds that matter to us; Brevo has others (opened, clicks…).
const (
	Requested    EventKind = "requests"
	Delivered    EventKind = "delivered"
	HardBounced  EventKind = "hardBounces"
	SoftBounced  EventKind = "softBounces"
	Blocked      EventKind = "blocked"
	SpamReported EventKind = "spam"
	InvalidEmail EventKind = "invalid"
	Deferred     EventKind = "deferred"
	Unsubscribed EventKind = "unsubscribed"
	EventError   EventKind = "error"
)

// Event is something that happened to a transactional mail.
type Event struct {
	At        time.Time
	Kind      EventKind
	Email     string
	Subject   string
	MessageID string // with its angle brackets
	Reason    string // of a refusal; may be empty
	From      string
	Tag       string // may be empty
}

// EventQuery selects events. Empty fields do not filter; Brevo gives the last 30 days without
// a period.
type EventQuery struct {
	Email  string
	Kind   EventKind
	Period Period
	Limit  int // at most 5000; zero: 100
}

// Events lists what happened, latest first.
func (c *Client) Events(ctx context.Context, q EventQuery) ([]Event, error) {
	if q.Limit == 0 {
		q.Limit = 100
	}
	query := url.Values{"limit": {strconv.Itoa(q.Limit)}}
	for name, value := range map[string]string{"email": q.Email, "event": string(q.Kind), "startDate": q.Period.From.String(), "endDate": q.Period.To.String()} {
		if value != "" {
			query.Set(name, value)
		}
	}
	var answer struct {
		Events []struct {
			Date      string
			Event     EventKind
			Email     string
			Subject   string
			MessageID string
			Reason    string
			From      string
			Tag       string
		}
	}
	if err := c.http.Do(ctx, http.MethodGet, "/smtp/statistics/events?"+query.Encode(), nil, &answer); err != nil {
		return nil, fmt.Errorf("list events: %w", err)
	}
	events := make([]Event, 0, len(answer.Events))
	for _, e := range answer.Events {
		events = append(events, Event{
			At: instant(e.Date), Kind: e.Event, Email: e.Email, Subject: e.Subject, MessageID: e.MessageID, Reason: e.Reason, From: e.From, Tag: e.Tag,
		})
	}
	return events, nil
}

// instant reads the dates of Brevo: with a zone, or without one in the zone of the account, which
// is Paris. What it cannot read is the zero time.
func instant(text string) time.Time {
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.000-0700"} {
		if t, err := time.Parse(layout, text); err == nil {
			return t
		}
	}
	for _, layout := range []string{time.DateTime, "2006-01-02T15:04:05"} {
		if t, err := time.ParseInLocation(layout, text, clock.Paris()); err == nil {
			return t
		}
	}
	return time.Time{}
}

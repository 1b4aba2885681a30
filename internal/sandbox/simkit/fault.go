// Package simkit is what every simulator needs around it: faults that can be switched on, and a
// journal of what was received. Both are http middlewares, so that a test may wrap a lone simulator
// as the sandbox does.
package simkit

import (
	"errors"
	"fmt"
	"math"
	"path"
	"slices"
	"strings"
	"sync"
	"time"
)

// Kind is a way of failing.
type Kind string

// The kinds. "before" and "after" tell whether the vendor did its work first: an error after the
// effect is the one that programs get wrong.
const (
	Error     Kind = "error"     // HTTP 500 (or Status); SMTP 451
	Slow      Kind = "slow"      // waits latency_ms, then answers well
	RateLimit Kind = "ratelimit" // HTTP 429 with Retry-After; SMTP 452
	Drop      Kind = "drop"      // closes the connection without an answer; SMTP: after the final dot
	Truncate  Kind = "truncate"  // an answer cut in the middle; not for SMTP
	HTML      Kind = "html"      // a maintenance page with status 200 instead of JSON; not for SMTP
	Refuse    Kind = "refuse"    // SMTP only: 550 to a recipient
	Bounce    Kind = "bounce"    // SMTP only: accepts, then returns the mail to its sender and tells the portal's hook
)

// ofAddress tells the kinds that concern one recipient rather than a conversation.
func (k Kind) ofAddress() bool { return k == Refuse || k == Bounce }

// Moments of a fault.
const (
	Before = "before"
	After  = "after"
)

// SMTP is the vendor name of the mail catcher.
const SMTP = "smtp"

// Everyone is the vendor name that stands for all.
const Everyone = "*"

const defaultSlow = 3000 // milliseconds

// Fault is one switch. It acts on each request that it matches, as often as Rate says, until it
// acted Count times.
type Fault struct {
	ID        int     `json:"id"`
	Vendor    string  `json:"vendor"`           // "*": all
	Kind      Kind    `json:"kind"`             // see the kinds
	When      string  `json:"when"`             // before (default) or after the effect
	LatencyMS int     `json:"latency_ms"`       // waits first; slow without it: 3000
	Rate      float64 `json:"rate"`             // share of the requests, 0 to 1; absent: 1
	Count     int     `json:"count"`            // how many times; 0: until it is removed
	Method    string  `json:"method,omitempty"` // only this HTTP method
	Path      string  `json:"path,omitempty"`   // only paths (SMTP: recipients) that contain this; SMTP: or match it, when it has a *
	Status    int     `json:"status,omitempty"` // of error: another status than the usual one
	Fired     int     `json:"fired"`            // how many times it acted
	seen      int
}

// Check completes a fault with its defaults and refuses what has no meaning. Vendors are those that exist.
func (f *Fault) Check(vendors []string) error {
	if f.When == "" {
		f.When = Before
	}
	if f.Kind == Slow && f.LatencyMS == 0 {
		f.LatencyMS = defaultSlow
	}
	return errors.Join(f.checkTarget(vendors), f.checkNumbers())
}

// checkTarget refuses a vendor, a kind or a moment that does not exist.
func (f *Fault) checkTarget(vendors []string) error {
	smtp := f.Vendor == SMTP
	switch {
	case f.Vendor != Everyone && !slices.Contains(vendors, f.Vendor):
		return fmt.Errorf("unknown vendor %q: %s or %q", f.Vendor, strings.Join(vendors, ", "), Everyone)
	case !slices.Contains([]Kind{Error, Slow, RateLimit, Drop, Truncate, HTML, Refuse, Bounce}, f.Kind):
		return fmt.Errorf("unknown kind %q: error, slow, ratelimit, drop, truncate, html, refuse or bounce", f.Kind)
	case smtp && (f.Kind == Truncate || f.Kind == HTML):
		return fmt.Errorf("kind %q has no meaning for smtp", f.Kind)
	case !smtp && f.Kind.ofAddress():
		return fmt.Errorf("kind %s has a meaning for smtp only", f.Kind)
	case f.When != Before && f.When != After:
		return fmt.Errorf("unknown moment %q: before or after", f.When)
	}
	return nil
}

// checkNumbers refuses what is out of bounds.
func (f *Fault) checkNumbers() error {
	switch {
	case math.IsNaN(f.Rate) || f.Rate < 0 || f.Rate > 1:
		return fmt.Errorf("rate %v is not between 0 and 1", f.Rate)
	case f.LatencyMS < 0 || f.LatencyMS > 600_000:
		return fmt.Errorf("latency_ms %d is not between 0 and 600000", f.LatencyMS)
	case f.Count < 0:
		return fmt.Errorf("count %d is negative", f.Count)
	case f.Status != 0 && (f.Kind != Error || f.Status < 400 || f.Status > 599):
		return fmt.Errorf("status %d: only for an error, between 400 and 599", f.Status)
	}
	return nil
}

// Latency is how long the fault waits.
func (f Fault) Latency() time.Duration { return time.Duration(f.LatencyMS) * time.Millisecond }

// Faults are the switches that are on. It is safe for concurrent use; the zero value has none.
type Faults struct {
	mu     sync.Mutex
	nextID int
	faults []*Fault
}

// Add switches a checked fault on and gives it back with its number.
func (f *Faults) Add(fault Fault) Fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.nextID++
	fault.ID, fault.Fired, fault.seen = f.nextID, 0, 0
	f.faults = append(f.faults, &fault)
	return fault
}

// Remove switches one off and tells whether it was there.
func (f *Faults) Remove(id int) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	before := len(f.faults)
	f.faults = slices.DeleteFunc(f.faults, func(one *Fault) bool { return one.ID == id })
	return len(f.faults) < before
}

// Clear switches off those of a vendor, or all of them when the name is empty.
func (f *Faults) Clear(vendor string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.faults = slices.DeleteFunc(f.faults, func(one *Fault) bool { return vendor == "" || one.Vendor == vendor })
}

// List gives those that are on, in the order in which they were added.
func (f *Faults) List() []Fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	all := make([]Fault, 0, len(f.faults))
	for _, one := range f.faults {
		all = append(all, *one)
	}
	return all
}

// Trouble is what one request has to suffer.
type Trouble struct {
	DelayBefore, DelayAfter time.Duration
	Fault                   *Fault // the failure, if any; never slow
}

// Pick gives the trouble of one request and counts it. Delays add up; the first failure wins.
func (f *Faults) Pick(vendor, method, subject string) Trouble {
	return f.pick(vendor, method, subject, func(one *Fault) bool { return !one.Kind.ofAddress() })
}

// PickRefusal tells whether a recipient is refused, and counts it.
func (f *Faults) PickRefusal(recipient string) bool {
	return f.pick(SMTP, "", recipient, func(one *Fault) bool { return one.Kind == Refuse }).Fault != nil
}

// PickBounce tells whether a mail that was accepted for a recipient is returned, and counts it.
func (f *Faults) PickBounce(recipient string) bool {
	return f.pick(SMTP, "", recipient, func(one *Fault) bool { return one.Kind == Bounce }).Fault != nil
}

func (f *Faults) pick(vendor, method, subject string, wanted func(*Fault) bool) Trouble {
	f.mu.Lock()
	defer f.mu.Unlock()
	var trouble Trouble
	for _, one := range f.faults {
		if !wanted(one) || !one.matches(vendor, method, subject) || one.Kind != Slow && trouble.Fault != nil || !one.fires() {
			continue
		}
		if one.When == After {
			trouble.DelayAfter += one.Latency()
		} else {
			trouble.DelayBefore += one.Latency()
		}
		if one.Kind != Slow {
			copied := *one
			trouble.Fault = &copied
		}
	}
	return trouble
}

func (f *Fault) matches(vendor, method, subject string) bool {
	return (f.Vendor == Everyone || f.Vendor == vendor) &&
		(f.Count == 0 || f.Fired < f.Count) &&
		(f.Method == "" || strings.EqualFold(f.Method, method)) &&
		f.about(strings.ToLower(subject))
}

// about compares a path or a recipient, in lower case, with the fault's pattern.
func (f *Fault) about(subject string) bool {
	pattern := strings.ToLower(f.Path)
	if f.Vendor == SMTP && strings.Contains(pattern, "*") {
		ok, err := path.Match(pattern, subject)
		return ok && err == nil
	}
	return strings.Contains(subject, pattern)
}

// fires decides by a sequence that looks random but is the same at each start: the multiples of
// the golden ratio, whose fractions spread evenly.
func (f *Fault) fires() bool {
	f.seen++
	_, fraction := math.Modf(float64(f.seen) * math.Phi)
	if fraction >= f.Rate {
		return false
	}
	f.Fired++
	return true
}

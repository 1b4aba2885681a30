// Package clock gives the time and the calendar day. Business code never asks the
// system: it receives a Clock (an instant) or a Day (a date in Europe/Paris).
package clock

import (
	"sync"
	"time"
	_ "time/tzdata" // Europe/Paris even on a machine without zone files
)

// Clock tells what time it is.
type Clock interface {
	Now() time.Time
}

// System is the real time plus an offset (the demo and tests shift it; production leaves zero).
type System struct{ Offset time.Duration }

// Now gives the real instant plus the offset.
func (s System) Now() time.Time { return time.Now().Add(s.Offset) }

// Fake is a clock that moves only when told. It is safe for concurrent use.
type Fake struct {
	mu  sync.Mutex
	now time.Time
}

// NewFake starts a fake clock at an instant.
func NewFake(now time.Time) *Fake { return &Fake{now: now} }

// At starts a fake clock at an hour of a day in Europe/Paris.
func At(day Day, hour, minute int) *Fake { return NewFake(day.At(hour, minute)) }

// Now gives the instant at which the clock stands.
func (f *Fake) Now() time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.now
}

// Advance moves the clock forward.
func (f *Fake) Advance(d time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.now = f.now.Add(d)
}

// Set moves the clock to an instant.
func (f *Fake) Set(now time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.now = now
}

var paris = func() *time.Location {
	location, err := time.LoadLocation("Europe/Paris")
	if err != nil { // impossible: the zone data is embedded
		panic(err)
	}
	return location
}()

// Paris is the time zone of every business date.
func Paris() *time.Location { return paris }

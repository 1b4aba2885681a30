package startup

import (
	"time"

	"github.com/google/uuid"

	"github.com/betagouv/espace-membre/internal/platform/clock"
)

// Startup is one product.
type Startup struct {
	ID                   uuid.UUID
	Slug                 string // never changes
	Name                 string
	Pitch                string    // one line
	Description          string    // Markdown
	IncubatorID          uuid.UUID // nil uuid: none
	Contact              string    // an address, or on old records anything
	Link                 string
	Repository           string
	Stats                *bool // publishes statistics; nil: unknown
	StatsURL             string
	BudgetURL            string
	DashlordURL          string
	AccessibilityStatus  string // one of AccessibilityStatuses, or empty
	RiskAnalysis         *bool  // nil: unknown
	RiskAnalysisURL      string
	MonServiceSecurise   *bool // uses this service of the ANSSI; nil: unknown
	Technos              []string
	Themes               []string
	UserTypes            []string
	MailingList          string // name of its list at OVH; empty: none yet
	HasMobileApp         bool
	IsPrivateURL         bool
	CreatedAt, UpdatedAt time.Time
}

// AccessibilityStatuses are what a product may declare.
func AccessibilityStatuses() []string {
	return []string{"non conforme", "partiellement conforme", "totalement conforme"}
}

// Phase is a stage of a product's life; a product goes through each at most once.
type Phase struct {
	Name    string    `json:"name"` // a PhaseName
	Start   clock.Day `json:"start"`
	End     clock.Day `json:"end"` // mostly zero: a phase ends when the next one starts
	Comment string    `json:"comment"`
}

// PhaseName is a word of the vocabulary of phases, which is data.
type PhaseName struct {
	Name   string
	Label  string // French
	Rank   int    // order of a product's life, from 1
	Active bool   // the product is alive in this phase
}

// Event is a date of a product's life.
type Event struct {
	Name    string    `json:"name"` // one of EventNames
	Day     clock.Day `json:"day"`
	Comment string    `json:"comment"`
}

// EventNames are the kinds of events.
func EventNames() []string {
	return []string{"product_launch", "committee", "fast", "national_impact", "eig", "other", "end"}
}

// CurrentPhase gives the phase in which a product is on a day: the latest one that started on
// that day or before, whatever its end; on the same start, the one of the highest rank. Ok is
// false when none has started.
func CurrentPhase(phases []Phase, names []PhaseName, today clock.Day) (current Phase, ok bool) {
	rank := make(map[string]int, len(names))
	for _, n := range names {
		rank[n.Name] = n.Rank
	}
	for _, p := range phases {
		if p.Start.After(today) {
			continue
		}
		if !ok || p.Start.After(current.Start) || p.Start == current.Start && rank[p.Name] > rank[current.Name] {
			current, ok = p, true
		}
	}
	return current, ok
}

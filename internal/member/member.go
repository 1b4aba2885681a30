package member

import (
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/betagouv/espace-membre/internal/platform/clock"
)

// Member is one person, past or present.
type Member struct {
	ID                   uuid.UUID
	Username             string // unique, immutable: prenom.nom
	Fullname             string
	Role                 string // free job title; empty right after creation
	Domain               string // one of Domains
	Bio                  string // Markdown
	Link                 string
	Avatar               string
	Github               string // login as typed; may be invalid on imported records
	Competences          []string
	PrimaryEmail         string // lower case; empty when there is none
	Status               Status // state of the primary address
	StatusChangedAt      time.Time
	SecondaryEmail       string   // private: its owner and administrators only
	CommunicationEmail   string   // "primary" or "secondary"
	EmailIsRedirection   bool     // "attributaire": a redirection instead of a mailbox
	Type                 string   // beta, attributaire, dinum, autre or empty
	Gender               string   // private
	LegalStatus          string   // private
	DailyRate            *int     // private, euros before tax
	DaysPerWeek          *float32 // private, 0 to 5
	WorkplaceInseeCode   string   // code of a commune
	WorkplaceAbroad      string
	VerifiedAt           *time.Time // when the member confirmed the record
	CreatedBy            string     // username, or "system"
	CreatedAt, UpdatedAt time.Time
}

// Mission is a contract period; both days are included.
type Mission struct {
	ID       uuid.UUID
	MemberID uuid.UUID
	Start    clock.Day
	End      clock.Day // zero: open-ended
	Status   string    // independent, admin, service or empty
	Employer string
	Startups []uuid.UUID // products served
}

// ContactAddress is where notices go: the preferred address, else the other one, else "".
func (m Member) ContactAddress() string {
	if m.CommunicationEmail == "secondary" && m.SecondaryEmail != "" || m.PrimaryEmail == "" {
		return m.SecondaryEmail
	}
	return m.PrimaryEmail
}

// NormalizeAddress gives the stored form of an e-mail address: trimmed, lower case.
func NormalizeAddress(address string) string { return strings.ToLower(strings.TrimSpace(address)) }

// IsActive tells whether some mission has no end, or ends on day or later. A mission that has
// not begun counts: accounts may be prepared.
func IsActive(missions []Mission, day clock.Day) bool {
	for _, m := range missions {
		if m.End.IsZero() || !m.End.Before(day) {
			return true
		}
	}
	return false
}

// LastEnd gives the last day of the last mission. It is zero when some mission is open-ended
// (never expires) and when there is no mission: ask HasEnd to tell them apart.
func LastEnd(missions []Mission) clock.Day {
	var last clock.Day
	for _, m := range missions {
		if m.End.IsZero() {
			return clock.Day{}
		}
		if m.End.After(last) {
			last = m.End
		}
	}
	return last
}

// ExpiredFor tells whether the last mission ended n days ago or more (last end + n <= day). A
// member without mission, or with an open-ended one, has not been expired for any number of days.
func ExpiredFor(missions []Mission, n int, day clock.Day) bool {
	last := LastEnd(missions)
	return !last.IsZero() && !last.Add(n).After(day)
}

// LatestMission gives the mission that ends last (an open-ended one wins, then the latest
// start); ok is false when there is none.
func LatestMission(missions []Mission) (latest Mission, ok bool) {
	for _, m := range missions {
		if !ok || endsLater(m, latest) {
			latest, ok = m, true
		}
	}
	return latest, ok
}

func endsLater(a, b Mission) bool {
	switch {
	case a.End == b.End:
		return a.Start.After(b.Start)
	case a.End.IsZero() || b.End.IsZero():
		return a.End.IsZero()
	}
	return a.End.After(b.End)
}

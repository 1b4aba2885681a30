package sample

import (
	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/clock"
)

// always is the end of an open-ended mission, in days from today.
const always = 1 << 20

// span is a mission, in days from today, both included.
type span struct{ start, end int }

// situation is where somebody stands with the community, told in days from today.
type situation struct {
	missions    []span
	status      member.Status
	since       int    // when the state was reached
	contract    string // independent, admin or service
	redirection bool   // attributaire
	service     bool   // an administration's address
	alone       bool   // no secondary address
	elsewhere   bool   // written to at the secondary address
	unverified  bool   // has not confirmed the record
}

// situations covers every state of an address and every date that a job looks at.
func situations() []situation {
	active, pending := member.StatusActive, member.StatusPasswordPending
	return []situation{
		{missions: []span{{-400, 300}}, status: active, since: -390, contract: "independent"},
		{missions: []span{{-380, always}}, status: active, since: -370, contract: "admin"},
		{missions: []span{{-300, 30}}, status: active, since: -290, contract: "independent"},
		{missions: []span{{-300, 15}}, status: active, since: -290, contract: "service"},
		{missions: []span{{-300, 2}}, status: active, since: -290, contract: "independent"},
		{missions: []span{{-300, 0}}, status: active, since: -290, contract: "independent"},
		{missions: []span{{-300, -1}}, status: active, since: -290, contract: "independent"},
		{missions: []span{{-300, -4}}, status: active, since: -290, contract: "service"},
		{missions: []span{{-300, -5}}, status: member.StatusSuspended, contract: "independent"},
		{missions: []span{{-330, -30}}, status: member.StatusSuspended, since: -25, contract: "independent"},
		{missions: []span{{-500, -60}}, status: member.StatusDeleted, since: -25, contract: "independent"},
		{missions: []span{{-900, -400}}, status: member.StatusDeleted, since: -365, contract: "service"},
		{missions: []span{{-500, -20}}, status: member.StatusExpired, since: -15, contract: "admin", service: true},
		{missions: []span{{-900, -200}}, status: member.StatusExpired, since: -195, contract: "admin", service: true},
		{missions: []span{{3, 368}}, status: member.StatusVerificationWaiting, since: -1, contract: "independent", unverified: true},
		{missions: []span{{0, 365}}, status: member.StatusCreationWaiting, contract: "independent"},
		{missions: []span{{-1, 364}}, status: member.StatusCreationPending, contract: "independent"},
		{missions: []span{{-700, -100}, {-1, 200}}, status: member.StatusRecreationPending, contract: "independent"},
		{missions: []span{{-2, 363}}, status: pending, contract: "independent"},
		{missions: []span{{-1, 200}}, status: member.StatusRedirectionPending, contract: "service", redirection: true},
		{missions: []span{{-250, 200}}, status: member.StatusRedirectionActive, since: -245, contract: "service", redirection: true},
		{missions: []span{{-250, -10}}, status: member.StatusDeleted, since: -9, contract: "service", redirection: true},
		{missions: []span{{-350, 250}}, status: active, since: -345, contract: "admin", service: true},
		{missions: []span{{-40, 325}}, status: member.StatusUnset, since: -40, contract: "independent", unverified: true},
		{missions: []span{{-320, 120}}, status: active, since: -315, contract: "independent", alone: true},
		{missions: []span{{-310, 130}}, status: active, since: -305, contract: "admin", elsewhere: true},
		{missions: []span{{-400, -15}, {-1, 180}}, status: member.StatusSuspended, since: -10, contract: "independent"},
		{missions: []span{{-900, -500}, {-450, -90}, {-60, 90}}, status: active, since: -880, contract: "independent"},
		{missions: []span{{20, 385}}, status: member.StatusCreationWaiting, contract: "admin"},
		{missions: []span{{-600, -80}, {-3, 177}}, status: member.StatusDeleted, since: -45, contract: "independent"},
	}
}

// importMissions gives the missions of a situation on a day, all for the same products.
func (s situation) importMissions(today clock.Day, employer string, products []string) []member.ImportMission {
	missions := make([]member.ImportMission, len(s.missions))
	for i, m := range s.missions {
		missions[i] = member.ImportMission{Start: today.Add(m.start), Status: s.contract, Employer: employer, Startups: products}
		if m.end != always {
			missions[i].End = today.Add(m.end)
		}
	}
	return missions
}

// gone counts the days since the last end; negative or zero: still there.
func (s situation) gone() int {
	last := -always
	for _, m := range s.missions {
		last = max(last, m.end)
	}
	return -last
}

// primary gives the address that goes with a situation.
func (s situation) primary(username, domain string) string {
	switch s.status {
	case member.StatusUnset, member.StatusVerificationWaiting, member.StatusCreationWaiting, member.StatusDeleted:
		return ""
	}
	switch {
	case s.redirection:
		return username + attrSuffix + "@" + domain
	case s.service:
		return username + "@ministere-exemple" + service
	}
	return username + "@" + domain
}

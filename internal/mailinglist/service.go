package mailinglist

import (
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/job"
	"github.com/betagouv/espace-membre/internal/platform/postgres"
)

// Config is what differs from one community to another.
type Config struct {
	Domain            string // mail domain, after the @
	RedirectionSuffix string // after the username of a redirection; empty: "-attr"
	MembersList       string // what the host calls the list of all members; empty: "incubateur"
	Links             Links
}

// Ports are the outside of the room. One may be nil when its settings are missing: the jobs that
// need it are then disabled, and what people ask is kept for later.
type Ports struct {
	Host      Host
	Contacts  Contacts
	Requester job.Requester
}

// Service is the room. Make it with New.
type Service struct {
	db        postgres.DB
	clock     clock.Clock
	host      Host
	contacts  Contacts
	requester job.Requester
	config    Config
}

// New makes the room; it calls nothing.
func New(db postgres.DB, clk clock.Clock, ports Ports, config Config) *Service {
	if config.RedirectionSuffix == "" {
		config.RedirectionSuffix = "-attr"
	}
	if config.MembersList == "" {
		config.MembersList = "incubateur"
	}
	return &Service{db: db, clock: clk, host: ports.Host, contacts: ports.Contacts, requester: ports.Requester, config: config}
}

// Links gives the signed links with which lists are left without logging in.
func (s *Service) Links() Links { return s.config.Links }

// nameOf gives what the host calls a list.
func (s *Service) nameOf(list List) string {
	if list == Members {
		return s.config.MembersList
	}
	return string(list)
}

// monthEnd is the ceiling of the two jobs by which lists are left. Missions end with the month: 20 to
// 50 people then leave in one day, whose mailboxes are suspended without waiting (the mailbox room
// has the same count), and who must not stay on the lists for want of a person. The share is what
// notices a wrong listing or wrong dates: a tenth of those considered never leaves in a day.
func monthEnd() job.Ceiling { return job.Ceiling{Count: 50, Share: 0.1} }

// Jobs declares the room's jobs and the kinds of requests that it serves.
func (s *Service) Jobs() []job.Spec {
	return []job.Spec{s.unblock(), s.subscribe(), s.unsubscribe(), s.departure(), s.applyChoice(), s.moveContact()}
}

package offboarding

import (
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/job"
	"github.com/betagouv/espace-membre/internal/platform/postgres"
)

// Config is what differs from one community to another.
type Config struct {
	Domain string   // mail domain, after the @
	Portal string   // the portal's address, without final slash
	Admins []string // usernames of the administrators, who decide when nobody else can
	// Runs tells whether a job is on in this installation: what is off is not promised. Nil:
	// every job but deleteSecondaryEmailsForUsers.
	Runs func(job string) bool
}

// Ports are the outside of the room. Letters is nil when no mail server is configured: the jobs
// are then disabled. Messenger and Restorer may be nil.
type Ports struct {
	Letters   Letters
	Messenger Messenger
	Restorer  Restorer
	Requester job.Requester
}

// Service is the room. Make it with New.
type Service struct {
	db     postgres.DB
	clock  clock.Clock
	ports  Ports
	config Config
}

// New makes the room; it calls nothing.
func New(db postgres.DB, clk clock.Clock, ports Ports, config Config) *Service {
	if config.Runs == nil {
		config.Runs = func(name string) bool { return name != "deleteSecondaryEmailsForUsers" }
	}
	return &Service{db: db, clock: clk, ports: ports, config: config}
}

// today is the day of the clock, in Paris.
func (s *Service) today() clock.Day { return clock.Today(s.clock) }

package mailbox

import (
	"time"

	"github.com/google/uuid"

	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/job"
	"github.com/betagouv/espace-membre/internal/platform/postgres"
)

// Config is what differs from one community to another.
type Config struct {
	Domain             string          // mail domain, after the @
	RedirectionSuffix  string          // after the username of a redirection; empty: "-attr"
	DefaultPlan        Plan            // empty: PlanBasic
	ExchangeIncubators []string        // slugs whose members get Exchange when the incubator names no plan
	Webmails           map[Plan]string // URL by plan; empty: OVH's
	LeaveLink          LeaveLink       // for the foot of letters; nil: none
	Settle             time.Duration   // how long after the order an address is first looked for; zero: 5 minutes
	LeavesEmail        string          // where the mail of a deleted address goes: redirections to it stay
}

// LeaveLink gives the signed address with which a member refuses the members' list.
type LeaveLink func(member uuid.UUID) string

// Service is the room. Make it with New.
type Service struct {
	db       postgres.DB
	clock    clock.Clock
	provider Provider
	contacts Contacts
	letters  Letters
	asked    job.Requester
	holds    Holds
	seen     *memory
	config   Config
}

// Ports are the outside of the room. One may be nil when its settings are missing: the jobs
// that need it are then disabled and never call it.
type Ports struct {
	Provider  Provider
	Contacts  Contacts
	Letters   Letters
	Requester job.Requester // records what a person asks
	Holds     Holds         // nil: no departure is ever held
}

// New makes the room; it calls nothing.
func New(db postgres.DB, clk clock.Clock, ports Ports, config Config) *Service {
	if config.RedirectionSuffix == "" {
		config.RedirectionSuffix = "-attr"
	}
	if config.DefaultPlan == "" {
		config.DefaultPlan = PlanBasic
	}
	if config.Settle == 0 {
		config.Settle = 5 * time.Minute
	}
	if config.LeaveLink == nil {
		config.LeaveLink = func(uuid.UUID) string { return "" }
	}
	if config.Webmails == nil {
		config.Webmails = ovhWebmails()
	}
	return &Service{
		db: db, clock: clk, config: config, seen: &memory{},
		provider: ports.Provider, contacts: ports.Contacts, letters: ports.Letters, asked: ports.Requester, holds: ports.Holds,
	}
}

func ovhWebmails() map[Plan]string {
	return map[Plan]string{
		PlanBasic:    "https://mail.ovh.net/roundcube/",
		PlanPro:      "https://pro1.mail.ovh.net/",
		PlanExchange: "https://ex.mail.ovh.net/",
	}
}

// mailboxAddress is the address of a member's own mailbox.
func (s *Service) mailboxAddress(username string) string { return username + "@" + s.config.Domain }

// redirectionAddress is the address of a member's redirection.
func (s *Service) redirectionAddress(username string) string {
	return username + s.config.RedirectionSuffix + "@" + s.config.Domain
}

// liftable tells whether a block may be lifted without asking: those that the vendor or an
// administrator set, never one that follows from the owner's own wish (unsubscription, spam report).
func liftable(reason string) bool { return reason == "hardBounce" || reason == "adminBlocked" }

// cause names the fact that makes an action due: the instant at which the member entered the
// state that waits for it.
func cause(at time.Time) string { return at.UTC().Format("2006-01-02T15:04:05.000000Z") }

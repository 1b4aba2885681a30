package profile

import (
	"cmp"

	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/job"
	"github.com/betagouv/espace-membre/internal/platform/postgres"
)

// Config is what this room must be told.
type Config struct {
	Domain  string // of the community's mailboxes, after the @
	BaseURL string // of the portal, without final slash
	Key     []byte // secret of the hashes of addresses, from SESSION_SECRET
	// SupportEmail is where the team reads.
	SupportEmail string
	Limits       Limits
	// CityName names a commune by its INSEE code; nil: the code itself.
	CityName func(code string) string
}

// Limits is how many diagnoses may be asked by mail in one hour.
type Limits struct {
	PerTarget int // address or username typed; 0: 3
	PerClient int // 0: 20, a whole office may stand behind one address
}

// Service answers about one person at a time.
type Service struct {
	db        postgres.DB
	clock     clock.Clock
	requester job.Requester
	ports     Ports
	config    Config
	readers   readers
	mailboxes *memory[boxFound]
	blocks    *blockList
	events    *memory[[]Delivery]
}

// New makes the room; it calls nothing.
func New(db postgres.DB, clk clock.Clock, requester job.Requester, ports Ports, config Config) *Service {
	if config.CityName == nil {
		config.CityName = func(code string) string { return code }
	}
	config.Limits.PerTarget = cmp.Or(config.Limits.PerTarget, 3)
	config.Limits.PerClient = cmp.Or(config.Limits.PerClient, 20)
	s := &Service{
		db: db, clock: clk, requester: requester, ports: ports, config: config, readers: make(readers, atOnce),
		mailboxes: newMemory[boxFound](clk), events: newMemory[[]Delivery](clk),
	}
	if ports.Refusals != nil {
		s.blocks = &blockList{clock: clk, read: ports.Refusals.Blocked}
	}
	return s
}

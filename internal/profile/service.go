package profile

import (
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/job"
	"github.com/betagouv/espace-membre/internal/platform/postgres"
)

// Config is what this room must be told.
type Config struct {
	Domain  string // of the community's mailboxes, after the @
	BaseURL string // of the portal, without final slash
	Key     []byte // secret of the hashes of addresses, from SESSION_SECRET
}

// Service answers about one person at a time.
type Service struct {
	db        postgres.DB
	clock     clock.Clock
	requester job.Requester
	ports     Ports
	config    Config
	readers   readers
}

// New makes the room; it calls nothing.
func New(db postgres.DB, clk clock.Clock, requester job.Requester, ports Ports, config Config) *Service {
	return &Service{db: db, clock: clk, requester: requester, ports: ports, config: config, readers: make(readers, atOnce)}
}

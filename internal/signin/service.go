package signin

import (
	"strings"
	"time"

	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/job"
	"github.com/betagouv/espace-membre/internal/platform/postgres"
)

// LinkLife is how long a link may be used after its mail is made.
const LinkLife = time.Hour

// keep is how long rows of links are kept; the limits only need the last hour.
const keep = 30 * 24 * time.Hour

// Limits is how many links may be asked in one hour.
type Limits struct {
	PerAddress int // 0: 5
	PerClient  int // 0: 30, a whole office may stand behind one address
}

// Config is what this room must be told.
type Config struct {
	BaseURL string   // of the portal, without final slash
	Key     []byte   // secret of the hashes of addresses, from SESSION_SECRET
	Admins  []string // usernames of ESPACE_MEMBRE_ADMIN
	Limits  Limits
}

// Service makes links, takes them back, and tells who a member is.
type Service struct {
	db        postgres.DB
	clock     clock.Clock
	requester job.Requester
	letters   Letters
	config    Config
	admins    map[string]bool
}

// New makes the room.
func New(db postgres.DB, clk clock.Clock, requester job.Requester, letters Letters, config Config) *Service {
	if config.Limits.PerAddress == 0 {
		config.Limits.PerAddress = 5
	}
	if config.Limits.PerClient == 0 {
		config.Limits.PerClient = 30
	}
	s := &Service{db: db, clock: clk, requester: requester, letters: letters, config: config, admins: map[string]bool{}}
	for _, username := range config.Admins {
		s.admins[username] = true
	}
	return s
}

// OwnPath gives an address of this portal without its scheme and host, as old links wrote it
// whole. Anything else is given back as it came: whether it is a page of ours, web.LocalPath tells.
func (s *Service) OwnPath(address string) string {
	if path, ours := strings.CutPrefix(address, s.config.BaseURL); ours && s.config.BaseURL != "" {
		return path
	}
	return address
}

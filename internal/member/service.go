package member

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/betagouv/espace-membre/internal/platform/actor"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/job"
	"github.com/betagouv/espace-membre/internal/platform/postgres"
)

// Config is what differs from one community to another.
type Config struct {
	BaseURL           string        // of the portal, without final slash
	Domain            string        // of the community's addresses, after the @
	RedirectionSuffix string        // after the username of a redirection; empty: "-attr"
	Admins            []string      // usernames of administrators: no new record takes one
	DirectoryBudget   time.Duration // how long a page waits for the directory of agents; 0: 3 s
}

// Ports are the outside of the room; any of them may be nil.
type Ports struct {
	Agents  PublicServiceDirectory // nil: nobody is known as an agent
	Cities  Cities                 // nil: INSEE codes only
	Letters Letters                // nil: no mail leaves
}

// Service is the use-cases about records and addresses. Make it with New.
type Service struct {
	db        postgres.DB
	clock     clock.Clock
	requester job.Requester
	ports     Ports
	config    Config
	onPrimary []PrimaryHook
	onContact []ContactHook
}

// New makes the room; it calls nothing.
func New(db postgres.DB, clk clock.Clock, requester job.Requester, ports Ports, config Config) *Service {
	config.RedirectionSuffix = cmp.Or(config.RedirectionSuffix, "-attr")
	config.DirectoryBudget = cmp.Or(config.DirectoryBudget, 3*time.Second)
	if ports.Cities == nil {
		ports.Cities = codesOnly{}
	}
	return &Service{db: db, clock: clk, requester: requester, ports: ports, config: config}
}

// OnPrimaryChanged adds a follower of changes of primary address. Only the composition root
// calls it, before anything runs.
func (s *Service) OnPrimaryChanged(hook PrimaryHook) { s.onPrimary = append(s.onPrimary, hook) }

// OnContactChanged adds a follower of changes of contact address, on the same terms.
func (s *Service) OnContactChanged(hook ContactHook) { s.onContact = append(s.onContact, hook) }

// may checks a right of an actor on a member, on facts read again.
func (s *Service) may(ctx context.Context, db postgres.DB, who actor.Actor, action Action, id uuid.UUID) error {
	subject, err := SubjectFor(ctx, db, who, id, clock.Today(s.clock))
	if err != nil {
		return err
	}
	return Can(who, action, subject)
}

// locked reads a member and keeps others from writing it until the end of the transaction.
func locked(ctx context.Context, tx pgx.Tx, id uuid.UUID) (Member, error) {
	if _, err := tx.Exec(ctx, `
		SELECT id
		FROM member
		WHERE id = $1
		FOR UPDATE`, id); err != nil {
		return Member{}, fmt.Errorf("lock member %s: %w", id, postgres.Fault(err))
	}
	return ByID(ctx, tx, id)
}

// isAgent asks the directory; down tells that it could not answer.
func (s *Service) isAgent(ctx context.Context, address string) (agent, down bool) {
	if s.ports.Agents == nil {
		return false, false
	}
	ctx, cancel := context.WithTimeout(ctx, s.config.DirectoryBudget)
	defer cancel()
	agent, err := s.ports.Agents.IsAgent(ctx, address)
	return agent && err == nil, err != nil
}

package onboarding

import (
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/job"
	"github.com/betagouv/espace-membre/internal/platform/postgres"
)

// Service is the room. Make it with New.
type Service struct {
	db      postgres.DB
	clock   clock.Clock
	letters Letters
}

// New makes the room. Letters may be nil when no mail leaves: the job is then disabled.
func New(db postgres.DB, clk clock.Clock, letters Letters) *Service {
	return &Service{db: db, clock: clk, letters: letters}
}

// Jobs declares the scheduled jobs of this room.
func (s *Service) Jobs() []job.Spec {
	return []job.Spec{s.invitation()}
}

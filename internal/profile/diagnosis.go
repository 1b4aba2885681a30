package profile

import (
	"context"
	"sync"
	"time"

	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/actor"
	"github.com/betagouv/espace-membre/internal/platform/clock"
)

// DiagnosisBudget is how long a page waits for the vendors that a diagnosis asks.
const DiagnosisBudget = 700 * time.Millisecond

// DiagnosisOf diagnoses a member for a viewer: the member or an administrator, Forbidden to others
// as to anybody about who does not exist.
func (s *Service) DiagnosisOf(ctx context.Context, viewer actor.Actor, username string) (member.Member, Diagnosis, error) {
	m, err := member.ByUsername(ctx, s.db, username)
	if err != nil {
		return m, Diagnosis{}, err
	}
	subject, err := member.SubjectFor(ctx, s.db, viewer, m.ID, clock.Today(s.clock))
	if err != nil {
		return m, Diagnosis{}, err
	}
	if err := member.Can(viewer, member.ViewPrivate, subject); err != nil {
		return m, Diagnosis{}, err
	}
	facts, err := s.facts(ctx, m, DiagnosisBudget)
	return m, Diagnose(facts), err
}

// facts gathers all that a diagnosis looks at; what vendors do not say in time is unknown.
func (s *Service) facts(ctx context.Context, m member.Member, budget time.Duration) (Facts, error) {
	missions, err := member.MissionsOf(ctx, s.db, m.ID)
	if err != nil {
		return Facts{}, err
	}
	f := Facts{
		Today: clock.Today(s.clock), Missions: missions, Status: m.Status, Outside: s.Outside(m),
		HasPrimary: m.PrimaryEmail != "", HasSecondary: m.SecondaryEmail != "",
	}
	ctx, cancel := context.WithTimeout(ctx, budget)
	defer cancel()
	var primary, secondary bool
	var asked sync.WaitGroup
	asked.Go(func() { f.Mailbox, _ = s.Mailbox(ctx, m.Username) })
	asked.Go(func() { f.PrimaryRefused, primary = s.refused(ctx, m.PrimaryEmail) })
	asked.Go(func() { f.SecondaryRefused, secondary = s.refused(ctx, m.SecondaryEmail) })
	asked.Wait()
	f.RefusalsKnown = primary && secondary
	return f, nil
}

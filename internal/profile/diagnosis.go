package profile

import (
	"cmp"
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/betagouv/espace-membre/internal/mailinglist"
	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/actor"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/postgres"
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
	recorded, err := s.recordedRefusals(ctx, m)
	if err != nil {
		return Facts{}, err
	}
	lifted, err := s.lastUnblocked(ctx, m.ID)
	if err != nil {
		return Facts{}, err
	}
	accounts, err := s.ToolAccounts(ctx, m.ID)
	if err != nil {
		return Facts{}, err
	}
	if f.Chat, err = s.ChatOf(ctx, accounts); err != nil {
		return Facts{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, budget)
	defer cancel()
	var reasons map[string]string
	var asked sync.WaitGroup
	asked.Go(func() {
		presence, box := s.Mailbox(ctx, m.Username)
		f.Mailbox, f.MailboxBlocked = presence, box.Blocked
	})
	asked.Go(func() { reasons, f.RefusalsKnown = s.blockReasons(ctx, lifted) })
	asked.Wait()
	if f.RefusalsKnown {
		f.PrimaryRefused, f.SecondaryRefused = reasons[m.PrimaryEmail], reasons[m.SecondaryEmail]
	}
	f.PrimaryRefused = cmp.Or(f.PrimaryRefused, recorded[m.PrimaryEmail])
	f.SecondaryRefused = cmp.Or(f.SecondaryRefused, recorded[m.SecondaryEmail])
	return f, nil
}

// lastUnblocked is when a block of an address of theirs was last lifted from here: what the vendor
// said before is over. The zero time when none ever was.
func (s *Service) lastUnblocked(ctx context.Context, id uuid.UUID) (time.Time, error) {
	at, err := postgres.Scalar[*time.Time](ctx, s.db, `
		SELECT max(at)
		FROM audit_event
		WHERE member_id = $1
		  AND code = 'MEMBER_UNBLOCK_EMAIL'`, id)
	if err != nil || at == nil {
		return time.Time{}, err
	}
	return *at, nil
}

// recordedRefusals are the refusals that we saw ourselves and that still hold, by address.
func (s *Service) recordedRefusals(ctx context.Context, m member.Member) (map[string]string, error) {
	type refusal struct{ Address, Kind string }
	rows, err := postgres.All[refusal](ctx, s.db, `
		SELECT address, kind
		FROM mail_refusal
		WHERE address = ANY($1)
		  AND cleared_at IS NULL
		ORDER BY last_at`, []string{m.PrimaryEmail, m.SecondaryEmail})
	if err != nil {
		return nil, fmt.Errorf("read the refusals of member %s: %w", m.ID, err)
	}
	kinds := map[string]string{}
	for _, row := range rows {
		if row.Address != "" && mailinglist.Kind(row.Kind).ForGood() {
			kinds[row.Address] = row.Kind
		}
	}
	return kinds, nil
}

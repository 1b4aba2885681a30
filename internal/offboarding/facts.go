package offboarding

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/job"
	"github.com/betagouv/espace-membre/internal/platform/postgres"
)

// person is a member as the departure sees them.
type person struct {
	ID        uuid.UUID
	Primary   string
	Status    member.Status
	StatusAt  time.Time
	Redirects bool
	Secondary bool
	Github    bool
	Tools     bool
	End       clock.Day
}

// facts gathers what decides the departure of one member, on a day; NotFound when there is no
// such member.
func (s *Service) facts(ctx context.Context, id uuid.UUID, today clock.Day) (Facts, error) {
	p, err := postgres.One[person](ctx, s.db, "Ce membre n’existe pas.", `
		SELECT member.id,
		       COALESCE(member.primary_email, '') AS primary,
		       member.primary_email_status AS status,
		       member.primary_email_status_changed_at AS status_at,
		       member.email_is_redirection AS redirects,
		       member.secondary_email IS NOT NULL AS secondary,
		       member.github <> '' AS github,
		       EXISTS (
		           SELECT FROM service_account
		           WHERE service_account.member_id = member.id
		             AND service_account.type IN ('matomo', 'sentry')) AS tools,
		       (SELECT CASE WHEN bool_or(end_day IS NULL) THEN NULL ELSE max(end_day) END
		        FROM mission
		        WHERE mission.member_id = member.id) AS end
		FROM member
		WHERE member.id = $1`, id)
	if err != nil {
		return Facts{}, fmt.Errorf("read who leaves: %w", err)
	}
	f := Facts{
		ID: p.ID, End: p.End, Address: s.kindOf(p), Primary: p.Primary, Status: p.Status, StatusDay: clock.DayOf(p.StatusAt),
		Secondary: p.Secondary, Github: p.Github, Tools: p.Tools, Off: map[string]bool{},
	}
	if f.End.IsZero() {
		return f, nil
	}
	for _, r := range rules(f, today) {
		for _, name := range r.jobs {
			f.Off[name] = !s.config.Runs(name)
		}
	}
	if f.Holds, _, err = member.HoldsOfMember(ctx, s.db, id, today); err != nil {
		return Facts{}, err
	}
	return s.traces(ctx, f)
}

// kindOf tells what a primary address is. One of ours that was deleted was a mailbox, or a redirection.
func (s *Service) kindOf(p person) AddressKind {
	ours := strings.HasSuffix(p.Primary, "@"+s.config.Domain) || p.Primary == "" && p.Status == member.StatusDeleted
	switch {
	case ours && p.Redirects:
		return Redirection
	case ours:
		return Mailbox
	case p.Primary == "":
		return NoAddress
	}
	return Foreign
}

// traces adds what was done since the departure: the actions of the ledger and the changes of
// the address. A message counts when it announced this last day.
func (s *Service) traces(ctx context.Context, f Facts) (Facts, error) {
	type mark struct {
		Job   string
		State job.ActionState
		At    time.Time
	}
	marks, err := postgres.All[mark](ctx, s.db, `
		SELECT job, state, COALESCE(closed_at, created_at) AS at
		FROM job_action
		WHERE subject = $1
		  AND state <> 'moot'
		  AND (job <> ALL($4) AND created_at >= $2
		       OR job = ANY($4) AND split_part(key, '/', 3) = $3 AND split_part(key, '/', 4) <> 'chat')
		ORDER BY id`, f.ID, f.End.Add(1).At(0, 0), f.End.String(), messageJobs())
	if err != nil {
		return f, fmt.Errorf("read what was done of the departure: %w", err)
	}
	for _, m := range marks {
		f.Marks = append(f.Marks, Mark{Job: m.Job, State: m.State, Day: clock.DayOf(m.At)})
	}
	type change struct {
		Status member.Status
		At     time.Time
	}
	changes, err := postgres.All[change](ctx, s.db, `
		SELECT after ->> 'status' AS status, at
		FROM audit_event
		WHERE member_id = $1
		  AND code = $2
		  AND at >= $3
		  AND after ->> 'status' IS NOT NULL
		ORDER BY at, id`, f.ID, member.CodeStatusChanged, f.End.Add(1).At(0, 0))
	if err != nil {
		return f, fmt.Errorf("read the changes of the address: %w", err)
	}
	for _, c := range changes {
		f.Changes = append(f.Changes, StatusChange{Status: c.Status, Day: clock.DayOf(c.At)})
	}
	return f, nil
}

func messageJobs() []string {
	return []string{notice30Job, notice15Job, notice2Job, farewellJob, closingJob}
}

package offboarding

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/platform/job"
	"github.com/betagouv/espace-membre/internal/platform/postgres"
)

// single is an active member with one address only.
type single struct {
	ID        uuid.UUID
	Username  string
	Fullname  string
	Primary   string
	Secondary string
	Status    member.Status
	Active    bool
}

// singleQuery reads members as they stand on a day ($1).
const singleQuery = `
	SELECT member.id, member.username, member.fullname,
	       COALESCE(member.primary_email, '') AS primary,
	       COALESCE(member.secondary_email, '') AS secondary,
	       member.primary_email_status AS status,
	       EXISTS (
	           SELECT FROM mission
	           WHERE mission.member_id = member.id
	             AND (mission.end_day IS NULL OR mission.end_day >= $1)) AS active
	FROM member
	WHERE `

func (s *Service) planSecondary(ctx context.Context, today clock.Day) (job.Plan, error) {
	singles, err := postgres.All[single](ctx, s.db, singleQuery+`member.secondary_email IS NULL
		  AND member.primary_email IS NOT NULL
		  AND EXISTS (
		        SELECT FROM mission
		        WHERE mission.member_id = member.id
		          AND (mission.end_day IS NULL OR mission.end_day >= $1))
		ORDER BY member.username`, today)
	if err != nil {
		return job.Plan{}, fmt.Errorf("list who has one address only: %w", err)
	}
	return decideSecondary(singles, today, s.ports.Messenger != nil), nil
}

// decideSecondary wants one message a month for each active member whose only address works.
func decideSecondary(singles []single, today clock.Day, chat bool) job.Plan {
	plan := job.Plan{Population: len(singles)}
	month := today.String()[:len("2006-01")]
	for _, m := range singles {
		if !m.reachable() {
			plan.Skipped = append(plan.Skipped, job.Skip{Subject: m.ID, Label: m.Username, Reason: "adresse principale pas encore active"})
			continue
		}
		action := job.Action{
			Key: job.Key(secondaryJob, m.ID, month), Mode: job.Once, Job: secondaryJob, Verb: "envoyer", Actor: "system",
			Subject: m.ID, Label: m.Username, Reason: "pas d’adresse secondaire", Args: job.EncodeArgs(noticeArgs{Day: today}),
		}
		plan.Actions = append(plan.Actions, action)
		if chat {
			action.Key, action.Queue = action.Key+"/"+slotChat, job.QueueMattermost
			action.Args = job.EncodeArgs(noticeArgs{Day: today, Slot: slotChat})
			plan.Actions = append(plan.Actions, action)
		}
	}
	return plan
}

// reachable is the same question as for who leaves.
func (m single) reachable() bool {
	return leaver{PrimaryEmail: m.Primary, Status: m.Status}.reachable()
}

func (s *Service) applySecondary(ctx context.Context, a job.Action) (job.Outcome, error) {
	args, err := job.DecodeArgs[noticeArgs](a)
	if err != nil {
		return job.Outcome{}, fmt.Errorf("read the arguments of the message: %w", err)
	}
	m, err := postgres.One[single](ctx, s.db, "Ce membre n’existe plus.", singleQuery+`member.id = $2`, s.sendingDay(args.Day), a.Subject)
	switch {
	case fault.Is(err, fault.NotFound):
		return job.Moot("la fiche n’existe plus"), nil
	case err != nil:
		return job.Outcome{}, fmt.Errorf("read the member again: %w", err)
	case m.Secondary != "":
		return job.Moot("une adresse secondaire est indiquée depuis"), nil
	case !m.Active:
		return job.Moot("plus aucune mission en cours ou à venir"), nil
	case !m.reachable():
		return job.Moot("plus d’adresse principale où écrire"), nil
	case args.Slot == slotChat:
		return s.tell(ctx, a, secondaryPost(m.Fullname, s.config.Portal))
	case s.ports.Letters == nil:
		return job.Outcome{}, errNoLetters
	}
	if err := s.ports.Letters.SecondaryMissing(ctx, a.Key, m.Primary, MissingLetter{m.ID, m.Fullname}); err != nil {
		return job.Outcome{}, fmt.Errorf("ask %s for a secondary address: %w", m.Username, err)
	}
	return job.Outcome{}, nil
}

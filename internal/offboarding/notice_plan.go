package offboarding

import (
	"context"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/job"
	"github.com/betagouv/espace-membre/internal/platform/postgres"
)

// leaver is a member whose last mission ends around a day, with the facts that decide.
type leaver struct {
	ID                 uuid.UUID
	Username           string
	Fullname           string
	PrimaryEmail       string
	SecondaryEmail     string
	CommunicationEmail string
	EmailIsRedirection bool
	Status             member.Status
	HasMission         bool
	End                clock.Day // last day of the last mission; zero when there is none, or when it has no end
	Owed               []string  // keys of the messages recorded for this job and not sent yet
}

// leaverQuery reads members ($1: name of the job) with the last day of their last mission; an
// open-ended one has none.
const leaverQuery = `
	SELECT member.id, member.username, member.fullname,
	       COALESCE(member.primary_email, '') AS primary_email,
	       COALESCE(member.secondary_email, '') AS secondary_email,
	       member.communication_email, member.email_is_redirection,
	       member.primary_email_status AS status,
	       last.missions > 0 AS has_mission,
	       last.end_day AS end,
	       ARRAY(
	           SELECT key
	           FROM job_action
	           WHERE job_action.subject = member.id
	             AND job_action.job = $1
	             AND job_action.mode = 'once'
	             AND job_action.state NOT IN ('done', 'moot')) AS owed
	FROM member
	CROSS JOIN LATERAL (
	    SELECT count(*) AS missions,
	           CASE WHEN bool_or(end_day IS NULL) THEN NULL ELSE max(end_day) END AS end_day
	    FROM mission
	    WHERE mission.member_id = member.id) AS last
	WHERE `

// planNotices plans one message: who leaves around today, then what is due to them.
func (s *Service) planNotices(kind Kind) func(context.Context, clock.Day) (job.Plan, error) {
	return func(ctx context.Context, today clock.Day) (job.Plan, error) {
		n := notices()[kind]
		leavers, err := postgres.All[leaver](ctx, s.db, leaverQuery+`
			last.missions = 0
		   OR last.end_day BETWEEN $2 AND $3
		   OR EXISTS (
		        SELECT FROM departure_hold
		        WHERE departure_hold.member_id = member.id
		          AND departure_hold.until_day BETWEEN $2 AND $4)
			ORDER BY last.end_day NULLS LAST, member.username`,
			n.job, today.Add(-max(n.last, n.truth)), today.Add(-n.first), today)
		if err != nil {
			return job.Plan{}, fmt.Errorf("list who leaves: %w", err)
		}
		holds, err := member.HeldDepartures(ctx, s.db, today)
		if err != nil {
			return job.Plan{}, err
		}
		return n.decide(leavers, holds, today, s.ports.Messenger != nil), nil
	}
}

// decide wants the messages of the members whose day has come, and those recorded in time that
// could not leave yet.
func (n notice) decide(leavers []leaver, holds member.Holds, today clock.Day, chat bool) job.Plan {
	var plan job.Plan
	skip := func(l leaver, reason string) {
		plan.Population++
		plan.Skipped = append(plan.Skipped, job.Skip{Subject: l.ID, Label: l.Username, Reason: reason})
	}
	for _, l := range leavers {
		if l.End.IsZero() {
			if !l.HasMission {
				skip(l, "aucune mission : pas de date de fin")
			}
			continue
		}
		resumed := holds.Resumed(l.ID, n.step)
		first, last := n.days(l.End, resumed)
		inWindow := !today.Before(first) && !today.After(last)
		owed := !today.After(n.late(l.End, resumed)) && n.owes(l)
		if hold, held := holds.Of(l.ID, n.step); held && (inWindow || owed) {
			skip(l, hold.Reason())
			continue
		}
		slots := n.slots(l, chat)
		switch {
		case !inWindow && !owed:
			continue
		case len(slots) == 0:
			skip(l, "aucune adresse où écrire")
			continue
		}
		plan.Population++
		plan.Actions = append(plan.Actions, n.actions(l, slots, inWindow, today)...)
	}
	return plan
}

// owes tells whether a message for this last day is recorded and waits.
func (n notice) owes(l leaver) bool {
	return slices.ContainsFunc([]string{slotContact, slotPrimary, slotSecondary, slotChat}, func(slot string) bool {
		return slices.Contains(l.Owed, n.key(l, slot))
	})
}

// actions gives one message a slot; out of the window, only those already recorded.
func (n notice) actions(l leaver, slots []string, inWindow bool, today clock.Day) []job.Action {
	var actions []job.Action
	for _, slot := range slots {
		key := n.key(l, slot)
		if !inWindow && !slices.Contains(l.Owed, key) {
			continue
		}
		action := job.Action{
			Key: key, Mode: job.Once, Job: n.job, Verb: "envoyer", Subject: l.ID, Label: l.Username,
			Reason: n.reason(l.End, slot), Args: job.EncodeArgs(noticeArgs{End: l.End, Day: today, Slot: slot}), Actor: "system",
		}
		if slot == slotChat {
			action.Queue = job.QueueMattermost
		}
		actions = append(actions, action)
	}
	return actions
}

func (n notice) reason(end clock.Day, slot string) string {
	told := "la dernière mission se termine le "
	if n.first > 0 {
		told = "la dernière mission s’est terminée le "
	}
	where := map[string]string{
		slotContact: "", slotPrimary: " (adresse principale)", slotSecondary: " (adresse secondaire)", slotChat: " (messagerie)",
	}
	return told + end.French() + where[slot]
}

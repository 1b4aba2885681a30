package mailinglist

import (
	"context"
	"fmt"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/audit"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/platform/job"
	"github.com/betagouv/espace-membre/internal/platform/postgres"
)

const subscribeJob = "subscribeEmailAddresses"

func (s *Service) subscribe() job.Spec {
	return job.Spec{
		Name: subscribeJob, Title: "Réinscrit les membres actifs à la liste « incubateur »", Room: "mailinglist",
		Schedule: "*/4 * * * *", Default: job.On, Needs: []job.Feature{"ovh"}, Flag: "FEATURE_SUBSCRIBE_TO_INCUBATEUR_MAILING_LIST",
		Queue: job.QueueOVH, Plan: s.planSubscriptions, Apply: s.applySubscription,
	}
}

// active is a member in activity, as the members' list sees them.
type active struct {
	ID       uuid.UUID     `db:"id"`
	Username string        `db:"username"`
	Primary  string        `db:"primary_email"`
	Status   member.Status `db:"status"`
	Refused  bool          `db:"refused"`
}

// activeQuery reads the members in activity on a day ($1), and whether they refused a list ($2).
const activeQuery = `
	SELECT member.id, member.username,
	       COALESCE(member.primary_email, '') AS primary_email,
	       member.primary_email_status AS status,
	       EXISTS (
	           SELECT FROM list_refusal
	           WHERE list_refusal.member_id = member.id
	             AND list_refusal.list = $2::text) AS refused
	FROM member
	WHERE EXISTS (
	          SELECT FROM mission
	          WHERE mission.member_id = member.id
	            AND (mission.end_day IS NULL OR mission.end_day >= $1))`

func (s *Service) planSubscriptions(ctx context.Context, today clock.Day) (job.Plan, error) {
	members, err := postgres.All[active](ctx, s.db, activeQuery+`
	ORDER BY member.username`, today, Members)
	if err != nil {
		return job.Plan{}, fmt.Errorf("list the members in activity: %w", err)
	}
	if len(members) == 0 {
		return job.Plan{}, nil
	}
	subscribers, err := s.subscribers(ctx, Members)
	if err != nil {
		return job.Plan{}, err
	}
	return decideSubscriptions(members, subscribers, s.config.MembersList, today), nil
}

// subscribers asks the host for a list, once; a list that does not exist is told clearly.
func (s *Service) subscribers(ctx context.Context, list List) (map[string]bool, error) {
	name := s.nameOf(list)
	addresses, err := s.host.Subscribers(ctx, name)
	if fault.Is(err, fault.NotFound) {
		return nil, fault.New(fault.NotFound, "La liste « "+name+" » n’existe pas chez OVH : crée-la, ou vérifie INCUBATEUR_MAILING_LIST_NAME.", "%w", err)
	}
	if err != nil {
		return nil, fmt.Errorf("read the subscribers of %s: %w", name, err)
	}
	return set(addresses), nil
}

// decideSubscriptions wants everybody in activity on the list, by an address that works, unless
// they refused it.
func decideSubscriptions(members []active, subscribers map[string]bool, name string, today clock.Day) job.Plan {
	plan := job.Plan{Population: len(members)}
	for _, m := range members {
		why := m.obstacle()
		switch {
		case why == "" && subscribers[strings.ToLower(m.Primary)]:
		case why == "":
			plan.Actions = append(plan.Actions, job.Action{
				Key: job.Key(subscribeJob, m.ID, name), Mode: job.State, Job: subscribeJob, Verb: "inscrire", Subject: m.ID, Label: m.Username,
				Reason: "adresse en service, absente de la liste « " + name + " »", Args: job.EncodeArgs(planned{today}), Actor: "system",
			})
		default:
			plan.Skipped = append(plan.Skipped, job.Skip{Subject: m.ID, Label: m.Username, Reason: why})
		}
	}
	return plan
}

// obstacle says in French why a member in activity is not to be subscribed; "" when they are.
func (m active) obstacle() string {
	switch {
	case m.Refused:
		return "ne souhaite pas recevoir cette liste"
	case m.Primary == "":
		return "pas d’adresse principale"
	case !m.Status.ActiveLike():
		return "adresse principale pas en service (" + string(m.Status) + ")"
	}
	return ""
}

func (s *Service) applySubscription(ctx context.Context, a job.Action) (job.Outcome, error) {
	m, end, err := s.stillActive(ctx, a)
	if err != nil || end != "" {
		return job.Outcome{Moot: end}, err
	}
	if err := s.host.Subscribe(ctx, s.config.MembersList, m.Primary); err != nil {
		return job.Outcome{}, fmt.Errorf("subscribe %s: %w", m.Username, err)
	}
	return job.Recorded(func(ctx context.Context, tx pgx.Tx) error {
		return audit.Write(ctx, tx, audit.Event{
			At: s.clock.Now(), Actor: actorOf(a), Code: CodeJoined, Member: m.ID, Subject: m.Username, After: map[string]string{"list": s.config.MembersList},
		})
	}), nil
}

// stillActive reads a member again; the second value, when not empty, says why they are not to be
// subscribed any more.
func (s *Service) stillActive(ctx context.Context, a job.Action) (active, string, error) {
	day, err := s.dayOf(a)
	if err != nil {
		return active{}, "", err
	}
	rows, err := postgres.All[active](ctx, s.db, activeQuery+`
	  AND member.id = $3`, day, Members, a.Subject)
	if err != nil {
		return active{}, "", fmt.Errorf("read the member again: %w", err)
	}
	if len(rows) == 0 {
		return active{}, "aucune mission en cours ou à venir", nil
	}
	return rows[0], rows[0].obstacle(), nil
}

func actorOf(a job.Action) string {
	if a.Actor == "" {
		return "system"
	}
	return a.Actor
}

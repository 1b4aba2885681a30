package mailinglist

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

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

// decideSubscriptions wants everybody in activity on the list, by the address that they prefer if it
// works, unless they refused it.
func decideSubscriptions(members []active, subscribers map[string]bool, name string, today clock.Day) job.Plan {
	plan := job.Plan{Population: len(members)}
	for _, m := range members {
		address, why := m.wanted()
		switch {
		case why != "":
			plan.Skipped = append(plan.Skipped, job.Skip{Subject: m.ID, Label: m.Username, Reason: why})
		case !subscribers[strings.ToLower(address)]:
			plan.Actions = append(plan.Actions, job.Action{
				Key: job.Key(subscribeJob, m.ID, name), Mode: job.State, Job: subscribeJob, Verb: "inscrire", Subject: m.ID, Label: m.Username,
				Reason: m.sayWanted() + ", absente de la liste « " + name + " »", Args: job.EncodeArgs(job.PlanDay{Day: today}), Actor: "system",
			})
		}
	}
	return plan
}

func (s *Service) applySubscription(ctx context.Context, a job.Action) (job.Outcome, error) {
	m, end, err := s.stillActive(ctx, a)
	if err != nil || end != "" {
		return job.Outcome{Moot: end}, err
	}
	address, _ := m.wanted()
	if err := s.host.Subscribe(ctx, s.config.MembersList, address); err != nil {
		return job.Outcome{}, fmt.Errorf("subscribe %s: %w", m.Username, err)
	}
	return job.Recorded(func(ctx context.Context, tx pgx.Tx) error {
		return audit.Write(ctx, tx, audit.Event{
			At: s.clock.Now(), Actor: actorOf(a), Code: CodeJoined, Member: m.ID, Subject: m.Username, After: map[string]string{"list": s.config.MembersList},
		})
	}), nil
}

func actorOf(a job.Action) string {
	if a.Actor == "" {
		return "system"
	}
	return a.Actor
}

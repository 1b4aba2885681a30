package mailinglist

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/audit"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/job"
)

const unsubscribeJob = "unsubscribeEmailAddresses"

// leaveAfter is how many days after the end of the last mission the members' list is left.
const leaveAfter = 1

func (s *Service) unsubscribe() job.Spec {
	return job.Spec{
		Name: unsubscribeJob, Title: "Désinscrit les membres expirés de la liste « incubateur »", Room: "mailinglist",
		Schedule: "*/4 * * * *", Default: job.On, Needs: []job.Feature{"ovh"}, Flag: "FEATURE_UNSUBSCRIBE_FROM_INCUBATEUR_MAILING_LIST",
		Queue: job.QueueOVH, Ceiling: monthEnd(), Plan: s.planUnsubscriptions, Apply: s.applyUnsubscription,
	}
}

func (s *Service) planUnsubscriptions(ctx context.Context, today clock.Day) (job.Plan, error) {
	people, held, err := s.leaving(ctx, today)
	if err != nil {
		return job.Plan{}, err
	}
	members, err := s.settled(ctx, today)
	if err != nil || len(people)+len(members) == 0 {
		return job.Plan{Skipped: held}, err
	}
	subscribers, err := s.subscribers(ctx, Members)
	if err != nil {
		return job.Plan{}, err
	}
	plan := decideUnsubscriptions(people, members, subscribers, s.config.MembersList, today)
	plan.Skipped = append(plan.Skipped, held...)
	if plan.Doubt != "" || len(plan.Actions) == 0 {
		return plan, nil
	}
	announced, err := s.host.Announced(ctx, s.config.MembersList)
	if err != nil {
		return job.Plan{}, fmt.Errorf("ask how many subscribers there are: %w", err)
	}
	plan.Doubt = shortened(s.config.MembersList, len(subscribers), announced)
	return plan, nil
}

// leaving lists who may have to leave the members' list, and who is set aside by an administrator.
func (s *Service) leaving(ctx context.Context, today clock.Day) ([]known, []job.Skip, error) {
	people, err := s.people(ctx, leaveAfter, Members, today)
	if err != nil || len(people) == 0 {
		return nil, nil, err
	}
	return s.released(ctx, people, member.StepIncubatorList, leaveAfter, today)
}

// shortened says in French that a listing holds fewer addresses than announced, by more than what
// the last minutes can explain; "" when it does not. A negative number announces nothing.
func shortened(list string, shown, announced int) string {
	if shown*10 >= announced*9 {
		return ""
	}
	return fmt.Sprintf("la liste « %s » annonce %d inscrits et n’en montre que %d", list, announced, shown)
}

// decideUnsubscriptions wants off the list the addresses of who has left and of who refused it, and
// those that members in activity have too much. What nobody is known to own is left alone.
func decideUnsubscriptions(people []known, members []settled, subscribers map[string]bool, name string, today clock.Day) job.Plan {
	plan := job.Plan{Population: len(subscribers)}
	if len(subscribers) == 0 {
		plan.Doubt = "la liste « " + name + " » paraît vide"
		return plan
	}
	for _, k := range people {
		if len(k.among(subscribers)) == 0 {
			continue
		}
		cause, reason := k.whyLeave(today)
		if cause == "" {
			plan.Skipped = append(plan.Skipped, job.Skip{Subject: k.ID, Label: k.Username, Reason: reason})
			continue
		}
		plan.Actions = append(plan.Actions, job.Action{
			Key: job.Key(unsubscribeJob, k.ID, cause), Mode: job.State, Job: unsubscribeJob, Verb: "désinscrire", Subject: k.ID, Label: k.Username,
			Reason: reason, Args: job.EncodeArgs(job.PlanDay{Day: today}), Actor: "system", Destructive: k.RefusedAt == nil,
		})
	}
	for _, m := range members {
		if extra := m.surplus(subscribers); extra.reason() != "" {
			plan.Actions = append(plan.Actions, surplusAction(m, extra, today))
		}
	}
	return plan
}

// surplusCause is the fact that makes somebody in activity leave the list by some addresses.
const surplusCause = "adresses-en-trop"

// surplusAction takes off addresses that members in activity have too much. It is destructive when
// the history alone says that they are theirs.
func surplusAction(m settled, extra surplus, today clock.Day) job.Action {
	return job.Action{
		Key: job.Key(unsubscribeJob, m.ID, surplusCause), Mode: job.State, Job: unsubscribeJob, Verb: "désinscrire", Subject: m.ID, Label: m.Username,
		Reason: extra.reason(), Args: job.EncodeArgs(job.PlanDay{Day: today}), Actor: "system", Destructive: len(extra.former) > 0,
	}
}

// whyLeave gives the fact that makes somebody leave the members' list, and its sentence in French;
// without fact, the sentence says why they stay.
func (k known) whyLeave(today clock.Day) (cause, reason string) {
	switch {
	case k.RefusedAt != nil:
		return "refus/" + k.RefusedAt.UTC().Format(time.RFC3339), "ne souhaite plus recevoir cette liste"
	case k.goneFor(leaveAfter, today):
		return k.LastEnd.String(), "mission terminée le " + k.LastEnd.French()
	case k.LastEnd.IsZero():
		return "", "aucune mission : pas de date de départ"
	}
	return "", "encore en activité"
}

func (s *Service) applyUnsubscription(ctx context.Context, a job.Action) (job.Outcome, error) {
	if a.Key == job.Key(unsubscribeJob, a.Subject, surplusCause) {
		return s.applySurplus(ctx, a)
	}
	k, end, err := s.stillLeaving(ctx, a)
	if err != nil || end != "" {
		return job.Outcome{Moot: end}, err
	}
	left, err := s.takeOff(ctx, s.config.MembersList, k)
	if err != nil {
		return job.Outcome{}, fmt.Errorf("unsubscribe %s: %w", k.Username, err)
	}
	return s.leftMembers(a, k.Username, left), nil
}

// applySurplus looks again at what somebody in activity has too much on the list, and takes it off.
func (s *Service) applySurplus(ctx context.Context, a job.Action) (job.Outcome, error) {
	day, err := job.JudgedOn(a, clock.Today(s.clock))
	if err != nil {
		return job.Outcome{}, err
	}
	m, ok, err := s.settledNow(ctx, a.Subject, day)
	switch {
	case err != nil:
		return job.Outcome{}, fmt.Errorf("read the member again: %w", err)
	case !ok:
		return job.Moot("plus aucune mission en cours ou à venir : désinscription du départ"), nil
	case m.Refused:
		return job.Moot("ne souhaite plus recevoir cette liste : désinscription de toutes ses adresses"), nil
	}
	subscribers, err := s.subscribers(ctx, Members)
	if err != nil {
		return job.Outcome{}, err
	}
	extra := m.surplus(subscribers).addresses()
	if err := s.unsubscribeAll(ctx, s.config.MembersList, extra); err != nil {
		return job.Outcome{}, fmt.Errorf("unsubscribe other addresses of %s: %w", m.Username, err)
	}
	return s.leftMembers(a, m.Username, len(extra)), nil
}

// leftMembers ends an unsubscription of some addresses: with none, there is nothing to tell.
func (s *Service) leftMembers(a job.Action, username string, addresses int) job.Outcome {
	if addresses == 0 {
		return job.Outcome{}
	}
	return job.Recorded(func(ctx context.Context, tx pgx.Tx) error {
		return s.recordLeft(ctx, tx, a, a.Subject, username, s.config.MembersList)
	})
}

// stillLeaving reads again who is to leave the members' list; the second value, when not empty, says
// why they are not any more.
func (s *Service) stillLeaving(ctx context.Context, a job.Action) (known, string, error) {
	day, err := job.JudgedOn(a, clock.Today(s.clock))
	if err != nil {
		return known{}, "", err
	}
	k, ok, err := s.again(ctx, a.Subject, leaveAfter, Members, day)
	if err != nil {
		return known{}, "", fmt.Errorf("read the member again: %w", err)
	}
	if cause, _ := k.whyLeave(day); !ok || cause == "" {
		return k, "mission reprise, ou liste de nouveau souhaitée", nil
	}
	why, err := s.heldNow(ctx, k, member.StepIncubatorList, day)
	return k, why, err
}

func (s *Service) recordLeft(ctx context.Context, tx pgx.Tx, a job.Action, id uuid.UUID, username, list string) error {
	return audit.Write(ctx, tx, audit.Event{
		At: s.clock.Now(), Actor: actorOf(a), Code: CodeLeft, Member: id, Subject: username, Reason: a.Reason, Before: map[string]string{"list": list},
	})
}

// takeOff removes from a list of the host the addresses of somebody that stand on it, and counts them.
func (s *Service) takeOff(ctx context.Context, list string, k known) (int, error) {
	listed, err := s.host.Subscribers(ctx, list)
	if err != nil {
		return 0, fmt.Errorf("read the list %s: %w", list, err)
	}
	found := intersect(k.Addresses, listed)
	return len(found), s.unsubscribeAll(ctx, list, found)
}

func (s *Service) unsubscribeAll(ctx context.Context, list string, addresses []string) error {
	for _, address := range addresses {
		if err := s.host.Unsubscribe(ctx, list, address); err != nil {
			return fmt.Errorf("leave the list %s: %w", list, err)
		}
	}
	return nil
}

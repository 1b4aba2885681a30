package mailinglist

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/job"
	"github.com/betagouv/espace-membre/internal/platform/postgres"
)

// followed is a member in activity, whose contact is to stand at one address: their contact address.
type followed struct {
	settled
	Recent bool // another address was replaced in the last days, and no contact followed since
}

// recentDays is how long after a change of address the refusals of the former contact are looked
// for: off every list, they are not in the listings, and are asked one by one.
const recentDays = 30

// followed lists, by username, the members in activity.
func (s *Service) followed(ctx context.Context, today clock.Day) ([]followed, error) {
	members, err := s.settled(ctx, today)
	if err != nil || len(members) == 0 {
		return nil, err
	}
	recent, err := s.recentlyChanged(ctx, today.Add(-recentDays))
	if err != nil {
		return nil, err
	}
	all := make([]followed, len(members))
	for i, m := range members {
		all[i] = followed{m, recent[m.ID]}
	}
	return all, nil
}

// recentlyChanged tells who has had an address replaced since a day, which no contact has followed.
func (s *Service) recentlyChanged(ctx context.Context, since clock.Day) (map[uuid.UUID]bool, error) {
	ids, err := postgres.Column[uuid.UUID](ctx, s.db, `
		SELECT changed.member_id
		FROM audit_event AS changed
		WHERE changed.at >= $1
		  AND changed.member_id IS NOT NULL
		  AND (COALESCE(changed.before ->> 'primary_email', '') NOT IN ('', COALESCE(changed.after ->> 'primary_email', ''))
		       OR COALESCE(changed.before -> 'private' ->> 'secondary_email', '') NOT IN ('', COALESCE(changed.after -> 'private' ->> 'secondary_email', '')))
		  AND NOT EXISTS (
		          SELECT FROM audit_event AS moved
		          WHERE moved.member_id = changed.member_id
		            AND moved.code = 'MEMBER_CONTACT_MOVED'
		            AND moved.at >= changed.at)`, since.At(0, 0))
	if err != nil {
		return nil, fmt.Errorf("list the recent changes of address: %w", err)
	}
	changed := make(map[uuid.UUID]bool, len(ids))
	for _, id := range ids {
		changed[id] = true
	}
	return changed, nil
}

// contact is the address at which they are a contact; "" when they have none.
func (m settled) contact() string {
	return member.Member{PrimaryEmail: m.Primary, SecondaryEmail: m.Secondary, CommunicationEmail: m.Preference}.ContactAddress()
}

// others gives their other addresses; none without a contact address, to which nothing can move.
func (m settled) others() []string {
	to := m.contact()
	if to == "" {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(m.Addresses), func(address string) bool { return address == to })
}

// behind is a member whose contact has stayed at another address.
type behind struct {
	followed
	lists  []string // that hold another address, as people read them
	former bool     // one of these addresses is not in the record any more
}

// behind tells who is a contact at another address than theirs. A mailbox that is created in place
// of an address of a ministry leaves such a contact: they would be written to twice, or again
// after having refused.
func (s *Service) behind(ctx context.Context, members []followed, seen lists) ([]behind, error) {
	var all []behind
	for _, m := range members {
		b := m.standing(seen)
		refuses := false
		if len(b.lists) == 0 && m.Recent {
			var err error
			if refuses, err = s.refusedBefore(ctx, m); err != nil {
				return nil, err
			}
		}
		if len(b.lists) > 0 || refuses {
			all = append(all, b)
		}
	}
	return all, nil
}

// standing tells the contact lists that hold another address of theirs.
func (m followed) standing(seen lists) behind {
	b := behind{followed: m}
	for _, list := range contactLists() {
		listed := false
		for _, address := range m.others() {
			if seen.contacts[list][address] {
				listed = true
				b.former = b.former || address != m.Primary && address != m.Secondary
			}
		}
		if listed {
			b.lists = append(b.lists, "Brevo "+string(list))
		}
	}
	return b
}

// refusedBefore tells whether something that they refused at another address is not known of theirs.
func (s *Service) refusedBefore(ctx context.Context, m followed) (bool, error) {
	for _, address := range m.others() {
		follows, err := s.contacts.Follows(ctx, address, m.contact())
		if err != nil {
			return false, fmt.Errorf("ask what was refused at a former address: %w", err)
		}
		if !follows {
			return true, nil
		}
	}
	return false, nil
}

// followCause is the fact that makes a contact move: it is not at the contact address.
const followCause = "adresse-de-contact"

// followAction moves the contact of a member in activity. It is destructive when the history alone
// says that the other address is theirs.
func followAction(b behind, today clock.Day) job.Action {
	reason := "refus fait à une autre adresse, à garder à l’adresse de contact"
	if len(b.lists) > 0 {
		reason = "inscription à une autre adresse que celle de contact, sur " + strings.Join(b.lists, ", ")
	}
	return job.Action{
		Key: job.Key(departureJob, b.ID, followCause), Mode: job.State, Job: departureJob, Verb: "déplacer", Subject: b.ID, Label: b.Username,
		Reason: reason, Args: job.EncodeArgs(job.PlanDay{Day: today}), Actor: "system", Destructive: b.former,
	}
}

// applyFollow moves the contacts of their other addresses, as they are now.
func (s *Service) applyFollow(ctx context.Context, a job.Action) (job.Outcome, error) {
	day, err := job.JudgedOn(a, clock.Today(s.clock))
	if err != nil {
		return job.Outcome{}, err
	}
	m, ok, err := s.settledNow(ctx, a.Subject, day)
	switch {
	case err != nil:
		return job.Outcome{}, fmt.Errorf("read the member again: %w", err)
	case !ok:
		return job.Moot("plus aucune mission en cours ou à venir"), nil
	}
	record, err := member.ByID(ctx, s.db, a.Subject)
	if err != nil {
		return job.Outcome{}, fmt.Errorf("read the record again: %w", err)
	}
	var all Moved
	for _, address := range m.others() {
		moved, err := s.contacts.Move(ctx, address, personOf(record))
		if err != nil {
			return job.Outcome{}, fmt.Errorf("move a contact of %s: %w", m.Username, err)
		}
		all = Moved{all.Changed || moved.Changed, cmp.Or(all.Refusal, moved.Refusal)}
	}
	return s.recordMoved(a, m.ID, m.Username, all), nil
}

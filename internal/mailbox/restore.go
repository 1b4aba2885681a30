package mailbox

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/actor"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/platform/job"
	"github.com/betagouv/espace-membre/internal/platform/postgres"
)

// Restore asks, in the transaction that makes a member active again, for all that a departure
// took away: a suspended address reopens, a deleted mailbox is ordered again whether or not
// recreateEmailIfUserActive is on, redirections come back. It calls no vendor; what is not taken
// away is left alone, and asking twice does nothing more. by is the username of who decided.
func (s *Service) Restore(ctx context.Context, tx pgx.Tx, id uuid.UUID, by string) error {
	_, err := s.restore(ctx, tx, id, by)
	return err
}

// RestoreAddress is Restore as an administrator asks it from a page; it gives, in French, what
// was asked. It is a Conflict for whoever has no mission.
func (s *Service) RestoreAddress(ctx context.Context, who actor.Actor, username string) (asked []string, err error) {
	m, err := member.ByUsername(ctx, s.db, username)
	if err != nil {
		return nil, err
	}
	subject, err := member.SubjectFor(ctx, s.db, who, m.ID, clock.Today(s.clock))
	if err != nil {
		return nil, err
	}
	if !subject.Active {
		return nil, fault.New(fault.Conflict, "Cette personne n’a pas de mission en cours ou à venir : prolonge d’abord sa mission.", "member %s is not active", m.ID)
	}
	if err := member.Can(who, member.Administer, subject); err != nil {
		return nil, err
	}
	err = postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		var actions []job.Action
		if actions, err = s.restore(ctx, tx, m.ID, who.Username); err != nil {
			return err
		}
		for _, a := range actions {
			asked = append(asked, a.Verb+" : "+a.Reason)
		}
		return nil
	})
	return asked, err
}

func (s *Service) restore(ctx context.Context, tx pgx.Tx, id uuid.UUID, by string) ([]job.Action, error) {
	m, err := s.readIn(ctx, tx, id)
	if err != nil {
		return nil, fmt.Errorf("read the member to restore: %w", err)
	}
	if !m.Active || s.asked == nil || s.provider == nil {
		return nil, nil
	}
	actions, _ := s.restoration(m)
	back, err := s.takenFrom(ctx, tx, id)
	if err != nil {
		return nil, err
	}
	for _, r := range back {
		actions = append(actions, r.action())
	}
	for i := range actions {
		actions[i].Actor, actions[i].Queue = by, job.QueueUrgent
		if err := s.asked.Request(ctx, tx, actions[i]); err != nil {
			return nil, fmt.Errorf("ask to restore the address of %s: %w", m.Username, err)
		}
	}
	return actions, nil
}

// restoration is what gives an address back, according to how far the departure went: the
// very actions of the jobs, so that neither does what the other has done. Else it says in
// French what hinders it.
func (s *Service) restoration(m waiting) (actions []job.Action, why string) {
	o := s.boxAgain()
	if m.Redirection {
		o = redirect()
	}
	switch {
	case m.Status == member.StatusDeleted, m.closed() && m.Redirection && s.ours(m.Primary):
		if why := m.obstacle(s.addressFor(m)); why != "" {
			return nil, why
		}
		return []job.Action{o.action(m)}, ""
	case m.closed():
		return s.returnOf(m)
	}
	return nil, "rien n’a été retiré"
}

// Restorable is a member who came back and whose address did not yet.
type Restorable struct {
	Username string
	Fullname string
	Status   member.Status
	Since    clock.Day // of the status
	Wanted   []string  // what restoring would do, in French
	Why      string    // what hinders it; empty: nothing
}

// Restorables lists, for administrators, the active members whose address a departure closed or deleted.
func (s *Service) Restorables(ctx context.Context, who actor.Actor) ([]Restorable, error) {
	if err := member.Can(who, member.Administer, member.Subject{}); err != nil {
		return nil, err
	}
	rows, err := s.inStatus(ctx, clock.Today(s.clock), member.StatusSuspended, member.StatusExpired, member.StatusDeleted)
	if err != nil {
		return nil, fmt.Errorf("list the addresses to restore: %w", err)
	}
	var list []Restorable
	for _, m := range rows {
		if !m.Active {
			continue
		}
		r := Restorable{Username: m.Username, Fullname: m.Fullname, Status: m.Status, Since: clock.DayOf(m.StatusChangedAt)}
		actions, why := s.restoration(m)
		for _, a := range actions {
			r.Wanted = append(r.Wanted, a.Reason)
		}
		if len(actions) == 0 {
			r.Why = why
		}
		list = append(list, r)
	}
	return list, nil
}

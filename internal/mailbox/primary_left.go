package mailbox

import (
	"context"
	"fmt"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/betagouv/espace-membre/internal/platform/audit"
	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/platform/job"
)

const replacedName = "closeReplacedMailbox"

// Replaced is a primary address that its owner has just replaced by another, proved.
type Replaced struct {
	Member   uuid.UUID
	Username string
	Former   string
	Now      string
	Actor    string // username
}

// CloseReplaced asks, in the transaction that replaced a primary address, that a mailbox of the
// community's domain which nobody uses any more be closed, its mails sent to the new address.
// Between two addresses of our domain, or from a foreign one, there is nothing to close.
func (s *SelfService) CloseReplaced(ctx context.Context, tx pgx.Tx, r Replaced) error {
	if !s.ours(r.Former) || s.ours(r.Now) {
		return nil
	}
	err := s.requester.Request(ctx, tx, job.Action{
		Key: job.Key(replacedName, r.Member, cause(s.room.clock.Now())), Mode: job.State, Job: replacedName, Verb: "fermer", Subject: r.Member,
		Label: r.Username, Reason: "adresse principale remplacée par une adresse extérieure", Actor: r.Actor, Secret: []byte(r.Former), Destructive: true,
	})
	if err != nil {
		return fmt.Errorf("ask to close the replaced mailbox of %s: %w", r.Username, err)
	}
	return nil
}

func (s *SelfService) ours(address string) bool {
	return strings.HasSuffix(address, "@"+s.room.config.Domain)
}

// applyCloseReplaced deletes the former mailbox by its plan, and sends its mails to the address
// that replaced it. Somebody who took an address of ours back meanwhile keeps everything.
func (s *SelfService) applyCloseReplaced(ctx context.Context, a job.Action) (job.Outcome, error) {
	former := string(a.Secret)
	m, err := s.room.reread(ctx, a.Subject)
	switch {
	case err != nil:
		return job.Outcome{}, err
	case m.Primary == "" || s.ours(m.Primary):
		return job.Moot("L’adresse principale a encore changé : la boîte est gardée."), nil
	}
	present, err := s.forward(ctx, m, former)
	if err != nil {
		return job.Outcome{}, err
	}
	made, err := s.room.makers(ctx, m.ID, former)
	if err != nil {
		return job.Outcome{}, err
	}
	box, err := s.room.provider.Find(ctx, localPart(former))
	switch {
	case err == nil:
		if err := s.room.provider.Delete(ctx, box); err != nil && !fault.Is(err, fault.NotFound) {
			return job.Outcome{}, fmt.Errorf("delete the replaced mailbox of %s: %w", m.Username, err)
		}
	case !fault.Is(err, fault.NotFound):
		return job.Outcome{}, fmt.Errorf("find the replaced mailbox of %s: %w", m.Username, err)
	}
	if !present {
		if err := s.room.provider.Redirect(ctx, former, m.Primary, false); err != nil {
			return job.Outcome{}, fmt.Errorf("forward the replaced address of %s: %w", m.Username, err)
		}
	}
	ours := !present || made[m.Primary] != byMember // there already at a later attempt: only the record was lost
	return job.Recorded(func(ctx context.Context, tx pgx.Tx) error { return s.recordReplaced(ctx, tx, a, m, former, ours) }), nil
}

// recordReplaced tells that a replaced mailbox is closed, and which redirection is ours: a
// mailbox made anew must not stay empty for it.
func (s *SelfService) recordReplaced(ctx context.Context, tx pgx.Tx, a job.Action, m waiting, former string, ours bool) error {
	event := audit.Event{
		At: s.room.clock.Now(), Actor: actorOf(a), Code: codeDeleted, Member: m.ID, Subject: m.Username,
		Reason: "adresse principale remplacée : boîte fermée, ses mails suivent", Before: told(former),
	}
	if err := audit.Write(ctx, tx, event); err != nil || !ours {
		return err
	}
	event.Code, event.Reason, event.Before = codeRedirection, "adresse principale remplacée : ses mails suivent", nil
	event.After = map[string]string{"from": former, "to": m.Primary, "cause": causeReplaced}
	return audit.Write(ctx, tx, event)
}

// forward removes the redirections of an address but the one to its owner's new address; it
// tells whether that one is there.
func (s *SelfService) forward(ctx context.Context, m waiting, former string) (present bool, err error) {
	list, err := s.room.provider.Redirections(ctx, former)
	if err != nil {
		return false, fmt.Errorf("read the redirections of %s: %w", m.Username, err)
	}
	for _, r := range list {
		if r.To == m.Primary {
			present = true
			continue
		}
		if err := s.room.provider.RemoveRedirection(ctx, r.ID); err != nil {
			return present, fmt.Errorf("remove a redirection of %s: %w", m.Username, err)
		}
	}
	return present, nil
}

package mailbox

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"github.com/betagouv/espace-membre/internal/platform/postgres"
)

// causeReplaced marks, in the history, the redirection that sends the mails of a replaced address
// to the one that replaced it.
const causeReplaced = "replaced"

// maker says who made a redirection, as far as the history tells.
type maker int

// The makers.
const (
	unknownMaker maker = iota
	byPortal           // it followed a replaced address
	byMember
)

// makers tells, by target, who last made a redirection from an address of a member. What a
// return gave back says nothing of who had made it.
func (s *Service) makers(ctx context.Context, id uuid.UUID, from string) (map[string]maker, error) {
	type row struct {
		Target   string
		Replaced bool
	}
	rows, err := postgres.All[row](ctx, s.db, `
		SELECT COALESCE(after ->> 'to', after ->> 'value', '') AS target,
		       COALESCE(after ->> 'cause', '') = $4 AS replaced
		FROM audit_event
		WHERE member_id = $1
		  AND code = $2
		  AND COALESCE(after ->> 'from', $3) = $3
		  AND after ->> 'restores' IS NULL
		ORDER BY id`, id, codeRedirection, from, causeReplaced)
	if err != nil {
		return nil, fmt.Errorf("read who made the redirections: %w", err)
	}
	made := make(map[string]maker, len(rows))
	for _, r := range rows {
		made[r.Target] = byMember
		if r.Replaced {
			made[r.Target] = byPortal
		}
	}
	return made, nil
}

// stopForwarding removes what the portal itself made of an address that serves as a mailbox
// again: the redirection to the departures, from a deletion, and the one to the address that had
// replaced it. Otherwise the mailbox would stay empty. What the member made is left alone.
func (s *Service) stopForwarding(ctx context.Context, m waiting, address string) error {
	list, err := s.provider.Redirections(ctx, address)
	if err != nil {
		return fmt.Errorf("read the redirections of the mailbox of %s: %w", m.Username, err)
	}
	if len(list) == 0 {
		return nil
	}
	made, err := s.makers(ctx, m.ID, address)
	if err != nil {
		return err
	}
	for _, r := range list {
		leads := made[r.To]
		if r.To == m.Primary && leads == unknownMaker { // the address that is being replaced
			leads = byPortal
		}
		if r.To != s.config.LeavesEmail && leads != byPortal {
			continue
		}
		if err := s.provider.RemoveRedirection(ctx, r.ID); err != nil {
			return fmt.Errorf("remove the redirection that would empty the mailbox of %s: %w", m.Username, err)
		}
	}
	return nil
}

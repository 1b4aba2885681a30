package mailbox

import (
	"context"
	"fmt"

	"github.com/betagouv/espace-membre/internal/platform/postgres"
)

// listing is the mailboxes that OVH shows, by local part.
type listing map[string]Box

// boxes asks OVH for every mailbox, one call a plan. Doubt says, in French, why the answer is
// not to be believed: nobody has a mailbox, or fewer than half of those who should.
func (s *Service) boxes(ctx context.Context) (seen listing, doubt string, err error) {
	list, err := s.provider.List(ctx)
	if err != nil {
		return nil, "", fmt.Errorf("list the mailboxes: %w", err)
	}
	expected, err := postgres.Scalar[int](ctx, s.db, `
		SELECT count(*)
		FROM member
		WHERE primary_email LIKE '%@' || $1::text
		  AND primary_email_status IN ('EMAIL_ACTIVE', 'EMAIL_ACTIVE_AND_PASSWORD_DEFINITION_PENDING', 'EMAIL_SUSPENDED')
		  AND NOT email_is_redirection`, s.config.Domain)
	if err != nil {
		return nil, "", fmt.Errorf("count the mailboxes expected: %w", err)
	}
	seen = make(listing, len(list))
	for _, box := range list {
		seen[box.Local] = box
	}
	return seen, doubtOf(len(seen), expected), nil
}

// doubtOf says why a number of mailboxes is not to be believed; "" when it is.
func doubtOf(listed, expected int) string {
	switch {
	case listed == 0 && expected > 0:
		return "OVH ne montre aucune boîte"
	case 2*listed < expected:
		return fmt.Sprintf("OVH ne montre que %d boîtes, alors que %d fiches en ont une : la liste est sans doute tronquée", listed, expected)
	}
	return ""
}

// told adds to a reason what OVH shows of a mailbox.
func (seen listing) told(local, reason, absent string) string {
	box, ok := seen[local]
	if !ok {
		return reason + " ; " + absent
	}
	return reason + " (" + label(box.Plan) + ")"
}

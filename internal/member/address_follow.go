package member

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// FollowContact lets the followers of OnContactChanged know, in the transaction of a room that
// changed addresses by Transition, when notices go elsewhere than before: before is the member as
// they were, who the username of the author.
func (s *Service) FollowContact(ctx context.Context, tx pgx.Tx, before Member, who string) error {
	return s.followContact(ctx, tx, before, who)
}

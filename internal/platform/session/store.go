package session

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/postgres"
)

// The lives of a session.
const (
	Idle     = 7 * 24 * time.Hour  // without any request
	Absolute = 30 * 24 * time.Hour // since login
	Visitor  = time.Hour           // nobody logged in

	// touch is how often a request is written down: a session read every second costs one
	// write in five minutes.
	touch = 5 * time.Minute
)

// store is the scs store on table session. Its clock decides, not that of scs.
type store struct {
	db    postgres.DB
	clock clock.Clock
}

func hash(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}

// FindCtx reads a live session; an ended one is not found.
func (s store) FindCtx(ctx context.Context, token string) ([]byte, bool, error) {
	now := s.clock.Now()
	var data []byte
	var seen time.Time
	err := s.db.QueryRow(ctx, `
		SELECT data, seen_at
		FROM session
		WHERE token_hash = $1
		  AND expires_at > $2
		  AND seen_at > $3`, hash(token), now, now.Add(-Idle)).Scan(&data, &seen)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, fmt.Errorf("find session: %w", postgres.Fault(err))
	}
	if now.Sub(seen) < touch {
		return data, true, nil
	}
	_, err = s.db.Exec(ctx, `
		UPDATE session
		SET seen_at = $2
		WHERE token_hash = $1
		  AND seen_at < $2`, hash(token), now)
	if err != nil {
		return nil, false, fmt.Errorf("touch session: %w", postgres.Fault(err))
	}
	return data, true, nil
}

// CommitCtx writes a session; the end given by scs is ignored, ours counts from the first write.
// A row that exists is only updated: a session revoked while a request ran does not come back.
func (s store) CommitCtx(ctx context.Context, token string, data []byte, _ time.Time) error {
	member, err := memberOf(data)
	if err != nil {
		return err
	}
	if known, err := s.update(ctx, token, data, member); err != nil || known {
		return err
	}
	if held, _ := ctx.Value(presented{}).(string); held == token {
		return nil // the browser came with it and it is gone: revoked meanwhile
	}
	now := s.clock.Now()
	life := Absolute
	if member == uuid.Nil {
		life = Visitor
	}
	_, err = s.db.Exec(ctx, `
		INSERT INTO session (token_hash, member_id, data, created_at, seen_at, expires_at)
		VALUES ($1, NULLIF($2, '00000000-0000-0000-0000-000000000000'::uuid), $3, $4, $4, $5)`,
		hash(token), member, data, now, now.Add(life))
	if err != nil {
		return fmt.Errorf("write session: %w", postgres.Fault(err))
	}
	return nil
}

func (s store) update(ctx context.Context, token string, data []byte, member uuid.UUID) (bool, error) {
	tag, err := s.db.Exec(ctx, `
		UPDATE session
		SET data = $2, seen_at = $4
		WHERE token_hash = $1
		  AND member_id IS NOT DISTINCT FROM NULLIF($3, '00000000-0000-0000-0000-000000000000'::uuid)`,
		hash(token), data, member, s.clock.Now())
	if err != nil {
		return false, fmt.Errorf("update session: %w", postgres.Fault(err))
	}
	return tag.RowsAffected() > 0, nil
}

// DeleteCtx forgets a session.
func (s store) DeleteCtx(ctx context.Context, token string) error {
	if _, err := s.db.Exec(ctx, `
		DELETE FROM session
		WHERE token_hash = $1`, hash(token)); err != nil {
		return fmt.Errorf("delete session: %w", postgres.Fault(err))
	}
	return nil
}

// Find, Commit and Delete exist because scs asks for them; it never calls them when the
// variants with a context exist.
func (s store) Find(token string) ([]byte, bool, error) {
	return s.FindCtx(context.Background(), token)
}

// Commit is never called; see Find.
func (s store) Commit(token string, data []byte, end time.Time) error {
	return s.CommitCtx(context.Background(), token, data, end)
}

// Delete is never called; see Find.
func (s store) Delete(token string) error { return s.DeleteCtx(context.Background(), token) }

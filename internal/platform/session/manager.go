package session

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/google/uuid"

	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/postgres"
)

// Manager opens, reads and closes sessions. Its methods that take a context need that of a
// request which went through Middleware.
type Manager struct {
	scs   *scs.SessionManager
	db    postgres.DB
	clock clock.Clock
}

// presented is the context key of the token that came in the cookie.
type presented struct{}

// New prepares sessions on a database. secure asks for a __Host- cookie, which browsers only
// send over https (and to localhost).
func New(db postgres.DB, clk clock.Clock, secure bool) *Manager {
	s := scs.New()
	s.Store = store{db: db, clock: clk}
	s.Codec = codec{}
	s.Lifetime = Absolute
	s.Cookie.Name = "espace-membre"
	if secure {
		s.Cookie.Name = "__Host-espace-membre"
	}
	s.Cookie.Secure = secure
	s.Cookie.HttpOnly = true
	s.Cookie.SameSite = http.SameSiteLaxMode
	s.Cookie.Path = "/"
	s.Cookie.Persist = true
	return &Manager{scs: s, db: db, clock: clk}
}

// Middleware loads the session of a request and writes it back; onError shows what failed.
func (m *Manager) Middleware(next http.Handler, onError func(http.ResponseWriter, *http.Request, error)) http.Handler {
	m.scs.ErrorFunc = onError
	loaded := m.scs.LoadAndSave(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if cookie, err := r.Cookie(m.scs.Cookie.Name); err == nil {
			r = r.WithContext(context.WithValue(r.Context(), presented{}, cookie.Value))
		}
		loaded.ServeHTTP(w, r)
	})
}

// Member tells who is logged in; the nil uuid for nobody.
func (m *Manager) Member(ctx context.Context) uuid.UUID {
	id, err := uuid.Parse(m.scs.GetString(ctx, memberKey))
	if err != nil {
		return uuid.Nil
	}
	return id
}

// LogIn opens a session for a member under a new token; what the visitor had is dropped.
func (m *Manager) LogIn(ctx context.Context, member uuid.UUID) error {
	if err := m.scs.Clear(ctx); err != nil {
		return fmt.Errorf("clear session: %w", err)
	}
	if err := m.scs.RenewToken(ctx); err != nil {
		return fmt.Errorf("renew session: %w", err)
	}
	m.scs.Put(ctx, memberKey, member.String())
	return nil
}

// LogOut closes the session of the request.
func (m *Manager) LogOut(ctx context.Context) error {
	if err := m.scs.Destroy(ctx); err != nil {
		return fmt.Errorf("close session: %w", err)
	}
	return nil
}

// Put keeps a text in the session until Pop.
func (m *Manager) Put(ctx context.Context, key, text string) { m.scs.Put(ctx, key, text) }

// Get reads a text of the session; "" when there is none.
func (m *Manager) Get(ctx context.Context, key string) string { return m.scs.GetString(ctx, key) }

// Pop reads a text of the session and removes it; "" when there is none.
func (m *Manager) Pop(ctx context.Context, key string) string { return m.scs.PopString(ctx, key) }

// RevokeMember ends every session of a member, on every device, and counts them. It may run
// in the transaction of the change that asks for it.
func (m *Manager) RevokeMember(ctx context.Context, db postgres.DB, member uuid.UUID) (int64, error) {
	tag, err := db.Exec(ctx, `
		DELETE FROM session
		WHERE member_id = $1`, member)
	if err != nil {
		return 0, fmt.Errorf("revoke the sessions of a member: %w", postgres.Fault(err))
	}
	return tag.RowsAffected(), nil
}

// RevokeOthers ends the sessions of a member but the one of the request, and counts them. It may
// run in a transaction, as RevokeMember.
func (m *Manager) RevokeOthers(ctx context.Context, db postgres.DB, member uuid.UUID) (int64, error) {
	tag, err := db.Exec(ctx, `
		DELETE FROM session
		WHERE member_id = $1
		  AND token_hash <> $2`, member, hash(m.scs.Token(ctx)))
	if err != nil {
		return 0, fmt.Errorf("revoke the other sessions of a member: %w", postgres.Fault(err))
	}
	return tag.RowsAffected(), nil
}

// Open is a session that has not ended.
type Open struct {
	Since   time.Time // of the login
	Seen    time.Time // of the last request, to a few minutes
	Current bool      // it is that of the request
}

// OpenOf lists the sessions of a member that have not ended, the last seen first.
func (m *Manager) OpenOf(ctx context.Context, member uuid.UUID) ([]Open, error) {
	now := m.clock.Now()
	list, err := postgres.All[Open](ctx, m.db, `
		SELECT created_at AS since, seen_at AS seen, token_hash = $2 AS current
		FROM session
		WHERE member_id = $1
		  AND expires_at > $3
		  AND seen_at > $4
		ORDER BY seen_at DESC, created_at DESC`, member, hash(m.scs.Token(ctx)), now, now.Add(-Idle))
	if err != nil {
		return nil, fmt.Errorf("list the sessions of a member: %w", err)
	}
	return list, nil
}

// Purge deletes the sessions that have ended, and counts them.
func (m *Manager) Purge(ctx context.Context) (int64, error) {
	now := m.clock.Now()
	tag, err := m.db.Exec(ctx, `
		DELETE FROM session
		WHERE expires_at <= $1
		   OR seen_at <= $2`, now, now.Add(-Idle))
	if err != nil {
		return 0, fmt.Errorf("purge sessions: %w", postgres.Fault(err))
	}
	return tag.RowsAffected(), nil
}

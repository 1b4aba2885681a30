// Package pgtest gives tests a real PostgreSQL: the server of TEST_DATABASE_URL when it is
// set, else a private one, started once for a test binary and gone with it.
package pgtest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/betagouv/espace-membre/internal/platform/postgres"
	"github.com/betagouv/espace-membre/migrations"
)

// server is the PostgreSQL of this test binary: an address whose last part is replaced by the
// name of a database.
type server struct {
	url      string
	template string
	shared   *pgxpool.Pool
}

var (
	start   = sync.OnceValues(boot)
	counter atomic.Int64
)

// New gives a pool on a database of its own, migrated and empty, dropped after the test. Use it
// where commits, River or two connections matter; Tx is faster.
func New(t testing.TB) *pgxpool.Pool {
	t.Helper()
	pool, err := postgres.Open(context.Background(), URL(t), 12)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	return pool
}

// URL makes a migrated database of its own and gives its address.
func URL(t testing.TB) string {
	t.Helper()
	s := require(t)
	name := fmt.Sprintf("%s_%d", s.template, counter.Add(1))
	s.admin(t, "CREATE DATABASE "+name+" TEMPLATE "+s.template)
	t.Cleanup(func() { s.admin(t, "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)") })
	return s.database(name)
}

// Empty makes a database without any table and gives its address: for tests of migrations.
func Empty(t testing.TB) string {
	t.Helper()
	s := require(t)
	name := fmt.Sprintf("%s_empty_%d", s.template, counter.Add(1))
	s.admin(t, "CREATE DATABASE "+name)
	t.Cleanup(func() { s.admin(t, "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)") })
	return s.database(name)
}

// Tx gives a transaction on a migrated database shared by the test binary, rolled back at the
// end of the test.
func Tx(t testing.TB) pgx.Tx {
	t.Helper()
	s := require(t)
	tx, err := s.shared.Begin(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := tx.Rollback(context.Background()); err != nil && !errors.Is(err, pgx.ErrTxClosed) {
			t.Error(err)
		}
	})
	return tx
}

func require(t testing.TB) *server {
	t.Helper()
	s, err := start()
	if err != nil {
		t.Fatalf("PostgreSQL for the tests: %v", err)
	}
	return s
}

func boot() (*server, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	s := &server{url: os.Getenv("TEST_DATABASE_URL")}
	if s.url == "" {
		private, err := startPrivate(ctx)
		if err != nil {
			return nil, err
		}
		s.url = private.URL("postgres")
	}
	program := sha256.Sum256([]byte(strings.Join(os.Args[:1], "") + fmt.Sprint(os.Getpid())))
	s.template = "em_test_" + hex.EncodeToString(program[:6])
	if err := s.exec(ctx, "CREATE DATABASE "+s.template); err != nil {
		return nil, err
	}
	if _, err := postgres.MigrateUp(ctx, s.database(s.template), migrations.New); err != nil {
		return nil, err
	}
	if err := s.exec(ctx, "CREATE DATABASE "+s.template+"_tx TEMPLATE "+s.template); err != nil {
		return nil, err
	}
	shared, err := postgres.Open(ctx, s.database(s.template+"_tx"), 30)
	s.shared = shared
	return s, err
}

// startPrivate runs a server in a folder of the system's temporary space. The server dies with
// the test binary; a later one sweeps the folders that earlier ones left.
func startPrivate(ctx context.Context) (*postgres.Private, error) {
	root := filepath.Join(os.TempDir(), "espace-membre-pgtest")
	if err := os.MkdirAll(root, 0o755); err != nil {
		return nil, err
	}
	sweep(root)
	dir, err := os.MkdirTemp(root, fmt.Sprintf("%d-", os.Getpid()))
	if err != nil {
		return nil, err
	}
	return postgres.StartPrivate(ctx, postgres.PrivateOptions{Dir: dir})
}

// sweep removes the folders whose owner, the process named first, is gone.
func sweep(root string) {
	entries, _ := os.ReadDir(root)
	for _, entry := range entries {
		pid, _, _ := strings.Cut(entry.Name(), "-")
		if _, err := os.Stat("/proc/" + pid); os.IsNotExist(err) && isLinux() {
			_ = os.RemoveAll(filepath.Join(root, entry.Name())) // best effort: only temporary space is at stake
		}
	}
}

func isLinux() bool {
	_, err := os.Stat("/proc/self")
	return err == nil
}

func (s *server) database(name string) string {
	u, err := url.Parse(s.url)
	if err != nil {
		return s.url
	}
	u.Path = "/" + name
	return u.String()
}

func (s *server) exec(ctx context.Context, sql string) error {
	conn, err := pgx.Connect(ctx, s.url)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	_, err = conn.Exec(ctx, sql)
	return err
}

func (s *server) admin(t testing.TB, sql string) {
	t.Helper()
	if err := s.exec(context.Background(), sql); err != nil {
		t.Fatal(err)
	}
}

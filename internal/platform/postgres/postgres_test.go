package postgres_test

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/pressly/goose/v3"

	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/platform/postgres"
	"github.com/betagouv/espace-membre/internal/testing/pgtest"
	"github.com/betagouv/espace-membre/migrations"
)

func TestMigrationsRollDownAndUpAgain(t *testing.T) {
	ctx, url := context.Background(), pgtest.Empty(t)
	first, err := postgres.MigrateUp(ctx, url, migrations.New)
	if err != nil || first == 0 {
		t.Fatalf("first up: %d steps, %v", first, err)
	}
	err = postgres.WithMigrations(ctx, url, migrations.New, func(p *goose.Provider) error {
		_, err := p.DownTo(ctx, 0)
		return err
	})
	if err != nil {
		t.Fatalf("down: %v", err)
	}
	if left := tables(t, url); left != 1 { // goose's own
		t.Errorf("%d tables are left after rolling everything down, want 1", left)
	}
	if again, err := postgres.MigrateUp(ctx, url, migrations.New); err != nil || again != first {
		t.Fatalf("second up: %d steps of %d, %v", again, first, err)
	}
}

func tables(t *testing.T, url string) int {
	t.Helper()
	pool, err := postgres.Open(context.Background(), url, 2)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	n, err := postgres.Scalar[int](context.Background(), pool, `SELECT count(*) FROM pg_tables WHERE schemaname = 'public'`)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// Every foreign key is the beginning of some index: deletions and joins stay fast.
func TestForeignKeysAreIndexed(t *testing.T) {
	missing, err := postgres.Column[string](context.Background(), pgtest.Tx(t), `
		SELECT c.conrelid::regclass || ' ' || c.conname
		FROM pg_constraint c
		WHERE c.contype = 'f' AND c.connamespace = 'public'::regnamespace
		  AND c.conrelid::regclass::text NOT LIKE 'river%'
		  AND NOT EXISTS (
			SELECT FROM pg_index i
			WHERE i.indrelid = c.conrelid AND c.conkey[1] = i.indkey[0])`)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range missing {
		t.Errorf("no index begins with the column of %s", m)
	}
}

func TestNoAddressServesTwoMembers(t *testing.T) {
	ctx, tx := context.Background(), pgtest.Tx(t)
	insert := `INSERT INTO member (username, fullname, primary_email, secondary_email, primary_email_status_changed_at, created_at, updated_at)
		VALUES ($1, $1, $2, $3, '2024-12-19', '2024-12-19', '2024-12-19')`
	if _, err := tx.Exec(ctx, insert, "camille.durand", "camille@exemple.org", nil); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ primary, secondary any }{
		{"camille@exemple.org", nil}, {nil, "camille@exemple.org"}, {"x@exemple.org", "x@exemple.org"},
	} {
		err := postgres.InTx(ctx, tx, func(tx pgx.Tx) error {
			_, err := tx.Exec(ctx, insert, "dominique.petit", c.primary, c.secondary)
			return err
		})
		if !fault.Is(err, fault.Conflict) {
			t.Errorf("primary %v, secondary %v: got %v, want a conflict", c.primary, c.secondary, err)
		}
	}
	if _, err := tx.Exec(ctx, insert, "other.case", "Camille@Exemple.org", nil); !fault.Is(postgres.Fault(err), fault.Invalid) {
		t.Errorf("an upper-case address was stored: %v", err)
	}
}

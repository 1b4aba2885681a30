package postgres

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"

	"github.com/jackc/pgx/v5"
)

// WithMigrations opens the database for migrations, gives their provider to f, and closes.
func WithMigrations(ctx context.Context, url string, provider func(*sql.DB) (*goose.Provider, error), f func(*goose.Provider) error) error {
	config, err := pgx.ParseConfig(url)
	if err != nil {
		return fmt.Errorf("DATABASE_URL is not a PostgreSQL address")
	}
	db := stdlib.OpenDB(*config)
	defer db.Close()
	if err := db.PingContext(ctx); err != nil {
		return Fault(fmt.Errorf("reach the database: %w", err))
	}
	p, err := provider(db)
	if err != nil {
		return err
	}
	return f(p)
}

// MigrateUp applies every pending step and tells how many.
func MigrateUp(ctx context.Context, url string, provider func(*sql.DB) (*goose.Provider, error)) (int, error) {
	applied := 0
	err := WithMigrations(ctx, url, provider, func(p *goose.Provider) error {
		results, err := p.Up(ctx)
		applied = len(results)
		if err != nil {
			return fmt.Errorf("migrate up: %w", err)
		}
		return nil
	})
	return applied, err
}

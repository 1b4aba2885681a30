// Package migrations holds the numbered steps of the schema, as SQL files named by timestamp,
// and the steps of River's own tables, which cannot run inside a transaction.
package migrations

import (
	"context"
	"database/sql"
	"embed"
	"fmt"

	"github.com/pressly/goose/v3"
	"github.com/riverqueue/river/riverdriver/riverdatabasesql"
	"github.com/riverqueue/river/rivermigrate"
)

//go:embed *.sql
var files embed.FS

// riverVersion pins River's schema: a new release of River means a new step below.
const riverVersion = 8

// New gives the provider of all migrations on a database.
func New(db *sql.DB) (*goose.Provider, error) {
	provider, err := goose.NewProvider(goose.DialectPostgres, db, files,
		goose.WithGoMigrations(riverStep(20261124000800, riverVersion)))
	if err != nil {
		return nil, fmt.Errorf("read migrations: %w", err)
	}
	return provider, nil
}

func riverStep(number int64, version int) *goose.Migration {
	return goose.NewGoMigration(number,
		&goose.GoFunc{RunDB: func(ctx context.Context, db *sql.DB) error {
			return migrateRiver(ctx, db, rivermigrate.DirectionUp, version)
		}},
		&goose.GoFunc{RunDB: func(ctx context.Context, db *sql.DB) error {
			return migrateRiver(ctx, db, rivermigrate.DirectionDown, -1)
		}})
}

func migrateRiver(ctx context.Context, db *sql.DB, direction rivermigrate.Direction, version int) error {
	migrator, err := rivermigrate.New(riverdatabasesql.New(db), nil)
	if err != nil {
		return fmt.Errorf("prepare River's migrations: %w", err)
	}
	if _, err := migrator.Migrate(ctx, direction, &rivermigrate.MigrateOpts{TargetVersion: version}); err != nil {
		return fmt.Errorf("apply River's migrations: %w", err)
	}
	return nil
}

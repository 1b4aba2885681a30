// Package postgres opens the database, applies its migrations, runs a private server for the
// demo and the tests, and turns constraint violations into faults.
package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/betagouv/espace-membre/internal/platform/fault"
)

// DB is what a room's SQL needs: a pool or a transaction (Begin on a transaction is a savepoint).
type DB interface {
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
	SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults
	Begin(ctx context.Context) (pgx.Tx, error)
}

// Open connects a pool of at most maxConns connections (0: the driver's default) and checks
// that the server answers.
func Open(ctx context.Context, url string, maxConns int32) (*pgxpool.Pool, error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, errors.New("DATABASE_URL is not a PostgreSQL address") // the cause would show the password
	}
	config.ConnConfig.RuntimeParams["timezone"] = "UTC"
	if maxConns > 0 {
		config.MaxConns = maxConns
	}
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("open the database: %w", err)
	}
	if err := pool.Ping(ctx); err != nil {
		pool.Close()
		return nil, fault.New(fault.Unavailable, "La base de données ne répond pas.", "reach the database: %w", err)
	}
	return pool, nil
}

// InTx runs f in a transaction, committed when f returns nil and rolled back otherwise.
func InTx(ctx context.Context, db DB, f func(tx pgx.Tx) error) error {
	return Fault(pgx.BeginFunc(ctx, db, f))
}

// One reads exactly one row into T by column name; no row is a NotFound fault with the
// public sentence given.
func One[T any](ctx context.Context, db DB, public, sql string, args ...any) (T, error) {
	rows, err := db.Query(ctx, sql, args...)
	var zero T
	if err != nil {
		return zero, Fault(err)
	}
	v, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[T])
	if errors.Is(err, pgx.ErrNoRows) {
		return zero, fault.New(fault.NotFound, public, "no row: %s", public)
	}
	return v, Fault(err)
}

// All reads every row into T by column name; no row is an empty slice.
func All[T any](ctx context.Context, db DB, sql string, args ...any) ([]T, error) {
	rows, err := db.Query(ctx, sql, args...)
	if err != nil {
		return nil, Fault(err)
	}
	v, err := pgx.CollectRows(rows, pgx.RowToStructByName[T])
	return v, Fault(err)
}

// Scalar reads one value of one row; no row is a NotFound fault.
func Scalar[T any](ctx context.Context, db DB, sql string, args ...any) (T, error) {
	var v T
	err := db.QueryRow(ctx, sql, args...).Scan(&v)
	if errors.Is(err, pgx.ErrNoRows) {
		return v, fault.New(fault.NotFound, "", "no row")
	}
	return v, Fault(err)
}

// Column reads one value per row; no row is an empty slice.
func Column[T any](ctx context.Context, db DB, sql string, args ...any) ([]T, error) {
	rows, err := db.Query(ctx, sql, args...)
	if err != nil {
		return nil, Fault(err)
	}
	v, err := pgx.CollectRows(rows, pgx.RowTo[T])
	return v, Fault(err)
}

package sample

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/platform/postgres"
)

// Account is a mailbox that the simulated host should hold.
type Account struct {
	Plan string // EMAIL_PLAN_BASIC
	Name string // part before the @
}

// Seed puts the made-up members into the database and gives the mailboxes that go with them.
// A second run changes nothing. A database that holds anybody else is a Conflict fault.
func Seed(ctx context.Context, db postgres.DB, today clock.Day, domain string) ([]Account, error) {
	records := People(today, domain)
	names := make([]string, 0, len(records))
	var accounts []Account
	for _, r := range records {
		names = append(names, r.Username)
		if r.PrimaryEmail != "" && r.Status != member.StatusCreationWaiting {
			accounts = append(accounts, Account{Plan: "EMAIL_PLAN_BASIC", Name: r.Username})
		}
	}
	err := postgres.InTx(ctx, db, func(tx pgx.Tx) error {
		strangers, err := postgres.Scalar[int](ctx, tx, `
			SELECT count(*)
			FROM member
			WHERE username <> ALL($1)`, names)
		if err != nil {
			return fmt.Errorf("look for other people's data: %w", err)
		}
		if strangers > 0 {
			return fault.New(fault.Conflict, "Cette base contient déjà d’autres membres : l’exemple n’y est pas ajouté.",
				"%d members are not of the sample", strangers)
		}
		_, err = member.Import(ctx, tx, today.At(0, 0), records)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("seed the sample: %w", err)
	}
	return accounts, nil
}

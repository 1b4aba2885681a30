package sample

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/org"
	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/platform/postgres"
	"github.com/betagouv/espace-membre/internal/startup"
)

// Seed puts the made-up community into the database and says what the vendors should hold of it.
// A second run changes nothing. A database that holds anybody else is a Conflict fault.
func Seed(ctx context.Context, db postgres.DB, s Settings) (Outside, error) {
	all := people(s.Today, s.Domain)
	var outside Outside
	residents := make([]resident, len(all))
	for i, p := range all {
		residents[i] = p.resident()
		outside.add(residents[i], s.Domain, s.Lists)
	}
	err := postgres.InTx(ctx, db, func(tx pgx.Tx) error {
		if err := refuseOthers(ctx, tx, all); err != nil {
			return err
		}
		now := s.Today.At(0, 0)
		if err := seedProducts(ctx, tx, s, now); err != nil {
			return err
		}
		return seedPeople(ctx, tx, s, now, residents)
	})
	if err != nil {
		return Outside{}, fmt.Errorf("seed the sample: %w", err)
	}
	return outside, nil
}

func refuseOthers(ctx context.Context, tx postgres.DB, all []person) error {
	names := make([]string, len(all))
	for i, p := range all {
		names[i] = p.record.Username
	}
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
	return nil
}

// seedProducts writes the organizations, incubators, teams and products, unless they are there:
// people may have changed them since.
func seedProducts(ctx context.Context, tx postgres.DB, s Settings, now time.Time) error {
	products, err := postgres.Scalar[int](ctx, tx, `SELECT count(*) FROM startup`)
	if err != nil {
		return fmt.Errorf("look for products: %w", err)
	}
	if products > 0 {
		return nil
	}
	if err := org.KeepOrganizations(ctx, tx, now, organizationRecords()); err != nil {
		return err
	}
	if err := org.KeepIncubators(ctx, tx, now, incubatorRecords()); err != nil {
		return err
	}
	for slug, plan := range paidPlans() {
		if _, err := tx.Exec(ctx, `UPDATE incubator SET mailbox_plan = $2 WHERE slug = $1`, slug, plan); err != nil {
			return fmt.Errorf("give a mailbox plan: %w", postgres.Fault(err))
		}
	}
	if err := org.KeepTeams(ctx, tx, now, teamRecords()); err != nil {
		return err
	}
	_, err = startup.Keep(ctx, tx, now, startupRecords(s.Today))
	return err
}

func seedPeople(ctx context.Context, tx postgres.DB, s Settings, now time.Time, residents []resident) error {
	created, err := member.Import(ctx, tx, now, People(s.Today, s.Domain))
	if err != nil || len(created) == 0 {
		return err
	}
	type row struct {
		ID       uuid.UUID
		Username string
	}
	rows, err := postgres.All[row](ctx, tx, `
		SELECT id, username
		FROM member
		WHERE username = ANY($1)`, created)
	if err != nil {
		return fmt.Errorf("find the made-up members: %w", err)
	}
	ids := make(map[string]uuid.UUID, len(rows))
	for _, r := range rows {
		ids[r.Username] = r.ID
	}
	var fresh []resident
	for _, r := range residents {
		if _, ok := ids[r.Username]; ok {
			fresh = append(fresh, r)
		}
	}
	return tellFarewells(ctx, tx, s.Domain, fresh, ids)
}

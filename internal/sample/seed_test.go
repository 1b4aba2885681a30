package sample_test

import (
	"context"
	"testing"

	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/platform/postgres"
	"github.com/betagouv/espace-membre/internal/sample"
	"github.com/betagouv/espace-membre/internal/testing/pgtest"
)

func TestSeedTwiceIsSeedOnce(t *testing.T) {
	db, ctx := pgtest.Tx(t), context.Background()
	today := clock.MustDay("2024-12-19")
	for range 2 {
		if _, err := sample.Seed(ctx, db, today, "betagouv.ovh"); err != nil {
			t.Fatal(err)
		}
	}
	n, err := postgres.Scalar[int](ctx, db, `SELECT count(*) FROM member`)
	if err != nil || n != 124 {
		t.Fatalf("members: %d, %v", n, err)
	}
	missions, err := postgres.Scalar[int](ctx, db, `SELECT count(*) FROM mission`)
	if err != nil || missions != 123 {
		t.Fatalf("missions: %d, %v", missions, err)
	}
	m, err := member.ByAddress(ctx, db, "valid.member@betagouv.ovh")
	if err != nil || m.Status != member.StatusActive {
		t.Fatalf("valid.member: %v, %v", m.Status, err)
	}
}

func TestSeedRefusesOtherPeople(t *testing.T) {
	db, ctx := pgtest.Tx(t), context.Background()
	today := clock.MustDay("2024-12-19")
	if _, err := member.Import(ctx, db, today.At(9, 0), []member.ImportRecord{{Username: "une.autre", Fullname: "Une Autre"}}); err != nil {
		t.Fatal(err)
	}
	if _, err := sample.Seed(ctx, db, today, "betagouv.ovh"); fault.KindOf(err) != fault.Conflict {
		t.Fatalf("want a conflict, got %v", err)
	}
}

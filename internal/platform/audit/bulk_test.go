package audit_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/betagouv/espace-membre/internal/platform/audit"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/postgres"
	"github.com/betagouv/espace-membre/internal/testing/pgtest"
)

func TestWriteAllWritesAsWriteDoes(t *testing.T) {
	db, ctx := pgtest.Tx(t), context.Background()
	at := clock.MustDay("2024-12-19").At(9, 0)
	id, err := postgres.Scalar[uuid.UUID](ctx, db, `
		INSERT INTO member (username, fullname, primary_email_status_changed_at, created_at, updated_at)
		VALUES ('une.personne', 'Une Personne', $1, $1, $1)
		RETURNING id`, at)
	if err != nil {
		t.Fatal(err)
	}
	full := audit.Event{At: at, Actor: "system", Code: "ALONE", Member: id, Subject: "une.personne", Reason: "l’exemple", Before: map[string]string{"a": "<b>"}, After: []int{1}}
	bare := audit.Event{At: at.Add(time.Second), Actor: "x", Code: "BARE"}
	if err := audit.Write(ctx, db, full); err != nil {
		t.Fatal(err)
	}
	several := full
	several.Code = "SEVERAL"
	if err := audit.WriteAll(ctx, db, []audit.Event{several, bare}); err != nil {
		t.Fatal(err)
	}
	entries, err := audit.OfMember(ctx, db, id, 10)
	if err != nil || len(entries) != 2 {
		t.Fatalf("%+v, %v", entries, err)
	}
	alone, bulk := entries[1], entries[0]
	if bulk.Code != "SEVERAL" || alone.Code != "ALONE" || !bulk.At.Equal(alone.At) || bulk.Subject != alone.Subject || bulk.Reason != alone.Reason ||
		string(bulk.Before) != string(alone.Before) || string(bulk.After) != string(alone.After) {
		t.Errorf("%+v\n%+v", alone, bulk)
	}
	empty, err := postgres.Scalar[bool](ctx, db, `SELECT before IS NULL AND after IS NULL AND member_id IS NULL FROM audit_event WHERE code = 'BARE'`)
	if err != nil || !empty {
		t.Errorf("the bare event holds something: %v", err)
	}
	if err := audit.WriteAll(ctx, db, nil); err != nil {
		t.Errorf("nothing to write: %v", err)
	}
}

package member_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/audit"
	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/platform/postgres"
	"github.com/betagouv/espace-membre/internal/testing/pgtest"
)

var noon = time.Date(2024, 12, 19, 12, 0, 0, 0, time.UTC)

func insert(t *testing.T, db postgres.DB, username string, status member.Status) uuid.UUID {
	t.Helper()
	id, err := postgres.Scalar[uuid.UUID](context.Background(), db, `
		INSERT INTO member (username, fullname, primary_email_status, secondary_email, primary_email_status_changed_at, created_at, updated_at)
		VALUES ($1, $1, $2, $1 || '@exemple.org', '2024-12-01', '2024-12-01', '2024-12-01')
		RETURNING id`, username, status)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func TestTransitionDatesAndTells(t *testing.T) {
	ctx, tx := context.Background(), pgtest.Tx(t)
	id := insert(t, tx, "camille.durand", member.StatusCreationWaiting)
	address := " Camille.Durand@betagouv.ovh "
	err := member.Transition(ctx, tx, id, member.Change{
		To: member.StatusCreationPending, At: noon, Actor: "system", Reason: "essai", PrimaryEmail: &address,
	})
	if err != nil {
		t.Fatal(err)
	}
	var status, primary string
	var at time.Time
	if err := tx.QueryRow(ctx, `SELECT primary_email_status, primary_email, primary_email_status_changed_at FROM member WHERE id = $1`, id).Scan(&status, &primary, &at); err != nil {
		t.Fatal(err)
	}
	if status != "EMAIL_CREATION_PENDING" || primary != "camille.durand@betagouv.ovh" || !at.Equal(noon) {
		t.Errorf("status %s, primary %s, at %s", status, primary, at)
	}
	events, err := audit.OfMember(ctx, tx, id, 5)
	if err != nil || len(events) != 1 || events[0].Code != member.CodeStatusChanged || events[0].Reason != "essai" {
		t.Errorf("events %+v, %v", events, err)
	}
}

func TestTransitionRefusesWhatIsNotLegalOrNotWanted(t *testing.T) {
	ctx, tx := context.Background(), pgtest.Tx(t)
	id := insert(t, tx, "camille.durand", member.StatusVerificationWaiting)
	for name, c := range map[string]member.Change{
		"not legal":  {To: member.StatusDeleted, At: noon, Actor: "system"},
		"not wanted": {To: member.StatusActive, From: []member.Status{member.StatusSuspended}, At: noon, Actor: "system"},
	} {
		if err := member.Transition(ctx, tx, id, c); !fault.Is(err, fault.Conflict) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := member.Transition(ctx, tx, uuid.New(), member.Change{To: member.StatusActive, At: noon, Actor: "system"}); !fault.Is(err, fault.NotFound) {
		t.Errorf("unknown member: %v", err)
	}
}

package audit_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/betagouv/espace-membre/internal/platform/audit"
	"github.com/betagouv/espace-membre/internal/platform/postgres"
	"github.com/betagouv/espace-membre/internal/testing/pgtest"
)

func TestEventsComeBackNewestFirst(t *testing.T) {
	ctx, tx := context.Background(), pgtest.Tx(t)
	member, err := postgres.Scalar[uuid.UUID](ctx, tx, `
		INSERT INTO member (username, fullname, primary_email_status_changed_at, created_at, updated_at)
		VALUES ('camille.durand', 'Camille Durand', '2024-12-19', '2024-12-19', '2024-12-19')
		RETURNING id`)
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2024, 12, 19, 9, 0, 0, 0, time.UTC)
	for i, code := range []audit.Code{"MEMBER_CREATED", "MEMBER_BASE_INFO_UPDATED"} {
		e := audit.Event{At: at.Add(time.Duration(i) * time.Hour), Actor: "system", Code: code, Member: member, Subject: "camille.durand", After: map[string]string{"role": "dev"}}
		if err := audit.Write(ctx, tx, e); err != nil {
			t.Fatal(err)
		}
	}
	got, err := audit.OfMember(ctx, tx, member, 10)
	if err != nil || len(got) != 2 {
		t.Fatalf("%d events, %v", len(got), err)
	}
	if got[0].Code != "MEMBER_BASE_INFO_UPDATED" || string(got[0].After) != `{"role": "dev"}` || got[0].Before != nil {
		t.Errorf("newest: %+v", got[0])
	}
}

func TestAnEventNeedsAnActor(t *testing.T) {
	if err := audit.Write(context.Background(), pgtest.Tx(t), audit.Event{At: time.Now(), Code: "MEMBER_CREATED"}); err == nil {
		t.Error("an event of nobody was written")
	}
}

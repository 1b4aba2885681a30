package offboarding_test

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/betagouv/espace-membre/internal/offboarding"
	"github.com/betagouv/espace-membre/internal/platform/actor"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/platform/worker"
	"github.com/betagouv/espace-membre/internal/testing/pgtest"
)

// TestADepartureDayByDay lets the real engine run every morning through somebody's departure, a
// mail server that is down for two weeks, an extension asked and accepted after the end, and the
// departure that follows: each message leaves once for each last day.
func TestADepartureDayByDay(t *testing.T) {
	pool, now := pgtest.New(t), clock.At(clock.MustDay("2024-12-01"), 7, 0)
	box := &outbox{}
	late := &requester{}
	room := offboarding.New(pool, now, offboarding.Ports{Letters: box, Requester: late}, offboarding.Config{Domain: "exemple.org", Portal: "https://espace.exemple.org"})
	engine, err := worker.New(worker.Options{
		Pool: pool, Clock: now, Specs: append(room.Jobs(), room.Requests()...), SealKey: [32]byte{1}, Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	late.Worker = engine
	anne, mate := uuid.New(), uuid.New()
	for username, id := range map[string]uuid.UUID{"anne.part": anne, "max.meme": mate} {
		_, err := pool.Exec(t.Context(), `
			INSERT INTO member (id, username, fullname, primary_email, secondary_email, primary_email_status, primary_email_status_changed_at, created_at, updated_at)
			VALUES ($1, $2, $2, $2 || '@exemple.org', $2 || '@ailleurs.fr', 'EMAIL_ACTIVE', '2024-01-01', '2024-01-01', '2024-01-01')`, id, username)
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, sql := range []string{
		`INSERT INTO startup (slug, name, created_at, updated_at) VALUES ('p', 'p', '2024-01-01', '2024-01-01')`,
		`INSERT INTO mission (member_id, start_day, end_day) SELECT id, '2024-01-01', CASE WHEN username = 'anne.part' THEN date '2025-01-10' END FROM member`,
		`INSERT INTO mission_startup (mission_id, startup_id) SELECT mission.id, startup.id FROM mission, startup`,
	} {
		if _, err := pool.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	var journal strings.Builder
	for day := clock.MustDay("2024-12-01"); day.Before(clock.MustDay("2025-05-15")); day = day.Add(1) {
		box.down = nil
		if !day.Before(clock.MustDay("2024-12-26")) && day.Before(clock.MustDay("2025-01-09")) {
			box.down = fault.New(fault.Unavailable, "Le serveur de mail ne répond pas.", "down")
		}
		for _, hour := range []int{8, 10, 18} {
			now.Set(day.At(hour, 0))
			if _, err := engine.RunDue(t.Context()); err != nil {
				t.Fatal(err)
			}
			if _, err := engine.Drain(t.Context(), worker.DrainOptions{}); err != nil {
				t.Fatal(err)
			}
			for _, s := range box.sent {
				fmt.Fprintf(&journal, "%s %02d:00  %s  %s\n", day, hour, s.To, strings.NewReplacer(anne.String(), "anne", mate.String(), "max").Replace(summary(s)))
			}
			box.sent = nil
		}
		if day == clock.MustDay("2025-01-16") { // she sees it late, and asks
			answered(t, room, anne, mate)
		}
	}
	golden(t, "story.txt", journal.String())
	for _, line := range strings.Split(strings.TrimSpace(journal.String()), "\n") {
		if strings.Count(journal.String(), line[len("2025-01-01 10:00"):]) > 1 {
			t.Errorf("left twice: %s", line)
		}
	}
}

// requester is the engine, known after the room.
type requester struct{ *worker.Worker }

// summary is the key of a message; those about a request hold its identifier, and are cut.
func summary(s sent) string {
	for _, name := range []string{"sendExtensionRequest", "sendExtensionAnswer"} {
		if strings.HasPrefix(s.Key, name+"/") {
			return name
		}
	}
	return s.Key
}

func answered(t *testing.T, room *offboarding.Service, anne, mate uuid.UUID) {
	t.Helper()
	who := as(anne, "anne.part", actor.Limited)
	if err := room.AskExtension(t.Context(), who, offboarding.Ask{Wished: clock.MustDay("2025-03-31")}); err != nil {
		t.Fatal(err)
	}
	waiting, err := room.ToDecide(t.Context(), as(mate, "max.meme", actor.Active))
	if err != nil || len(waiting) != 1 {
		t.Fatalf("%+v, %v", waiting, err)
	}
	if err := room.Decide(t.Context(), as(mate, "max.meme", actor.Active), "anne.part", waiting[0].ID, offboarding.Decision{Accept: true}); err != nil {
		t.Fatal(err)
	}
}

package onboarding_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/onboarding"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/job"
	"github.com/betagouv/espace-membre/internal/platform/postgres"
	"github.com/betagouv/espace-membre/internal/testing/pgtest"
)

const invitation = "sendOnboardingVerificationPendingEmail"

var today = clock.MustDay("2024-12-19")

// world is the room on a real database, with letters that are kept instead of sent.
type world struct {
	t       *testing.T
	db      postgres.DB
	clock   *clock.Fake
	letters *letters
	room    *onboarding.Service
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, db: pgtest.Tx(t), clock: clock.At(today, 10, 0), letters: &letters{}}
	w.room = onboarding.New(w.db, w.clock, w.letters)
	return w
}

// letters keeps what was sent, unless it fails.
type letters struct {
	sent []onboarding.Invitation
	fail error
}

func (l *letters) Invite(_ context.Context, i onboarding.Invitation) error {
	if l.fail == nil {
		l.sent = append(l.sent, i)
	}
	return l.fail
}

// newcomer is a member to put in the database.
type newcomer struct {
	username, secondary, end string // end of the mission: "" open-ended, "none" no mission
	start                    string // "": 2024-12-01
	status                   member.Status
	creator                  string
}

func (w *world) add(n newcomer) uuid.UUID {
	w.t.Helper()
	id := uuid.NewSHA1(uuid.NameSpaceOID, []byte(n.username))
	if n.status == "" {
		n.status = member.StatusVerificationWaiting
	}
	if n.creator == "" {
		n.creator = "system"
	}
	if n.start == "" {
		n.start = "2024-12-01"
	}
	since := today.At(9, 30)
	w.exec(`INSERT INTO member (id, username, fullname, secondary_email, primary_email_status,
			primary_email_status_changed_at, created_by, created_at, updated_at)
		VALUES ($1, $2, $3, NULLIF($4, ''), $5, $6, $7, $6, $6)`,
		id, n.username, "Nom de "+n.username, n.secondary, n.status, since, n.creator)
	if n.end != "none" {
		w.exec(`INSERT INTO mission (member_id, start_day, end_day) VALUES ($1, $2, $3)`,
			id, clock.MustDay(n.start), clock.MustDay(n.end))
	}
	return id
}

func (w *world) exec(sql string, args ...any) {
	w.t.Helper()
	if _, err := w.db.Exec(context.Background(), sql, args...); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) spec() job.Spec { return w.room.Jobs()[0] }

func (w *world) plan() job.Plan {
	w.t.Helper()
	plan, err := w.spec().Plan(context.Background(), clock.Today(w.clock))
	if err != nil {
		w.t.Fatal(err)
	}
	return plan
}

// apply performs an action and, when it is done, records it as the worker does.
func (w *world) apply(a job.Action) (job.Outcome, error) {
	w.t.Helper()
	outcome, err := w.spec().Apply(context.Background(), a)
	if err == nil && outcome.Record != nil {
		err = postgres.InTx(context.Background(), w.db, func(tx pgx.Tx) error { return outcome.Record(context.Background(), tx) })
	}
	return outcome, err
}

func (w *world) one() job.Action {
	w.t.Helper()
	plan := w.plan()
	if len(plan.Actions) != 1 {
		w.t.Fatalf("%d actions, want 1: %v", len(plan.Actions), told(plan))
	}
	return plan.Actions[0]
}

// told writes a plan as lines.
func told(plan job.Plan) []string {
	lines := []string{fmt.Sprintf("population %d", plan.Population)}
	for _, a := range plan.Actions {
		lines = append(lines, fmt.Sprintf("%s %s %s : %s", a.Mode, a.Verb, a.Label, a.Reason))
	}
	for _, s := range plan.Skipped {
		lines = append(lines, fmt.Sprintf("laisser %s : %s", s.Label, s.Reason))
	}
	return lines
}

// events tells the history of a member, one line an event of a code.
func (w *world) events(id uuid.UUID, code string) []string {
	w.t.Helper()
	lines, err := postgres.Column[string](context.Background(), w.db, `
		SELECT actor || ' ' || subject || ' ' || coalesce(before::text, '') || coalesce(after::text, '')
		FROM audit_event WHERE member_id = $1 AND code = $2`, id, code)
	if err != nil {
		w.t.Fatal(err)
	}
	return lines
}

// later is a moment after the plan.
func (w *world) later(d time.Duration) { w.clock.Advance(d) }

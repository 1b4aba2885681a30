package mailbox_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/betagouv/espace-membre/internal/mailbox"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/sample"
)

var update = flag.Bool("update", false, "write the reference plans")

// The plan of every job of the room on the product's own sample, on two days. A plan changes
// nothing, so all of them are made on the same database.
func TestPlansOnTheSample(t *testing.T) {
	w := newWorld(t, mailbox.Config{})
	outside, err := sample.Seed(t.Context(), w.tx, sample.Settings{Today: today, Domain: "exemple.org"})
	if err != nil {
		t.Fatal(err)
	}
	for _, box := range outside.Boxes {
		w.ovh.AddMailbox(box.Plan, box.Name)
	}
	w.ovh.AddPlaceholders("EMAIL_PLAN_PRO", 5)
	w.ovh.AddPlaceholders("EMAIL_PLAN_EXCHANGE", 5)
	for _, day := range []clock.Day{today, clock.MustDay("2025-01-20")} {
		w.clock.Set(day.At(12, 0))
		for _, spec := range w.room.Jobs() {
			plan := w.plan(spec.Name)
			got := spec.Title + "\n" + strings.Join(told(plan), "\n") + "\n"
			if plan.Doubt != "" {
				got += "doute : " + plan.Doubt + "\n"
			}
			path := filepath.Join("testdata", "plans", spec.Name+"-"+day.String()+".txt")
			if *update {
				if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("%s on %s (-want +got; -update writes it):\n%s", spec.Name, day, diff)
			}
		}
	}
}

// Three thousand members, as many mailboxes: each plan stays under two seconds, far from it.
func TestPlansAreFast(t *testing.T) {
	w := newWorld(t, mailbox.Config{})
	w.exec(`INSERT INTO member (username, fullname, primary_email, secondary_email, primary_email_status, primary_email_status_changed_at,
			email_is_redirection, created_at, updated_at)
		SELECT 'm.' || n, 'M', CASE WHEN n % 12 IN (2, 9) THEN NULL WHEN n % 12 = 11 THEN 'm.' || n || '@ministere.fr' ELSE 'm.' || n || '@exemple.org' END, 'm.' || n || '@ailleurs.fr',
		       (ARRAY['EMAIL_ACTIVE', 'EMAIL_ACTIVE', 'EMAIL_CREATION_WAITING', 'EMAIL_CREATION_PENDING', 'EMAIL_RECREATION_PENDING',
		              'EMAIL_ACTIVE_AND_PASSWORD_DEFINITION_PENDING', 'EMAIL_REDIRECTION_PENDING', 'EMAIL_REDIRECTION_ACTIVE', 'EMAIL_SUSPENDED',
		              'EMAIL_DELETED', 'EMAIL_EXPIRED', 'EMAIL_ACTIVE'])[1 + n % 12],
		       $1, n % 12 IN (6, 7), $1, $1
		FROM generate_series(1, 3000) n`, today.Add(-90).At(9, 0))
	w.exec(`INSERT INTO mission (member_id, start_day, end_day)
		SELECT id, '2023-01-01', CASE WHEN n % 5 = 0 THEN NULL ELSE date '2024-06-01' + (n % 400)::int END
		FROM (SELECT id, row_number() OVER (ORDER BY username) AS n FROM member) AS members, generate_series(1, 2)`)
	w.exec(`INSERT INTO audit_event (at, actor, code, member_id, subject, before, after)
		SELECT $1, 'system', 'MEMBER_REDIRECTION_DELETED', id, username, jsonb_build_object('from', username || '@exemple.org', 'to', 'x@ailleurs.fr'),
		       '{"cause": "departure"}'
		FROM member`, today.Add(-30).At(9, 0))
	w.exec(`ANALYZE member, mission, audit_event, job_action`)
	for _, spec := range w.room.Jobs() {
		start := time.Now()
		plan := w.plan(spec.Name)
		if took := time.Since(start); took > 2*time.Second {
			t.Errorf("%s took %s for %d members and %d actions", spec.Name, took, plan.Population, len(plan.Actions))
		}
		if len(plan.Actions) == 0 {
			t.Errorf("%s wants nothing", spec.Name)
		}
		t.Logf("%s: %s, %d considered, %d actions", spec.Name, time.Since(start).Round(time.Millisecond), plan.Population, len(plan.Actions))
	}
}

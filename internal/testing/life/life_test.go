package life_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/clock"
)

var update = flag.Bool("update", false, "rewrite the golden journals")

// golden compares a journal with the one that people have read.
func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

// person is somebody to follow.
type person struct {
	username    string
	plan        string // of the incubator of their product; empty: the default one
	redirection bool   // attributaire
	secondary   string // "none": no address
	primary     string // an address of another administration
	status      member.Status
	end         string // last day of the mission
}

// add puts a member who has just verified their record.
func (w *world) add(p person) uuid.UUID {
	w.t.Helper()
	id, mission, product, incubator := uuid.New(), uuid.New(), uuid.New(), uuid.New()
	if p.status == "" {
		p.status = member.StatusCreationWaiting
	}
	switch p.secondary {
	case "":
		p.secondary = p.username + "@perso.test"
	case "none":
		p.secondary = ""
	}
	now := w.clock.Now()
	w.exec(`INSERT INTO member (id, username, fullname, role, primary_email, secondary_email, primary_email_status, primary_email_status_changed_at,
			email_is_redirection, member_type, verified_at, created_at, updated_at)
		VALUES ($1, $2, $3, 'Développement', NULLIF($4, ''), NULLIF($5, ''), $6, $7, $8, CASE WHEN $8 THEN 'attributaire' END, $7, $7, $7)`,
		id, p.username, strings.ReplaceAll(p.username, ".", " "), p.primary, p.secondary, p.status, now, p.redirection)
	w.exec(`INSERT INTO mission (id, member_id, start_day, end_day, status, employer) VALUES ($1, $2, $3, $4, 'independent', 'Essai')`,
		mission, id, clock.DayOf(now), clock.MustDay(p.end))
	w.exec(`INSERT INTO incubator (id, slug, title, mailbox_plan, created_at, updated_at) VALUES ($1, $2, $2, NULLIF($3, ''), $4, $4)`,
		incubator, "incubateur-"+p.username, p.plan, now)
	w.exec(`INSERT INTO startup (id, slug, name, incubator_id, created_at, updated_at) VALUES ($1, $2, $2, $3, $4, $4)`,
		product, "produit-"+p.username, incubator, now)
	w.exec(`INSERT INTO mission_startup (mission_id, startup_id) VALUES ($1, $2)`, mission, product)
	return id
}

// prolong gives the mission of a member another end.
func (w *world) prolong(id uuid.UUID, end string) {
	w.t.Helper()
	w.exec(`UPDATE mission SET end_day = $2 WHERE member_id = $1`, id, clock.MustDay(end))
}

func (w *world) exec(sql string, args ...any) {
	w.t.Helper()
	if _, err := w.Pool().Exec(w.t.Context(), sql, args...); err != nil {
		w.t.Fatal(err)
	}
}

// TestLives follows one person of each kind through 120 days: thirty to go, then what a
// departure takes away, or gives back to who returns.
func TestLives(t *testing.T) {
	const start, end, last = "2024-12-02", "2025-01-15", "2025-04-20"
	w := open(t, start, 9)
	w.add(person{username: "mx.ordinaire", end: end})
	w.add(person{username: "pro.ordinaire", plan: "EMAIL_PLAN_PRO", end: end})
	w.liveUntil(last)
	if open := w.unsettled(); len(open) > 0 {
		t.Errorf("left open:\n%s", strings.Join(open, "\n"))
	}
	golden(t, "lives.txt", w.journal())
}

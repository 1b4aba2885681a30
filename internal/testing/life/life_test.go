package life_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/job"
	"github.com/betagouv/espace-membre/internal/platform/postgres"
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

// TestLives follows one person of each kind through 120 days: some weeks to go, then what a
// departure takes away, or gives back to who returns three, twenty and fifty days after. They
// leave two days apart: many at once would wait for a person, as they should. One has a mailbox
// that the former portal left behind, another an MX mailbox moved to the Pro plan.
func TestLives(t *testing.T) {
	w := open(t, "2024-12-02", 9)
	cast := []person{
		{username: "mx.ordinaire"},
		{username: "pro.ordinaire", plan: "EMAIL_PLAN_PRO"},
		{username: "exchange.ordinaire", plan: "EMAIL_PLAN_EXCHANGE"},
		{username: "agente.publique", primary: "agente@ministere.test", secondary: "none", status: member.StatusActive},
		{username: "attributaire.ordinaire", redirection: true},
		{username: "camille.homonyme2"},
		{username: "sans.secondaire"},
		{username: "retour.trois"},
		{username: "retour.vingt"},
		{username: "retour.cinquante"},
		{username: "boite.restante"},
		{username: "mx.passee.pro"},
	}
	ids, ends := map[string]uuid.UUID{}, map[string]clock.Day{}
	for i, p := range cast {
		last := clock.MustDay("2025-01-03").Add(2 * i)
		p.end = last.String()
		ids[p.username], ends[p.username] = w.add(p), last
	}
	w.liveUntil("2024-12-03")
	w.exec(`UPDATE member SET secondary_email = NULL WHERE username = 'sans.secondaire'`)
	w.forget("boite.restante", "restante@ministere.test")
	w.upgrade(ids["mx.passee.pro"], "mx.passee.pro")
	for _, back := range []struct {
		who  string
		days int
	}{{"retour.trois", 3}, {"retour.vingt", 20}, {"retour.cinquante", 50}} {
		w.liveUntil(ends[back.who].Add(back.days).String())
		w.prolong(ids[back.who], "2026-01-15")
	}
	w.liveUntil("2025-04-01")
	if open := w.unsettled(); len(open) > 0 {
		t.Errorf("left open:\n%s", strings.Join(open, "\n"))
	}
	golden(t, "lives.txt", w.journal())
	golden(t, "end.txt", w.state()+w.boxes())
}

// forget replaces the primary address as the former portal did: in its database alone, the
// mailbox staying behind.
func (w *world) forget(username, address string) {
	w.t.Helper()
	w.exec(`UPDATE member SET primary_email = $2, primary_email_status = 'EMAIL_ACTIVE' WHERE username = $1`, username, address)
}

// upgrade asks the Pro plan for an MX mailbox.
func (w *world) upgrade(id uuid.UUID, username string) {
	w.t.Helper()
	const name = "upgradeMailbox"
	err := postgres.InTx(w.t.Context(), w.Pool(), func(tx pgx.Tx) error {
		return w.Worker().Request(w.t.Context(), tx, job.Action{
			Key: job.Key(name, id, uuid.NewString()), Mode: job.State, Job: name, Verb: "passer à l’offre Pro", Subject: id, Label: username,
			Reason: "essai", Actor: "system", Args: json.RawMessage(`{"drawn": true}`), Secret: []byte("Un-tres-Long-Secret1"),
		})
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

// boxes lists what OVH still holds of our domain, by plan, and how many licences are free.
func (w *world) boxes() string {
	w.t.Helper()
	answer := httptest.NewRecorder()
	w.Sandbox.Handler().ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "http://127.0.0.1/state/ovh", nil))
	var held struct {
		MX            map[string]struct{}
		Pro, Exchange map[string]struct{}
	}
	if err := json.Unmarshal(answer.Body.Bytes(), &held); err != nil {
		w.t.Fatalf("what OVH holds: %v: %s", err, answer.Body)
	}
	var text strings.Builder
	for _, plan := range []struct {
		name  string
		boxes map[string]struct{}
	}{{"MX", held.MX}, {"Pro", held.Pro}, {"Exchange", held.Exchange}} {
		free := 0
		for _, box := range slices.Sorted(maps.Keys(plan.boxes)) {
			if strings.HasSuffix(box, "@configureme.me") {
				free++
				continue
			}
			fmt.Fprintf(&text, "OVH %s %s\n", plan.name, box)
		}
		if plan.name != "MX" {
			fmt.Fprintf(&text, "OVH %s : %d free\n", plan.name, free)
		}
	}
	return text.String()
}

// TestEverySlotEndsTheSame lives the week of a departure twice: once stopping only where
// something may have changed, once at every slot of four minutes.
func TestEverySlotEndsTheSame(t *testing.T) {
	states := map[string]string{}
	for name, live := range map[string]func(*world, string){"few": (*world).liveUntil, "every": (*world).liveEverySlot} {
		w := open(t, "2025-01-13", 9)
		w.add(person{username: "mx.ordinaire", end: "2025-01-15"})
		w.add(person{username: "attributaire.ordinaire", redirection: true, end: "2025-01-15"})
		live(w, "2025-01-20")
		states[name] = w.state() + w.mailsTold()
	}
	if diff := cmp.Diff(states["few"], states["every"]); diff != "" {
		t.Errorf("other ends (-few +every):\n%s", diff)
	}
}

// state is where the addresses of those who are followed stand.
func (w *world) state() string {
	w.t.Helper()
	rows, err := postgres.Column[string](w.t.Context(), w.Pool(), `
		SELECT username || ' ' || primary_email_status || ' ' || COALESCE(primary_email, '-') || ' ' || COALESCE(secondary_email, '-')
		FROM member
		ORDER BY username`)
	if err != nil {
		w.t.Fatal(err)
	}
	return strings.Join(rows, "\n") + "\n"
}

// mailsTold lists who received what, whenever.
func (w *world) mailsTold() string {
	var lines []string
	for _, m := range w.mails() {
		lines = append(lines, m.text)
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

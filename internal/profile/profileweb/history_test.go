package profileweb_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/betagouv/espace-membre/internal/platform/actor"
	"github.com/betagouv/espace-membre/internal/platform/audit"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/platform/postgres"
	"github.com/betagouv/espace-membre/internal/profile"
	"github.com/betagouv/espace-membre/internal/testing/webtest"
)

func (p *portal) event(t *testing.T, of uuid.UUID, day, who, code string, before, after any) {
	t.Helper()
	if err := audit.Write(context.Background(), p.Pool, audit.Event{
		At: clock.MustDay(day).At(9, 30), Actor: who, Code: audit.Code(code), Member: of, Subject: "helene.lefevre", Before: before, After: after,
	}); err != nil {
		t.Fatal(err)
	}
}

func TestAHistoryIsForThePersonAndAdministrators(t *testing.T) {
	site := start(t, profile.Ports{})
	owner, colleague, admin := people(t, site)
	site.event(t, owner, "2024-12-01", "valid.member", "MEMBER_BASE_INFO_UPDATED", map[string]any{"role": "a<b"}, map[string]any{"role": "<script>alert(1)</script>"})
	for name, c := range map[string]struct {
		client *webtest.Client
		path   string
		want   int
	}{
		"the owner": {site.As(t, owner), "/account/history", 200}, "the owner, by the other door": {site.As(t, owner), "/community/helene.lefevre/history", 200},
		"the administrator": {site.As(t, admin), "/community/helene.lefevre/history", 200}, "a colleague": {site.As(t, colleague), "/community/helene.lefevre/history", 403},
		"nobody": {site.Visitor(t), "/community/helene.lefevre/history", 303}, "of an unknown person": {site.As(t, admin), "/community/inconnue/history", 404},
	} {
		got := c.client.Get(t, c.path)
		if got.Status != c.want {
			t.Errorf("%s: status %d, want %d", name, got.Status, c.want)
		}
		if shown := strings.Contains(got.Text(), "Fiche mise à jour"); shown != (c.want == 200) {
			t.Errorf("%s sees the event: %v", name, shown)
		}
		if strings.Contains(got.Body, "<script>alert") {
			t.Errorf("%s: the value of an event is not escaped", name)
		}
	}
	text := site.As(t, owner).Get(t, "/account/history").Text()
	if !strings.Contains(text, "01/12/2024 à 09:30") || !strings.Contains(text, "Avant : a<b Après : <script>") || !strings.Contains(text, "valid.member") {
		t.Errorf("event: %s", text)
	}
}

func TestAHistoryIsFilteredAndPaged(t *testing.T) {
	site := start(t, profile.Ports{})
	owner, _, _ := people(t, site)
	for i := range 45 {
		site.event(t, owner, fmt.Sprintf("2024-11-%02d", 1+i%30), "system", "MEMBER_LOGIN", nil, nil)
	}
	site.event(t, owner, "2024-12-01", "valid.member", "MEMBER_BASE_INFO_UPDATED", map[string]any{"role": "a"}, map[string]any{"role": "b"})
	site.event(t, owner, "2024-12-02", "valid.member", "SOMETHING_NEW", nil, nil)
	client := site.As(t, owner)
	count := func(query string) int {
		page := client.Get(t, "/account/history"+query)
		if page.Status != 200 {
			t.Fatalf("%s: status %d", query, page.Status)
		}
		return strings.Count(page.Body, `id="evenement-`)
	}
	for query, want := range map[string]int{
		"": 20, "?page=3": 7, "?type=connexions": 20, "?type=fiche": 1, "?type=autres": 1, "?type=boite": 0, "?type=nimporte": 20,
		"?du=2024-12-01": 2, "?au=2024-12-01&du=2024-12-01": 1, "?du=2024-12-02&au=2024-12-02": 1, "?du=2024-12-03": 0, "?au=2024-11-01": 2,
		"?page=-1": 20, "?page=x": 20, "?type=connexions&page=3": 5,
	} {
		if got := count(query); got != want {
			t.Errorf("%s: %d events, want %d", query, got, want)
		}
	}
	if far := client.Get(t, "/account/history?type=fiche&page=9"); far.Status != 303 || far.Header.Get("Location") != "/account/history?type=fiche" {
		t.Errorf("a page too far: %d %s", far.Status, far.Header.Get("Location"))
	}
	bad := client.Get(t, "/account/history?du=demain&au=2024-13-01")
	if bad.Status != 200 || !strings.Contains(bad.Described("du"), "2024-12-31") || !strings.Contains(bad.Described("au"), "2024-12-31") {
		t.Errorf("days that are none: %d %s", bad.Status, bad.Text())
	}
	if bad := client.Get(t, "/account/history?du=2024-12-02&au=2024-12-01"); !strings.Contains(bad.Described("au"), "précède") {
		t.Errorf("days upside down: %s", bad.Text())
	}
}

func TestAHistorySpeaksOfPeopleAndHidesTheMachinery(t *testing.T) {
	site := startWith(t, profile.Ports{}, []string{"/community"})
	owner, _, admin := people(t, site)
	site.exec(t, `
		INSERT INTO startup (slug, name, created_at, updated_at)
		VALUES ('aides.jeunes', 'Aides Jeunes', '2024-01-01', '2024-01-01')`)
	site.event(t, owner, "2024-12-01", "valid.member", "MEMBER_MISSIONS_UPDATED", map[string]any{"missions": []any{}},
		map[string]any{"missions": []any{map[string]any{"start": "2024-01-01", "end": "2025-01-01", "contract": "service", "startups": []string{"aides.jeunes", "disparu"}}}})
	site.event(t, owner, "2024-12-02", "nom.inconnu", "MEMBER_EMAIL_DELETION_REQUESTED", nil, map[string]string{"value": "a@b.fr", "due": "2024-12-20T02:00:58Z"})
	site.event(t, owner, "2024-12-03", "system", "JOB_ACTION_DONE", nil, map[string]string{"job": "sendJ1Email", "verb": "envoyer", "key": "sendJ1Email/x"})
	page := site.As(t, owner).Get(t, "/account/history")
	text := page.Text()
	for _, want := range []string{"2 événements", "Société de service, Aides Jeunes, disparu", "20/12/2024 à 03:00"} {
		if !strings.Contains(text, want) {
			t.Errorf("the history does not say %q: %s", want, text)
		}
	}
	if strings.Contains(text, "Action d’une tâche") || strings.Contains(text, "Tâches automatiques") {
		t.Errorf("the machinery is shown: %s", text)
	}
	if strings.Contains(page.Body, "/community/nom.inconnu") || !strings.Contains(page.Body, "/community/valid.member") {
		t.Error("the link to the page of an author is guessed")
	}
	if text := site.As(t, owner).Get(t, "/account/history?type=taches").Text(); strings.Contains(text, "Action d’une tâche") {
		t.Errorf("the filter of administrators shows the machinery to a member: %s", text)
	}
	text = site.As(t, admin).Get(t, "/community/helene.lefevre/history?type=taches").Text()
	if !strings.Contains(text, "Action d’une tâche faite") || strings.Contains(text, "sendJ1Email") {
		t.Errorf("an administrator who asks: %s", text)
	}
}

// putBack gives back a role, as the room of members does.
type putBack struct{ db postgres.DB }

func (p *putBack) RestoreVersion(ctx context.Context, who actor.Actor, event int64) (bool, error) {
	if !who.Admin {
		return false, fault.New(fault.Forbidden, "", "not an administrator")
	}
	changed := false
	err := postgres.InTx(ctx, p.db, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `
			UPDATE member
			SET role = audit_event.before ->> 'role'
			FROM audit_event
			WHERE audit_event.id = $1 AND audit_event.member_id = member.id AND role <> audit_event.before ->> 'role'`, event)
		changed = tag.RowsAffected() > 0
		return err
	})
	return changed, err
}

func TestAnAdministratorGivesBackFormerValues(t *testing.T) {
	restorer := &putBack{}
	site := start(t, profile.Ports{Restorer: restorer})
	restorer.db = site.Pool
	owner, colleague, admin := people(t, site)
	site.set(t, "helene.lefevre", "role = 'b'")
	site.event(t, owner, "2024-12-01", "valid.member", "MEMBER_BASE_INFO_UPDATED", map[string]any{"role": "a"}, map[string]any{"role": "b"})
	site.event(t, owner, "2024-12-02", "valid.member", "MEMBER_PRIMARY_EMAIL_UPDATED", "x@exemple.org", "y@exemple.org")
	site.event(t, colleague, "2024-12-02", "valid.member", "MEMBER_BASE_INFO_UPDATED", map[string]any{"role": "c"}, map[string]any{"role": ""})
	page := site.As(t, admin).Get(t, "/community/helene.lefevre/history")
	if n := strings.Count(page.Body, "history/restore"); n != 1 {
		t.Fatalf("%d events may be undone, want the change of the record alone", n)
	}
	event := page.Field("event")
	if page := site.As(t, owner).Get(t, "/account/history"); strings.Contains(page.Body, "history/restore") {
		t.Error("the owner is offered to undo")
	}
	role := func() string {
		role, err := postgres.Scalar[string](context.Background(), site.Pool, `SELECT role FROM member WHERE username = 'helene.lefevre'`)
		if err != nil {
			t.Fatal(err)
		}
		return role
	}
	theirs, err := postgres.Scalar[int64](context.Background(), site.Pool, `SELECT id FROM audit_event WHERE member_id = $1`, colleague)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		client *webtest.Client
		event  string
		want   int
	}{
		"the owner": {site.As(t, owner), event, 403}, "a colleague": {site.As(t, colleague), event, 403}, "nobody": {site.Visitor(t), event, 303},
		"another's event": {site.As(t, admin), fmt.Sprint(theirs), 404}, "no event": {site.As(t, admin), "x", 404},
	} {
		if got := c.client.Post(t, "/community/helene.lefevre/history/restore", url.Values{"event": {c.event}}); got.Status != c.want || role() != "b" {
			t.Errorf("%s: status %d, role %q", name, got.Status, role())
		}
	}
	client := site.As(t, admin)
	got := client.Post(t, "/community/helene.lefevre/history/restore", url.Values{"event": {event}})
	if got.Status != http.StatusSeeOther || role() != "a" {
		t.Fatalf("status %d, role %q", got.Status, role())
	}
	if text := client.Follow(t, got).Text(); !strings.Contains(text, "rétablies") {
		t.Errorf("nothing is told: %s", text)
	}
	again := client.Post(t, "/community/helene.lefevre/history/restore", url.Values{"event": {event}})
	if text := client.Follow(t, again).Text(); !strings.Contains(text, "rien n’a changé") {
		t.Errorf("twice: %s", text)
	}
}

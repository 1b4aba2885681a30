package chatwebhooksim

import (
	"encoding/json"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/betagouv/espace-membre/internal/platform/clock"
)

func newSim() *Sim {
	return New(Config{Clock: clock.At(clock.MustDay("2024-12-19"), 10, 0), Users: []string{"camille.durand"}, Channels: []string{"operations"}, Hooks: map[string]Hook{
		"clé-a": {Name: "Secrétariat", Channel: "secretariat"}, "clé-b": {Name: "GIP", Channel: "gip", Locked: true},
	}})
}

func post(s *Sim, method, path, body string) (int, string) {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w.Code, strings.TrimSpace(w.Body.String())
}

func TestRefusals(t *testing.T) {
	s := newSim()
	for _, c := range []struct {
		method, path, body string
		status             int
		id                 string
	}{
		{"POST", "/mattermost/hooks/inconnue", `{"text":"x"}`, 400, "web.incoming_webhook.invalid.app_error"},
		{"POST", "/mattermost/autre", `{"text":"x"}`, 404, "api.context.404.app_error"},
		{"GET", "/hooks/clé-a", ``, 405, "api.context.405.app_error"},
		{"POST", "/hooks/clé-a", `x`, 400, "web.incoming_webhook.parse.app_error"},
		{"POST", "/hooks/clé-a", `{}`, 400, "web.incoming_webhook.text.app_error"},
		{"POST", "/hooks/clé-a", `{"text":"` + strings.Repeat("é", 16384) + `"}`, 400, "web.incoming_webhook.text.length.app_error"},
		{"POST", "/hooks/clé-a", `{"text":"x","channel":"nulle-part"}`, 404, "web.incoming_webhook.channel.app_error"},
		{"POST", "/hooks/clé-a", `{"text":"x","channel":"@personne"}`, 400, "web.incoming_webhook.user.app_error"},
		{"POST", "/hooks/clé-b", `{"text":"x","channel":"town-square"}`, 403, "web.incoming_webhook.channel_locked.app_error"},
	} {
		status, body := post(s, c.method, c.path, c.body)
		var answer struct {
			ID     string `json:"id"`
			Status int    `json:"status_code"`
		}
		if err := json.Unmarshal([]byte(body), &answer); err != nil || status != c.status || answer.ID != c.id || answer.Status != c.status {
			t.Errorf("%s %s %.40s: %d %s, want %d %s", c.method, c.path, c.body, status, body, c.status, c.id)
		}
	}
	if len(s.Posts()) != 0 {
		t.Errorf("posted all the same: %+v", s.Posts())
	}
}

func TestPostsAndTheirPlace(t *testing.T) {
	s := newSim()
	for _, c := range [][2]string{
		{`{"text":"un"}`, "secretariat"},
		{`{"text":"deux","channel":"town-square"}`, "town-square"},
		{`{"text":"trois","channel":"@camille.durand"}`, "@camille.durand"},
		{`{"text":"quatre","channel":"#operations"}`, "operations"},
		{`{"text":"cinq","channel":"gip"}`, "gip"},
	} {
		if status, body := post(s, "POST", "/hooks/clé-a", c[0]); status != 200 || body != "ok" {
			t.Errorf("%s: %d %s", c[0], status, body)
		}
		posts := s.Posts()
		if last := posts[len(posts)-1]; last.Channel != c[1] || last.Hook != "Secrétariat" || last.ID != len(posts) || last.At.IsZero() {
			t.Errorf("%s: %+v", c[0], last)
		}
	}
	if status, _ := post(s, "POST", "/hooks/clé-b", `{"text":"six","channel":"gip"}`); status != 200 {
		t.Errorf("a locked webhook refuses its own channel: %d", status)
	}
	kept, err := s.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	again := newSim()
	if err := again.Restore(kept); err != nil || len(again.Posts()) != 6 {
		t.Errorf("restored %d posts, %v", len(again.Posts()), err)
	}
	if err := again.Restore([]byte("{")); err == nil || len(again.Posts()) != 6 {
		t.Errorf("a broken snapshot: %v, %d posts", err, len(again.Posts()))
	}
}

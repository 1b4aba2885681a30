package app

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/betagouv/espace-membre/internal/testing/webtest"
)

// TestEverydayPlacesAreAccepted gives the forms of a record the names that most members type,
// on the real list of communes.
func TestEverydayPlacesAreAccepted(t *testing.T) {
	webtest.Communes(t)
	stage := newTheatre(t).open(t)
	for i, c := range []struct{ text, code string }{
		{"Paris", "75056"}, {"Lyon", "69123"}, {"Marseille", "13055"}, {"Rennes", "35238"}, {"Nantes", "44109"}, {"nantes", "44109"}, {"75012", "75112"}, {"Lyon 3e", "69383"},
	} {
		form := url.Values{"fullname": {"Membre Exemple"}, "role": {"Rôle"}, "domain": {"Design"}, "workplace": {c.text}}
		// A role that differs each time: a record that stays the same is not written.
		form.Set("role", fmt.Sprintf("Rôle %d", i))
		if got := stage.post(t, "membre.exemple", "/account/base-info", form); got.Code != http.StatusSeeOther {
			t.Errorf("%q: status %d", c.text, got.Code)
			continue
		}
		if got := stage.workplace(t, "membre.exemple"); got != c.code {
			t.Errorf("%q is stored as %q, want %s", c.text, got, c.code)
		}
	}
	page := stage.get(t, "membre.exemple", "/account/base-info").Body.String()
	if !strings.Contains(page, `value="Lyon 3e Arrondissement (69003)"`) {
		t.Error("the arrondissement is not shown")
	}
}

func TestACityIsLabelledWithoutTheCodeOfAnArrondissement(t *testing.T) {
	webtest.Communes(t)
	for code, want := range map[string]string{"75056": "Paris", "75112": "Paris 12e Arrondissement (75012)", "35238": "Rennes (35000)"} {
		city, err := cities{}.ByCode(t.Context(), code)
		if err != nil || city.Label() != want {
			t.Errorf("%s: %q, %v, want %q", code, city.Label(), err, want)
		}
	}
}

// TestANewMemberMayLiveInParis verifies a record with the city that most of them give.
func TestANewMemberMayLiveInParis(t *testing.T) {
	webtest.Communes(t)
	stage := newTheatre(t).open(t)
	who := "averifier.exemple"
	var mission, start, end string
	if err := stage.app.pool.QueryRow(t.Context(), `
		SELECT mission.id, mission.start_day::text, mission.end_day::text
		FROM mission
		JOIN member ON member.id = mission.member_id
		WHERE member.username = $1`, who).Scan(&mission, &start, &end); err != nil {
		t.Fatal(err)
	}
	form := url.Values{
		"fullname": {"À Vérifier"}, "email": {who + "@exemple.test"}, "role": {"Rôle"}, "domain": {"Design"}, "workplace": {"Paris"},
		"mission-0-id": {mission}, "mission-0-start": {start}, "mission-0-end": {end}, "mission-0-status": {"admin"}, "mission-0-employer": {"Exemple"},
	}
	asked := stage.post(t, who, "/verify", withButton(form, "find-city"))
	if page := asked.Body.String(); asked.Code != http.StatusOK || !strings.Contains(page, "Paris 20e Arrondissement (75020)") || !strings.Contains(page, `value="75056" checked`) {
		t.Errorf("the arrondissements are not offered: %d", asked.Code)
	}
	if got := stage.post(t, who, "/verify", form); got.Code != http.StatusSeeOther || stage.workplace(t, who) != "75056" {
		t.Errorf("status %d, workplace %q", got.Code, stage.workplace(t, who))
	}
}

func withButton(form url.Values, button string) url.Values {
	form = url.Values(http.Header(form).Clone())
	form.Set("do", button)
	return form
}

func (s *stage) workplace(t *testing.T, username string) (code string) {
	t.Helper()
	if err := s.app.pool.QueryRow(t.Context(), `SELECT workplace_insee_code FROM member WHERE username = $1`, username).Scan(&code); err != nil {
		t.Fatal(err)
	}
	return code
}

func (s *stage) get(t *testing.T, username, address string) *httptest.ResponseRecorder {
	t.Helper()
	return s.send(t, username, httptest.NewRequestWithContext(t.Context(), http.MethodGet, address, nil))
}

func (s *stage) post(t *testing.T, username, address string, form url.Values) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, address, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return s.send(t, username, r)
}

func (s *stage) send(t *testing.T, username string, r *http.Request) *httptest.ResponseRecorder {
	t.Helper()
	s.asked++
	r.RemoteAddr = fmt.Sprintf("10.%d.%d.%d:1", s.asked>>16&255, s.asked>>8&255, s.asked&255)
	r.AddCookie(s.cookie(t, username))
	w := httptest.NewRecorder()
	s.app.handler.ServeHTTP(w, r)
	return w
}

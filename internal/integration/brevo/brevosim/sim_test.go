package brevosim

import (
	"encoding/json"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/betagouv/espace-membre/internal/platform/clock"
)

func newSim() *Sim {
	return New(Config{APIKey: "k", Senders: []string{"espace@exemple.org"}, Clock: clock.At(clock.MustDay("2024-12-19"), 10, 0)})
}

func ask(s *Sim, method, path, body string) (int, string) {
	r := httptest.NewRequest(method, "/brevo/v3"+path, strings.NewReader(body))
	r.Header.Set("api-key", "k")
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w.Code, strings.TrimSpace(w.Body.String())
}

// TestRefusals checks that what Brevo refuses is refused, with its code.
func TestRefusals(t *testing.T) {
	s := newSim()
	s.AddContact("camille@exemple.org", nil, 332)
	s.AddContact("autre@exemple.org", nil)
	many := `{"emails":["a@exemple.org"` + strings.Repeat(`,"a@exemple.org"`, 150) + `]}`
	mail := func(change string) string {
		return strings.Replace(`{"sender":{"email":"espace@exemple.org"},"to":[{"email":"camille@exemple.org"}],"subject":"s","textContent":"t"}`, change, "", 1)
	}
	for _, c := range []struct {
		method, path, body string
		status             int
		code               string
	}{
		{"POST", "/contacts", `{`, 400, "bad_request"},
		{"POST", "/contacts", `{}`, 400, "missing_parameter"},
		{"POST", "/contacts", `{"email":"camille"}`, 400, "invalid_parameter"},
		{"POST", "/contacts", `{"email":"Camille <camille@exemple.org>"}`, 400, "invalid_parameter"},
		{"POST", "/contacts", `{"email":"camille@exemple.org"}`, 400, "duplicate_parameter"},
		{"POST", "/contacts", `{"email":"CAMILLE@exemple.org"}`, 400, "duplicate_parameter"},
		{"POST", "/contacts", `{"email":"n@exemple.org","listIds":[1]}`, 400, "invalid_parameter"},
		{"POST", "/contacts", `{"email":"n@exemple.org","listIds":["332"]}`, 400, "bad_request"},
		{"GET", "/contacts/inconnu@exemple.org", "", 404, "document_not_found"},
		{"GET", "/contacts/99", "", 404, "document_not_found"},
		{"GET", "/contacts/n'importe", "", 400, "invalid_parameter"},
		{"PUT", "/contacts/inconnu@exemple.org", `{}`, 404, "document_not_found"},
		{"PUT", "/contacts/camille@exemple.org", `{"attributes":{"EMAIL":"autre@exemple.org"}}`, 400, "duplicate_parameter"},
		{"DELETE", "/contacts/inconnu@exemple.org", "", 404, "document_not_found"},
		{"GET", "/contacts/lists/999/contacts", "", 404, "document_not_found"},
		{"GET", "/contacts/lists/332/contacts?limit=501", "", 400, "out_of_range"},
		{"GET", "/contacts/lists/332/contacts?offset=-1", "", 400, "invalid_parameter"},
		{"POST", "/contacts/lists/332/contacts/remove", `{}`, 400, "missing_parameter"},
		{"POST", "/contacts/lists/332/contacts/remove", many, 400, "invalid_parameter"},
		{"POST", "/contacts/lists/332/contacts/remove", `{"emails":["autre@exemple.org"]}`, 400, "invalid_parameter"},
		{"POST", "/contacts/lists/999/contacts/remove", `{"emails":["autre@exemple.org"]}`, 404, "document_not_found"},
		{"GET", "/smtp/blockedContacts?limit=101", "", 400, "out_of_range"},
		{"GET", "/smtp/blockedContacts?startDate=2024-12-01", "", 400, "missing_parameter"},
		{"GET", "/smtp/blockedContacts?startDate=2024-12-01T00:00:00Z&endDate=2024-12-02", "", 400, "invalid_parameter"},
		{"GET", "/smtp/blockedContacts?startDate=2024-12-03&endDate=2024-12-02", "", 400, "invalid_parameter"},
		{"GET", "/smtp/blockedContacts?startDate=2025-12-03&endDate=2025-12-04", "", 400, "invalid_parameter"},
		{"DELETE", "/smtp/blockedContacts/camille@exemple.org", "", 404, "document_not_found"},
		{"DELETE", "/smtp/blockedContacts/camille", "", 400, "invalid_parameter"},
		{"POST", "/smtp/email", mail(`"sender":{"email":"espace@exemple.org"},`), 400, "missing_parameter"},
		{"POST", "/smtp/email", mail(`espace`), 400, "invalid_parameter"},
		{"POST", "/smtp/email", mail(`{"email":"camille@exemple.org"}`), 400, "missing_parameter"},
		{"POST", "/smtp/email", mail(`,"subject":"s"`), 400, "missing_parameter"},
		{"POST", "/smtp/email", mail(`,"textContent":"t"`), 400, "missing_parameter"},
		{"POST", "/smtp/email", mail(`camille@`), 400, "invalid_parameter"},
		{"POST", "/smtp/email", mail(`.org`), 400, "invalid_parameter"},
		{"GET", "/smtp/statistics/events?limit=5001", "", 400, "out_of_range"},
		{"GET", "/smtp/statistics/events?event=ghost", "", 400, "invalid_parameter"},
		{"GET", "/smtp/statistics/events?startDate=2024-12-03", "", 400, "missing_parameter"},
		{"POST", "/emailCampaigns", `{`, 400, "bad_request"},
		{"POST", "/emailCampaigns", `{"sender":{"email":"espace@exemple.org"},"subject":"s","htmlContent":"0123456789"}`, 400, "missing_parameter"},
		{"POST", "/emailCampaigns", `{"name":"n","subject":"s","htmlContent":"0123456789"}`, 400, "missing_parameter"},
		{"POST", "/emailCampaigns", `{"name":"n","sender":{"email":"autre@exemple.org"},"subject":"s","htmlContent":"0123456789"}`, 400, "invalid_parameter"},
		{"POST", "/emailCampaigns", `{"name":"n","sender":{"email":"espace@exemple.org"},"subject":"s","htmlContent":"court"}`, 400, "invalid_parameter"},
		{"POST", "/emailCampaigns", `{"name":"n","sender":{"email":"espace@exemple.org"},"templateId":3,"recipients":{"listIds":[1]}}`, 400, "invalid_parameter"},
		{"GET", "/emailCampaigns/x", "", 400, "invalid_parameter"},
		{"GET", "/emailCampaigns/9", "", 404, "document_not_found"},
		{"POST", "/emailCampaigns/9/sendNow", "", 404, "document_not_found"},
		{"GET", "/emailCampaigns/9/sharedUrl", "", 404, "document_not_found"},
		{"GET", "/ghost", "", 404, "document_not_found"},
	} {
		status, body := ask(s, c.method, c.path, c.body)
		var answer struct{ Code, Message string }
		if err := json.Unmarshal([]byte(body), &answer); err != nil || status != c.status || answer.Code != c.code || answer.Message == "" {
			t.Errorf("%s %s %.60s: %d %s, want %d %s", c.method, c.path, c.body, status, body, c.status, c.code)
		}
	}
}

func TestKeyIsNeeded(t *testing.T) {
	for _, key := range []string{"", "autre"} {
		r := httptest.NewRequest("GET", "/v3/account", nil)
		r.Header.Set("api-key", key)
		w := httptest.NewRecorder()
		newSim().ServeHTTP(w, r)
		if w.Code != 401 || !strings.Contains(w.Body.String(), `"unauthorized"`) {
			t.Errorf("key %q: %d %s", key, w.Code, w.Body)
		}
	}
	empty := New(Config{})
	r := httptest.NewRequest("GET", "/v3/account", nil)
	w := httptest.NewRecorder()
	if empty.ServeHTTP(w, r); w.Code != 401 {
		t.Errorf("an account without key answered %d to a call without key", w.Code)
	}
}

func TestLifeOfAContact(t *testing.T) {
	s := newSim()
	if status, body := ask(s, "POST", "/contacts", `{"email":"Camille@exemple.org","attributes":{"NOM":"Durand","INCONNU":"x"},"listIds":[332,7]}`); status != 201 || body != `{"id":1}` {
		t.Fatalf("%d %s", status, body)
	}
	if status, _ := ask(s, "POST", "/contacts", `{"email":"camille@exemple.org","updateEnabled":true,"attributes":{"PRENOM":"Camille"}}`); status != 204 {
		t.Errorf("update: %d", status)
	}
	if status, _ := ask(s, "PUT", "/contacts/1", `{"unlinkListIds":[7],"emailBlacklisted":true}`); status != 204 {
		t.Errorf("put by number: %d", status)
	}
	_, body := ask(s, "GET", "/contacts/camille%40exemple.org", "")
	for _, want := range []string{`"listIds":[332]`, `"emailBlacklisted":true`, `"NOM":"Durand"`, `"PRENOM":"Camille"`, `"createdAt":"2024-12-19T09:00:00.000Z"`} {
		if !strings.Contains(body, want) {
			t.Errorf("the contact lacks %s: %s", want, body)
		}
	}
	if strings.Contains(body, "INCONNU") {
		t.Errorf("an attribute that the account does not define was kept: %s", body)
	}
	if status, body := ask(s, "POST", "/contacts/lists/332/contacts/remove", `{"emails":["CAMILLE@exemple.org","x@exemple.org"]}`); status != 201 || !strings.Contains(body, `"failure":["x@exemple.org"]`) {
		t.Errorf("remove: %d %s", status, body)
	}
	if status, _ := ask(s, "DELETE", "/contacts/camille@exemple.org", ""); status != 204 {
		t.Errorf("delete: %d", status)
	}
	if status, _ := ask(s, "GET", "/contacts/1", ""); status != 404 {
		t.Errorf("after delete: %d", status)
	}
}

func TestPages(t *testing.T) {
	s := newSim()
	for _, name := range []string{"a", "b", "c"} {
		s.AddBlock(name+"@exemple.org", "espace@exemple.org", "hardBounce")
		s.AddContact(name+"@exemple.org", nil, 332)
	}
	if _, body := ask(s, "GET", "/smtp/blockedContacts?limit=2&offset=2&sort=asc", ""); !strings.Contains(body, `"count":3`) || strings.Count(body, "senderEmail") != 1 {
		t.Errorf("blocks: %s", body)
	}
	if _, body := ask(s, "GET", "/smtp/blockedContacts?senders=x@exemple.org", ""); !strings.Contains(body, `"contacts":[]`) {
		t.Errorf("another sender: %s", body)
	}
	if _, body := ask(s, "GET", "/contacts/lists/332/contacts?limit=2&offset=9", ""); !strings.Contains(body, `"contacts":[]`) || !strings.Contains(body, `"count":3`) {
		t.Errorf("beyond the end: %s", body)
	}
}

func TestSnapshot(t *testing.T) {
	s := newSim()
	s.AddContact("camille@exemple.org", map[string]any{"NOM": "Durand"}, 332)
	s.AddBlock("camille@exemple.org", "espace@exemple.org", "hardBounce")
	s.AddEvent("camille@exemple.org", "espace@exemple.org", "hardBounces", "550")
	if status, body := ask(s, "POST", "/emailCampaigns", `{"name":"n","sender":{"email":"espace@exemple.org"},"templateId":3}`); status != 201 {
		t.Fatalf("campaign: %d %s", status, body)
	}
	snapshot, err := s.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	again := newSim()
	if err := again.Restore(snapshot); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/contacts/camille@exemple.org", "/smtp/blockedContacts", "/smtp/statistics/events", "/emailCampaigns/2"} {
		_, before := ask(s, "GET", path, "")
		if _, after := ask(again, "GET", path, ""); before != after {
			t.Errorf("%s: %s, then %s", path, before, after)
		}
	}
	if err := again.Restore([]byte("{")); err == nil {
		t.Error("a broken snapshot was accepted")
	}
	if _, body := ask(again, "GET", "/contacts/1", ""); !strings.Contains(body, "Durand") {
		t.Error("a broken snapshot erased the state")
	}
}

package app

import (
	"cmp"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/betagouv/espace-membre/internal/testing/webtest"
)

// attacked is a form of the portal, and who fills it.
type attacked struct {
	who     role
	address string
	webtest.PostForm
}

// unseen are the forms that nobody of the cast meets by walking: their page needs a link from a
// mail, or a state of the mailbox. Fields by route.
func unseen() map[string][]string {
	return map[string][]string{
		"/account/address/confirm":              {"token"},
		"/account/extension/withdraw":           {"x"},
		"/account/auto-reply":                   {"content", "from", "to", "formulaire"},
		"/account/auto-reply/delete":            {"formulaire"},
		"/account/mailbox/create":               {"formulaire"},
		"/account/mailbox/delete":               {"formulaire", "confirm"},
		"/account/mailbox/keep":                 {"formulaire"},
		"/account/password":                     {"new_password", "formulaire"},
		"/account/photo/delete":                 {"x"},
		"/account/sessions/close":               {"x"},
		"/account/redirections":                 {"to_email", "formulaire", "keep_copy"},
		"/account/redirections/delete":          {"redirection", "target", "formulaire"},
		"/api/hook/{id}":                        {"email", "event"},
		"/community/{username}/invitation":      {"email"},
		"/community/{username}/history/restore": {"event"},
		"/community/{username}/mailbox/create":  {"formulaire"},
		"/community/{username}/mailbox/delete":  {"formulaire", "confirm"},
		"/community/{username}/mailbox/keep":    {"formulaire"},
		"/community/{username}/mailbox/restore": {"formulaire"},
		"/community/{username}/mailbox/unblock": {"address", "confirm", "formulaire"},
		"/community/{username}/mailbox/upgrade": {"password", "formulaire"},
		"/community/{username}/photo/delete":    {"x"},
		"/lists/unsubscribe":                    {"membre", "signature", "list"},
		"/signin":                               {"token"},
	}
}

// TestHostileTextsInEveryFormOfThePortal finds the forms by walking, so that a new one is attacked
// too: every hostile text in each field alone, then in all of them. Each is refused with a message
// or accepted; nothing breaks, and no page shown afterwards to anybody runs anything.
func TestHostileTextsInEveryFormOfThePortal(t *testing.T) {
	theatre := newTheatre(t)
	forms := walk(t, theatre.open(t))
	for pattern := range postPatterns(t, theatre.open(t)) {
		address, _ := addressOf(pattern)
		if slices.ContainsFunc(forms, func(f attacked) bool { return f.address == address }) {
			continue
		}
		fields, listed := unseen()[pattern]
		if !listed {
			t.Errorf("POST %s: no form leads there, and unseen() does not name its fields", pattern)
			continue
		}
		f := attacked{who: holder(pattern), address: address, PostForm: webtest.PostForm{Values: map[string]string{}, Texts: map[string]bool{}}}
		for _, name := range fields {
			f.Values[name], f.Texts[name] = "", true
		}
		forms = append(forms, f)
	}
	sent, accepted := 0, 0
	for _, f := range forms {
		more, taken := attackForm(t, theatre.open(t), f)
		sent, accepted = sent+more, accepted+taken
	}
	t.Logf("%d forms, %d sent, %d accepted", len(forms), sent, accepted)
	if len(forms) < 35 || accepted < 100 || accepted > sent/2 {
		t.Errorf("%d forms, %d sent, %d accepted: is everything attacked, and the rest refused?", len(forms), sent, accepted)
	}
}

// postPatterns are the routes that take a form.
func postPatterns(t *testing.T, s *stage) map[string]bool {
	t.Helper()
	patterns := map[string]bool{}
	for _, route := range s.app.web.Table() {
		if route.Method == http.MethodPost && route.Pattern != "/logout" { // it has no field
			patterns[route.Pattern] = true
		}
	}
	return patterns
}

// holder is who would send a form that nobody sees.
func holder(pattern string) role {
	name := "elle-même"
	if strings.HasPrefix(pattern, "/community/") {
		name = "admin"
	}
	return castRole(name)
}

func castRole(name string) role {
	all := roles()
	return all[slices.IndexFunc(all, func(r role) bool { return r.name == name })]
}

// walk opens every page and keeps each form once.
func walk(t *testing.T, s *stage) []attacked {
	t.Helper()
	var list []attacked
	seen := map[string]bool{}
	for _, name := range []string{"elle-même", "admin", "agent", "membre", "à vérifier", "limitée", "anonyme"} {
		for _, route := range s.app.web.Table() {
			address, missing := addressOf(route.Pattern)
			if route.Method != http.MethodGet || missing != "" {
				continue
			}
			page := s.sent(t, castRole(name), http.MethodGet, address, nil)
			if page.Status != http.StatusOK || !strings.Contains(page.Header.Get("Content-Type"), "text/html") {
				continue
			}
			for _, form := range page.PostForms() {
				action, err := url.Parse(cmp.Or(form.Action, address))
				if err != nil {
					t.Fatalf("GET %s: a form leads to %q", address, form.Action)
				}
				key := action.Path + " " + strings.Join(slices.Sorted(maps.Keys(form.Values)), " ")
				if !seen[key] && action.Path != "/logout" {
					seen[key] = true
					list = append(list, attacked{who: castRole(name), address: action.Path, PostForm: form})
				}
			}
		}
	}
	return list
}

// attackForm tries every text in every field, then looks at what others see. It counts the forms
// sent, and those that led to another page.
func attackForm(t *testing.T, s *stage, f attacked) (sent, accepted int) {
	t.Helper()
	hostile := webtest.Hostile()
	try := func(what string, form url.Values) {
		sent++
		if s.attack(t, f, what, form) {
			accepted++
		}
	}
	for _, name := range slices.Sorted(maps.Keys(f.Values)) {
		for attack, text := range hostile {
			if !f.Texts[name] && attack != "script" && attack != "bad UTF-8" && attack != "long" {
				continue // nobody writes there: a few are enough
			}
			form := url.Values{}
			for other, value := range f.Values {
				form.Set(other, value)
			}
			form.Set(name, text)
			try(attack+" in "+name, form)
		}
	}
	for attack, text := range hostile {
		form := url.Values{}
		for name := range f.Values {
			form.Set(name, text)
		}
		try(attack+" in every field", form)
	}
	for name, text := range f.Texts {
		if text && !strings.HasPrefix(f.address, "/api/") { // machines send no form
			s.flood(t, f, name)
		}
	}
	for _, name := range []string{"elle-même", "membre", "admin"} {
		for _, address := range []string{"/account", "/account/mailbox", "/community/" + subject, "/community/" + subject + "/history", "/community/" + subject + "/departure", "/community?q=a", "/extensions", "/admin/emails"} {
			if page := s.sent(t, castRole(name), http.MethodGet, address, nil); page.Status >= 500 || webtest.Runs(page) != "" {
				t.Errorf("after POST %s, GET %s as %s: %d, the page holds %q", f.address, address, name, page.Status, webtest.Runs(page))
			}
		}
	}
	return sent, accepted
}

// attack posts one form; it tells whether it led to another page.
func (s *stage) attack(t *testing.T, f attacked, what string, form url.Values) (accepted bool) {
	t.Helper()
	answer := s.sent(t, f.who, http.MethodPost, f.address, form)
	switch answer.Status {
	case http.StatusSeeOther:
		to, err := url.Parse(answer.Header.Get("Location"))
		if err != nil || to.Host != "" {
			t.Errorf("POST %s as %s, %s: leads to %q", f.address, f.who.name, what, answer.Header.Get("Location"))
			return true
		}
		accepted = true
		answer = s.sent(t, f.who, http.MethodGet, to.String(), nil)
	case http.StatusOK, http.StatusForbidden, http.StatusNotFound, http.StatusConflict, http.StatusUnprocessableEntity, http.StatusTooManyRequests, http.StatusServiceUnavailable, http.StatusBadRequest:
	default:
		t.Errorf("POST %s as %s, %s: %d %s", f.address, f.who.name, what, answer.Status, answer.Text())
	}
	if answer.Status >= 400 && len(answer.Text()) < 15 && !strings.HasPrefix(f.address, "/api/") {
		t.Errorf("POST %s as %s, %s: %d says nothing", f.address, f.who.name, what, answer.Status)
	}
	if found := webtest.Runs(answer); found != "" {
		t.Errorf("POST %s as %s, %s: the page holds %s", f.address, f.who.name, what, found)
	}
	return accepted
}

// flood sends megabytes in one field: a member reads a message in a page that stays light, a
// visitor is not even read.
func (s *stage) flood(t *testing.T, f attacked, name string) {
	t.Helper()
	form := url.Values{}
	for other, value := range f.Values {
		form.Set(other, value)
	}
	form.Set(name, strings.Repeat("a", 2<<20))
	answer := s.sent(t, f.who, http.MethodPost, f.address, form)
	refused := answer.Status >= 400 && answer.Status < 500 && (answer.Status != http.StatusRequestEntityTooLarge || f.who.standing == anonymous || f.who.username == "")
	if !refused && answer.Status != http.StatusSeeOther || len(answer.Body) > 1<<20 {
		t.Errorf("POST %s as %s, megabytes in %s: %d, %d bytes", f.address, f.who.name, name, answer.Status, len(answer.Body))
	}
	if answer.Status == http.StatusSeeOther {
		s.hold(t, f, name)
	}
}

// hold checks that nothing that long was kept.
func (s *stage) hold(t *testing.T, f attacked, name string) {
	t.Helper()
	var longest int
	if err := s.app.pool.QueryRow(t.Context(), `SELECT max(length(m::text)) FROM member m`).Scan(&longest); err != nil {
		t.Fatal(err)
	}
	if longest > 20_000 {
		t.Errorf("POST %s as %s: megabytes in %s were kept", f.address, f.who.name, name)
	}
}

// sent asks as somebody, from an address of its own: no limit is met.
func (s *stage) sent(t *testing.T, who role, method, address string, form url.Values) *webtest.Answer {
	t.Helper()
	r := s.request(t, who, method, address, form.Encode())
	w := httptest.NewRecorder()
	s.app.handler.ServeHTTP(w, r)
	return &webtest.Answer{Status: w.Code, Header: w.Result().Header, Body: w.Body.String()}
}

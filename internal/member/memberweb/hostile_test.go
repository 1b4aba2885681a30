package memberweb_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/betagouv/espace-membre/internal/testing/webtest"
)

func TestHostileTextsInEveryFieldRunNothing(t *testing.T) {
	p := open(t)
	p.Member(t, webtest.Person{Username: "camille.durand", Secondary: "camille@exemple.fr", End: "2030-01-01"})
	clients := map[string]*webtest.Client{"self": p.As(t, p.read(t, "camille.durand").ID), "admin": p.As(t, p.Member(t, webtest.Person{Username: webtest.AdminUsername}))}
	nova, _ := p.nova(t, "nova@exemple.fr")
	clients["nova"] = nova
	for _, page := range []struct{ who, path string }{
		{"self", "/community/create"},
		{"self", "/account/base-info"},
		{"admin", "/community/camille.durand/admin-update"},
		{"self", "/community/camille.durand/update"},
		{"self", "/account/address/secondary"},
		{"self", "/account/address/primary"},
		{"self", "/account/address/preference"},
		{"self", "/account/address/confirm"},
		{"nova", "/verify"},
	} {
		client := clients[page.who]
		form := filled(client.Get(t, page.path))
		if page.path == "/account/address/preference" {
			form.Set("preference", "primary")
		}
		for name := range form { // each alone, where the rest is accepted
			for _, attack := range []string{"script", "bad UTF-8"} {
				attackOne(t, client, page.path, name, attack, with(form, name, webtest.Hostile()[attack]))
			}
		}
		for attack, text := range webtest.Hostile() {
			everywhere := url.Values{}
			for name := range form {
				everywhere.Set(name, text)
			}
			attackOne(t, client, page.path, "every field", attack, everywhere)
		}
	}
	for _, client := range []*webtest.Client{clients["self"], clients["admin"]} {
		for _, path := range []string{"/community/camille.durand", "/account/base-info", "/community"} {
			if found := webtest.Runs(client.Get(t, path)); found != "" {
				t.Errorf("%s shows %s", path, found)
			}
		}
	}
}

// attackOne posts a form: it is refused with a message or accepted, and what comes back runs nothing.
func attackOne(t *testing.T, client *webtest.Client, path, field, attack string, form url.Values) {
	t.Helper()
	answer := client.Post(t, path, form)
	switch answer.Status {
	case http.StatusSeeOther:
		answer = client.Follow(t, answer)
	case http.StatusUnprocessableEntity, http.StatusForbidden, http.StatusRequestEntityTooLarge:
		if len(answer.Text()) < 40 {
			t.Errorf("%s, %s in %s: %d says nothing", path, attack, field, answer.Status)
		}
	case http.StatusOK: // a button of the editor
	default:
		t.Errorf("%s, %s in %s: status %d: %s", path, attack, field, answer.Status, answer.Text())
	}
	if found := webtest.Runs(answer); found != "" {
		t.Errorf("%s, %s in %s: the page holds %s", path, attack, field, found)
	}
}

func TestTenMegabytesAreRefusedAtTheirField(t *testing.T) {
	p := open(t)
	client := p.As(t, p.Member(t, webtest.Person{Username: "camille.durand"}))
	for path, c := range map[string]struct{ field, control string }{
		"/community/create": {"email", "email"}, "/account/base-info": {"bio", "bio"}, "/account/address/secondary": {"email", "secondary-email"},
		"/community/camille.durand/update": {"mission-0-employer", "mission-0-employer"},
	} {
		answer := client.Post(t, path, url.Values{c.field: {strings.Repeat("a", 10<<20)}, "mission-0-start": {"2024-01-01"}})
		if answer.Status != http.StatusUnprocessableEntity || answer.Described(c.control) == "" {
			t.Errorf("%s: %d, %q", path, answer.Status, answer.Described(c.control))
		}
		if len(answer.Body) > 1<<20 {
			t.Errorf("%s: the page comes back with %d bytes", path, len(answer.Body))
		}
	}
	visitor := p.Visitor(t)
	if answer := visitor.Post(t, "/account/address/confirm", url.Values{"token": {strings.Repeat("a", 10<<20)}}); answer.Status != http.StatusRequestEntityTooLarge || !strings.Contains(answer.Text(), "trop lourd") {
		t.Errorf("a visitor: %d", answer.Status)
	}
	if m := p.read(t, "camille.durand"); m.Bio != "" {
		t.Error("something was saved")
	}
}

func TestAFormThatCannotBeReadIsNotAnEmptyForm(t *testing.T) {
	p := open(t)
	client := p.As(t, p.Member(t, webtest.Person{Username: "camille.durand"}))
	client.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset")
	if answer := client.Post(t, "/account/base-info", url.Values{"fullname": {"x"}}); answer.Status != http.StatusUnprocessableEntity || !strings.Contains(answer.Text(), "n’est pas lisible") {
		t.Errorf("%d %s", answer.Status, answer.Text())
	}
}

func TestFarDaysAreRefusedWithAMessage(t *testing.T) {
	p := open(t)
	client := p.As(t, p.Member(t, webtest.Person{Username: "camille.durand", End: "2025-01-31"}))
	form := with(filled(client.Get(t, "/community/camille.durand/update")), "mission-0-status", "admin")
	for field, days := range map[string][]string{
		"mission-0-start": {"1900-01-01", "0001-01-01", "2999-01-01", "2024-02-30", "hier", "-1", "99999-01-01"},
		"mission-0-end":   {"1900-01-01", "2999-12-31", "2024-02-30", "9999999999"},
	} {
		for _, day := range days {
			told(t, day, client.Post(t, "/community/camille.durand/update", with(form, field, day)), field)
		}
	}
}

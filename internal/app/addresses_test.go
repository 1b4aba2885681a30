package app

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func (s *stage) page(t *testing.T, username, path string) string {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
	r.AddCookie(s.cookie(t, username))
	w := httptest.NewRecorder()
	s.app.handler.ServeHTTP(w, r)
	if w.Code != http.StatusOK {
		t.Errorf("%s as %s: %d", path, username, w.Code)
	}
	return w.Body.String()
}

// Addresses are changed where they are shown; somebody's secondary one by administrators too.
func TestAddressesLeadToTheirForms(t *testing.T) {
	s := newTheatre(t).open(t)
	const form, theirs = "/community/" + subject + "/address/secondary", "/community/" + subject + "/mailbox"
	own := s.page(t, subject, "/account/mailbox")
	links, box := strings.Index(own, "/account/address/primary"), strings.Index(own, `id="boite"`)
	if links < 0 || box < 0 || links > box {
		t.Errorf("the links are at %d, the mailbox at %d", links, box)
	}
	if page := s.page(t, "admin.member", theirs); !strings.Contains(page, form+"?next=") {
		t.Error("an administrator has no link to the form")
	}
	if page := s.page(t, "membre.exemple", theirs); strings.Contains(page, "/address/secondary") {
		t.Error("a colleague is led to the form")
	}
	s.page(t, "admin.member", form)
}

package memberweb_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/testing/webtest"
)

func TestAnInvitationSentByMistakeIsCorrected(t *testing.T) {
	p := open(t)
	creator := p.As(t, p.Member(t, webtest.Person{Username: "valid.member"}))
	p.Member(t, webtest.Person{Username: "autre.personne", Secondary: "prise@exemple.fr"})
	creator.Follow(t, creator.Post(t, "/community/create", with(arrival(creator.Get(t, "/community/create")), "email", "faute@exemple.fr")))
	const path = "/community/camille.durand/invitation"
	page := creator.Get(t, path)
	if page.Status != http.StatusOK || strings.Contains(page.Body, "faute@exemple.fr") {
		t.Fatalf("%d %s", page.Status, page.Text())
	}
	for _, bad := range []string{"", "pas une adresse", "contact@exemple.fr", "prise@exemple.fr", "camille@beta.gouv.fr", "faute@exemple.fr"} {
		told(t, bad, creator.Post(t, path, url.Values{"email": {bad}}), "email")
	}
	before := p.read(t, "camille.durand")
	p.Clock.Advance(time.Hour)
	done := creator.Follow(t, creator.Post(t, path, url.Values{"email": {" Camille@Exemple.fr "}}))
	if !strings.Contains(done.Text(), "camille@exemple.fr") {
		t.Error(done.Text())
	}
	m := p.read(t, "camille.durand")
	if m.SecondaryEmail != "camille@exemple.fr" || m.Status != member.StatusVerificationWaiting || !m.StatusChangedAt.After(before.StatusChangedAt) {
		t.Errorf("member %+v", m)
	}
}

func TestWhoMayCorrectAnInvitation(t *testing.T) {
	p := open(t)
	p.nova(t, "nova@exemple.fr")
	if _, err := p.Pool.Exec(t.Context(), `UPDATE member SET created_by = 'valid.member' WHERE username = 'nova.nouveau'`); err != nil {
		t.Fatal(err)
	}
	p.Member(t, webtest.Person{Username: "camille.durand"})
	if _, err := p.Pool.Exec(t.Context(), `UPDATE member SET created_by = 'valid.member' WHERE username = 'camille.durand'`); err != nil {
		t.Fatal(err)
	}
	admin := p.As(t, p.Member(t, webtest.Person{Username: webtest.AdminUsername}))
	for name, c := range map[string]struct {
		client    *webtest.Client
		get, post int
	}{
		"the creator":      {p.As(t, p.Member(t, webtest.Person{Username: "valid.member"})), 200, 422},
		"an administrator": {admin, 200, 422},
		"a colleague":      {p.As(t, p.Member(t, webtest.Person{Username: "autre.personne"})), 403, 403},
		"who left":         {p.As(t, p.Member(t, webtest.Person{Username: "lou.partie", End: "2024-01-01"})), 403, 403},
		"visitor":          {p.Visitor(t), 303, 303},
	} {
		if got := c.client.Get(t, "/community/nova.nouveau/invitation").Status; got != c.get {
			t.Errorf("%s: GET %d", name, got)
		}
		if got := c.client.Post(t, "/community/nova.nouveau/invitation", url.Values{}).Status; got != c.post {
			t.Errorf("%s: POST %d", name, got)
		}
	}
	if got := admin.Get(t, "/community/camille.durand/invitation").Status; got != http.StatusConflict {
		t.Errorf("a verified record: %d", got)
	}
	if got := admin.Get(t, "/community/nova.nouveau/address/secondary").Header.Get("Location"); got != "/community/nova.nouveau/invitation" {
		t.Errorf("the secondary address leads to %q", got)
	}
}

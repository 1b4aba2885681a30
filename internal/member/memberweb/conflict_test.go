package memberweb_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/postgres"
	"github.com/betagouv/espace-membre/internal/testing/webtest"
)

// rivals are a member and an administrator who have the same record open.
func rivals(t *testing.T) (p *portal, self, admin *webtest.Client) {
	t.Helper()
	p = open(t)
	self = p.As(t, p.Member(t, webtest.Person{Username: "camille.durand", End: "2025-01-31"}))
	admin = p.As(t, p.Member(t, webtest.Person{Username: webtest.AdminUsername}))
	typed := with(filled(self.Get(t, "/account/base-info")), "role", "Designer", "mission-0-status", "admin")
	self.Follow(t, self.Post(t, "/account/base-info", typed))
	return p, self, admin
}

func TestASecondSaveTellsWhatTheFirstChanged(t *testing.T) {
	p, self, admin := rivals(t)
	mine, theirs := filled(self.Get(t, "/account/base-info")), filled(admin.Get(t, "/community/camille.durand/admin-update"))
	admin.Follow(t, admin.Post(t, "/community/camille.durand/admin-update", with(theirs, "role", "Coach", "daily_rate", "500", "mission-0-end", "2025-06-30")))
	typed := with(mine, "bio", "Bonjour")
	late := self.Post(t, "/account/base-info", typed)
	text := late.Text()
	if late.Status != http.StatusConflict {
		t.Fatalf("status %d: %s", late.Status, text)
	}
	for _, want := range []string{"Admin Member l’a enregistrée le 19 décembre 2024 à", "Rôle Coach", "TJM moyen HT 500", "30/06/2025"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not told: %s", want, text)
		}
	}
	if strings.Contains(text, "GitHub (vide)") {
		t.Error("a field that did not change is told")
	}
	if m := p.read(t, "camille.durand"); m.Role != "Coach" || m.Bio != "" {
		t.Errorf("something was saved: %+v", m)
	}
	again := filled(late)
	for name := range typed {
		if name != "version" && strings.Join(again[name], "+") != strings.Join(typed[name], "+") {
			t.Errorf("%s is lost: %q, typed %q", name, again[name], typed[name])
		}
	}
	self.Follow(t, self.Post(t, "/account/base-info", again))
	if m := p.read(t, "camille.durand"); m.Role != "Designer" || m.Bio != "Bonjour" || p.missions(t, "camille.durand")[0].End.String() != "2025-01-31" {
		t.Errorf("saved knowingly: %+v", m)
	}
}

func TestWhatIsNoConflict(t *testing.T) {
	p, self, admin := rivals(t)
	mine := filled(self.Get(t, "/account/base-info"))
	id := p.read(t, "camille.durand").ID
	err := postgres.InTx(t.Context(), p.Pool, func(tx pgx.Tx) error {
		return member.Transition(t.Context(), tx, id, member.Change{To: member.StatusSuspended, At: p.Clock.Now(), Actor: "system", Reason: "test"})
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := self.Post(t, "/account/base-info", with(mine, "bio", "Un")); got.Status != http.StatusSeeOther {
		t.Errorf("a job moved the address: %d", got.Status)
	}
	if got := self.Post(t, "/account/base-info", with(mine, "bio", "Deux")); got.Status != http.StatusSeeOther {
		t.Errorf("one's own change: %d", got.Status)
	}
	stale := filled(self.Get(t, "/account/base-info"))
	admin.Follow(t, admin.Post(t, "/community/camille.durand/admin-update", with(filled(admin.Get(t, "/community/camille.durand/admin-update")), "bio", "Trois")))
	if got := self.Post(t, "/account/base-info", with(stale, "bio", "Trois")); got.Status != http.StatusSeeOther {
		t.Errorf("the same change: %d", got.Status)
	}
}

func TestTwoPeopleEditTheSameMissions(t *testing.T) {
	p, self, admin := rivals(t)
	const path = "/community/camille.durand/update"
	added := self.Post(t, path, with(filled(self.Get(t, path)), "do", "add-mission"))
	if added.Status != http.StatusOK {
		t.Fatal(added.Text())
	}
	typed := with(filled(added), "mission-0-end", "2025-03-31", "mission-1-employer", "Scop", "mission-1-start", "2025-04-01", "mission-1-end", "2025-05-01")
	// The administrator puts another mission in place of the one that its owner edits.
	replaced := admin.Post(t, path, with(filled(admin.Get(t, path)), "do", "add-mission"))
	replaced = admin.Post(t, path, with(filled(replaced), "mission-1-employer", "DINUM", "do", "remove-mission-0"))
	admin.Follow(t, admin.Post(t, path, filled(replaced)))
	late := self.Post(t, path, typed)
	if late.Status != http.StatusConflict || !strings.Contains(late.Text(), "Admin Member") || late.Field("mission-0-end") != "2025-03-31" || late.Field("mission-1-employer") != "Scop" {
		t.Fatalf("%d %s", late.Status, late.Text())
	}
	self.Follow(t, self.Post(t, path, filled(late)))
	if got := p.missions(t, "camille.durand"); len(got) != 3 {
		t.Errorf("missions %+v", got)
	}
}

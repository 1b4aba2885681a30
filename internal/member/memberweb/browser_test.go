package memberweb_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/betagouv/espace-membre/internal/testing/webtest"
)

// submit is the last button of the form of a page.
const submit = "main form li button, main form > div:last-child > button, main form > button:last-of-type"

// TestPagesInABrowser looks at each form, as it opens and as it is refused, wide and narrow, with
// and without script. With SHOTS=folder the pictures are kept there.
func TestPagesInABrowser(t *testing.T) {
	browser := webtest.OpenBrowser(t)
	p := open(t)
	for _, name := range []string{"Aides Jeunes", "Aides Locales", "Pix"} {
		p.product(t, strings.ToLower(strings.ReplaceAll(name, " ", ".")), name)
	}
	p.Member(t, webtest.Person{Username: "camille.durand", Secondary: "camille@exemple.fr", End: "2025-01-31"})
	p.share(t, "camille.durand", "camille.durand")
	self := p.As(t, p.read(t, "camille.durand").ID)
	admin := p.As(t, p.Member(t, webtest.Person{Username: webtest.AdminUsername}))
	gone := p.As(t, p.Member(t, webtest.Person{Username: "gael.recent", End: "2024-12-17"}))
	nova, _ := p.nova(t, "nova@exemple.fr")
	self.Post(t, "/account/address/secondary", map[string][]string{"email": {"autre@exemple.fr"}})
	p.apply(t)
	proof := p.proofs[0].URL
	wide, narrow, plain := webtest.View{Axe: true}, webtest.View{Width: 390, Axe: true}, webtest.View{Width: 390, NoScript: true}
	homonym := webtest.View{Axe: true, Fill: map[string]string{"firstname": "Camille", "lastname": "Durand", "email": "c@exemple.fr", "mission-0-employer": "Scop"}}
	pressed := func(view webtest.View, selector string) webtest.View { view.Press = selector; return view }
	for name, page := range map[string]struct {
		client *webtest.Client
		path   string
		views  []webtest.View
	}{
		"create":     {self, "/community/create", []webtest.View{wide, narrow, plain, pressed(narrow, submit), pressed(homonym, submit)}},
		"verify":     {nova, "/verify", []webtest.View{wide, narrow, plain}},
		"own":        {self, "/account/base-info", []webtest.View{wide, narrow, pressed(plain, "#missions > button")}},
		"own-locked": {gone, "/account/base-info", []webtest.View{narrow}},
		"admin":      {admin, "/community/gael.recent/admin-update", []webtest.View{wide}},
		"missions":   {self, "/community/camille.durand/update", []webtest.View{narrow}},
		"secondary":  {self, "/account/address/secondary", []webtest.View{pressed(narrow, "main form:last-of-type > button")}},
		"preference": {self, "/account/address/preference", []webtest.View{narrow}},
		"proof":      {p.Visitor(t), proof, []webtest.View{narrow}},
	} {
		for i, view := range page.views {
			if folder := os.Getenv("SHOTS"); folder != "" {
				view.Shot = filepath.Join(folder, fmt.Sprintf("%s-%d.png", name, i))
			}
			seen := browser.Look(t, page.client, page.path, view)
			for _, problem := range seen.Problems {
				if view.Press == "" || !strings.Contains(problem, "422") { // the browser tells refusals in its console
					t.Errorf("%s, %+v: %s", name, view, problem)
				}
			}
			if seen.Overflow != "" {
				t.Errorf("%s, %+v: wider than the window: %s", name, view, seen.Overflow)
			}
		}
	}
}

// TestAConflictInABrowser saves a record that somebody else changed meanwhile, then copies the
// addresses of the directory.
func TestAConflictInABrowser(t *testing.T) {
	browser := webtest.OpenBrowser(t)
	p := open(t)
	self := p.Member(t, webtest.Person{Username: "camille.durand", End: "2025-01-31"})
	if _, err := p.Pool.Exec(t.Context(), `UPDATE member SET role = 'Designer' WHERE id = $1`, self); err != nil {
		t.Fatal(err)
	}
	admin := p.As(t, p.Member(t, webtest.Person{Username: webtest.AdminUsername}))
	tab := browser.Tab(t, p.URL)
	tab.Resize(390)
	tab.Open("/webtest/login/" + self.String())
	tab.Open("/account/base-info")
	theirs := with(filled(admin.Get(t, "/community/camille.durand/admin-update")), "bio", "Une bio\nde deux lignes")
	admin.Follow(t, admin.Post(t, "/community/camille.durand/admin-update", theirs))
	tab.Fill("Rôle actuel", "Coach")
	tab.Press("Enregistrer")
	if text := tab.Text(); !strings.Contains(text, "Admin Member l’a enregistrée") || tab.Value("Rôle actuel") != "Coach" {
		t.Errorf("the conflict is not told: %s", text)
	}
	if problems := tab.Axe(); len(problems) > 0 || tab.Overflow() != "" {
		t.Errorf("%v, %s", problems, tab.Overflow())
	}
	if folder := os.Getenv("SHOTS"); folder != "" {
		tab.Shot(filepath.Join(folder, "conflict.png"))
	}
	tab.Press("Enregistrer")
	if m := p.read(t, "camille.durand"); m.Role != "Coach" || m.Bio != "" {
		t.Errorf("saved knowingly: %+v", m)
	}
	tab.Open("/community")
	if !tab.Has("Copier les 2 adresses emails") {
		t.Error("nothing copies the addresses")
	}
}

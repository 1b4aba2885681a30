package memberweb_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/web"
	"github.com/betagouv/espace-membre/internal/testing/webtest"
)

func TestAMemberUpdatesTheirRecord(t *testing.T) {
	p := open(t)
	client := p.As(t, p.Member(t, webtest.Person{Username: "camille.durand", End: "2025-01-31"}))
	page := client.Get(t, "/account/base-info")
	if page.Status != 200 || page.Heading() != "Mise à jour de mes informations" || page.Field("fullname") != "Camille Durand" || page.Field("mission-0-end") != "2025-01-31" {
		t.Fatalf("%d %s", page.Status, page.Text())
	}
	form := with(filled(page), "role", "Designer", "link", "exemple.fr", "days_per_week", "2,5", "daily_rate", "450", "legal_status", "AE", "workplace", "Quimper")
	record := client.Follow(t, client.Post(t, "/account/base-info", form))
	if !strings.Contains(record.Text(), "Modifications enregistrées") {
		t.Error(record.Text())
	}
	m := p.read(t, "camille.durand")
	if m.Role != "Designer" || m.Link != "https://exemple.fr" || *m.DaysPerWeek != 2.5 || *m.DailyRate != 450 || m.WorkplaceInseeCode != "29232" {
		t.Errorf("member %+v", m)
	}
	again := client.Get(t, "/account/base-info")
	if again.Field("days_per_week") != "2,5" || again.Field("workplace") != "Quimper (29000)" || !strings.Contains(again.Text(), "Dernière modification le 19 décembre 2024 par camille.durand") {
		t.Errorf("the form again: %s", again.Text())
	}
	if same := client.Follow(t, client.Post(t, "/account/base-info", filled(again))); !strings.Contains(same.Text(), "Rien n’a changé") {
		t.Error(same.Text())
	}
}

func TestMissionsAreEditedWithoutScript(t *testing.T) {
	p := open(t)
	aides := p.product(t, "aides.jeunes", "Aides Jeunes")
	client := p.As(t, p.Member(t, webtest.Person{Username: "camille.durand", End: "2025-01-31"}))
	form := with(filled(client.Get(t, "/account/base-info")), "role", "Designer", "mission-0-status", "admin")
	added := client.Post(t, "/account/base-info", with(form, "do", "add-mission"))
	if added.Status != 200 || added.Field("mission-1-start") != "2024-12-19" || added.Field("mission-1-end") != "2025-03-19" || added.Field("role") != "Designer" {
		t.Fatalf("%d %s", added.Status, added.Text())
	}
	ended := client.Post(t, "/account/base-info", with(filled(added), "do", "three-months-0"))
	if got := ended.Field("mission-0-end"); got != "2025-03-19" {
		t.Errorf("in three months: %s", got)
	}
	chosen := client.Post(t, "/account/base-info", with(filled(ended), "mission-1-product", "aides", "mission-1-employer", "SARL", "do", "add-product-1"))
	client.Follow(t, client.Post(t, "/account/base-info", filled(chosen)))
	missions := p.missions(t, "camille.durand")
	if len(missions) != 2 || missions[0].End.String() != "2025-03-19" || missions[1].Employer != "SARL" || len(missions[1].Startups) != 1 || missions[1].Startups[0] != aides {
		t.Fatalf("missions %+v", missions)
	}
	removed := client.Post(t, "/account/base-info", with(filled(client.Get(t, "/account/base-info")), "do", "remove-mission-0"))
	if strings.Contains(removed.Body, "mission-1-start") || removed.Field("removed") != missions[0].ID.String() || len(p.missions(t, "camille.durand")) != 2 {
		t.Errorf("before saving: %s", removed.Text())
	}
	client.Follow(t, client.Post(t, "/account/base-info", filled(removed)))
	if left := p.missions(t, "camille.durand"); len(left) != 1 || left[0].ID != missions[1].ID {
		t.Errorf("left %+v", left)
	}
	for _, button := range []string{"remove-mission-9", "add-product--1", "x", "three-months-", "remove-mission-99999999999999999999"} {
		if got := client.Post(t, "/account/base-info", with(form, "do", button)); got.Status != 200 {
			t.Errorf("%s: %d", button, got.Status)
		}
	}
}

func TestARefusedRecordKeepsWhatWasTyped(t *testing.T) {
	p := open(t)
	client := p.As(t, p.Member(t, webtest.Person{Username: "camille.durand", End: "2025-01-31"}))
	form := filled(client.Post(t, "/account/base-info", with(filled(client.Get(t, "/account/base-info")), "do", "add-mission")))
	typed := with(form, "role", "", "bio", "Un\n\ntexte", "github", "pas un login", "mission-0-end", "2019-01-01", "mission-1-employer", "", "mission-1-product", "inconnu", "days_per_week", "9")
	refused := client.Post(t, "/account/base-info", typed)
	for _, field := range []string{"role", "github", "mission-0-end", "mission-1-employer", "mission-1-product", "days_per_week"} {
		told(t, "record", refused, field)
	}
	kept := filled(refused)
	for name := range typed {
		if strings.Join(kept[name], "+") != strings.Join(typed[name], "+") {
			t.Errorf("%s is lost: %q, typed %q", name, kept[name], typed[name])
		}
	}
	if missions := p.missions(t, "camille.durand"); len(missions) != 1 || missions[0].End.String() != "2025-01-31" {
		t.Errorf("a refusal changed %+v", missions)
	}
}

// TestMarksMatchWhatIsRefused empties each form: what is then refused is what was marked as
// required, nothing more and nothing less.
func TestMarksMatchWhatIsRefused(t *testing.T) {
	p := open(t)
	self := p.As(t, p.Member(t, webtest.Person{Username: "camille.durand", End: "2025-01-31"}))
	nova, verify := p.nova(t, "nova@exemple.fr")
	for path, c := range map[string]struct {
		client *webtest.Client
		page   *webtest.Answer
		marked int // fields that are required, to be sure that some are
	}{
		"/account/base-info": {self, self.Post(t, "/account/base-info", with(filled(self.Get(t, "/account/base-info")), "do", "add-mission")), 8},
		"/verify":            {nova, verify, 6},
		"/community/create":  {self, self.Get(t, "/community/create"), 8},
	} {
		form, marked := filled(c.page), 0
		for name := range form {
			if name != "removed" && !strings.HasSuffix(name, "-id") && name != "version" {
				form.Set(name, "")
			}
		}
		refused := c.client.Post(t, path, form)
		if c.page.Status != http.StatusOK || refused.Status != http.StatusUnprocessableEntity {
			t.Errorf("%s: status %d, then %d", path, c.page.Status, refused.Status)
			continue
		}
		for name := range form {
			node := c.page.ByID(name)
			if node == nil {
				continue
			}
			required, wrong := has(node, "required"), webtest.Attribute(refused.ByID(name), "aria-invalid") == "true"
			if required != wrong {
				t.Errorf("%s, %s: marked %v, refused empty %v", path, name, required, wrong)
			}
			if required {
				marked++
			}
		}
		if marked != c.marked {
			t.Errorf("%s: %d fields are marked, want %d", path, marked, c.marked)
		}
	}
}

func TestWhoSeesTheFormsOfARecord(t *testing.T) {
	p := open(t)
	p.Member(t, webtest.Person{Username: "camille.durand", End: "2025-01-31"})
	agent := p.Member(t, webtest.Person{Username: "agent.public"})
	p.share(t, "camille.durand", "agent.public")
	clients := map[string]*webtest.Client{
		"self": p.As(t, p.read(t, "camille.durand").ID), "colleague": p.As(t, p.Member(t, webtest.Person{Username: "valid.member"})), "agent": p.As(t, agent),
		"admin": p.As(t, p.Member(t, webtest.Person{Username: webtest.AdminUsername})), "limited": p.As(t, p.Member(t, webtest.Person{Username: "lou.partie", End: "2024-01-01"})),
		"unverified": p.As(t, p.Member(t, webtest.Person{Username: "nova.nouveau", Status: "EMAIL_VERIFICATION_WAITING"})), "visitor": p.Visitor(t),
	}
	for path, want := range map[string]map[string]int{
		"/community/camille.durand/update":            {"self": 200, "colleague": 403, "agent": 200, "admin": 200, "limited": 403, "unverified": 303, "visitor": 303},
		"/community/camille.durand/admin-update":      {"self": 403, "colleague": 403, "agent": 403, "admin": 200, "limited": 403, "unverified": 303, "visitor": 303},
		"/community/camille.durand/address/secondary": {"self": 403, "colleague": 403, "agent": 403, "admin": 200, "limited": 403, "unverified": 303, "visitor": 303},
		"/account/base-info":                          {"self": 200, "colleague": 200, "agent": 200, "admin": 200, "limited": 403, "unverified": 303, "visitor": 303},
		"/account/address/primary":                    {"self": 200, "limited": 403, "unverified": 303, "visitor": 303},
		"/account/address/secondary":                  {"self": 200, "limited": 200, "unverified": 303, "visitor": 303},
		"/account/address/preference":                 {"self": 200, "limited": 200, "unverified": 303, "visitor": 303},
		"/community/personne.inconnue/update":         {"colleague": 404, "admin": 404},
		"/community/personne.inconnue/admin-update":   {"colleague": 403, "admin": 404},
	} {
		for who, status := range want {
			if got := clients[who].Get(t, path).Status; got != status {
				t.Errorf("%s as %s: %d, want %d", path, who, got, status)
			}
			if got := clients[who].Post(t, path, url.Values{}).Status; status != 200 && got != status {
				t.Errorf("POST %s as %s: %d, want %d", path, who, got, status)
			}
		}
	}
}

// share makes two members serve a product; the second one as a public agent.
func (p *portal) share(t *testing.T, first, second string) {
	t.Helper()
	product := p.product(t, "commun", "Commun")
	if _, err := p.Pool.Exec(t.Context(), `
		INSERT INTO mission_startup (mission_id, startup_id)
		SELECT mission.id, $1 FROM mission JOIN member ON member.id = mission.member_id WHERE member.username = ANY($2)`, product, []string{first, second}); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Pool.Exec(t.Context(), `UPDATE mission SET status = 'admin' FROM member WHERE member.id = member_id AND username = $1`, second); err != nil {
		t.Fatal(err)
	}
}

func TestWhoLeftSeesTheirMissionsLocked(t *testing.T) {
	p := open(t)
	client := p.As(t, p.Member(t, webtest.Person{Username: "gael.recent", End: "2024-12-17"}))
	page := client.Get(t, "/account/base-info")
	if page.Status != 200 || page.ByID("mission-0-end") != nil || !strings.Contains(page.Text(), "17/12/2024") || !strings.Contains(page.Text(), "prolongation") {
		t.Fatalf("%d %s", page.Status, page.Text())
	}
	client.Follow(t, client.Post(t, "/account/base-info", with(filled(page), "role", "Designer")))
	if m := p.read(t, "gael.recent"); m.Role != "Designer" {
		t.Errorf("member %+v", m)
	}
	forged := with(filled(page), "mission-0-id", p.missions(t, "gael.recent")[0].ID.String(), "mission-0-start", "2020-01-01", "mission-0-end", "2026-01-01")
	if got := client.Post(t, "/account/base-info", forged); got.Status != http.StatusForbidden || p.missions(t, "gael.recent")[0].End.String() != "2024-12-17" {
		t.Errorf("forged: %d", got.Status)
	}
}

func TestAnAdministratorUpdatesSomebodysRecord(t *testing.T) {
	p := open(t)
	id := p.Member(t, webtest.Person{Username: "camille.durand", End: "2024-01-31"})
	if _, err := p.Pool.Exec(t.Context(), `UPDATE member SET primary_email = NULL, primary_email_status = 'EMAIL_UNSET' WHERE id = $1`, id); err != nil {
		t.Fatal(err)
	}
	admin := p.As(t, p.Member(t, webtest.Person{Username: webtest.AdminUsername}))
	page := admin.Get(t, "/community/camille.durand/admin-update")
	form := with(filled(page), "role", "Responsable", "mission-0-end", "", "mission-0-status", "admin", "email_is_redirection", "1")
	answer := admin.Post(t, "/community/camille.durand/admin-update", form)
	if answer.Header.Get("Location") != "/community/camille.durand" {
		t.Fatalf("%d %s", answer.Status, answer.Text())
	}
	if m := p.read(t, "camille.durand"); m.Role != "Responsable" || !m.EmailIsRedirection || !p.missions(t, "camille.durand")[0].End.IsZero() {
		t.Errorf("member %+v", m)
	}
}

func TestMissionsOfATeammate(t *testing.T) {
	p := open(t)
	p.Member(t, webtest.Person{Username: "camille.durand", End: "2024-01-31"})
	other := p.Member(t, webtest.Person{Username: "autre.personne", End: "2024-01-31"})
	agent := p.Member(t, webtest.Person{Username: "agent.public"})
	p.share(t, "camille.durand", "agent.public")
	client := p.As(t, agent)
	form := filled(client.Get(t, "/community/camille.durand/update"))
	client.Follow(t, client.Post(t, "/community/camille.durand/update", with(form, "mission-0-end", "2025-06-30", "mission-0-status", "independent")))
	if got := p.missions(t, "camille.durand")[0].End.String(); got != "2025-06-30" {
		t.Errorf("end %s", got)
	}
	theirs := p.missions(t, "autre.personne")[0]
	told(t, "somebody else's mission", client.Post(t, "/community/camille.durand/update", with(form, "mission-0-id", theirs.ID.String())), "mission-0-start")
	if got := client.Post(t, "/community/camille.durand/update", with(form, "mission-0-status", "independent", "removed", theirs.ID.String())); got.Status != 422 || !strings.Contains(got.Text(), "recharge la page") {
		t.Errorf("remove somebody else's mission: %d", got.Status)
	}
	if got := client.Post(t, "/community/camille.durand/update", with(form, "mission-0-startups", uuid.NewString())); got.Status != 422 {
		t.Errorf("a product of nowhere: %d", got.Status)
	}
	if m, err := member.MissionsOf(t.Context(), p.Pool, other); err != nil || len(m) != 1 || m[0].End != theirs.End {
		t.Errorf("somebody else's missions changed: %+v", m)
	}
}

func TestTheFormShowsThePhotoAndLeadsToItsPage(t *testing.T) {
	photo := web.Get("/account/photo", web.Member, func(http.ResponseWriter, *http.Request) error { return nil })
	for name, others := range map[string][]web.Route{"with the page": {photo}, "without": nil} {
		p := open(t, others...)
		self := p.As(t, p.Member(t, webtest.Person{Username: "camille.durand"}))
		admin := p.As(t, p.Member(t, webtest.Person{Username: webtest.AdminUsername}))
		for where, page := range map[string]*webtest.Answer{
			"/account/photo": self.Get(t, "/account/base-info"), "/community/camille.durand/photo": admin.Get(t, "/community/camille.durand/admin-update"),
		} {
			shown := strings.Contains(page.Body, `src="/community/camille.durand/avatar"`) && strings.Contains(page.Body, `href="`+where+`"`)
			if page.Status != http.StatusOK || shown != (others != nil) {
				t.Errorf("%s: %d, the photo and the link to %s: %v", name, page.Status, where, shown)
			}
		}
		if _, page := p.nova(t, "nova@exemple.fr"); page.Status != http.StatusOK || strings.Contains(page.Body, "/avatar") {
			t.Errorf("%s: the verification answers %d, or shows a photo that does not exist yet", name, page.Status)
		}
	}
}

func TestAnOverlapIsConfirmedByABox(t *testing.T) {
	p := open(t)
	aides := p.product(t, "aides.jeunes", "Aides Jeunes")
	client := p.As(t, p.Member(t, webtest.Person{Username: "camille.durand", End: "2025-01-31"}))
	form := filled(client.Post(t, "/account/base-info", with(filled(client.Get(t, "/account/base-info")), "do", "add-mission")))
	if form.Has(member.OverlapField) {
		t.Error("the box is there before it is needed")
	}
	form = with(form, "role", "Designer", "mission-0-status", "admin", "mission-0-startups", aides.String(), "mission-1-startups", aides.String(), "mission-1-employer", "SARL")
	refused := client.Post(t, "/account/base-info", form)
	told(t, "overlap", refused, member.OverlapField)
	if text := refused.Described(member.OverlapField); !strings.Contains(text, "Aides Jeunes") || !strings.Contains(text, "du 19/12/2024 au 31/01/2025") {
		t.Error(text)
	}
	client.Follow(t, client.Post(t, "/account/base-info", with(filled(refused), member.OverlapField, "1")))
	if got := p.missions(t, "camille.durand"); len(got) != 2 {
		t.Errorf("missions %+v", got)
	}
}

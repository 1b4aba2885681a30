package offboardingweb_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/uuid"
	"golang.org/x/net/html"

	"github.com/betagouv/espace-membre/internal/dashboard/dashboardweb"
	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/offboarding"
	"github.com/betagouv/espace-membre/internal/offboarding/offboardingweb"
	"github.com/betagouv/espace-membre/internal/platform/actor"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/dsfr"
	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/platform/web"
	"github.com/betagouv/espace-membre/internal/testing/webtest"
)

// portal is the pages of the room and the home page, with a member who left on 10 December
// (lou), a teammate (max), a stranger (zoe) and an administrator.
type portal struct {
	*webtest.Site
	requests                     *webtest.Requests
	service                      *offboarding.Service
	letters                      []any
	lou, max, zoe, admin         uuid.UUID
	asLou, asMax, asZoe, asAdmin *webtest.Client
}

func (p *portal) keep(letter any) error { p.letters = append(p.letters, letter); return nil }

func (p *portal) Notice(_ context.Context, _, _ string, n offboarding.Notice) error { return p.keep(n) }

func (p *portal) SecondaryMissing(_ context.Context, _, _ string, m offboarding.MissingLetter) error {
	return p.keep(m.Fullname)
}

func (p *portal) ExtensionAsked(_ context.Context, _, _ string, l offboarding.AskedLetter) error {
	return p.keep(l)
}

func (p *portal) ExtensionAnswered(_ context.Context, _, _ string, l offboarding.AnsweredLetter) error {
	return p.keep(l)
}

func open(t *testing.T) *portal {
	t.Helper()
	p := &portal{requests: &webtest.Requests{}}
	p.Site = webtest.New(t, func(site *webtest.Site, _ *web.Config) []web.Module {
		p.service = offboarding.New(site.Pool, site.Clock, offboarding.Ports{Letters: p, Requester: p.requests}, offboarding.Config{
			Domain: "beta.gouv.fr", Portal: "https://espace.exemple.org", Admins: []string{webtest.AdminUsername},
		})
		pages := offboardingweb.New(p.service)
		return []web.Module{pages.Module(), dashboardweb.New(pages.Banner, pages.Waiting).Module(), {Room: "test", Routes: []web.Route{
			web.Get("/account", web.Any, blank), web.Get("/community", web.Member, blank), web.Get("/login", web.Anonymous, blank), web.Get("/verify", web.Unverified, blank),
			web.Get("/community/{username}", web.Member, blank), web.Post("/logout", web.Unverified, blank),
		}}}
	})
	p.lou = p.Member(t, webtest.Person{Username: "lou.partie", End: "2024-12-10", Secondary: "lou@ailleurs.fr", Status: "EMAIL_SUSPENDED"})
	p.max = p.Member(t, webtest.Person{Username: "max.meme"})
	p.zoe = p.Member(t, webtest.Person{Username: "zoe.ailleurs"})
	p.admin = p.Member(t, webtest.Person{Username: webtest.AdminUsername})
	p.exec(t, `INSERT INTO startup (slug, name, created_at, updated_at) VALUES ('produit', 'Produit <i>', '2024-01-01', '2024-01-01')`)
	p.exec(t, `INSERT INTO mission_startup (mission_id, startup_id) SELECT mission.id, startup.id FROM mission, startup WHERE member_id = ANY($1)`, []uuid.UUID{p.lou, p.max})
	p.asLou, p.asMax, p.asZoe, p.asAdmin = p.As(t, p.lou), p.As(t, p.max), p.As(t, p.zoe), p.As(t, p.admin)
	return p
}

func blank(w http.ResponseWriter, r *http.Request) error {
	return web.Render(w, r, http.StatusOK, web.Page{Title: "x", Body: dsfr.Text("x")})
}

func (p *portal) exec(t *testing.T, sql string, args ...any) {
	t.Helper()
	if _, err := p.Pool.Exec(t.Context(), sql, args...); err != nil {
		t.Fatal(err)
	}
}

// ask makes a request in the page, and gives the address where it is answered.
func (p *portal) ask(t *testing.T, wished string) string {
	t.Helper()
	page := p.asLou.Follow(t, p.asLou.Post(t, "/account/extension", url.Values{"fin": {wished}, "message": {"Je <b>continue</b>."}}))
	if !strings.Contains(page.Text(), "Ta demande est partie.") || !strings.Contains(page.Text(), "Ta demande attend une réponse") {
		t.Fatalf("after asking: %s", page.Text())
	}
	if _, err := p.requests.Apply(t.Context(), p.Pool, p.service.Requests()); err != nil {
		t.Fatal(err)
	}
	letter, ok := p.letters[len(p.letters)-1].(offboarding.AskedLetter)
	if !ok {
		t.Fatalf("letter %+v", p.letters)
	}
	return "/community/" + letter.Username + "/extension/" + letter.Request.String()
}

func answer(decision string) url.Values {
	return url.Values{"decision": {decision}, "reponse": {"Avec plaisir."}}
}

func says(t *testing.T, what string, page *webtest.Answer, status int, texts ...string) {
	t.Helper()
	if page.Status != status {
		t.Errorf("%s: status %d, want %d: %s", what, page.Status, status, page.Text())
	}
	for _, text := range texts {
		if !strings.Contains(page.Text(), text) {
			t.Errorf("%s: no %q in %s", what, text, page.Text())
		}
	}
}

func TestTheWholeStoryOfARequest(t *testing.T) {
	p := open(t)
	home := p.asLou.Get(t, "/dashboard")
	says(t, "home", home, 200, "Ta dernière mission est terminée depuis le 10 décembre 2024", "Demander une prolongation", "le 9 janvier 2025")
	form := p.asLou.Get(t, "/account/extension")
	says(t, "form", form, 200, "Ta dernière mission s’est terminée le 10 décembre 2024", "une personne de ton équipe")
	path := p.ask(t, "2025-06-30")
	says(t, "home while it waits", p.asLou.Get(t, "/dashboard"), 200, "jusqu’au 30 juin 2025 attend une réponse")
	if got := p.asMax.Get(t, "/dashboard"); !strings.Contains(got.Text(), "Une demande de prolongation attend ta réponse") {
		t.Errorf("home of who decides: %s", got.Text())
	}
	says(t, "list", p.asMax.Get(t, "/extensions"), 200, "Lou Partie", "Produit <i>", "30/06/2025")
	page := p.asMax.Get(t, path)
	says(t, "request", page, 200, "Une prolongation pour Lou Partie ?", "Je <b>continue</b>.", "10 décembre 2024")
	if strings.Contains(page.Body, "<b>continue") {
		t.Error("a message is read as HTML")
	}
	done := p.asMax.Follow(t, p.asMax.Post(t, path, answer("accepter")))
	says(t, "after accepting", done, 200, "la mission est prolongée", "Aucune demande n’attend ta réponse")
	if again := p.asMax.Post(t, path, answer("accepter")); again.Status != http.StatusSeeOther {
		t.Errorf("a second click: %d", again.Status)
	}
	says(t, "the other decision", p.asMax.Post(t, path, answer("refuser")), 409, "déjà été acceptée par Max Meme")
	says(t, "an administrator, later", p.asAdmin.Get(t, path), 200, "Cette demande est close", "Acceptée le 19 décembre 2024 par Max Meme.")
	if _, err := p.requests.Apply(t.Context(), p.Pool, p.service.Requests()); err != nil {
		t.Fatal(err)
	}
	if l, ok := p.letters[len(p.letters)-1].(offboarding.AnsweredLetter); !ok || !l.Accepted || l.Answer != "Avec plaisir." || l.Mailbox != offboarding.ComebackPassword {
		t.Errorf("letters %+v", p.letters)
	}
	back := p.asLou.Get(t, "/community")
	if back.Status != 200 {
		t.Errorf("the session of who comes back: %d", back.Status)
	}
	says(t, "requests of before", p.asLou.Get(t, "/account/extension"), 200, "acceptée par Max Meme")
}

func TestRefusedFormsKeepWhatWasTyped(t *testing.T) {
	p := open(t)
	for name, c := range map[string]struct {
		form        url.Values
		field, want string
		status      int
	}{
		"no day":       {url.Values{"fin": {""}, "message": {"mot"}}, "fin", "Indique jusqu’à quel jour", 422},
		"not a day":    {url.Values{"fin": {"demain"}, "message": {"mot"}}, "fin", "Écris une date", 422},
		"past":         {url.Values{"fin": {"2024-12-18"}, "message": {"mot"}}, "fin", "à partir du 19 décembre 2024", 422},
		"far":          {url.Values{"fin": {"2099-01-01"}, "message": {"mot"}}, "fin", "au plus tard le 19 décembre 2025", 422},
		"30 February":  {url.Values{"fin": {"2025-02-30"}, "message": {"mot"}}, "fin", "Écris une date", 422},
		"invalid text": {url.Values{"fin": {"\xff"}, "message": {"mot"}}, "fin", "Écris une date", 422},
		"too long":     {url.Values{"fin": {"2025-06-30"}, "message": {strings.Repeat("x", 1001)}}, "message", "1000 caractères", 422},
	} {
		page := p.asLou.Post(t, "/account/extension", c.form)
		if page.Status != c.status || !strings.Contains(page.Described(c.field), c.want) || webtest.Attribute(page.ByID(c.field), "aria-invalid") != "true" {
			t.Errorf("%s: %d %q", name, page.Status, page.Described(c.field))
		}
		if area := page.ByID("message"); area == nil || strings.TrimSpace(webtest.TextOf(area)) != c.form.Get("message") {
			t.Errorf("%s: the message is lost", name)
		}
	}
	p.ask(t, "2025-06-30")
	says(t, "another request", p.asLou.Post(t, "/account/extension", url.Values{"fin": {"2025-07-31"}}), 409, "Une demande attend déjà une réponse")
	withdrawn := p.asLou.Follow(t, p.asLou.Post(t, "/account/extension/withdraw", url.Values{}))
	says(t, "withdrawn", withdrawn, 200, "Ta demande est annulée.", "pour rester jusqu’au 30 juin 2025 : annulée.")
	says(t, "withdrawn twice", p.asLou.Post(t, "/account/extension/withdraw", url.Values{}), 404)
	says(t, "invalid bytes in a message", p.asLou.Post(t, "/account/extension", url.Values{"fin": {"2025-06-30"}, "message": {"a\x00b"}}), 422, "caractères illisibles")
}

func TestRightsOfTheRequestPages(t *testing.T) {
	p := open(t)
	path := p.ask(t, "2025-06-30")
	id := strings.TrimPrefix(path, "/community/lou.partie/extension/")
	for name, c := range map[string]struct {
		client *webtest.Client
		path   string
		want   int
	}{
		"nobody":                {p.Visitor(t), path, 303},
		"a stranger":            {p.asZoe, path, 403},
		"who asks, limited":     {p.asLou, path, 403},
		"under another member":  {p.asMax, "/community/zoe.ailleurs/extension/" + id, 404},
		"an unknown request":    {p.asMax, "/community/lou.partie/extension/" + uuid.NewString(), 404},
		"not an identifier":     {p.asMax, "/community/lou.partie/extension/1", 404},
		"an unknown member":     {p.asMax, "/community/personne/extension/" + id, 404},
		"the list, limited":     {p.asLou, "/extensions", 403},
		"the list, for nobody":  {p.Visitor(t), "/extensions", 303},
		"asking, for nobody":    {p.Visitor(t), "/account/extension", 303},
		"the steps, for nobody": {p.Visitor(t), "/community/lou.partie/departure", 303},
		"somebody else's steps": {p.asMax, "/community/lou.partie/departure", 403},
		"other steps, limited":  {p.asLou, "/community/max.meme/departure", 403},
		"the steps of nobody":   {p.asAdmin, "/community/personne/departure", 404},
	} {
		if got := c.client.Get(t, c.path); got.Status != c.want {
			t.Errorf("GET %s: %d, want %d", name, got.Status, c.want)
		}
		if c.path == "/extensions" || c.path == "/account/extension" || strings.HasSuffix(c.path, "departure") {
			continue
		}
		if got := c.client.Post(t, c.path, answer("accepter")); got.Status != c.want {
			t.Errorf("POST %s: %d, want %d", name, got.Status, c.want)
		}
	}
	says(t, "the list of a stranger", p.asZoe.Get(t, "/extensions"), 200, "Aucune demande n’attend ta réponse")
	says(t, "neither yes nor no", p.asMax.Post(t, path, answer("peut-être")), 422, "Choisis « Accepter » ou « Refuser ».")
	says(t, "too long an answer", p.asMax.Post(t, path, url.Values{"decision": {"refuser"}, "reponse": {strings.Repeat("x", 1001)}}), 422, "1000 caractères")
	says(t, "an unreadable answer", p.asMax.Post(t, path, url.Values{"decision": {"refuser"}, "reponse": {"a\x1bb"}}), 422, "caractères illisibles")
	foreign := p.As(t, p.max)
	foreign.Header.Set("Sec-Fetch-Site", "cross-site")
	says(t, "from another site", foreign.Post(t, path, answer("accepter")), 403)
	for range 2 {
		p.asMax.Get(t, path) // reading decides nothing
	}
	if got, err := p.service.Asking(t.Context(), viewer(p.lou, "lou.partie")); err != nil || got.Pending == nil {
		t.Errorf("after all that: %+v, %v", got, err)
	}
}

func TestTheStepsOfADeparture(t *testing.T) {
	p := open(t)
	own := p.asLou.Get(t, "/community/lou.partie/departure")
	says(t, "own steps", own, 200, "Mon départ", "Suspension de la boîte", "Prochaine étape", "Demander une prolongation")
	if strings.Contains(own.Text(), "Reporter ou annuler une étape") || strings.Contains(own.Text(), "Raison") {
		t.Error("the person may postpone their own departure")
	}
	says(t, "the person's own hands", p.asLou.Post(t, "/community/lou.partie/departure", url.Values{"choix": {"annuler"}, "etape": {"all"}, "raison": {"x"}}), 403)
	says(t, "a teammate's hands", p.asMax.Post(t, "/community/lou.partie/departure", url.Values{"choix": {"annuler"}, "etape": {"all"}, "raison": {"x"}}), 403)
	says(t, "their own, by administrators", p.asAdmin.Post(t, "/community/admin.member/departure", url.Values{"choix": {"annuler"}, "etape": {"all"}, "raison": {"x"}}), 403)
	says(t, "no departure", p.asAdmin.Get(t, "/community/max.meme/departure"), 200, "il n’y a pas de départ en vue")
	says(t, "none to postpone", p.asAdmin.Post(t, "/community/max.meme/departure", url.Values{"choix": {"annuler"}, "etape": {"all"}, "raison": {"x"}}), 409)

	path := "/community/lou.partie/departure"
	for name, c := range map[string]struct {
		form        url.Values
		field, want string
	}{
		"no day":          {url.Values{"choix": {"reporter"}, "etape": {"all"}, "raison": {"x"}}, "jusquau", "Indique à partir de quel jour"},
		"today":           {url.Values{"choix": {"reporter"}, "etape": {"all"}, "raison": {"x"}, "jusquau": {"2024-12-19"}}, "jusquau", "un jour à venir"},
		"too far":         {url.Values{"choix": {"reporter"}, "etape": {"all"}, "raison": {"x"}, "jusquau": {"2026-12-20"}}, "jusquau", "au plus tard le 19 décembre 2026"},
		"not a day":       {url.Values{"choix": {"reporter"}, "etape": {"all"}, "raison": {"x"}, "jusquau": {"un jour"}}, "jusquau", "Écris une date"},
		"no reason":       {url.Values{"choix": {"annuler"}, "etape": {"all"}}, "raison", "Dis pourquoi"},
		"too long":        {url.Values{"choix": {"annuler"}, "etape": {"all"}, "raison": {strings.Repeat("x", 301)}}, "raison", "300 caractères"},
		"unreadable":      {url.Values{"choix": {"annuler"}, "etape": {"all"}, "raison": {"a\xffb"}}, "raison", "caractères illisibles"},
		"an unknown step": {url.Values{"choix": {"annuler"}, "etape": {"end"}, "raison": {"x"}}, "etape", "une étape de la liste"},
	} {
		page := p.asAdmin.Post(t, path, c.form)
		if page.Status != 422 || !strings.Contains(page.Described(c.field), c.want) {
			t.Errorf("%s: %d %q", name, page.Status, page.Described(c.field))
		}
	}
	says(t, "no choice", p.asAdmin.Post(t, path, url.Values{"etape": {"all"}, "raison": {"x"}}), 422, "Choisis de reporter ou d’annuler.")
	said := p.asAdmin.Follow(t, p.asAdmin.Post(t, path, url.Values{"choix": {"reporter"}, "etape": {"deletion"}, "raison": {"Congé <b>maladie"}, "jusquau": {"2025-02-01"}}))
	says(t, "postponed", said, 200, "reportée au 1er février 2025", "Reporté", "par admin.member", "Congé <b>maladie", "Laisser reprendre : suppression de la boîte")
	says(t, "seen by the person", p.asLou.Get(t, path), 200, "1er février 2025 – Suppression de la boîte")
	if _, held, err := member.HeldDeparture(t.Context(), p.Pool, p.lou, member.StepDeletion, clock.MustDay("2025-01-31")); err != nil || !held {
		t.Errorf("jobs do not see it (%v)", err)
	}
	said = p.asAdmin.Follow(t, p.asAdmin.Post(t, path, url.Values{"choix": {"annuler"}, "etape": {"all"}, "raison": {"Erreur de saisie"}}))
	says(t, "cancelled", said, 200, "Tout le départ : annulé par admin.member le 19 décembre 2024 : Erreur de saisie", "Annulé")
	said = p.asAdmin.Follow(t, p.asAdmin.Post(t, path, url.Values{"choix": {"reprendre"}, "etape": {"all"}}))
	says(t, "resumed", said, 200, "suit de nouveau son cours")
	says(t, "resumed twice", p.asAdmin.Post(t, path, url.Values{"choix": {"reprendre"}, "etape": {"all"}}), 404)
}

func TestBannersByStanding(t *testing.T) {
	p := open(t)
	for name, c := range map[string]struct {
		end  string
		want []string
		not  string
	}{
		"31 days before": {"2025-01-19", nil, "prolongation"},
		"30 days before": {"2025-01-18", []string{"Ta mission se termine le 18 janvier 2025, dans 30 jours", "Sans prolongation"}, ""},
		"the last day":   {"2024-12-19", []string{"aujourd’hui"}, "Ta mission s’est terminée"},
		"the day after":  {"2024-12-18", []string{"Ta mission s’est terminée le 18 décembre 2024", "Jusqu’au 22 décembre 2024 inclus"}, ""},
		"end + 4":        {"2024-12-15", []string{"Jusqu’au 19 décembre 2024 inclus"}, ""},
		"end + 5":        {"2024-12-14", []string{"Ta dernière mission est terminée depuis le 14 décembre 2024"}, "inclus"},
		"no mission":     {"none", []string{"Ta fiche ne porte aucune mission"}, "Sans prolongation"},
		"no end":         {"", nil, "prolongation"},
	} {
		client := p.As(t, p.Member(t, webtest.Person{Username: "m." + strings.ReplaceAll(strings.ReplaceAll(name, " ", "."), "+", "plus"), End: c.end}))
		home := client.Get(t, "/dashboard")
		says(t, name, home, 200, c.want...)
		if c.not != "" && strings.Contains(home.Text(), c.not) {
			t.Errorf("%s: %q in %s", name, c.not, home.Text())
		}
		for _, link := range home.Links() {
			if strings.HasPrefix(link, "/") && !strings.HasPrefix(link, "/static") && client.Get(t, link).Status >= 400 {
				t.Errorf("%s: dead link %s", name, link)
			}
		}
	}
}

// TestInABrowser looks at each page as people do. SHOTS names a folder where pictures are kept.
func TestInABrowser(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a browser")
	}
	p := open(t)
	browser := webtest.OpenBrowser(t)
	look := func(name string, client *webtest.Client, path string, views ...webtest.View) {
		t.Helper()
		for i, view := range views {
			if folder := os.Getenv("SHOTS"); folder != "" {
				view.Shot = filepath.Join(folder, fmt.Sprintf("%s-%d.png", name, i))
			}
			if seen := browser.Look(t, client, path, view); len(seen.Problems) > 0 || seen.Overflow != "" {
				t.Errorf("%s, view %d: %+v", name, i, seen)
			}
		}
	}
	wide, narrow := webtest.View{Axe: true}, webtest.View{Width: 390, Axe: true}
	dark, bare := webtest.View{Dark: true, Axe: true}, webtest.View{Width: 390, NoScript: true}
	look("ask", p.asLou, "/account/extension", narrow, bare)
	look("home-limited", p.asLou, "/dashboard", narrow)
	path := p.ask(t, "2025-06-30")
	look("asked", p.asLou, "/account/extension", wide)
	look("home-decider", p.asMax, "/dashboard", dark)
	look("list", p.asMax, "/extensions", narrow)
	look("decide", p.asMax, path, narrow)
	p.asAdmin.Post(t, "/community/lou.partie/departure", url.Values{"choix": {"reporter"}, "etape": {"deletion"}, "raison": {"Congé maladie"}, "jusquau": {"2025-02-01"}})
	p.asAdmin.Post(t, "/community/lou.partie/departure", url.Values{"choix": {"annuler"}, "etape": {"github"}, "raison": {"Garde ses dépôts"}})
	look("manage", p.asAdmin, "/community/lou.partie/departure", wide, narrow)
	for _, node := range p.asAdmin.Get(t, "/community/lou.partie/departure").All("form") {
		if hasID(node, "etape") && webtest.Attribute(node, "method") != "post" {
			t.Error("the form of administrators is not posted")
		}
	}
}

func hasID(form *html.Node, id string) bool {
	for node := range form.Descendants() {
		if node.Type == html.ElementNode && webtest.Attribute(node, "id") == id {
			return true
		}
	}
	return false
}

func viewer(id uuid.UUID, username string) actor.Actor {
	return actor.Actor{ID: id, Username: username, Standing: actor.Limited}
}

func TestThePanelIsForThePersonAndAdministrators(t *testing.T) {
	p := open(t)
	pages := offboardingweb.New(p.service)
	admin := actor.Actor{ID: p.admin, Username: webtest.AdminUsername, Standing: actor.Active, Admin: true}
	for name, c := range map[string]struct {
		who   actor.Actor
		forms bool
	}{"the person": {viewer(p.lou, "lou.partie"), false}, "an administrator": {admin, true}} {
		panel, err := pages.Panel(t.Context(), c.who, "lou.partie")
		if err != nil {
			t.Fatal(err)
		}
		var b strings.Builder
		if err := panel.Render(t.Context(), &b); err != nil {
			t.Fatal(err)
		}
		if got := strings.Contains(b.String(), "<form"); got != c.forms || !strings.Contains(b.String(), "Suspension de la boîte") {
			t.Errorf("%s: forms %v, want %v", name, got, c.forms)
		}
	}
	if _, err := pages.Panel(t.Context(), actor.Actor{ID: p.max, Username: "max.meme", Standing: actor.Active}, "lou.partie"); !fault.Is(err, fault.Forbidden) {
		t.Errorf("a teammate: %v", err)
	}
}

// TestAFarDepartureIsOneLine tells a departure of years away in a line, and one that is near by its steps.
func TestAFarDepartureIsOneLine(t *testing.T) {
	p := open(t)
	pages := offboardingweb.New(p.service)
	for days, whole := range map[int]bool{60: true, 61: false} {
		if _, err := p.Pool.Exec(t.Context(), `UPDATE mission SET end_day = $2 WHERE member_id = $1`, p.lou, clock.Today(p.Clock).Add(days)); err != nil {
			t.Fatal(err)
		}
		panel, err := pages.Panel(t.Context(), actor.Actor{ID: p.lou, Username: "lou.partie", Standing: actor.Active}, "lou.partie")
		if err != nil {
			t.Fatal(err)
		}
		var b strings.Builder
		if err := panel.Render(t.Context(), &b); err != nil {
			t.Fatal(err)
		}
		if got := strings.Contains(b.String(), "Suspension de la boîte"); got != whole || !whole && !strings.Contains(b.String(), "/community/lou.partie/departure") {
			t.Errorf("%d days away: every step %v: %s", days, got, b.String())
		}
	}
}

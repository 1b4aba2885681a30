package profileweb_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/betagouv/espace-membre/internal/mailbox"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/files"
	"github.com/betagouv/espace-membre/internal/platform/web"
	"github.com/betagouv/espace-membre/internal/profile"
	"github.com/betagouv/espace-membre/internal/profile/profileweb"
	"github.com/betagouv/espace-membre/internal/testing/webtest"
)

// portal is a site with the pages of this room.
type portal struct {
	*webtest.Site
	requests *webtest.Requests
	service  *profile.Service
}

// start opens the pages, with panels and the outside of the room as a test wants them.
func start(t *testing.T, ports profile.Ports, panels ...profileweb.Panel) *portal {
	t.Helper()
	return startWith(t, ports, nil, panels...)
}

// startWith also serves pages of other rooms, which say nothing.
func startWith(t *testing.T, ports profile.Ports, others []string, panels ...profileweb.Panel) *portal {
	t.Helper()
	beside := web.Module{Room: "test"}
	for _, path := range others {
		beside.Routes = append(beside.Routes, web.Get(path, web.Member, func(http.ResponseWriter, *http.Request) error { return nil }))
	}
	p := &portal{requests: &webtest.Requests{}}
	p.Site = webtest.New(t, func(site *webtest.Site, config *web.Config) []web.Module {
		if ports.Files == nil {
			ports.Files = files.NewRows(site.Pool)
		}
		p.service = profile.New(site.Pool, site.Clock, p.requests, ports, profile.Config{Domain: "beta.gouv.fr", BaseURL: "http://portail.test", Key: []byte("clé")})
		shown := slices.Concat(panels, []profileweb.Panel{profileweb.DeliveriesPanel(p.service)})
		return []web.Module{beside, profileweb.New(profileweb.Config{
			Profile: p.service, Clock: site.Clock, Panels: shown, Domain: "beta.gouv.fr", Logger: config.Logger,
		}).Module()}
	})
	return p
}

// set changes columns of a member.
func (p *portal) set(t *testing.T, username, assignment string, args ...any) {
	t.Helper()
	if _, err := p.Pool.Exec(context.Background(), `UPDATE member SET `+assignment+` WHERE username = '`+username+`'`, args...); err != nil {
		t.Fatal(err)
	}
}

func (p *portal) exec(t *testing.T, sql string, args ...any) {
	t.Helper()
	if _, err := p.Pool.Exec(context.Background(), sql, args...); err != nil {
		t.Fatal(err)
	}
}

// people makes an owner, a colleague and the administrator.
func people(t *testing.T, p *portal) (owner, colleague, admin uuid.UUID) {
	t.Helper()
	owner = p.Member(t, webtest.Person{Username: "helene.lefevre", Secondary: "helene@prive.exemple", End: "2030-01-01"})
	colleague = p.Member(t, webtest.Person{Username: "valid.member", End: "2030-03-01"})
	admin = p.Member(t, webtest.Person{Username: webtest.AdminUsername, End: "2030-03-01"})
	return owner, colleague, admin
}

func TestTheSecondaryAddressIsForItsOwnerAndAdministratorsOnly(t *testing.T) {
	site := start(t, profile.Ports{})
	owner, colleague, admin := people(t, site)
	for name, c := range map[string]struct {
		client *webtest.Client
		want   bool
	}{"owner": {site.As(t, owner), true}, "colleague": {site.As(t, colleague), false}, "administrator": {site.As(t, admin), true}} {
		for _, path := range []string{"/community/helene.lefevre", "/community/helene.lefevre/accounts", "/community/helene.lefevre/mailbox"} {
			page := c.client.Get(t, path)
			if page.Status != http.StatusOK || page.Heading() != "Helene Lefevre" {
				t.Fatalf("%s on %s: status %d, heading %q", name, path, page.Status, page.Heading())
			}
			shown := strings.Contains(page.Body, "helene@prive.exemple")
			if shown && !c.want || !shown && c.want && !strings.HasSuffix(path, "/accounts") {
				t.Errorf("%s sees the secondary address on %s: %v", name, path, shown)
			}
			if tab := strings.Contains(page.Body, "/community/helene.lefevre/history"); tab != c.want {
				t.Errorf("%s has the tab of the history: %v, want %v", name, tab, c.want)
			}
		}
	}
	if got := site.Visitor(t).Get(t, "/community/helene.lefevre"); got.Status != http.StatusSeeOther {
		t.Errorf("anonymous: status %d", got.Status)
	}
}

func TestTheAccountIsTheViewersOwn(t *testing.T) {
	site := start(t, profile.Ports{})
	owner, colleague, _ := people(t, site)
	if got := site.As(t, owner).Get(t, "/account"); got.Heading() != "Helene Lefevre" || !strings.Contains(got.Body, "helene@prive.exemple") {
		t.Errorf("own account: %s", got.Text())
	}
	if got := site.As(t, colleague).Get(t, "/account"); got.Heading() != "Valid Member" || strings.Contains(got.Body, "helene@prive.exemple") {
		t.Errorf("a colleague's account: %s", got.Text())
	}
}

func TestEveryTabHasItsAddress(t *testing.T) {
	site := start(t, profile.Ports{})
	owner, _, _ := people(t, site)
	client := site.As(t, owner)
	for _, base := range []string{"/account", "/community/helene.lefevre"} {
		for _, tab := range []string{"", "/accounts", "/mailbox", "/history"} {
			current, links := tabsOf(client.Get(t, base+tab))
			if len(current) != 1 || current[0] != base+tab || len(links) != 4 {
				t.Errorf("%s%s: current tab %v of %v", base, tab, current, links)
			}
		}
	}
}

// tabsOf reads the navigation between tabs: the current ones, and all of them.
func tabsOf(page *webtest.Answer) (current, links []string) {
	for _, nav := range page.All("nav") {
		if webtest.Attribute(nav, "aria-label") != "Rubriques de la fiche" {
			continue
		}
		for node := range nav.Descendants() {
			if node.Data != "a" {
				continue
			}
			links = append(links, webtest.Attribute(node, "href"))
			if webtest.Attribute(node, "aria-current") == "page" {
				current = append(current, webtest.Attribute(node, "href"))
			}
		}
	}
	return current, links
}

// Links of messages already sent lead to /account#password: a page without script shows the way.
func TestOldLinksToThePasswordStillLand(t *testing.T) {
	site := start(t, profile.Ports{})
	owner, colleague, _ := people(t, site)
	page := site.As(t, owner).Get(t, "/account")
	target := page.ByID("password")
	if target == nil || !strings.Contains(webtest.TextOf(target), "changer mon mot de passe") {
		t.Fatal("nothing at #password")
	}
	if page := site.As(t, colleague).Get(t, "/community/helene.lefevre"); page.ByID("password") != nil {
		t.Error("a colleague is told about a password")
	}
}

func TestWhoMayChangeIsShownTheButton(t *testing.T) {
	site := start(t, profile.Ports{})
	owner, colleague, admin := people(t, site)
	for name, c := range map[string]struct {
		client *webtest.Client
		want   string
	}{
		"owner": {site.As(t, owner), "/account/base-info"}, "colleague": {site.As(t, colleague), ""},
		"administrator": {site.As(t, admin), "/community/helene.lefevre/admin-update"},
	} {
		page, found := c.client.Get(t, "/community/helene.lefevre"), ""
		for _, href := range page.Links() {
			if strings.Contains(href, "update") || strings.Contains(href, "base-info") {
				found = href
			}
		}
		if found != c.want {
			t.Errorf("%s: the button leads to %q, want %q", name, found, c.want)
		}
	}
}

func TestADepartureIsToldFromTheDayAfter(t *testing.T) {
	for end, want := range map[string]bool{"2024-12-18": true, "2024-12-19": false, "2024-12-20": false} {
		site := start(t, profile.Ports{})
		_, colleague, _ := people(t, site)
		site.Member(t, webtest.Person{Username: "zoe.partie", End: end})
		page := site.As(t, colleague).Get(t, "/community/zoe.partie")
		if got := strings.Contains(page.Text(), "terminée le 18 décembre 2024"); got != want {
			t.Errorf("last day %s: told %v, want %v", end, got, want)
		}
	}
}

func TestALimitedSessionSeesItsOwnRecordOnly(t *testing.T) {
	site := start(t, profile.Ports{})
	people(t, site)
	gone := site.As(t, site.Member(t, webtest.Person{Username: "zoe.partie", End: "2024-12-14"}))
	for path, want := range map[string]int{
		"/account": 200, "/account/accounts": 200, "/account/mailbox": 200, "/community/helene.lefevre": 403, "/community/helene.lefevre/mailbox": 403,
	} {
		if got := gone.Get(t, path); got.Status != want {
			t.Errorf("%s: status %d, want %d", path, got.Status, want)
		}
	}
}

func TestARecordIsSafeAndAbsentOnesAre404(t *testing.T) {
	site := start(t, profile.Ports{})
	_, colleague, _ := people(t, site)
	site.Member(t, webtest.Person{Username: "farceur.test"})
	site.set(t, "farceur.test", `fullname = $1, role = $1, link = 'javascript:alert(1)', github = '"><script>', workplace_abroad = $1, competences = ARRAY[$1],
		bio = E'<img src=x onerror=alert(1)>\n\n[clic](javascript:alert(1)) **gras**\n\n# Titre'`, "<script>alert(1)</script>")
	client := site.As(t, colleague)
	page := client.Get(t, "/community/farceur.test")
	for _, bad := range []string{"<script>alert", "javascript:alert", "<img src=x", "\"><script>"} {
		if strings.Contains(page.Body, bad) {
			t.Errorf("the page holds %q", bad)
		}
	}
	if !strings.Contains(page.Body, "<strong>gras</strong>") || !strings.Contains(page.Body, "<h3>Titre</h3>") {
		t.Error("the presentation is not shown as Markdown")
	}
	for path, want := range map[string]int{
		"/community/personne.inconnue": 404, "/community/personne.inconnue/mailbox": 404, "/community/%00": 422, "/community/%ff": 422,
	} {
		if missing := client.Get(t, path); missing.Status != want {
			t.Errorf("%s: status %d", path, missing.Status)
		}
	}
}

func TestMissionsTellProductsTeamsOrRole(t *testing.T) {
	site := start(t, profile.Ports{})
	owner, colleague, _ := people(t, site)
	site.set(t, "helene.lefevre", `role = 'Designeuse'`)
	page := site.As(t, colleague).Get(t, "/community/helene.lefevre")
	if table := page.Text(); !strings.Contains(table, "Designeuse 01/01/2020 01/01/2030 DINUM") {
		t.Errorf("without product nor team: %s", table)
	}
	at := clock.MustDay("2024-01-01").At(9, 0)
	site.exec(t, `INSERT INTO incubator (slug, title, created_at, updated_at) VALUES ('inc', 'L’incubateur', $1, $1)`, at)
	site.exec(t, `INSERT INTO team (slug, name, incubator_id, created_at, updated_at) SELECT 'eq', 'L’équipe', id, $1, $1 FROM incubator`, at)
	site.exec(t, `INSERT INTO team_member (team_id, member_id) SELECT id, $1 FROM team`, owner)
	page = site.As(t, colleague).Get(t, "/community/helene.lefevre")
	if table := page.Text(); !strings.Contains(table, "L’équipe 01/01/2020") || !strings.Contains(table, "L’équipe – L’incubateur") {
		t.Errorf("with a team: %s", table)
	}
	site.exec(t, `INSERT INTO startup (slug, name, created_at, updated_at) VALUES ('prod/uit', 'Le produit', $1, $1)`, at)
	site.exec(t, `INSERT INTO mission_startup (mission_id, startup_id) SELECT mission.id, startup.id FROM mission, startup WHERE member_id = $1`, owner)
	page = site.As(t, colleague).Get(t, "/community/helene.lefevre")
	if table := page.Text(); !strings.Contains(table, "Le produit 01/01/2020") || strings.Contains(table, "L’équipe 01/01/2020") {
		t.Errorf("with a product: %s", table)
	}
	if strings.Contains(page.Body, `href="/startups`) || strings.Contains(page.Body, `href="/teams`) {
		t.Error("a link leads to a page that is not served")
	}
}

func TestARecordLeadsToPagesThatTheViewerCanOpen(t *testing.T) {
	site := startWith(t, profile.Ports{}, []string{"/startups", "/teams", "/community"})
	owner, colleague, _ := people(t, site)
	gone := site.Member(t, webtest.Person{Username: "zoe.partie", End: "2024-12-01"})
	at := clock.MustDay("2024-01-01").At(9, 0)
	site.exec(t, `INSERT INTO startup (slug, name, created_at, updated_at) VALUES ('prod/uit', 'Le produit', $1, $1)`, at)
	site.exec(t, `INSERT INTO mission_startup (mission_id, startup_id) SELECT mission.id, startup.id FROM mission, startup WHERE member_id IN ($1, $2)`, owner, gone)
	site.exec(t, `UPDATE member SET competences = '{Go}', domain = 'Design'`)
	site.event(t, owner, "2024-12-01", "valid.member", "MEMBER_BASE_INFO_UPDATED", nil, map[string]string{"role": "a"})
	page := site.As(t, colleague).Get(t, "/community/helene.lefevre")
	for _, want := range []string{`href="/startups/prod%2Fuit"`, `href="/community?`, `href="/community/valid.member"`} {
		if !strings.Contains(page.Body, want) {
			t.Errorf("no link %s", want)
		}
	}
	limited := site.As(t, gone).Get(t, "/account")
	for _, link := range limited.Links() {
		if strings.HasPrefix(link, "/startups") || strings.HasPrefix(link, "/community") && !strings.Contains(link, "/avatar") {
			t.Errorf("a limited session is led to %s, which is closed to it", link)
		}
	}
	if text := limited.Text(); limited.Status != 200 || !strings.Contains(text, "Le produit") || !strings.Contains(text, "Go") || !strings.Contains(text, "Domaine : Design") {
		t.Errorf("limited: %d %s", limited.Status, text)
	}
}

// proHost has a Pro mailbox for everybody.
type proHost struct{}

func (proHost) Find(context.Context, string) (mailbox.Box, error) {
	return mailbox.Box{Plan: mailbox.PlanPro}, nil
}

func TestTheContactTellsThePlanAndTheNameInTheChat(t *testing.T) {
	site := start(t, profile.Ports{Mailboxes: proHost{}})
	owner, colleague, _ := people(t, site)
	site.exec(t, `
		INSERT INTO service_account (member_id, type, service_user_id, metadata, created_at, updated_at)
		VALUES ($1, 'mattermost', 'x', '{"username": "helene"}', '2024-01-01', '2024-01-01')`, owner)
	client := site.As(t, colleague)
	if text := client.Get(t, "/community/helene.lefevre").Text(); !strings.Contains(text, "helene.lefevre@beta.gouv.fr offre Pro") || !strings.Contains(text, "Mattermost @helene") {
		t.Errorf("contact: %s", text)
	}
	if text := client.Get(t, "/community/helene.lefevre/accounts").Text(); !strings.Contains(text, "Compte Mattermost Actif @helene") || !strings.Contains(text, "C’est là que la communauté discute") {
		t.Errorf("accounts: %s", text)
	}
	if text := client.Get(t, "/community/valid.member/accounts").Text(); !strings.Contains(text, "Compte introuvable") {
		t.Errorf("accounts of somebody who has none: %s", text)
	}
}

// deliveries tells what became of mails, or is down.
type deliveries struct{ down bool }

func (d *deliveries) Deliveries(_ context.Context, address string) ([]profile.Delivery, error) {
	if d.down {
		return nil, errors.New("down")
	}
	return []profile.Delivery{{At: clock.MustDay("2024-12-01").At(9, len(address)), To: address, What: "hardBounces", Subject: "Un <b>sujet", Tag: "connexion", From: "espace@exemple.org", Reason: "550"}}, nil
}

func TestAdministratorsSeeWhatBecameOfMails(t *testing.T) {
	vendor := &deliveries{}
	site := start(t, profile.Ports{Deliveries: vendor})
	owner, colleague, admin := people(t, site)
	for name, id := range map[string]uuid.UUID{"owner": owner, "colleague": colleague} {
		if text := site.As(t, id).Get(t, "/community/helene.lefevre/mailbox").Text(); strings.Contains(text, "Événements Brevo") {
			t.Errorf("%s sees: %s", name, text)
		}
	}
	text := site.As(t, admin).Get(t, "/community/helene.lefevre/mailbox").Text()
	for _, want := range []string{"Événements Brevo", "helene.lefevre@beta.gouv.fr 01/12/2024 à 09:27 Refusé : adresse inconnue 550 Un <b>sujet connexion espace@exemple.org", "helene@prive.exemple"} {
		if !strings.Contains(text, want) {
			t.Errorf("an administrator does not read %q: %s", want, text)
		}
	}
	vendor.down = true
	site.Clock.Advance(2 * time.Minute)
	page := site.As(t, admin).Get(t, "/community/helene.lefevre/mailbox")
	if text := page.Text(); page.Status != 200 || !strings.Contains(text, "Ce bloc ne répond pas") || !strings.Contains(text, "Adresse secondaire") {
		t.Errorf("Brevo is down: %d %s", page.Status, text)
	}
}

func TestTheLastChangeIsTheRecordsNotALogin(t *testing.T) {
	site := start(t, profile.Ports{})
	owner, colleague, _ := people(t, site)
	event := func(day, actor, code string) {
		site.exec(t, `INSERT INTO audit_event (at, actor, code, member_id, subject) VALUES ($1, $2, $3, $4, 'helene.lefevre')`,
			clock.MustDay(day).At(9, 0), actor, code, owner)
	}
	client := site.As(t, colleague)
	if strings.Contains(client.Get(t, "/community/helene.lefevre").Text(), "Dernière modification") {
		t.Error("a change is told that nobody made")
	}
	event("2024-12-01", "valid.member", "MEMBER_BASE_INFO_UPDATED")
	event("2024-12-02", "helene.lefevre", "MEMBER_LOGIN")
	event("2024-12-03", "system", "JOB_ACTION_DONE")
	if text := client.Get(t, "/community/helene.lefevre").Text(); !strings.Contains(text, "Dernière modification le 1er décembre 2024 par valid.member") {
		t.Errorf("last change: %s", text)
	}
}

func TestTheWorkplaceIsACityNotACode(t *testing.T) {
	webtest.Communes(t)
	site := start(t, profile.Ports{})
	_, colleague, _ := people(t, site)
	client := site.As(t, colleague)
	for code, want := range map[string]string{"35238": "Lieu de travail : Rennes (35)", "74268": "Seynod (74)", "00000": "Lieu de travail : 00000", "": ""} {
		site.set(t, "helene.lefevre", `workplace_insee_code = $1`, code)
		text := client.Get(t, "/community/helene.lefevre").Text()
		if want == "" && strings.Contains(text, "Lieu de travail") || !strings.Contains(text, want) {
			t.Errorf("%q: %s", code, text)
		}
	}
	site.set(t, "helene.lefevre", `workplace_insee_code = '', workplace_abroad = 'Bruxelles'`)
	if text := client.Get(t, "/community/helene.lefevre").Text(); !strings.Contains(text, "Lieu de travail : Bruxelles") {
		t.Errorf("abroad: %s", text)
	}
}

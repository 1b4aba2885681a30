package signinweb_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/a-h/templ"

	"github.com/betagouv/espace-membre/internal/dashboard/dashboardweb"
	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/dsfr"
	"github.com/betagouv/espace-membre/internal/platform/web"
	"github.com/betagouv/espace-membre/internal/signin"
	"github.com/betagouv/espace-membre/internal/signin/signinweb"
	"github.com/betagouv/espace-membre/internal/testing/webtest"
)

// portal is the login pages, the home page, and two pages to go to.
type portal struct {
	*webtest.Site
	requests *webtest.Requests
	service  *signin.Service
	letters  []signin.LoginLetter
}

func (p *portal) SendLogin(_ context.Context, letter signin.LoginLetter) error {
	p.letters = append(p.letters, letter)
	return nil
}

// base is where the portal believes to be.
const base = "https://portail.test"

func open(t *testing.T) *portal {
	t.Helper()
	p := &portal{requests: &webtest.Requests{}}
	p.Site = webtest.New(t, func(site *webtest.Site, _ *web.Config) []web.Module {
		p.service = signin.New(site.Pool, site.Clock, p.requests, p, signin.Config{BaseURL: base, Key: []byte("clef de test"), Admins: []string{webtest.AdminUsername}})
		pages := signinweb.New(p.service, site.Sessions)
		return []web.Module{
			pages.Module(), dashboardweb.New().Module(),
			{Room: "test", Routes: []web.Route{
				web.Get("/account", web.Any, text("compte")), web.Get("/community", web.Member, text("membres")),
				web.Get("/verify", web.Unverified, text("vérification")),
				web.Get("/sessions/{username}", web.Any, sessionsOf(site, pages)),
			}},
		}
	})
	return p
}

// sessionsOf shows the block of the sessions of somebody, as the pages about a person do.
func sessionsOf(site *webtest.Site, pages *signinweb.Pages) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		of, err := member.ByUsername(r.Context(), site.Pool, r.PathValue("username"))
		if err != nil {
			return err
		}
		block, err := pages.SessionsBlock(r.Context(), web.Viewer(r), of)
		if block == nil {
			block = dsfr.Text("rien à montrer")
		}
		if err != nil {
			return err
		}
		return web.Render(w, r, http.StatusOK, web.Page{Title: "Sessions", Body: templ.Join(templ.Raw("<h1>Sessions</h1>"), block)})
	}
}

func text(words string) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		return web.Render(w, r, http.StatusOK, web.Page{Title: words, Body: dsfr.Text(words)})
	}
}

// link asks a link from the login page and gives where the mail leads, on this site.
func (p *portal) link(t *testing.T, c *webtest.Client, email, next string) string {
	t.Helper()
	answer := c.Post(t, "/login", url.Values{"email": {email}, "next": {next}})
	if sent := c.Follow(t, answer); !strings.Contains(sent.Text(), "Un email avec un lien de connexion a été envoyé à ton adresse.") {
		t.Fatalf("after asking: %s", sent.Text())
	}
	if _, err := p.requests.Apply(t.Context(), p.Pool, p.service.Jobs()); err != nil {
		t.Fatal(err)
	}
	if len(p.letters) == 0 {
		t.Fatal("no letter")
	}
	return strings.TrimPrefix(p.letters[len(p.letters)-1].URL, base)
}

// enter opens the landing page and presses its button.
func enter(t *testing.T, c *webtest.Client, link string) *webtest.Answer {
	t.Helper()
	landing := c.Get(t, link)
	if landing.Status != 200 || landing.Heading() != "Connexion à l’Espace Membre" {
		t.Fatalf("landing: %d %s", landing.Status, landing.Text())
	}
	return c.Post(t, "/signin", url.Values{"token": {landing.Field("token")}})
}

func TestLoginFromTheMailToTheHomePage(t *testing.T) {
	p := open(t)
	p.Member(t, webtest.Person{Username: "camille.durand"})
	visitor := p.Visitor(t)
	link := p.link(t, visitor, " Camille.Durand@beta.gouv.fr ", "")
	for range 3 { // scanners of mail open links, and look before
		visitor.Get(t, link)
		visitor.Do(t, http.MethodHead, link, nil)
	}
	home := visitor.Follow(t, enter(t, visitor, link))
	if home.Heading() != "Accueil" || !strings.Contains(home.Text(), "Bonjour Camille Durand") {
		t.Errorf("home: %s", home.Text())
	}
	_, token, _ := strings.Cut(link, "token=")
	stranger := p.Visitor(t)
	for name, again := range map[string]*webtest.Answer{"seen": stranger.Get(t, link), "used": stranger.Post(t, "/signin", url.Values{"token": {token}})} {
		if again.Status != 422 || again.Heading() != "Lien de connexion expiré" || !strings.Contains(again.Text(), "Demander un nouveau lien de connexion") || strings.Contains(again.Text(), "Camille") {
			t.Errorf("a second time, %s: %d %s", name, again.Status, again.Text())
		}
	}
	if got := visitor.Get(t, "/login"); got.Header.Get("Location") != "/dashboard" {
		t.Errorf("login page for a member: %d", got.Status)
	}
	if out := visitor.Follow(t, visitor.Post(t, "/logout", url.Values{})); !strings.Contains(out.Text(), "Ta session est fermée.") {
		t.Errorf("after logout: %s", out.Text())
	}
	if got := visitor.Get(t, "/dashboard"); got.Status != 303 {
		t.Errorf("home after logout: %d", got.Status)
	}
}

func TestLoginLeadsToThePageAskedAndNowhereElse(t *testing.T) {
	p := open(t)
	p.Member(t, webtest.Person{Username: "camille.durand"})
	visitor := p.Visitor(t)
	away := visitor.Get(t, "/community?q=%C3%A9%20a&page=2")
	form := visitor.Follow(t, away)
	if got := enter(t, visitor, p.link(t, visitor, "camille.durand@beta.gouv.fr", form.Field("next"))).Header.Get("Location"); got != form.Field("next") || !strings.HasPrefix(got, "/community?q=") {
		t.Errorf("leads to %q (asked %q)", got, form.Field("next"))
	}
	for _, next := range []string{"//ailleurs.example", `/\ailleurs.example`, "https://ailleurs.example", "/%5Cailleurs.example"} {
		p.Clock.Advance(time.Hour)
		other := p.Visitor(t)
		if got := other.Get(t, "/login?next="+url.QueryEscape(next)).Field("next"); got != "" {
			t.Errorf("the form keeps %q", got)
		}
		if got := enter(t, other, p.link(t, other, "camille.durand@beta.gouv.fr", next)).Header.Get("Location"); got != "/dashboard" {
			t.Errorf("%q leads to %q", next, got)
		}
	}
}

func TestAnAddressOfOursWrittenWholeLeadsToItsPage(t *testing.T) {
	p := open(t)
	p.Member(t, webtest.Person{Username: "camille.durand"})
	for next, want := range map[string]string{
		base + "/community?page=2": "/community?page=2", base: "", base + "//ailleurs.example": "", base + ".ailleurs.example/": "", base + "@ailleurs.example/x": "",
	} {
		if got := p.Visitor(t).Get(t, "/login?next="+url.QueryEscape(next)).Field("next"); got != want {
			t.Errorf("%q leads to %q, want %q", next, got, want)
		}
	}
}

func TestAMistakeInTheAddressIsSeenAndThePageAskedIsKept(t *testing.T) {
	p := open(t)
	visitor := p.Visitor(t)
	answer := visitor.Post(t, "/login", url.Values{"email": {"camile.durand@beta.gouv.fr"}, "next": {"/community?page=2"}})
	if where := answer.Header.Get("Location"); strings.Contains(where, "durand") {
		t.Errorf("the address stands in a URL: %s", where)
	}
	sent := visitor.Follow(t, answer)
	if !strings.Contains(sent.Text(), "Adresse demandée : camile.durand@beta.gouv.fr") || sent.Field("email") != "camile.durand@beta.gouv.fr" || sent.Field("next") != "/community?page=2" {
		t.Errorf("after asking: %s, next %q", sent.Text(), sent.Field("next"))
	}
	if again := visitor.Get(t, "/login"); strings.Contains(again.Body, "durand") {
		t.Error("the address is still shown to the next person")
	}
}

// A link that somebody else asked for themselves opens their account: one is told before.
func TestALinkTellsWhoseAccountItOpens(t *testing.T) {
	p := open(t)
	victim := p.As(t, p.Member(t, webtest.Person{Username: "lou.martin"}))
	p.Member(t, webtest.Person{Username: "camille.durand"})
	link := p.link(t, p.Visitor(t), "camille.durand@beta.gouv.fr", "")
	if text := p.Visitor(t).Get(t, link).Text(); !strings.Contains(text, "Tu vas te connecter en tant que Camille Durand") || strings.Contains(text, "Une autre session") {
		t.Errorf("a visitor: %s", text)
	}
	if text := victim.Get(t, link).Text(); !strings.Contains(text, "Une autre session est ouverte ici") || !strings.Contains(text, "Lou Martin") {
		t.Errorf("somebody logged in: %s", text)
	}
	if home := victim.Get(t, "/dashboard").Text(); !strings.Contains(home, "Bonjour Lou Martin") {
		t.Errorf("opening the link switched the session: %s", home)
	}
	if text := p.Visitor(t).Get(t, "/signin?token=inventé").Text(); strings.Contains(text, "Tu vas te connecter") || !strings.Contains(text, "ne fonctionne plus") {
		t.Errorf("a token that is none: %s", text)
	}
}

func TestOpenSessionsAreListedAndClosed(t *testing.T) {
	p := open(t)
	camille := p.Member(t, webtest.Person{Username: "camille.durand"})
	lost := p.As(t, camille)
	link := p.link(t, p.Visitor(t), "camille.durand@beta.gouv.fr", "")
	p.Clock.Advance(30 * time.Minute)
	here := p.As(t, camille)
	if text := here.Get(t, "/sessions/camille.durand").Text(); !strings.Contains(text, "19/12/2024 à 10:00") || strings.Count(text, "c’est cette session") != 1 || !strings.Contains(text, "mes autres sessions") {
		t.Errorf("own sessions: %s", text)
	}
	done := here.Post(t, "/account/sessions/close", url.Values{})
	if done.Header.Get("Location") != "/account/accounts#sessions" {
		t.Errorf("leads to %q", done.Header.Get("Location"))
	}
	if lost.Get(t, "/dashboard").Status != 303 || here.Get(t, "/dashboard").Status != 200 {
		t.Error("the lost session is open, or this one is closed")
	}
	if got := p.Visitor(t).Get(t, link); got.Status != 422 {
		t.Errorf("the link sent before still opens the account: %d", got.Status)
	}
	var actor, after string
	if err := p.Pool.QueryRow(t.Context(), `SELECT actor, after ->> 'sessions' FROM audit_event WHERE code = 'MEMBER_SESSIONS_CLOSED'`).Scan(&actor, &after); err != nil || actor != "camille.durand" || after != "1" {
		t.Errorf("history: %s closed %s, %v", actor, after, err)
	}
}

func TestSessionsOfSomebodyElseAreForAdministrators(t *testing.T) {
	p := open(t)
	camille := p.As(t, p.Member(t, webtest.Person{Username: "camille.durand"}))
	lou := p.As(t, p.Member(t, webtest.Person{Username: "lou.martin"}))
	admin := p.As(t, p.Member(t, webtest.Person{Username: webtest.AdminUsername}))
	if text := lou.Get(t, "/sessions/camille.durand").Text(); !strings.Contains(text, "rien à montrer") {
		t.Errorf("a colleague sees: %s", text)
	}
	if got := lou.Post(t, "/community/camille.durand/sessions/close", url.Values{}); got.Status != 403 || camille.Get(t, "/dashboard").Status != 200 {
		t.Errorf("a colleague closes: %d", got.Status)
	}
	if text := admin.Get(t, "/sessions/camille.durand").Text(); !strings.Contains(text, "Fermer toutes ses sessions") {
		t.Errorf("an administrator sees: %s", text)
	}
	if got := admin.Post(t, "/community/camille.durand/sessions/close", url.Values{}); got.Status != 303 || camille.Get(t, "/dashboard").Status != 303 {
		t.Errorf("an administrator closes: %d", got.Status)
	}
	if got := admin.Post(t, "/community/personne/sessions/close", url.Values{}); got.Status != 404 {
		t.Errorf("of nobody: %d", got.Status)
	}
	if admin.Post(t, "/community/"+webtest.AdminUsername+"/sessions/close", url.Values{}); admin.Get(t, "/dashboard").Status != 200 {
		t.Error("an administrator threw themself out")
	}
}

func TestTheAnswerIsTheSameForAnUnknownAddress(t *testing.T) {
	p := open(t)
	p.Member(t, webtest.Person{Username: "camille.durand"})
	p.Member(t, webtest.Person{Username: "lou.partie", End: "2020-01-01"})
	var answers []string
	for _, email := range []string{"camille.durand@beta.gouv.fr", "lou.partie@beta.gouv.fr", "inconnue@beta.gouv.fr"} {
		visitor := p.Visitor(t)
		answer := visitor.Post(t, "/login", url.Values{"email": {email}})
		answers = append(answers, strings.ReplaceAll(answer.Header.Get("Location")+visitor.Follow(t, answer).Text(), email, "{adresse}"))
	}
	if answers[0] != answers[1] || answers[1] != answers[2] {
		t.Errorf("answers differ: %q", answers)
	}
}

func TestARefusedAddressIsToldOnItsField(t *testing.T) {
	p := open(t)
	answer := p.Visitor(t).Post(t, "/login", url.Values{"email": {"camille"}, "next": {"/community"}})
	if answer.Status != 422 || !strings.Contains(answer.Described("email"), "bon format") || answer.Field("email") != "camille" || answer.Field("next") != "/community" {
		t.Errorf("%d %q", answer.Status, answer.Described("email"))
	}
	if webtest.Attribute(answer.ByID("email"), "aria-invalid") != "true" {
		t.Error("the field is not marked")
	}
}

func TestTheSixthLinkOfAnHourIsRefused(t *testing.T) {
	p := open(t)
	visitor := p.Visitor(t)
	for range 5 {
		visitor.Post(t, "/login", url.Values{"email": {"camille.durand@beta.gouv.fr"}})
	}
	answer := visitor.Post(t, "/login", url.Values{"email": {"camille.durand@beta.gouv.fr"}})
	if answer.Status != 429 || !strings.Contains(answer.Text(), "Trop de demandes") || answer.ByID("email") == nil {
		t.Errorf("%d %s", answer.Status, answer.Text())
	}
}

func TestAForeignSiteCannotUseALink(t *testing.T) {
	p := open(t)
	p.Member(t, webtest.Person{Username: "camille.durand"})
	visitor := p.Visitor(t)
	landing := visitor.Get(t, p.link(t, visitor, "camille.durand@beta.gouv.fr", ""))
	stranger := p.Visitor(t)
	stranger.Header.Set("Sec-Fetch-Site", "cross-site")
	if got := stranger.Post(t, "/signin", url.Values{"token": {landing.Field("token")}}).Status; got != 403 {
		t.Errorf("from another site: %d", got)
	}
	if got := visitor.Post(t, "/signin", url.Values{"token": {landing.Field("token")}}).Status; got != 303 {
		t.Errorf("the link was used: %d", got)
	}
}

func TestOldAndInvitedEntrances(t *testing.T) {
	p := open(t)
	visitor := p.Visitor(t)
	if got := visitor.Get(t, "/signin"); got.Status != 200 || got.ByID("email") == nil || !strings.Contains(got.Text(), "Ce lien est ancien : demandes-en un nouveau") {
		t.Errorf("a link of before: %d %s", got.Status, got.Text())
	}
	first := visitor.Get(t, "/login?secondary_email=nova%40perso.example")
	if !strings.Contains(first.Text(), "Bienvenue") || first.Field("email") != "nova@perso.example" {
		t.Errorf("first login: %s", first.Text())
	}
}

func TestStandingsMeetTheirPages(t *testing.T) {
	p := open(t)
	nova := p.As(t, p.Member(t, webtest.Person{Username: "nova.nouveau", Status: "EMAIL_VERIFICATION_WAITING"}))
	if got := nova.Get(t, "/dashboard").Header.Get("Location"); got != "/verify" {
		t.Errorf("unverified at home: %q", got)
	}
	if got := nova.Follow(t, nova.Get(t, "/community")); !strings.Contains(got.Text(), "vérification") || got.ByID("navigation") != nil {
		t.Errorf("unverified elsewhere: %s", got.Text())
	}
	lou := p.As(t, p.Member(t, webtest.Person{Username: "lou.partie", End: "2024-12-14"}))
	if got := lou.Get(t, "/dashboard"); got.Status != 200 || !strings.Contains(got.Text(), "Ta dernière mission est terminée") {
		t.Errorf("limited at home: %d %s", got.Status, got.Text())
	}
	refused := lou.Get(t, "/community")
	if refused.Status != 403 || !strings.Contains(refused.Text(), "demander une prolongation") || !strings.Contains(refused.Body, `href="/account"`) {
		t.Errorf("limited elsewhere: %d %s", refused.Status, refused.Text())
	}
	gael := p.As(t, p.Member(t, webtest.Person{Username: "gael.recent", End: "2024-12-15"}))
	if got := gael.Get(t, "/community").Status; got != 200 {
		t.Errorf("through end + 4: %d", got)
	}
	p.Clock.Advance(24 * time.Hour)
	if got := gael.Get(t, "/community").Status; got != 403 {
		t.Errorf("from end + 5, in an open session: %d", got)
	}
}

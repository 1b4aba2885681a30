package signinweb_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/betagouv/espace-membre/internal/dashboard/dashboardweb"
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

func open(t *testing.T) *portal {
	t.Helper()
	p := &portal{requests: &webtest.Requests{}}
	p.Site = webtest.New(t, func(site *webtest.Site, _ *web.Config) []web.Module {
		p.service = signin.New(site.Pool, site.Clock, p.requests, p, signin.Config{Key: []byte("clef de test"), Admins: []string{webtest.AdminUsername}})
		return []web.Module{
			signinweb.New(p.service, site.Sessions).Module(), dashboardweb.New().Module(),
			{Room: "test", Routes: []web.Route{
				web.Get("/account", web.Any, text("compte")), web.Get("/community", web.Member, text("membres")),
				web.Get("/verify", web.Unverified, text("vérification")),
			}},
		}
	})
	return p
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
	return p.letters[len(p.letters)-1].URL
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
	again := enter(t, p.Visitor(t), link)
	if again.Status != 422 || again.Heading() != "Lien de connexion expiré" || !strings.Contains(again.Text(), "Demander un nouveau lien de connexion") {
		t.Errorf("a second use: %d %s", again.Status, again.Text())
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

func TestTheAnswerIsTheSameForAnUnknownAddress(t *testing.T) {
	p := open(t)
	p.Member(t, webtest.Person{Username: "camille.durand"})
	p.Member(t, webtest.Person{Username: "lou.partie", End: "2020-01-01"})
	var answers []string
	for _, email := range []string{"camille.durand@beta.gouv.fr", "lou.partie@beta.gouv.fr", "inconnue@beta.gouv.fr"} {
		visitor := p.Visitor(t)
		answer := visitor.Post(t, "/login", url.Values{"email": {email}})
		answers = append(answers, answer.Header.Get("Location")+visitor.Follow(t, answer).Text())
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
	if got := visitor.Get(t, "/signin"); got.Status != 200 || got.ByID("email") == nil {
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

package consoleweb_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/betagouv/espace-membre/internal/console/consoleweb"
	"github.com/betagouv/espace-membre/internal/mailinglist"
	"github.com/betagouv/espace-membre/internal/platform/mail"
	"github.com/betagouv/espace-membre/internal/platform/web"
	"github.com/betagouv/espace-membre/internal/testing/webtest"
)

func specimens() []mail.Specimen {
	return []mail.Specimen{
		{Name: "mailbox.welcome", Title: "Adresse prête", Room: "mailbox", When: "La boîte vient d’être créée.", Letter: mail.Letter{
			Subject: "Ton adresse est prête", Preheader: "Choisis ton mot de passe.", Title: "Prête <vraiment>",
			Blocks: []mail.Block{mail.Para("Bonjour Camille,"), mail.Button{Label: "Ouvrir", URL: "https://exemple.org/account"}},
			Leave:  &mail.Leave{Text: "Tu es sur la liste.", Label: "Ne plus la recevoir", URL: "https://exemple.org/lists/unsubscribe?x=1"},
		}},
		{Name: "signin.login", Title: "Lien de connexion", Room: "signin", When: "Quelqu’un se connecte.", Letter: mail.Letter{Subject: "Connexion", Preheader: "Ton lien.", Title: "Connexion", Blocks: []mail.Block{mail.Para("Voici.")}}},
	}
}

type world struct {
	*webtest.Site
	lists *mailinglist.Service
}

func open(t *testing.T) *world {
	t.Helper()
	w := &world{}
	w.Site = webtest.New(t, func(site *webtest.Site, _ *web.Config) []web.Module {
		w.lists = mailinglist.New(site.Pool, site.Clock, mailinglist.Ports{}, mailinglist.Config{Domain: "beta.gouv.fr"})
		return []web.Module{consoleweb.New(specimens(), w.lists).Module()}
	})
	return w
}

func (w *world) admin(t *testing.T) *webtest.Client {
	t.Helper()
	return w.As(t, w.Member(t, webtest.Person{Username: webtest.AdminUsername}))
}

var pages = []string{"/admin", "/admin/emails", "/admin/emails/mailbox.welcome", "/admin/emails/mailbox.welcome/html", "/admin/undelivered"}

func TestOnlyAdministratorsEnter(t *testing.T) {
	w := open(t)
	visitor, member := w.Visitor(t), w.As(t, w.Member(t, webtest.Person{Username: "camille.durand"}))
	admin := w.admin(t)
	for _, path := range pages {
		if got := visitor.Get(t, path); got.Status != http.StatusSeeOther {
			t.Errorf("%s: a visitor got %d", path, got.Status)
		}
		if got := member.Get(t, path); got.Status != http.StatusForbidden {
			t.Errorf("%s: a member got %d", path, got.Status)
		}
		if got := admin.Get(t, path); got.Status != http.StatusOK {
			t.Errorf("%s: an administrator got %d", path, got.Status)
		}
	}
}

func TestHomeShowsThePagesThatExist(t *testing.T) {
	admin := open(t).admin(t)
	home := admin.Get(t, "/admin")
	if !strings.Contains(home.Text(), "Messages envoyés par le portail") || strings.Contains(home.Text(), "Tâches planifiées") {
		t.Errorf("home: %s", home.Text())
	}
	for _, link := range home.Links() {
		if strings.HasPrefix(link, "/admin") && admin.Get(t, link).Status != http.StatusOK {
			t.Errorf("dead link %s", link)
		}
	}
}

func TestEveryLetterIsPreviewedInBothParts(t *testing.T) {
	admin := open(t).admin(t)
	list := admin.Get(t, "/admin/emails")
	for _, s := range specimens() {
		if !strings.Contains(list.Text(), s.Title) || !strings.Contains(list.Text(), s.Letter.Subject) || !strings.Contains(list.Text(), s.When) {
			t.Errorf("the list lacks %s: %s", s.Name, list.Text())
		}
		page := admin.Get(t, "/admin/emails/"+s.Name)
		frames := page.All("iframe")
		if len(frames) != 1 || webtest.Attribute(frames[0], "src") != "/admin/emails/"+s.Name+"/html" || webtest.Attribute(frames[0], "title") == "" {
			t.Errorf("%s: %d frames", s.Name, len(frames))
		}
		if webtest.Attribute(frames[0], "sandbox") == "" || strings.Contains(webtest.Attribute(frames[0], "sandbox"), "script") || !strings.Contains(page.Header.Get("Content-Security-Policy"), "frame-src 'self'") {
			t.Errorf("%s: frame without sandbox, or policy %s", s.Name, page.Header.Get("Content-Security-Policy"))
		}
		if text := webtest.TextOf(page.All("pre")[0]); !strings.Contains(text, s.Letter.Title) {
			t.Errorf("%s: text part %q", s.Name, text)
		}
	}
	if got := admin.Get(t, "/admin/emails/inconnu"); got.Status != http.StatusNotFound {
		t.Errorf("unknown letter: %d", got.Status)
	}
	if got := admin.Get(t, "/admin/emails/inconnu/html"); got.Status != http.StatusNotFound {
		t.Errorf("unknown letter, HTML: %d", got.Status)
	}
}

func TestFramedDocumentRunsAndLoadsNothing(t *testing.T) {
	admin := open(t).admin(t)
	document := admin.Get(t, "/admin/emails/mailbox.welcome/html")
	policy := document.Header.Get("Content-Security-Policy")
	for _, want := range []string{"default-src 'none'", "sandbox", "frame-ancestors 'self'", "form-action 'none'"} {
		if !strings.Contains(policy, want) {
			t.Errorf("policy %q lacks %s", policy, want)
		}
	}
	if strings.Contains(policy, "script-src") || document.Header.Get("X-Frame-Options") != "SAMEORIGIN" {
		t.Errorf("policy %q, frames %q", policy, document.Header.Get("X-Frame-Options"))
	}
	if document.Heading() != "Prête <vraiment>" || !strings.Contains(document.Body, `<base target="_blank">`) {
		t.Errorf("document: %s", document.Body)
	}
	if home := admin.Get(t, "/admin"); strings.Contains(home.Header.Get("Content-Security-Policy"), "frame-src") || home.Header.Get("X-Frame-Options") != "DENY" {
		t.Error("every page may show frames")
	}
}

func TestUndeliveredMails(t *testing.T) {
	w := open(t)
	admin := w.admin(t)
	if got := admin.Get(t, "/admin/undelivered"); !strings.Contains(got.Text(), "Tout arrive") {
		t.Errorf("nothing to tell: %s", got.Text())
	}
	w.Member(t, webtest.Person{Username: "camille.durand"})
	for _, address := range []string{"camille.durand@beta.gouv.fr", "inconnue@ailleurs.fr"} {
		if err := w.lists.Record(t.Context(), mailinglist.Undelivered{Address: address, Kind: mailinglist.Refused, Source: "smtp", Detail: "550 5.1.1"}); err != nil {
			t.Fatal(err)
		}
	}
	page := admin.Get(t, "/admin/undelivered")
	for _, want := range []string{"camille.durand@beta.gouv.fr", "550 5.1.1", "refusé par le serveur", "aucune fiche", "19 décembre 2024"} {
		if !strings.Contains(page.Text(), want) {
			t.Errorf("no %q in %s", want, page.Text())
		}
	}
}

func TestInABrowser(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a browser")
	}
	w := open(t)
	admin, browser := w.admin(t), webtest.OpenBrowser(t)
	for _, path := range []string{"/admin", "/admin/emails", "/admin/emails/mailbox.welcome", "/admin/undelivered"} {
		for name, view := range map[string]webtest.View{"wide": {Axe: true}, "narrow": {Width: 390, Axe: true}, "no script": {Width: 390, NoScript: true}} {
			if seen := browser.Look(t, admin, path, view); len(seen.Problems) > 0 || seen.Overflow != "" {
				t.Errorf("%s, %s: %+v", path, name, seen)
			}
		}
	}
}

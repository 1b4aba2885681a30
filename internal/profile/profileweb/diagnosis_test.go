package profileweb_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/betagouv/espace-membre/internal/profile"
	"github.com/betagouv/espace-membre/internal/testing/webtest"
)

// A visitor learns nothing about anybody: the answers are the same to the byte.
func TestAVisitorGetsTheSameAnswerAboutAnybody(t *testing.T) {
	site := start(t, profile.Ports{})
	people(t, site)
	visitor := site.Visitor(t)
	if page := visitor.Get(t, "/keskispasse"); page.Status != 200 || page.Heading() != "Qu’est-ce qui se passe ?" || strings.Contains(page.Text(), "EM-M") {
		t.Fatalf("%d %s", page.Status, page.Text())
	}
	answers := map[string]bool{}
	for _, target := range []string{"helene.lefevre", "helene@prive.exemple", "personne.inconnue", "inconnue@exemple.org"} {
		posted := visitor.Post(t, "/keskispasse", url.Values{"qui": {target}})
		page := visitor.Follow(t, posted)
		body := strings.ReplaceAll(page.Body, noncesOf(page), "")
		answers[posted.Header.Get("Location")+body] = true
	}
	if len(answers) != 1 {
		t.Errorf("%d different answers", len(answers))
	}
	if n := len(site.requests.Pending()); n != 8 {
		t.Errorf("%d actions, want two for each of four requests", n)
	}
	for _, query := range []string{"?membre=helene.lefevre", "?membre=inconnue"} {
		if text := visitor.Get(t, "/keskispasse"+query).Text(); strings.Contains(text, "Helene") || strings.Contains(text, "Code à donner") || strings.Contains(text, "Personne ne porte") {
			t.Errorf("a visitor is told: %s", text)
		}
	}
}

func noncesOf(page *webtest.Answer) string {
	for _, script := range page.All("script") {
		if nonce := webtest.Attribute(script, "nonce"); nonce != "" {
			return nonce
		}
	}
	return ""
}

func TestAMemberSeesTheirOwnDiagnosisAndAnAdministratorAnybodys(t *testing.T) {
	site := start(t, profile.Ports{})
	owner, colleague, admin := people(t, site)
	site.set(t, "helene.lefevre", "primary_email_status = 'EMAIL_SUSPENDED'")
	for name, c := range map[string]struct {
		client *webtest.Client
		query  string
		want   string
		never  string
	}{
		"the owner":             {site.As(t, owner), "", "Ta boîte est suspendue", "Helene"},
		"a colleague":           {site.As(t, colleague), "", "Rien ne bloque", "suspendue"},
		"a colleague who looks": {site.As(t, colleague), "?membre=helene.lefevre", "Rien ne bloque", "Ta boîte est suspendue"},
		"the administrator":     {site.As(t, admin), "?membre=Helene.Lefevre", "Ce que lirait Helene Lefevre", "Rien ne bloque"},
		"about nobody":          {site.As(t, admin), "?membre=inconnue", "Personne ne porte cet identifiant", "Code à donner"},
		"about bad bytes":       {site.As(t, admin), "?membre=%00%ff", "Personne ne porte cet identifiant", "Code à donner"},
	} {
		page := c.client.Get(t, "/keskispasse"+c.query)
		text, _, _ := strings.Cut(page.Text(), "Ce qui bloque le plus souvent")
		if page.Status != 200 || !strings.Contains(text, c.want) || strings.Contains(text, c.never) {
			t.Errorf("%s: %d %s", name, page.Status, text)
		}
		if strings.Contains(page.Body, "helene@prive.exemple") {
			t.Errorf("%s is told an address", name)
		}
	}
}

func TestTheDiagnosisIsOpenToWhoIsLimitedOrUnverified(t *testing.T) {
	site := start(t, profile.Ports{})
	gone := site.As(t, site.Member(t, webtest.Person{Username: "zoe.partie", End: "2024-12-14"}))
	fresh := site.As(t, site.Member(t, webtest.Person{Username: "ana.neuve", Status: "EMAIL_VERIFICATION_WAITING"}))
	if page := gone.Get(t, "/keskispasse"); page.Status != 200 || !strings.Contains(page.Text(), "terminée le 14 décembre 2024") || !strings.Contains(page.Body, `href="/account/extension"`) {
		t.Errorf("limited: %d %s", page.Status, page.Text())
	}
	if page := fresh.Get(t, "/keskispasse"); page.Status != 200 || !strings.Contains(page.Text(), "Ta fiche est à vérifier") || !strings.Contains(page.Body, `href="/verify"`) {
		t.Errorf("unverified: %d %s", page.Status, page.Text())
	}
}

func TestTheFormOfTheDiagnosisRefuses(t *testing.T) {
	site := start(t, profile.Ports{})
	visitor := site.Visitor(t)
	bad := visitor.Post(t, "/keskispasse", url.Values{"qui": {`"><script>alert(1)</script>`}})
	if bad.Status != 422 || !strings.Contains(bad.Described("qui"), "Saisis une adresse") || strings.Contains(bad.Body, "<script>alert") {
		t.Errorf("%d %s", bad.Status, bad.Described("qui"))
	}
	for range 3 {
		visitor.Post(t, "/keskispasse", url.Values{"qui": {"helene.lefevre"}})
	}
	if many := visitor.Post(t, "/keskispasse", url.Values{"qui": {"helene.lefevre"}}); many.Status != http.StatusTooManyRequests || !strings.Contains(many.Text(), "Trop de demandes") {
		t.Errorf("%d %s", many.Status, many.Text())
	}
}

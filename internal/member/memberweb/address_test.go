package memberweb_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/member/memberweb"
	"github.com/betagouv/espace-membre/internal/platform/web"
	"github.com/betagouv/espace-membre/internal/testing/webtest"
)

func TestASecondaryAddressFromTheFormToTheProof(t *testing.T) {
	p := open(t)
	client := p.As(t, p.Member(t, webtest.Person{Username: "camille.durand", Secondary: "ancienne@exemple.fr"}))
	page := client.Get(t, "/account/address/secondary?next=/community")
	if page.Status != 200 || !strings.Contains(page.Text(), "ancienne@exemple.fr") {
		t.Fatalf("%d %s", page.Status, page.Text())
	}
	refused := client.Post(t, "/account/address/secondary", url.Values{"email": {"contact@exemple.fr"}, "next": {"/community"}})
	if refused.Status != 422 || !strings.Contains(refused.Described("secondary-email"), "semble partagée") {
		t.Errorf("shared: %d %s", refused.Status, refused.Text())
	}
	if refused.Field("email") != "contact@exemple.fr" || refused.Field("next") != "/community" {
		t.Errorf("lost: %s", refused.Body)
	}
	answer := client.Post(t, "/account/address/secondary", url.Values{"email": {"Nouvelle@exemple.fr"}, "next": {"/community"}})
	if sent := client.Follow(t, answer); answer.Header.Get("Location") != "/community" || !strings.Contains(sent.Text(), "Un lien est parti à nouvelle@exemple.fr") {
		t.Errorf("%s", sent.Text())
	}
	p.apply(t)
	link := p.proofs[0].URL
	visitor := p.Visitor(t)
	for range 3 { // scanners of mail open links
		visitor.Get(t, link)
	}
	landing := visitor.Get(t, link)
	if landing.Status != 200 || !strings.Contains(landing.Text(), "nouvelle@exemple.fr va devenir l’adresse secondaire de Camille Durand") {
		t.Fatalf("%d %s", landing.Status, landing.Text())
	}
	done := visitor.Follow(t, visitor.Post(t, "/account/address/confirm", filled(landing)))
	if done.Heading() != "Adresse confirmée" || p.read(t, "camille.durand").SecondaryEmail != "nouvelle@exemple.fr" {
		t.Errorf("%s", done.Text())
	}
	for _, again := range []*webtest.Answer{visitor.Post(t, "/account/address/confirm", filled(landing)), visitor.Get(t, link), visitor.Get(t, "/account/address/confirm")} {
		if again.Status != http.StatusUnprocessableEntity || again.Heading() != "Lien expiré" {
			t.Errorf("a second use: %d %s", again.Status, again.Text())
		}
	}
}

func TestAChangeThatWaitsIsShownAndCancelled(t *testing.T) {
	p := open(t)
	client := p.As(t, p.Member(t, webtest.Person{Username: "camille.durand"}))
	client.Post(t, "/account/address/primary", url.Values{"email": {"camille@ministere.gouv.fr"}})
	p.apply(t)
	if page := client.Get(t, "/account/address/primary"); !strings.Contains(page.Text(), "Un lien attend à camille@ministere.gouv.fr") {
		t.Error(page.Text())
	}
	client.Follow(t, client.Post(t, "/account/address/primary", url.Values{"do": {"cancel"}}))
	if got := client.Get(t, p.proofs[0].URL); got.Heading() != "Lien expiré" {
		t.Errorf("cancelled: %s", got.Text())
	}
}

func TestAnAdministratorProposesASecondaryAddress(t *testing.T) {
	p := open(t)
	p.Member(t, webtest.Person{Username: "camille.durand", End: "2024-01-01"})
	admin := p.As(t, p.Member(t, webtest.Person{Username: webtest.AdminUsername}))
	answer := admin.Post(t, "/community/camille.durand/address/secondary", url.Values{"email": {"camille@exemple.fr"}})
	if answer.Header.Get("Location") != "/community/camille.durand" {
		t.Fatalf("%d %s", answer.Status, answer.Text())
	}
	p.apply(t)
	if p.proofs[0].AskedBy != "Admin Member" || p.read(t, "camille.durand").SecondaryEmail != "" {
		t.Errorf("%+v", p.proofs)
	}
	colleague := p.As(t, p.Member(t, webtest.Person{Username: "valid.member"}))
	if got := colleague.Post(t, "/community/camille.durand/address/secondary", url.Values{"email": {"vol@exemple.fr"}}); got.Status != 403 {
		t.Errorf("a colleague: %d", got.Status)
	}
}

func TestTheContactAddressIsChosenOnItsPage(t *testing.T) {
	p := open(t)
	client := p.As(t, p.Member(t, webtest.Person{Username: "camille.durand", Secondary: "camille@exemple.fr"}))
	if got := client.Post(t, "/account/address/preference", url.Values{"preference": {"x"}}); got.Status != 422 || !strings.Contains(got.Text(), "Choisis l’une des deux") {
		t.Errorf("%d %s", got.Status, got.Text())
	}
	client.Follow(t, client.Post(t, "/account/address/preference", url.Values{"preference": {"secondary"}}))
	if got := p.read(t, "camille.durand").CommunicationEmail; got != "secondary" {
		t.Error(got)
	}
	alone := p.As(t, p.Member(t, webtest.Person{Username: "sans.secondaire"}))
	if got := alone.Get(t, "/account/address/preference"); !strings.Contains(got.Text(), "Il faut deux adresses") {
		t.Error(got.Text())
	}
	if got := alone.Post(t, "/account/address/preference", url.Values{"preference": {"secondary"}}); got.Status != 422 {
		t.Errorf("%d", got.Status)
	}
}

func TestFormsLeadNowhereElse(t *testing.T) {
	p := open(t)
	client := p.As(t, p.Member(t, webtest.Person{Username: "camille.durand"}))
	for _, next := range []string{"//ailleurs.example", "https://ailleurs.example", `/\ailleurs.example`} {
		answer := client.Post(t, "/account/address/secondary", url.Values{"do": {"cancel"}, "next": {next}})
		if got := answer.Header.Get("Location"); got != "/dashboard" {
			t.Errorf("%s leads to %s", next, got)
		}
	}
}

func TestTheLinksOfAddressesAreThoseThatOpen(t *testing.T) {
	var p *portal
	p = open(t, web.Get("/links", web.Any, func(w http.ResponseWriter, r *http.Request) error {
		m, err := member.ByID(r.Context(), p.Pool, web.Viewer(r).ID)
		if err != nil {
			return err
		}
		return web.Render(w, r, http.StatusOK, web.Page{Title: "Adresses", Body: memberweb.AddressLinks(m)})
	}))
	for name, person := range map[string]webtest.Person{
		"active": {Username: "camille.durand"}, "in grace": {Username: "gael.recent", End: "2024-12-18"}, "limited": {Username: "lou.partie", End: "2024-01-01"},
	} {
		client := p.As(t, p.Member(t, person))
		page := client.Get(t, "/links")
		offered := strings.Contains(page.Body, "/account/address/primary")
		if opens := client.Get(t, "/account/address/primary").Status == http.StatusOK; page.Status != http.StatusOK || offered != opens || !strings.Contains(page.Body, "/account/address/secondary") {
			t.Errorf("%s: %d, offered %v, opens %v", name, page.Status, offered, opens)
		}
	}
}

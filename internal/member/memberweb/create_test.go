package memberweb_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/testing/webtest"
)

// arrival fills the page of creation in.
func arrival(a *webtest.Answer) url.Values {
	return with(filled(a), "firstname", "Camille", "lastname", "Durand", "email", "camille@exemple.fr", "domain", "Design", "mission-0-employer", "Scopyleft")
}

func TestAColleagueCreatesARecord(t *testing.T) {
	p := open(t)
	aides := p.product(t, "aides.jeunes", "Aides Jeunes")
	client := p.As(t, p.Member(t, webtest.Person{Username: "valid.member"}))
	page := client.Get(t, "/community/create")
	if page.Status != 200 || page.Heading() != "Créer une fiche membre" || page.Field("mission-0-start") != "2024-12-19" || page.Field("mission-0-end") != "2025-03-19" {
		t.Fatalf("%d %s", page.Status, page.Text())
	}
	answer := client.Post(t, "/community/create", with(arrival(page), "mission-0-product", "aides jeunes"))
	record := client.Follow(t, answer) // served by another room: only the message is looked at
	if answer.Header.Get("Location") != "/community/camille.durand" || !strings.Contains(record.Text(), "C’est presque bon !") {
		t.Errorf("%d to %s: %s", answer.Status, answer.Header.Get("Location"), record.Text())
	}
	m := p.read(t, "camille.durand")
	if m.Status != member.StatusVerificationWaiting || m.SecondaryEmail != "camille@exemple.fr" || m.CreatedBy != "valid.member" {
		t.Errorf("member %+v", m)
	}
	if missions := p.missions(t, "camille.durand"); len(missions) != 1 || len(missions[0].Startups) != 1 || missions[0].Startups[0] != aides {
		t.Errorf("missions %+v", missions)
	}
	again := client.Post(t, "/community/create", arrival(page))
	told(t, "sent twice", again, "email")
}

func TestARefusedCreationKeepsWhatWasTyped(t *testing.T) {
	p := open(t)
	aides := p.product(t, "aides.jeunes", "Aides Jeunes")
	client := p.As(t, p.Member(t, webtest.Person{Username: "valid.member"}))
	page := client.Get(t, "/community/create")
	typed := with(arrival(page), "email", "contact@exemple.fr", "mission-0-startups", aides.String(), "mission-0-end", "2024-12-18")
	refused := client.Post(t, "/community/create", typed)
	told(t, "shared address", refused, "email")
	told(t, "end before start", refused, "mission-0-end")
	kept := filled(refused)
	for name := range typed {
		if kept.Get(name) != typed.Get(name) {
			t.Errorf("%s is lost: %q, typed %q", name, kept.Get(name), typed.Get(name))
		}
	}
	empty := client.Post(t, "/community/create", url.Values{})
	for _, field := range []string{"firstname", "lastname", "email", "mission-0-start", "mission-0-end", "mission-0-employer", "mission-0-status"} {
		told(t, "empty", empty, field)
		if !has(empty.ByID(field), "required") {
			t.Errorf("%s is refused empty, and not marked", field)
		}
	}
}

func TestAnAddressAlreadyTakenLeadsToItsRecordWhenItIsPublic(t *testing.T) {
	p := open(t)
	p.Member(t, webtest.Person{Username: "autre.personne", Secondary: "secret@exemple.fr", End: "2024-01-31"})
	client := p.As(t, p.Member(t, webtest.Person{Username: "valid.member"}))
	page := client.Get(t, "/community/create")
	for address, leads := range map[string]bool{"ministere@exemple.fr": true, "MINISTERE@Exemple.fr": true, "secret@exemple.fr": false} {
		if _, err := p.Pool.Exec(t.Context(), `UPDATE member SET primary_email = 'ministere@exemple.fr' WHERE username = 'autre.personne'`); err != nil {
			t.Fatal(err)
		}
		refused := client.Post(t, "/community/create", with(arrival(page), "email", address))
		told(t, address, refused, "email")
		if got := strings.Contains(refused.Body, "autre.personne") || strings.Contains(refused.Text(), "Autre Personne"); got != leads {
			t.Errorf("%s: the record is named: %v, want %v", address, got, leads)
		}
		if got := strings.Contains(refused.Body, `href="/community/autre.personne"`); got != leads {
			t.Errorf("%s: the record is linked: %v, want %v", address, got, leads)
		}
	}
}

func TestProductsAreAddedWithoutScript(t *testing.T) {
	p := open(t)
	aides, autre := p.product(t, "aides.jeunes", "Aides Jeunes"), p.product(t, "aides.locales", "Aides Locales")
	client := p.As(t, p.Member(t, webtest.Person{Username: "valid.member"}))
	typed := arrival(client.Get(t, "/community/create"))
	several := client.Post(t, "/community/create", with(typed, "mission-0-product", "AIDES", "do", "add-product-0"))
	if several.Status != 200 || !strings.Contains(several.Described("mission-0-product"), "Plusieurs produits") || several.Field("firstname") != "Camille" {
		t.Fatalf("%d %s", several.Status, several.Text())
	}
	if boxes := strings.Count(several.Body, `name="mission-0-startups"`); boxes != 2 || filled(several).Has("mission-0-startups") {
		t.Errorf("%d boxes", boxes)
	}
	one := client.Post(t, "/community/create", with(filled(several), "mission-0-product", "locales", "do", "add-product-0"))
	if got := filled(one)["mission-0-startups"]; len(got) != 1 || got[0] != autre.String() || one.Field("mission-0-product") != "" {
		t.Errorf("chosen %v", got)
	}
	none := client.Post(t, "/community/create", with(filled(one), "mission-0-product", "xyz", "do", "add-product-0"))
	if !strings.Contains(none.Described("mission-0-product"), "Aucun produit") || none.Field("mission-0-product") != "xyz" {
		t.Errorf("none: %s", none.Text())
	}
	form := with(filled(none), "mission-0-product", "")
	form.Add("mission-0-startups", aides.String())
	client.Follow(t, client.Post(t, "/community/create", form))
	if missions := p.missions(t, "camille.durand"); len(missions[0].Startups) != 2 {
		t.Errorf("missions %+v", missions)
	}
}

func TestHomonymsAreConfirmed(t *testing.T) {
	p := open(t)
	p.Member(t, webtest.Person{Username: "camille.durand", End: "2024-01-31"})
	client := p.As(t, p.Member(t, webtest.Person{Username: "valid.member"}))
	warned := client.Post(t, "/community/create", arrival(client.Get(t, "/community/create")))
	text := warned.Text()
	if warned.Status != http.StatusUnprocessableEntity || !strings.Contains(text, "camille.durand2") || !strings.Contains(text, "mission terminée le 31 janvier 2024") ||
		!strings.Contains(warned.Body, `href="/community/camille.durand"`) || warned.Field("email") != "camille@exemple.fr" {
		t.Fatalf("%d %s", warned.Status, text)
	}
	answer := client.Post(t, "/community/create", filled(warned))
	if answer.Header.Get("Location") != "/community/camille.durand2" {
		t.Errorf("confirmed: %d %s", answer.Status, answer.Text())
	}
}

func TestWhoMayCreate(t *testing.T) {
	p := open(t)
	form := url.Values{"firstname": {"Camille"}}
	for name, c := range map[string]struct {
		client *webtest.Client
		get    int
		post   int
	}{
		"visitor":    {p.Visitor(t), 303, 303},
		"unverified": {p.As(t, p.Member(t, webtest.Person{Username: "nova.nouveau", Status: "EMAIL_VERIFICATION_WAITING"})), 303, 303},
		"in grace":   {p.As(t, p.Member(t, webtest.Person{Username: "gael.recent", End: "2024-12-18"})), 403, 403},
		"limited":    {p.As(t, p.Member(t, webtest.Person{Username: "lou.partie", End: "2024-01-01"})), 403, 403},
		"member":     {p.As(t, p.Member(t, webtest.Person{Username: "valid.member"})), 200, 422},
	} {
		if got := c.client.Get(t, "/community/create").Status; got != c.get {
			t.Errorf("%s: GET %d", name, got)
		}
		if got := c.client.Post(t, "/community/create", form).Status; got != c.post {
			t.Errorf("%s: POST %d", name, got)
		}
	}
}

package memberweb_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/testing/webtest"
)

// nova is a new member, invited at an address, and their browser on the page of verification.
func (p *portal) nova(t *testing.T, invited string) (*webtest.Client, *webtest.Answer) {
	t.Helper()
	id := p.Member(t, webtest.Person{Username: "nova.nouveau", Status: "EMAIL_VERIFICATION_WAITING", End: "2025-03-01"})
	if _, err := p.Pool.Exec(t.Context(), `UPDATE member SET primary_email = NULL, secondary_email = $2 WHERE id = $1`, id, invited); err != nil {
		t.Fatal(err)
	}
	client := p.As(t, id)
	return client, client.Follow(t, client.Get(t, "/community"))
}

func TestANewMemberVerifiesTheRecordOnce(t *testing.T) {
	p := open(t)
	client, page := p.nova(t, "nova@exemple.fr")
	if page.Status != 200 || page.Heading() != "Vérifier ma fiche" || !strings.HasPrefix(page.Title(), "Vérifie les informations de ton compte") || page.Field("email") != "nova@exemple.fr" || page.Field("fullname") != "Nova Nouveau" || page.Field("mission-0-employer") != "DINUM" {
		t.Fatalf("%d %s", page.Status, page.Text())
	}
	form := with(filled(page), "role", "Designer", "domain", "Design", "bio", "Bonjour", "workplace", "29000", "other_competences", "Poterie")
	form["competences"] = []string{"UX"}
	answer := client.Post(t, "/verify", form)
	home := client.Follow(t, answer)
	if answer.Header.Get("Location") != "/dashboard" || !strings.Contains(home.Text(), "nova.nouveau@beta.gouv.fr est en cours de création") {
		t.Errorf("%d %s", answer.Status, home.Text())
	}
	m := p.read(t, "nova.nouveau")
	if m.Status != member.StatusCreationWaiting || m.Role != "Designer" || m.WorkplaceInseeCode != "29232" || strings.Join(m.Competences, "+") != "UX+Poterie" {
		t.Errorf("member %+v", m)
	}
	if again := client.Post(t, "/verify", form); again.Status != 403 {
		t.Errorf("again: %d", again.Status)
	}
	if got := client.Get(t, "/verify"); got.Header.Get("Location") != "/dashboard" {
		t.Errorf("the page, once verified: %d", got.Status)
	}
}

func TestAnAgentKeepsTheirAddress(t *testing.T) {
	p := open(t)
	client, page := p.nova(t, "nova@ministere.gouv.fr")
	home := client.Follow(t, client.Post(t, "/verify", with(filled(page), "role", "Designer", "domain", "Design")))
	if m := p.read(t, "nova.nouveau"); m.Status != member.StatusActive || m.PrimaryEmail != "nova@ministere.gouv.fr" || m.SecondaryEmail != "" {
		t.Errorf("member %+v", m)
	}
	if !strings.Contains(home.Text(), "nova@ministere.gouv.fr est ton adresse principale") {
		t.Error(home.Text())
	}
}

func TestAnotherAgentsAddressIsProvedFirst(t *testing.T) {
	p := open(t)
	client, page := p.nova(t, "nova@exemple.fr")
	waiting := client.Follow(t, client.Post(t, "/verify", with(filled(page), "role", "Designer", "domain", "Design", "email", "nova@ministere.gouv.fr")))
	if waiting.Heading() != "Vérifier ma fiche" || !strings.Contains(waiting.Text(), "Un lien a été envoyé à nova@ministere.gouv.fr") || waiting.Field("role") != "Designer" {
		t.Fatalf("%s", waiting.Text())
	}
	if m := p.read(t, "nova.nouveau"); m.Status != member.StatusVerificationWaiting || m.SecondaryEmail != "nova@exemple.fr" {
		t.Errorf("before the proof: %+v", m)
	}
}

func TestARefusedVerificationKeepsWhatWasTyped(t *testing.T) {
	p := open(t)
	client, page := p.nova(t, "nova@exemple.fr")
	typed := with(filled(page), "fullname", "", "role", "Rôle", "domain", "Design", "bio", "\"<b>", "link", "javascript:alert(1)", "daily_rate", "beaucoup", "workplace", "Saint-Denis", "gender", "other")
	typed["competences"] = []string{"UX", "PHP"}
	refused := client.Post(t, "/verify", typed)
	for _, field := range []string{"fullname", "link", "daily_rate", "workplace"} {
		told(t, "verification", refused, field)
	}
	kept := filled(refused)
	delete(kept, "workplace_asked")
	for name := range typed {
		if name != "workplace_asked" && strings.Join(kept[name], "+") != strings.Join(typed[name], "+") {
			t.Errorf("%s is lost: %q, typed %q", name, kept[name], typed[name])
		}
	}
	if !strings.Contains(refused.Text(), "Saint-Denis (97400)") {
		t.Error("the communes of that name are not offered")
	}
	chosen := with(filled(refused), "fullname", "Nova Nouveau", "link", "", "daily_rate", "", "workplace_code", "97411")
	client.Follow(t, client.Post(t, "/verify", chosen))
	if m := p.read(t, "nova.nouveau"); m.WorkplaceInseeCode != "97411" || m.Bio != "\"<b>" {
		t.Errorf("member %+v", m)
	}
}

func TestNobodyVerifiesWithSomebodyElsesMission(t *testing.T) {
	p := open(t)
	p.Member(t, webtest.Person{Username: "autre.personne"})
	client, page := p.nova(t, "nova@exemple.fr")
	stolen := p.missions(t, "autre.personne")[0].ID.String()
	told(t, "stolen", client.Post(t, "/verify", with(filled(page), "role", "x", "domain", "Design", "mission-0-id", stolen)), "mission-0-start")
	if got := client.Post(t, "/verify", url.Values{}); got.Status != 422 {
		t.Errorf("nothing: %d", got.Status)
	}
}

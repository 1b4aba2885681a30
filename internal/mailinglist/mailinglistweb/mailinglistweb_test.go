package mailinglistweb_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/betagouv/espace-membre/internal/mailinglist"
	"github.com/betagouv/espace-membre/internal/mailinglist/mailinglistweb"
	"github.com/betagouv/espace-membre/internal/platform/dsfr"
	"github.com/betagouv/espace-membre/internal/platform/postgres"
	"github.com/betagouv/espace-membre/internal/platform/web"
	"github.com/betagouv/espace-membre/internal/testing/webtest"
)

const hookID = "identifiant-secret"

type world struct {
	*webtest.Site
	requests *webtest.Requests
	room     *mailinglist.Service
}

func open(t *testing.T) *world {
	t.Helper()
	w := &world{requests: &webtest.Requests{}}
	w.Site = webtest.New(t, func(site *webtest.Site, _ *web.Config) []web.Module {
		w.room = mailinglist.New(site.Pool, site.Clock, mailinglist.Ports{Requester: w.requests}, mailinglist.Config{
			Domain: "beta.gouv.fr", Links: mailinglist.Links{BaseURL: "http://portail", Key: []byte("clé")},
		})
		blank := func(w http.ResponseWriter, r *http.Request) error {
			return web.Render(w, r, http.StatusOK, web.Page{Title: "Compte", Body: dsfr.Text("compte")})
		}
		return []web.Module{mailinglistweb.New(w.room, hookID).Module(), {Room: "test", Routes: []web.Route{web.Get("/account", web.Any, blank)}}}
	})
	return w
}

func (w *world) refusals(t *testing.T) int {
	t.Helper()
	n, err := postgres.Scalar[int](t.Context(), w.Pool, `SELECT count(*) FROM list_refusal`)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// link gives the path and the query of somebody's link.
func (w *world) link(t *testing.T, id uuid.UUID) string {
	t.Helper()
	u, err := url.Parse(w.room.Links().Leave(id, mailinglist.Members))
	if err != nil {
		t.Fatal(err)
	}
	return u.RequestURI()
}

func TestListIsRefusedAndAcceptedInTheAccount(t *testing.T) {
	w := open(t)
	camille := w.As(t, w.Member(t, webtest.Person{Username: "camille.durand"}))
	page := camille.Get(t, "/account/lists")
	if page.Status != 200 || page.Heading() != "Mes listes" || !strings.Contains(page.Text(), "Reçue") || page.Field("recevoir") != "non" {
		t.Fatalf("%d %s", page.Status, page.Text())
	}
	page = camille.Follow(t, camille.Post(t, "/account/lists/incubateur", url.Values{"recevoir": {"non"}}))
	if !strings.Contains(page.Text(), "tu ne recevras plus") || !strings.Contains(page.Text(), "Non reçue depuis le 19 décembre 2024") || page.Field("recevoir") != "oui" {
		t.Errorf("refused: %s", page.Text())
	}
	if w.refusals(t) != 1 || len(w.requests.Pending()) != 1 {
		t.Errorf("%d refusals, %d requests", w.refusals(t), len(w.requests.Pending()))
	}
	answer := camille.Post(t, "/account/lists/incubateur", url.Values{"recevoir": {"oui"}, "retour": {"/account"}})
	if answer.Header.Get("Location") != "/account" || w.refusals(t) != 0 {
		t.Errorf("accepted: %d to %s, %d refusals", answer.Status, answer.Header.Get("Location"), w.refusals(t))
	}
	if got := camille.Post(t, "/account/lists/incubateur", url.Values{"recevoir": {"non"}, "retour": {"https://ailleurs.fr"}}).Header.Get("Location"); got != "/account/lists" {
		t.Errorf("sent to %q", got)
	}
}

func TestWhoMayChoose(t *testing.T) {
	w := open(t)
	form := url.Values{"recevoir": {"non"}}
	if got := w.Visitor(t).Post(t, "/account/lists/incubateur", form); got.Header.Get("Location") != "/login" {
		t.Errorf("visitor: %d", got.Status)
	}
	unverified := w.As(t, w.Member(t, webtest.Person{Username: "nouvelle.venue", Status: "EMAIL_VERIFICATION_WAITING"}))
	if got := unverified.Post(t, "/account/lists/incubateur", form); got.Header.Get("Location") != "/verify" {
		t.Errorf("unverified: %d %s", got.Status, got.Header.Get("Location"))
	}
	if w.refusals(t) != 0 {
		t.Fatal("somebody refused for another")
	}
	limited := w.As(t, w.Member(t, webtest.Person{Username: "ancien.membre", End: "2024-01-01"}))
	if got := limited.Post(t, "/account/lists/incubateur", form); got.Status != http.StatusSeeOther || w.refusals(t) != 1 {
		t.Errorf("limited session, own choice: %d", got.Status)
	}
	if got := limited.Post(t, "/account/lists/inconnue", form); got.Status != http.StatusNotFound {
		t.Errorf("unknown list: %d", got.Status)
	}
	limited.Header.Set("Sec-Fetch-Site", "cross-site")
	if got := limited.Post(t, "/account/lists/incubateur", url.Values{"recevoir": {"oui"}}); got.Status != http.StatusForbidden || w.refusals(t) != 1 {
		t.Errorf("from another site: %d", got.Status)
	}
}

func TestLinkOfALetter(t *testing.T) {
	w := open(t)
	id := w.Member(t, webtest.Person{Username: "camille.durand"})
	visitor := w.Visitor(t)
	page := visitor.Get(t, w.link(t, id))
	if page.Status != 200 || w.refusals(t) != 0 || page.Field("recevoir") != "non" || strings.Contains(page.Body, "camille") {
		t.Fatalf("%d, %d refusals: %s", page.Status, w.refusals(t), page.Text())
	}
	form := url.Values{"membre": {page.Field("membre")}, "liste": {page.Field("liste")}, "signature": {page.Field("signature")}, "recevoir": {"non"}}
	page = visitor.Post(t, "/lists/unsubscribe", form)
	if page.Status != 200 || w.refusals(t) != 1 || !strings.Contains(page.Text(), "C’est noté") || page.Field("recevoir") != "oui" {
		t.Errorf("%d, %d refusals: %s", page.Status, w.refusals(t), page.Text())
	}
	if page = visitor.Get(t, w.link(t, id)); !strings.Contains(page.Text(), "déjà demandé") {
		t.Errorf("again: %s", page.Text())
	}
	form.Set("recevoir", "oui")
	if page = visitor.Post(t, "/lists/unsubscribe", form); page.Status != 200 || w.refusals(t) != 0 {
		t.Errorf("changed their mind: %d, %d refusals", page.Status, w.refusals(t))
	}
}

// TestOneClick posts as mail programs do: to the address of the header, without cookie nor origin.
func TestOneClick(t *testing.T) {
	w := open(t)
	id := w.Member(t, webtest.Person{Username: "camille.durand"})
	for range 2 {
		answer, err := http.Post(w.URL+w.link(t, id), "application/x-www-form-urlencoded", strings.NewReader("List-Unsubscribe=One-Click"))
		if err != nil {
			t.Fatal(err)
		}
		_ = answer.Body.Close()
		if answer.StatusCode != 200 || w.refusals(t) != 1 {
			t.Errorf("%d, %d refusals", answer.StatusCode, w.refusals(t))
		}
	}
}

func TestBadLinks(t *testing.T) {
	w := open(t)
	id, other := w.Member(t, webtest.Person{Username: "camille.durand"}), w.Member(t, webtest.Person{Username: "lou.martin"})
	good := w.link(t, id)
	for name, path := range map[string]string{
		"of somebody else": strings.Replace(good, id.String(), other.String(), 1), "cut": good[:len(good)-3], "empty": "/lists/unsubscribe",
	} {
		page := w.Visitor(t).Get(t, path)
		if page.Status != http.StatusUnprocessableEntity || page.Heading() != "Lien incomplet" {
			t.Errorf("%s: %d %s", name, page.Status, page.Heading())
		}
		u, err := url.Parse(path)
		if err != nil {
			t.Fatal(err)
		}
		if page := w.Visitor(t).Post(t, "/lists/unsubscribe", u.Query()); page.Status != http.StatusUnprocessableEntity {
			t.Errorf("%s: posted, %d", name, page.Status)
		}
	}
	if _, err := w.Pool.Exec(t.Context(), `DELETE FROM member WHERE id = $1`, id); err != nil {
		t.Fatal(err)
	}
	if page := w.Visitor(t).Get(t, good); page.Status != http.StatusNotFound {
		t.Errorf("somebody erased: %d", page.Status)
	}
	if w.refusals(t) != 0 {
		t.Errorf("%d refusals", w.refusals(t))
	}
}

func (w *world) call(t *testing.T, id, body string) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, w.URL+"/api/hook/"+id, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	text := make([]byte, 200)
	n, _ := answer.Body.Read(text)
	return answer.StatusCode, strings.TrimSpace(string(text[:n]))
}

func (w *world) kinds(t *testing.T) string {
	t.Helper()
	text, err := postgres.Scalar[string](t.Context(), w.Pool, `
		SELECT COALESCE(string_agg(kind || ' ' || times || ' ' || detail, ', ' ORDER BY kind), '')
		FROM mail_refusal
		WHERE cleared_at IS NULL`)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestHookOfTheMailVendor(t *testing.T) {
	w := open(t)
	w.Member(t, webtest.Person{Username: "camille.durand"})
	bounce := `{"event":"hard_bounce","email":"camille.durand@beta.gouv.fr","id":12,"date":"2024-12-19 10:00:00","ts":1734598800,"message-id":"<a@b>","subject":"Départ","tag":"","tags":["x"],"reason":"550 <camille.durand@beta.gouv.fr> unknown"}`
	for name, c := range map[string]struct{ id, body string }{
		"unknown id": {"autre", bounce}, "no JSON": {hookID, "bonjour"}, "not an event": {hookID, `[1]`}, "opened": {hookID, `{"event":"opened","email":"camille.durand@beta.gouv.fr"}`},
		"no address": {hookID, `{"event":"hard_bounce"}`}, "bad address": {hookID, `{"event":"hard_bounce","email":"personne"}`},
	} {
		if status, text := w.call(t, c.id, c.body); status != 200 || text != `{"success":true}` || w.kinds(t) != "" {
			t.Errorf("%s: %d %s, %q", name, status, text, w.kinds(t))
		}
	}
	for range 2 { // Brevo may tell the same event again
		if status, _ := w.call(t, hookID, bounce); status != 200 {
			t.Errorf("bounce: %d", status)
		}
	}
	if got := w.kinds(t); got != "hard_bounce 1 550 <(adresse)> unknown" {
		t.Errorf("recorded %q", got)
	}
	batch := `[{"event":"blocked","email":"camille.durand@beta.gouv.fr","message-id":"<c@d>"},{"event":"soft_bounce","email":"inconnue@ailleurs.fr","message-id":"<e@f>"}]`
	if status, _ := w.call(t, hookID, batch); status != 200 || w.kinds(t) != "blocked 1 , hard_bounce 1 550 <(adresse)> unknown, soft_bounce 1 " {
		t.Errorf("batch: %d, %q", status, w.kinds(t))
	}
	if status, _ := w.call(t, hookID, `{"event":"delivered","email":"Camille.Durand@beta.gouv.fr"}`); status != 200 || w.kinds(t) != "soft_bounce 1 " {
		t.Errorf("delivered: %d, %q", status, w.kinds(t))
	}
	if strings.Contains(w.Log.String(), hookID) {
		t.Error("the log shows the id of the hook")
	}
}

func TestHookThatIsNotConfigured(t *testing.T) {
	w := &world{requests: &webtest.Requests{}}
	w.Site = webtest.New(t, func(site *webtest.Site, _ *web.Config) []web.Module {
		w.room = mailinglist.New(site.Pool, site.Clock, mailinglist.Ports{}, mailinglist.Config{})
		return []web.Module{mailinglistweb.New(w.room, "").Module()}
	})
	if status, _ := w.call(t, "%20", `{"event":"hard_bounce","email":"a@exemple.org"}`); status != 200 || w.kinds(t) != "" {
		t.Errorf("%d, %q", status, w.kinds(t))
	}
}

func TestInABrowser(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a browser")
	}
	w := open(t)
	id := w.Member(t, webtest.Person{Username: "camille.durand"})
	camille, browser := w.As(t, id), webtest.OpenBrowser(t)
	for _, path := range []string{"/account/lists", w.link(t, id)} {
		for name, view := range map[string]webtest.View{"wide": {Axe: true}, "narrow": {Width: 390, Axe: true}, "no script": {Width: 390, NoScript: true}} {
			if seen := browser.Look(t, camille, path, view); len(seen.Problems) > 0 || seen.Overflow != "" {
				t.Errorf("%s, %s: %+v", path, name, seen)
			}
		}
	}
}

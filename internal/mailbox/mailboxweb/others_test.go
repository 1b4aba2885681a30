package mailboxweb_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/betagouv/espace-membre/internal/testing/webtest"
)

func TestWhatColleaguesMayDo(t *testing.T) {
	p := open(t)
	p.owner("anne.due")
	p.ovh.AddRedirection("anne.due@beta.gouv.fr", "ailleurs@prive.exemple")
	bea := p.As(t, p.Member(t, webtest.Person{Username: "bea.ami"}))
	page := bea.Get(t, "/community/anne.due/mailbox")
	says(t, page, 200, "offre MX Plan")
	for _, hidden := range []string{"prive.exemple", "Redirections", "Administration de la boîte", "roundcube"} {
		if strings.Contains(page.Body, hidden) {
			t.Errorf("a colleague sees %q", hidden)
		}
	}
	for _, path := range []string{"upgrade", "delete"} {
		says(t, bea.Get(t, "/community/anne.due/mailbox/"+path), 403)
		says(t, bea.Post(t, "/community/anne.due/mailbox/"+path, nil), 403)
	}
	says(t, bea.Post(t, "/community/anne.due/mailbox/unblock", nil), 403)
	says(t, bea.Post(t, "/community/anne.due/mailbox/keep", nil), 403)

	p.Member(t, webtest.Person{Username: "new.comer", Secondary: "new@prive.exemple", Status: "EMAIL_UNSET"})
	p.exec(`UPDATE member SET primary_email = NULL WHERE username = 'new.comer'`)
	create := bea.Get(t, "/community/new.comer/mailbox/create")
	says(t, create, 200, "Créer la boîte de New Comer", "new.comer@beta.gouv.fr")
	if strings.Contains(create.Body, "prive.exemple") {
		t.Error("a colleague sees the secondary address")
	}
	answer := bea.Post(t, "/community/new.comer/mailbox/create", url.Values{"form": {create.Field("form")}})
	p.drain()
	says(t, bea.Follow(t, answer), 200, "C’est fait", "par bea.ami")
	third := p.As(t, p.Member(t, webtest.Person{Username: "third.party"}))
	says(t, third.Get(t, answer.Header.Get("Location")), 404) // what others asked is not theirs to read
	says(t, bea.Get(t, "/community/nobody.here/mailbox/create"), 404)
}

// A ministry's address is how its owner logs in: no colleague replaces it.
func TestNoColleagueReplacesAnAddress(t *testing.T) {
	p := open(t)
	id := p.Member(t, webtest.Person{Username: "an.agent", Secondary: "an@prive.exemple"})
	p.exec(`UPDATE member SET primary_email = 'an.agent@ministere.exemple' WHERE id = $1`, id)
	bea := p.As(t, p.Member(t, webtest.Person{Username: "bea.ami"}))
	admin := p.As(t, p.Member(t, webtest.Person{Username: webtest.AdminUsername}))
	const path = "/community/an.agent/mailbox"
	if page := bea.Get(t, path); strings.Contains(page.Body, path+"/create") {
		t.Errorf("a colleague is offered to make the mailbox: %s", page.Text())
	}
	form := bea.Get(t, path+"/create")
	says(t, form, 200, "elle seule, ou l’administration")
	if strings.Contains(form.Body, "<form method=\"post\" action=\""+path) || strings.Contains(form.Text(), "Voici ce qui va se passer") {
		t.Error("a colleague is shown the form")
	}
	says(t, bea.Post(t, path+"/create", nil), 403)
	says(t, admin.Get(t, path), 200, "Créer la boîte de")
	says(t, admin.Get(t, path+"/create"), 200, "Une adresse est déjà en place", "L’ancienne adresse sera prévenue")
	self := p.As(t, id)
	says(t, self.Get(t, "/account/mailbox"), 200, "Créer ma boîte")
	says(t, self.Post(t, "/account/mailbox/create", nil), 303)
	says(t, admin.Post(t, path+"/create", nil), 303)
}

func TestNobodyReachesAnothersForms(t *testing.T) {
	p := open(t)
	annesID, anne := p.owner("anne.due")
	_, bea := p.owner("bea.ami")
	number := uuid.NewString()
	anne.Post(t, "/account/redirections", url.Values{"form": {number}, "to_email": {"anne@ailleurs.fr"}})
	answer := bea.Post(t, "/account/redirections", url.Values{"form": {number}, "to_email": {"bea@ailleurs.fr"}}) // the same number
	p.drain()
	says(t, bea.Follow(t, answer), 200, "bea@ailleurs.fr", "C’est fait")
	if !strings.Contains(p.state(), `"from":"anne.due@beta.gouv.fr","to":"anne@ailleurs.fr"`) || !strings.Contains(p.state(), `"from":"bea.ami@beta.gouv.fr","to":"bea@ailleurs.fr"`) {
		t.Errorf("crossed: %s", p.state())
	}
	for _, bad := range []string{"x", "../../etc", strings.ToUpper(number), "{" + number + "}", annesID.String() + "'--"} {
		says(t, bea.Post(t, "/account/password", url.Values{"form": {bad}, "new_password": {goodSecret}}), 422, "formulaire est abîmé")
	}
	says(t, p.Visitor(t).Get(t, "/account/password"), 303)
}

func TestWhoLeftIsToldWhy(t *testing.T) {
	p := open(t)
	gone := p.As(t, p.Member(t, webtest.Person{Username: "gone.away", End: "2024-12-01", Secondary: "gone@prive.exemple", Status: "EMAIL_SUSPENDED"}))
	for _, path := range []string{"/account/password", "/account/redirections", "/account/auto-reply"} {
		says(t, gone.Get(t, path), 200, "Ta mission est terminée")
		says(t, gone.Post(t, path, url.Values{"new_password": {goodSecret}, "to_email": {"x@y.fr"}}), 403)
	}
	says(t, gone.Get(t, "/account/mailbox"), 200, "La boîte est suspendue", "Ta mission est terminée")
	says(t, gone.Get(t, "/account/mailbox/delete"), 200, "J’ai compris") // one's own, always
}

// In grace the mailbox works as before: it is the moment to say that one left.
func TestWhoHasJustLeftSetsAReply(t *testing.T) {
	p := open(t)
	p.ovh.AddMailbox("EMAIL_PLAN_BASIC", "just.left")
	left := p.As(t, p.Member(t, webtest.Person{Username: "just.left", End: "2024-12-15", Secondary: "left@prive.exemple"}))
	page := left.Get(t, "/account/mailbox")
	says(t, page, 200, "Gérer la réponse automatique", "Ta mission est terminée")
	if strings.Contains(page.Text(), "Gérer les redirections") {
		t.Error("redirections are offered")
	}
	form := left.Get(t, "/account/auto-reply")
	says(t, form, 200, "Enregistrer la réponse automatique")
	answer := left.Post(t, "/account/auto-reply", url.Values{"content": {"Je suis parti."}, "from": {"2024-12-19"}, "to": {"2025-01-19"}})
	p.drain()
	says(t, left.Follow(t, answer), 200, "C’est fait")
	says(t, left.Post(t, "/account/redirections", url.Values{"to_email": {"x@y.fr"}}), 403)
}

// What is not configured is no outage: demands are refused, and the pages must not promise.
func TestNoVendorIsToldAsSuch(t *testing.T) {
	p := openAs(t, &portal{t: t, ask: &late{}, bare: true})
	anne := p.As(t, p.Member(t, webtest.Person{Username: "anne.due", Secondary: "anne@prive.exemple"}))
	admin := p.As(t, p.Member(t, webtest.Person{Username: webtest.AdminUsername}))
	for _, page := range []*webtest.Answer{
		anne.Get(t, "/account/mailbox"), anne.Get(t, "/account/redirections"), anne.Get(t, "/account/auto-reply"), anne.Get(t, "/account/password"),
		admin.Get(t, "/community/anne.due/mailbox"), admin.Get(t, "/community/anne.due/mailbox/upgrade"),
	} {
		says(t, page, 200, "boîtes mail ne sont pas configurées ici")
		for _, promise := range []string{"ne répond pas", "attendront son retour", "Offre Pro"} {
			if strings.Contains(page.Text(), promise) {
				t.Errorf("a page says %q: %s", promise, page.Text())
			}
		}
	}
	says(t, admin.Get(t, "/community/anne.due/mailbox"), 200, "Brevo n’est pas configuré ici")
	says(t, anne.Post(t, "/account/redirections", url.Values{"to_email": {"x@y.fr"}}), 422, "ne sont pas configurées ici")
}

func TestAdministratorsUnblock(t *testing.T) {
	p := open(t)
	p.owner("anne.due")
	p.brevo.AddBlock("anne.due@beta.gouv.fr", "espace-membre@beta.gouv.fr", "hardBounce")
	p.brevo.AddBlock("anne.due@prive.exemple", "espace-membre@beta.gouv.fr", "unsubscribedViaEmail")
	admin := p.As(t, p.Member(t, webtest.Person{Username: webtest.AdminUsername}))
	page := admin.Get(t, "/community/anne.due/mailbox")
	says(t, page, 200, "Administration de la boîte", "la boîte n’existait pas", "hardBounce", "désinscription par le lien d’un mail", "Bloquée le 19 décembre 2024", "La personne m’a demandé")
	unblock := func(kind string, more url.Values) *webtest.Answer {
		form := url.Values{"address": {kind}}
		for name, values := range more {
			form[name] = values
		}
		answer := admin.Post(t, "/community/anne.due/mailbox/unblock", form)
		p.Clock.Advance(time.Second)
		p.drain()
		p.Clock.Advance(time.Second)
		return admin.Follow(t, answer)
	}
	says(t, unblock("primary", nil), 200, "C’est fait", "Nos messages arrivent de nouveau")
	says(t, unblock("secondary", nil), 200, "Ce n’est pas fait", "il faut confirmer")
	says(t, unblock("secondary", url.Values{"confirmation": {"on"}}), 200, "C’est fait")
	says(t, admin.Get(t, "/community/anne.due/mailbox"), 200, "Elle reçoit nos messages et nos campagnes")
	says(t, admin.Post(t, "/community/anne.due/mailbox/unblock", url.Values{"address": {"autre"}}), 422, "n’existe pas")
	if n := p.count(`SELECT count(*) FROM audit_event WHERE code = 'MEMBER_UNBLOCK_EMAIL' AND actor = 'admin.member'`); n != 2 {
		t.Errorf("%d events", n)
	}
}

// Brevo lists its blocks by pages and cannot be asked about one address: pages share one listing.
// And both vendors are read at once, so that a slow one leaves room for the other.
func TestBlocksAreListedOnceForAllPages(t *testing.T) {
	p := open(t)
	admin := p.As(t, p.Member(t, webtest.Person{Username: webtest.AdminUsername}))
	for _, username := range []string{"anne.due", "bea.ami"} {
		p.owner(username)
		p.brevo.AddBlock(username+"@beta.gouv.fr", "espace-membre@beta.gouv.fr", "hardBounce")
	}
	for range 2 {
		says(t, admin.Get(t, "/community/anne.due/mailbox"), 200, "hardBounce")
		says(t, admin.Get(t, "/community/bea.ami/mailbox"), 200, "hardBounce")
		p.Clock.Advance(time.Minute)
	}
	if n := p.listings.Load(); n != 1 {
		t.Errorf("the blocks were listed %d times, want once", n)
	}
	p.Clock.Advance(time.Hour)
	p.door.set("hang")
	page, took := quickest(p, admin, "/community/anne.due/mailbox")
	if took > time.Second {
		t.Errorf("took %s", took)
	}
	says(t, page, 200, "L’hébergeur des boîtes ne répond pas", "hardBounce")
}

func TestAdministratorsUpgrade(t *testing.T) {
	p := open(t)
	p.owner("anne.due")
	admin := p.As(t, p.Member(t, webtest.Person{Username: webtest.AdminUsername}))
	page := admin.Get(t, "/community/anne.due/mailbox/upgrade")
	says(t, page, 200, "Aucun compte Pro n’est libre", "l’ancien ne marchera plus")
	answer := admin.Post(t, "/community/anne.due/mailbox/upgrade", url.Values{"form": {page.Field("form")}})
	p.drain()
	says(t, admin.Follow(t, answer), 200, "Ce n’est pas fait", "Il ne reste aucun compte libre")
	p.ovh.AddPlaceholders("EMAIL_PLAN_PRO", 2)
	p.Clock.Advance(time.Minute)
	says(t, admin.Get(t, "/community/anne.due/mailbox/upgrade"), 200, "Comptes Pro libres : 2")
	short := admin.Post(t, "/community/anne.due/mailbox/upgrade", url.Values{"password": {"court"}})
	says(t, short, 422)
	if told := short.Described("password"); !strings.Contains(told, "entre 14 et 30") {
		t.Errorf("the field says %q", told)
	}
	answer = admin.Post(t, "/community/anne.due/mailbox/upgrade", url.Values{"password": {goodSecret}})
	p.Clock.Advance(time.Second)
	p.drain()
	p.Clock.Advance(time.Second)
	says(t, admin.Follow(t, answer), 200, "C’est fait", "avec le mot de passe donné")
	says(t, admin.Get(t, "/community/anne.due/mailbox"), 200, "offre Pro")
	says(t, admin.Get(t, "/community/anne.due/mailbox/upgrade"), 200, "n’est pas d’offre MX Plan")
	if !p.ovh.Accepts("anne.due", goodSecret) {
		t.Error("not moved")
	}
}

// What is hostile is refused with a message, or shown as it is and executed nowhere.
func TestHostileInput(t *testing.T) {
	p := open(t)
	_, anne := p.owner("anne.due")
	for _, evil := range []string{
		`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `javascript:alert(1)`, "\x00", "\xff\xfe", strings.Repeat("a", 300<<10),
		`'; DROP TABLE member; --`, "anne@ailleurs.fr\r\nBcc: x@y.fr", "аnne@ailleurs.fr",
	} {
		for path, field := range map[string]string{"/account/redirections": "to_email", "/account/password": "new_password"} {
			page := anne.Post(t, path, url.Values{field: {evil}})
			if page.Status != http.StatusUnprocessableEntity {
				t.Errorf("%s with %.20q: %d", path, evil, page.Status)
			}
			harmless(t, page)
		}
		page := anne.Post(t, "/account/auto-reply", url.Values{"content": {evil}, "from": {evil}, "to": {evil}})
		says(t, page, 422)
		harmless(t, page)
		harmless(t, anne.Get(t, "/account/mailbox/progress?demande="+url.QueryEscape(evil[:min(len(evil), 100)])))
	}
	if page := anne.Post(t, "/account/auto-reply", url.Values{"content": {strings.Repeat("a", 10<<20)}}); page.Status != http.StatusRequestEntityTooLarge && page.Status != http.StatusUnprocessableEntity {
		t.Errorf("10 MB: %d", page.Status)
	}
	anne.Post(t, "/account/auto-reply", url.Values{"content": {`</textarea><script>alert(1)</script>`}, "from": {"2024-12-19"}, "to": {"2024-12-20"}})
	p.ovh.AddRedirection("anne.due@beta.gouv.fr", `<script>alert(1)</script>@ailleurs.fr`)
	p.drain()
	for _, path := range []string{"/account/mailbox", "/account/auto-reply", "/account/redirections"} {
		harmless(t, anne.Get(t, path))
	}
	if n := p.count(`SELECT count(*) FROM job_action`); n != 1 {
		t.Errorf("%d actions, want the only acceptable one", n)
	}
}

// harmless fails the test when a page holds an element that nobody wrote.
func harmless(t *testing.T, page *webtest.Answer) {
	t.Helper()
	for _, script := range page.All("script") {
		if webtest.Attribute(script, "src") == "" && webtest.TextOf(script) != "" && strings.Contains(webtest.TextOf(script), "alert") {
			t.Errorf("a script: %s", webtest.TextOf(script))
		}
	}
	for _, image := range page.All("img") {
		if webtest.Attribute(image, "onerror") != "" {
			t.Error("an image with a script")
		}
	}
	for _, link := range page.Links() {
		if strings.HasPrefix(link, "javascript:") {
			t.Error("a link with a script")
		}
	}
}

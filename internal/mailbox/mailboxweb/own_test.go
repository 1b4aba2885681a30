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

func TestPasswordFromTheMailboxToTheDoneDeed(t *testing.T) {
	p := open(t)
	id, anne := p.owner("anne.due")
	p.exec(`UPDATE member SET primary_email_status = 'EMAIL_ACTIVE_AND_PASSWORD_DEFINITION_PENDING' WHERE id = $1`, id)
	says(t, anne.Get(t, "/account/mailbox"), 200, "offre MX Plan", "il reste à définir son mot de passe", "Définir mon mot de passe")
	form := anne.Get(t, "/account/password")
	says(t, form, 200, "Définir mon mot de passe", "entre 14 et 30 caractères", "ni prénom, ni nom, ni identifiant")

	short := anne.Post(t, "/account/password", url.Values{"form": {form.Field("form")}, "new_password": {"Trop-court1"}})
	says(t, short, 422, "Le formulaire est à corriger")
	if told := short.Described("new_password"); !strings.Contains(told, "entre 14 et 30") {
		t.Errorf("the field says %q", told)
	}
	if short.Field("form") != form.Field("form") || strings.Contains(short.Body, "Trop-court1") {
		t.Error("the refused form changed its number, or shows the password")
	}

	sent := url.Values{"form": {form.Field("form")}, "new_password": {goodSecret}}
	answer := anne.Post(t, "/account/password", sent)
	progress := anne.Follow(t, answer)
	says(t, progress, 200, "C’est en cours", "tu peux fermer cette page")
	if refresh := progress.Header.Get("Refresh"); !strings.HasPrefix(refresh, "1; url=/account/mailbox/progress?demande=") {
		t.Errorf("Refresh: %q", refresh)
	}
	if again := anne.Post(t, "/account/password", sent); again.Header.Get("Location") != answer.Header.Get("Location") {
		t.Errorf("sent twice, it leads to %s", again.Header.Get("Location"))
	}
	p.drain()
	done := anne.Get(t, answer.Header.Get("Location"))
	says(t, done, 200, "C’est fait", "Robustesse")
	if done.Header.Get("Refresh") != "" {
		t.Error("a page that has nothing to wait for opens again")
	}
	if calls := p.door.called(); len(calls) != 1 || !p.ovh.Accepts("anne.due", goodSecret) {
		t.Errorf("calls %v", calls)
	}
	says(t, anne.Get(t, "/account/mailbox"), 200, "Changer mon mot de passe", "Demandes en cours", "fait")
	p.Clock.Advance(25 * time.Hour)
	if page := anne.Get(t, "/account/mailbox"); strings.Contains(page.Text(), "Demandes en cours") {
		t.Error("a demand of yesterday is still told")
	}
	says(t, anne.Get(t, answer.Header.Get("Location")), 404)
	if strings.Contains(p.Log.String(), goodSecret) {
		t.Error("the password is in the log")
	}
}

func TestPageOfADemandStopsOpeningItself(t *testing.T) {
	p := open(t)
	_, anne := p.owner("anne.due")
	p.door.set("503")
	answer := anne.Post(t, "/account/password", url.Values{"new_password": {goodSecret}})
	p.drain()
	where := answer.Header.Get("Location")
	says(t, anne.Get(t, where), 200, "ne répond pas pour l’instant", "10 h 01")
	for try, opens := range map[string]bool{"0": true, "14": true, "15": false, "-1": false, "x": true} {
		page := anne.Get(t, where+"&essai="+try)
		if got := page.Header.Get("Refresh") != ""; got != opens || strings.Contains(page.Text(), "se recharge toute seule") != opens {
			t.Errorf("try %s: opens itself again %v, want %v", try, got, opens)
		}
	}
	says(t, anne.Follow(t, anne.Get(t, "/account/mailbox/progress")), 200, "Boîte mail") // nothing asked: back to the mailbox
	says(t, anne.Get(t, "/account/mailbox/progress?demande="+uuid.NewString()), 404)
}

func TestRedirectionsFromThePage(t *testing.T) {
	p := open(t)
	_, anne := p.owner("anne.due")
	p.ovh.AddRedirection("anne.due@beta.gouv.fr", "ancienne@ailleurs.fr")
	page := anne.Get(t, "/account/redirections")
	says(t, page, 200, "ancienne@ailleurs.fr", "Une redirection perd des mails")
	refused := anne.Post(t, "/account/redirections", url.Values{"to_email": {"anne.due@beta.gouv.fr"}})
	says(t, refused, 422)
	if told := refused.Described("to_email"); !strings.Contains(told, "vers elle-même") || refused.Field("to_email") != "anne.due@beta.gouv.fr" {
		t.Errorf("the field says %q and holds %q", told, refused.Field("to_email"))
	}
	answer := anne.Post(t, "/account/redirections", url.Values{"to_email": {"anne@ailleurs.fr"}, "keep_copy": {"on"}})
	says(t, anne.Follow(t, answer), 200, "Rediriger vers anne@ailleurs.fr")
	p.drain()
	says(t, anne.Get(t, answer.Header.Get("Location")), 200, "une copie reste dans la boîte")
	if !strings.Contains(p.state(), `"from":"anne.due@beta.gouv.fr","to":"anne.due@beta.gouv.fr"`) {
		t.Errorf("no copy is kept: %s", p.state())
	}
	after := anne.Get(t, "/account/redirections") // the list is read again, since something changed
	says(t, after, 200, "anne@ailleurs.fr", "ancienne@ailleurs.fr", "Une copie de chaque mail reste dans la boîte", "Ne plus garder de copie")
	if strings.Contains(after.Body, "Supprimer la redirection vers anne.due@beta.gouv.fr") {
		t.Error("the copy is shown as a redirection")
	}
	answer = anne.Post(t, "/account/redirections/delete", url.Values{"redirection": {after.Field("redirection")}, "target": {after.Field("target")}})
	p.drain()
	says(t, anne.Get(t, answer.Header.Get("Location")), 200, "C’est fait", after.Field("target"))
	if text := anne.Get(t, "/account/redirections").Text(); strings.Contains(text, after.Field("target")) {
		t.Error("the list still shows what was removed")
	}
	says(t, anne.Post(t, "/account/redirections/delete", nil), 422, "Choisis la redirection")
}

func TestAbsenceFromThePage(t *testing.T) {
	p := open(t)
	_, anne := p.owner("anne.due")
	bad := anne.Post(t, "/account/auto-reply", url.Values{"content": {"Absente <b>!</b>"}, "from": {"2024-12-18"}, "to": {"2024-12-17"}})
	says(t, bad, 422)
	if from, to := bad.Described("from"), bad.Described("to"); !strings.Contains(from, "déjà passé") || !strings.Contains(to, "après le premier") {
		t.Errorf("the fields say %q and %q", from, to)
	}
	if !strings.Contains(bad.Body, "Absente &lt;b&gt;!&lt;/b&gt;") {
		t.Error("what was typed is lost")
	}
	says(t, anne.Post(t, "/account/auto-reply", url.Values{"content": {"Absente"}, "from": {"31/12/2024"}, "to": {""}}), 422, "Choisis le premier jour", "Choisis le dernier jour")
	answer := anne.Post(t, "/account/auto-reply", url.Values{"content": {"Absente\r\nDe retour lundi."}, "from": {"2024-12-19"}, "to": {"2024-12-29"}})
	p.drain()
	says(t, anne.Get(t, answer.Header.Get("Location")), 200, "Du 19 décembre 2024 au 29 décembre 2024 inclus")
	says(t, anne.Get(t, "/account/mailbox"), 200, "Elle répond du 19 décembre 2024 au 29 décembre 2024 inclus")
	p.Clock.Advance(48 * time.Hour) // it runs: its first day, now past, may stay
	form := anne.Get(t, "/account/auto-reply")
	says(t, form, 200, "Une réponse est en place", "De retour lundi.")
	answer = anne.Post(t, "/account/auto-reply", url.Values{"content": {"Plus longtemps"}, "from": {form.Field("from")}, "to": {"2025-01-05"}})
	p.drain()
	says(t, anne.Follow(t, answer), 200, "au 5 janvier 2025 inclus")
	answer = anne.Post(t, "/account/auto-reply/delete", nil)
	p.drain()
	says(t, anne.Follow(t, answer), 200, "C’est fait")
	says(t, anne.Get(t, "/account/auto-reply"), 200, "Enregistrer la réponse automatique")
}

// quickest gives a page and the shortest of three times, each with nothing known of the vendor: a
// machine that is busy elsewhere proves nothing.
func quickest(p *portal, c *webtest.Client, path string) (page *webtest.Answer, took time.Duration) {
	took = time.Hour
	for range 3 {
		p.Clock.Advance(time.Minute)
		start := time.Now()
		page = c.Get(p.t, path)
		if took = min(took, time.Since(start)); took < time.Second {
			break
		}
	}
	return page, took
}

// With OVH out of order, every page answers in under a second, and what is asked meanwhile is done
// once, when it returns.
func TestOVHIsDown(t *testing.T) {
	for _, fault := range []string{"503", "hang"} {
		t.Run(fault, func(t *testing.T) {
			p := open(t)
			_, anne := p.owner("anne.due")
			p.door.set(fault)
			for _, path := range []string{"/account/mailbox", "/account/redirections", "/account/auto-reply", "/account/password", "/account/mailbox/delete"} {
				page, took := quickest(p, anne, path)
				if took > time.Second || page.Status != http.StatusOK {
					t.Errorf("%s: %d after %s", path, page.Status, took)
				}
				if grey := strings.Contains(page.Body, "em-late"); grey != (path != "/account/password" && path != "/account/mailbox/delete") {
					t.Errorf("%s: grey block %v", path, grey)
				}
			}
			if fault == "hang" {
				return // the rest would wait for the client's own time limit
			}
			form := url.Values{"form": {uuid.NewString()}, "to_email": {"anne@ailleurs.fr"}, "keep_copy": {"on"}}
			answer := anne.Post(t, "/account/redirections", form)
			anne.Post(t, "/account/redirections", form)
			p.drain()
			says(t, anne.Follow(t, answer), 200, "ne répond pas pour l’instant")
			says(t, anne.Get(t, "/account/mailbox"), 200, "Rediriger vers anne@ailleurs.fr", "en cours")
			p.door.set("")
			for range 3 {
				p.Clock.Advance(time.Hour)
				p.drain()
			}
			says(t, anne.Follow(t, answer), 200, "C’est fait")
			if calls := p.door.called(); len(calls) != 1 {
				t.Errorf("calls %v, want one", calls)
			}
		})
	}
}

func TestDeletionFromThePage(t *testing.T) {
	p := open(t)
	_, anne := p.owner("anne.due")
	page := anne.Get(t, "/account/mailbox/delete")
	says(t, page, 200, "24 heures après ta demande", "depart@beta.gouv.fr", "tu peux changer d’avis")
	unsure := anne.Post(t, "/account/mailbox/delete", url.Values{"form": {page.Field("form")}})
	says(t, unsure, 422, "Coche cette case pour confirmer")
	answer := anne.Post(t, "/account/mailbox/delete", url.Values{"form": {page.Field("form")}, "confirmation": {"on"}})
	planned := anne.Follow(t, answer)
	says(t, planned, 200, "C’est prévu", "20 décembre 2024 à 10 h 00")
	if planned.Header.Get("Refresh") != "" {
		t.Error("the page opens itself again for a day")
	}
	says(t, anne.Get(t, "/account/mailbox"), 200, "La suppression de la boîte est demandée", "Changer d’avis et garder la boîte")
	says(t, anne.Post(t, "/account/mailbox/delete", url.Values{"confirmation": {"on"}}), 422, "déjà demandée")
	says(t, anne.Follow(t, anne.Post(t, "/account/mailbox/keep", nil)), 200, "la boîte est gardée", "annulée")
	says(t, anne.Post(t, "/account/mailbox/keep", nil), 422, "pas de suppression à annuler")
	p.Clock.Advance(25 * time.Hour)
	p.drain()
	if len(p.door.called()) != 0 {
		t.Error("deleted all the same")
	}
	answer = anne.Post(t, "/account/mailbox/delete", url.Values{"confirmation": {"on"}})
	p.Clock.Advance(24 * time.Hour)
	p.drain()
	says(t, anne.Follow(t, answer), 200, "C’est fait", "adresse secondaire")
	says(t, anne.Get(t, "/account/mailbox"), 200, "Aucune boîte n’existe pour le moment", "Créer ma boîte")
}

func TestMailboxOfTheViewerIsMade(t *testing.T) {
	p := open(t)
	id := p.Member(t, webtest.Person{Username: "anne.due", Secondary: "anne@prive.exemple", Status: "EMAIL_DELETED"})
	p.exec(`UPDATE member SET primary_email = NULL`)
	anne := p.As(t, id)
	page := anne.Get(t, "/account/mailbox/create")
	says(t, page, 200, "anne.due@beta.gouv.fr", "offre MX Plan", "anne@prive.exemple")
	answer := anne.Post(t, "/account/mailbox/create", url.Values{"form": {page.Field("form")}})
	p.drain()
	says(t, anne.Follow(t, answer), 200, "C’est fait", "dans quelques minutes")
	says(t, anne.Get(t, "/account/mailbox"), 200, "La création est en cours")
	says(t, anne.Get(t, "/account/mailbox/create"), 200, "déjà en cours")
	says(t, anne.Post(t, "/account/mailbox/create", nil), 422, "déjà en cours")
	says(t, anne.Get(t, "/account/password"), 200, "en cours de création")
}

func TestEachPlanHasItsOwnSettings(t *testing.T) {
	p := open(t)
	for plan, c := range map[string][]string{
		"EMAIL_PLAN_BASIC":    {"ssl0.ovh.net", "https://mail.ovh.net/roundcube/", "offre MX Plan"},
		"EMAIL_PLAN_PRO":      {"pro1.mail.ovh.net", "https://pro1.mail.ovh.net/", "offre Pro"},
		"EMAIL_PLAN_EXCHANGE": {"ex3.mail.ovh.net", "https://ex.mail.ovh.net/", "offre Exchange"},
	} {
		username := "owner." + strings.ToLower(plan[11:])
		p.ovh.AddMailbox(plan, username)
		client := p.As(t, p.Member(t, webtest.Person{Username: username, Secondary: username + "@prive.exemple"}))
		page := client.Get(t, "/account/mailbox")
		says(t, page, 200, c[0], c[2], username+"@beta.gouv.fr", "993", "587")
		if !strings.Contains(page.Body, `href="`+c[1]+`"`) {
			t.Errorf("%s: no link to %s", plan, c[1])
		}
		basic := plan == "EMAIL_PLAN_BASIC"
		if strings.Contains(page.Text(), "Gérer les redirections") != basic || strings.Contains(page.Text(), "Gérer la réponse automatique") != basic {
			t.Errorf("%s: redirections and replies are offered: %v", plan, !basic)
		}
		for _, path := range []string{"/account/redirections", "/account/auto-reply"} {
			if closed := strings.Contains(client.Get(t, path).Text(), "c’est dans le webmail"); closed == basic {
				t.Errorf("%s: %s is closed: %v", plan, path, closed)
			}
		}
	}
}

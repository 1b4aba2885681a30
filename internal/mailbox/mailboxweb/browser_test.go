package mailboxweb_test

import (
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/betagouv/espace-membre/internal/testing/webtest"
)

// TestInABrowser looks at every page as people do: nothing refused by the browser, nothing wider than
// a telephone, the rules of accessibility, with and without script. With SHOTS=folder, it keeps
// pictures.
func TestInABrowser(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a browser")
	}
	p := open(t)
	_, anne := p.owner("anne.due")
	admin := p.As(t, p.Member(t, webtest.Person{Username: webtest.AdminUsername}))
	p.ovh.AddRedirection("anne.due@beta.gouv.fr", "une-adresse-assez-longue-pour-deborder@domaine-de-messagerie.exemple.fr")
	p.brevo.AddBlock("anne.due@beta.gouv.fr", "espace-membre@beta.gouv.fr", "hardBounce")
	p.brevo.AddBlock("anne.due@prive.exemple", "espace-membre@beta.gouv.fr", "unsubscribedViaEmail")
	anne.Post(t, "/account/auto-reply", url.Values{"content": {"Absente"}, "from": {"2024-12-19"}, "to": {"2024-12-29"}})
	p.drain()
	p.door.set("503")
	answer := anne.Post(t, "/account/password", url.Values{"new_password": {goodSecret}})
	p.drain()
	waits := answer.Header.Get("Location") + "&essai=99" // a page that stays
	p.door.set("")
	none := p.As(t, p.Member(t, webtest.Person{Username: "no.box", Status: "EMAIL_UNSET", Secondary: "no@prive.exemple"}))
	p.exec(`UPDATE member SET primary_email = NULL WHERE username = 'no.box'`)

	browser := webtest.OpenBrowser(t)
	look := func(c *webtest.Client, path string, view webtest.View, name string) {
		t.Helper()
		if folder := os.Getenv("SHOTS"); folder != "" {
			view.Shot = filepath.Join(folder, strings.Trim(strings.NewReplacer("/", "-", "?", "-", "&", "-", "=", "-").Replace(path), "-")[:min(len(path)-1, 50)]+"-"+name+".png")
		}
		seen := browser.Look(t, c, path, view)
		if len(seen.Problems) > 0 || seen.Overflow != "" {
			t.Errorf("%s, %s: %+v", path, name, seen)
		}
	}
	wide, narrow, bare := webtest.View{Axe: true}, webtest.View{Width: 390, Axe: true}, webtest.View{Width: 390, NoScript: true}
	for _, path := range []string{"/account/mailbox", "/account/password", "/account/redirections", "/account/auto-reply", "/account/mailbox/delete", waits} {
		look(anne, path, wide, "wide")
	}
	for _, path := range []string{"/account/mailbox", "/account/redirections", "/account/auto-reply"} {
		look(anne, path, narrow, "narrow")
	}
	look(anne, "/account/mailbox", bare, "no-script")
	look(none, "/account/mailbox/create", narrow, "narrow")
	look(admin, "/community/anne.due/mailbox", wide, "wide")
	look(admin, "/community/anne.due/mailbox", narrow, "narrow")
	look(admin, "/community/anne.due/mailbox/upgrade", narrow, "narrow")
	p.door.set("503")
	anne.Post(t, "/account/mailbox/delete", url.Values{"confirmation": {"on"}})
	_, bea := p.owner("bea.ami") // of whom nothing is known yet
	look(bea, "/account/mailbox", wide, "down-wide")
	look(bea, "/account/redirections", narrow, "down-narrow")
	look(anne, "/account/mailbox/delete", narrow, "waiting-narrow")
}

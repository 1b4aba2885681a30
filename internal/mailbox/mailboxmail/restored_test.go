package mailboxmail_test

import (
	"strings"
	"testing"

	"github.com/betagouv/espace-membre/internal/mailbox"
	"github.com/betagouv/espace-membre/internal/mailbox/mailboxmail"
)

func TestRestoredSaysThatThePasswordIsToBeChosen(t *testing.T) {
	var sent outbox
	letters := mailboxmail.New(&sent, "https://espace-membre.exemple.org")
	err := letters.Restored(t.Context(), "setEmailAddressesActive/x/secondary", mailbox.Welcome{
		To: "anne@ailleurs.fr", Fullname: "Anne <i>Due", Address: "anne.due@exemple.org", Webmail: "https://pro1.mail.ovh.net/",
	})
	if err != nil || len(sent) != 1 || sent[0].To != "anne@ailleurs.fr" || sent[0].Key != "setEmailAddressesActive/x/secondary" {
		t.Fatalf("%+v, %v", sent, err)
	}
	for _, part := range []string{sent[0].Text, sent[0].HTML} {
		for _, want := range []string{"anne.due@exemple.org", "https://pro1.mail.ovh.net/", "https://espace-membre.exemple.org/dashboard", "nouveau mot de passe"} {
			if !strings.Contains(part, want) {
				t.Errorf("no %s in %s", want, part)
			}
		}
	}
	if strings.Contains(sent[0].HTML, "<i>Due") {
		t.Error("a name is read as HTML")
	}
}

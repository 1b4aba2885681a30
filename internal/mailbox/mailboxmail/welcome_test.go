package mailboxmail_test

import (
	"context"
	"strings"
	"testing"

	"github.com/betagouv/espace-membre/internal/mailbox"
	"github.com/betagouv/espace-membre/internal/mailbox/mailboxmail"
	"github.com/betagouv/espace-membre/internal/platform/mail"
)

type outbox []mail.Message

func (o *outbox) Send(_ context.Context, m mail.Message) error {
	*o = append(*o, m)
	return nil
}

func TestWelcomeSaysTheAddressInBothParts(t *testing.T) {
	var sent outbox
	letters := mailboxmail.New(&sent, "https://espace-membre.exemple.org/")
	err := letters.Welcome(t.Context(), "setEmailAddressesActive/x/secondary", mailbox.Welcome{
		To: "anne@ailleurs.fr", Fullname: "Anne <b>Due", Address: "anne.due@exemple.org", Webmail: "https://mail.ovh.net/roundcube/",
	})
	if err != nil || len(sent) != 1 {
		t.Fatalf("%d messages, %v", len(sent), err)
	}
	if sent[0].To != "anne@ailleurs.fr" || sent[0].Key != "setEmailAddressesActive/x/secondary" {
		t.Errorf("sent %+v", sent[0])
	}
	for _, part := range []string{sent[0].Text, sent[0].HTML} {
		for _, want := range []string{"anne.due@exemple.org", "https://mail.ovh.net/roundcube/", "https://espace-membre.exemple.org/account/password"} {
			if !strings.Contains(part, want) {
				t.Errorf("no %s in %s", want, part)
			}
		}
	}
	if strings.Contains(sent[0].HTML, "<b>Due") {
		t.Error("a name is read as HTML")
	}
}

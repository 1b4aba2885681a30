package mailboxmail_test

import (
	"strings"
	"testing"

	"github.com/betagouv/espace-membre/internal/mailbox"
	"github.com/betagouv/espace-membre/internal/mailbox/mailboxmail"
	"github.com/betagouv/espace-membre/internal/platform/clock"
)

func TestNoticesSayWhatAndWhereInBothParts(t *testing.T) {
	for subject, wanted := range map[mailbox.Subject][]string{
		mailbox.DeletionAsked: {"20 décembre 2024 à 10 h 00", "https://portail.test/account/mailbox", "demandée par admin.member"},
		mailbox.Upgraded:      {"offre Pro", "https://portail.test/account/password", "admin.member"},
		mailbox.NoneFree:      {"offre Exchange", "https://portail.test/community/bea.ami/mailbox", "demande de admin.member", "bea.ami"},
		mailbox.Superseded:    {"n’est plus dans ta fiche", "https://portail.test/account/mailbox", "à la demande de admin.member"},
	} {
		var sent outbox
		err := mailboxmail.New(&sent, "https://portail.test/").Notice(t.Context(), "key", "anne@ailleurs.fr", mailbox.Notice{
			Subject: subject, For: "bea.ami", Plan: mailbox.PlanExchange, Fullname: "Anne <b>Due", Address: "anne.due@exemple.org", By: "admin.member", Due: clock.MustDay("2024-12-20").At(10, 0),
		})
		if err != nil || len(sent) != 1 || sent[0].To != "anne@ailleurs.fr" || sent[0].Key != "key" {
			t.Fatalf("sent %+v, %v", sent, err)
		}
		for _, part := range []string{sent[0].Text, sent[0].HTML} {
			if subject != mailbox.NoneFree {
				wanted = append(wanted, "anne.due@exemple.org")
			}
			for _, want := range wanted {
				if !strings.Contains(part, want) {
					t.Errorf("%s: no %q in %s", subject, want, part)
				}
			}
		}
		if strings.Contains(sent[0].HTML, "<b>Due") {
			t.Error("a name is read as HTML")
		}
	}
}

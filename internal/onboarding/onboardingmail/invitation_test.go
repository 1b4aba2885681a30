package onboardingmail_test

import (
	"context"
	"html"
	"net/url"
	"strings"
	"testing"

	"github.com/betagouv/espace-membre/internal/onboarding"
	"github.com/betagouv/espace-membre/internal/onboarding/onboardingmail"
	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/platform/mail"
)

// box keeps what is sent.
type box struct {
	sent []mail.Message
	fail error
}

func (b *box) Send(_ context.Context, m mail.Message) error {
	b.sent = append(b.sent, m)
	return b.fail
}

func invite(t *testing.T, i onboarding.Invitation) mail.Message {
	t.Helper()
	var b box
	if err := onboardingmail.New(&b, "https://portail.exemple.org/").Invite(t.Context(), i); err != nil || len(b.sent) != 1 {
		t.Fatalf("%d messages, %v", len(b.sent), err)
	}
	if err := b.sent[0].Check(); err != nil {
		t.Fatal(err)
	}
	return b.sent[0]
}

func TestBothPartsSayWhoInvitesAndWhereToGo(t *testing.T) {
	m := invite(t, onboarding.Invitation{Key: "k/x/y", To: "anne+test&co@ailleurs.fr", Fullname: "Anne <b>Due", Creator: "Camille Durand"})
	if m.To != "anne+test&co@ailleurs.fr" || m.Key != "k/x/y" {
		t.Errorf("to %s under %s", m.To, m.Key)
	}
	const link = "https://portail.exemple.org/login?secondary_email=anne%2Btest%26co%40ailleurs.fr"
	for part, text := range map[string]string{"text": m.Text, "HTML": html.UnescapeString(m.HTML)} {
		for _, want := range []string{link, "Camille Durand vient de créer ta fiche", "anne+test&co@ailleurs.fr", "Vérifier ma fiche"} {
			if !strings.Contains(text, want) {
				t.Errorf("no %q in the %s part", want, part)
			}
		}
	}
	if strings.Contains(m.HTML, "<b>Due") {
		t.Error("a name is read as HTML")
	}
	followed, err := url.Parse(link)
	if err != nil || followed.Query().Get("secondary_email") != m.To {
		t.Errorf("the login page would read %q (%v)", followed.Query().Get("secondary_email"), err)
	}
}

func TestNobodyIsNamedWhenNobodyCreatedTheRecord(t *testing.T) {
	m := invite(t, onboarding.Invitation{Key: "k", To: "anne@ailleurs.fr", Fullname: "Anne"})
	if !strings.Contains(m.Text, "Ta fiche vient d’être créée dans l’Espace Membre") {
		t.Errorf("text: %s", m.Text)
	}
}

func TestRefusalKeepsItsKind(t *testing.T) {
	b := box{fail: fault.New(fault.Unavailable, "", "down")}
	err := onboardingmail.New(&b, "https://portail.exemple.org").Invite(t.Context(), onboarding.Invitation{Key: "k", To: "anne@ailleurs.fr"})
	if !fault.Is(err, fault.Unavailable) {
		t.Errorf("got %v, want unavailable", err)
	}
}

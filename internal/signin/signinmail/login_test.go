package signinmail_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/platform/mail"
	"github.com/betagouv/espace-membre/internal/signin"
	"github.com/betagouv/espace-membre/internal/signin/signinmail"
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

func letter() signin.LoginLetter {
	return signin.LoginLetter{
		Key: "sendLoginEmail/x/lien", To: "camille@perso.example", Fullname: "Camille <b>Durand", Life: time.Hour,
		URL: "https://portail.example/signin?token=abc",
	}
}

func TestBothPartsHoldTheLinkAndItsLife(t *testing.T) {
	var b box
	if err := signinmail.New(&b).SendLogin(t.Context(), letter()); err != nil {
		t.Fatal(err)
	}
	m := b.sent[0]
	if err := m.Check(); err != nil {
		t.Error(err)
	}
	if m.Key != "sendLoginEmail/x/lien" || m.To != "camille@perso.example" {
		t.Errorf("message %+v", m)
	}
	for name, part := range map[string]string{"text": m.Text, "HTML": m.HTML} {
		if !strings.Contains(part, "https://portail.example/signin?token=abc") || !strings.Contains(part, "une heure") {
			t.Errorf("%s: %s", name, part)
		}
	}
	if strings.Contains(m.HTML, "<b>Durand") {
		t.Error("a name is not escaped")
	}
}

func TestTheKindOfAFailureIsKept(t *testing.T) {
	b := box{fail: &fault.Error{Kind: fault.Unavailable, AnswerLost: true, Cause: errors.New("cut")}}
	if err := signinmail.New(&b).SendLogin(t.Context(), letter()); !fault.AnswerLost(err) {
		t.Errorf("error: %v", err)
	}
}

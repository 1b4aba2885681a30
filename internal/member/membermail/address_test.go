package membermail_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/member/membermail"
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

func proof() member.ProofLetter {
	return member.ProofLetter{
		Key: "sendAddressProof/x/y", To: "camille@perso.example", Fullname: "Camille <b>Durand", Kind: member.Secondary, Life: 24 * time.Hour,
		URL: "https://portail.example/account/address/confirm?token=abc",
	}
}

func TestBothPartsOfTheProofHoldTheLinkItsLifeAndWhoAsked(t *testing.T) {
	for asker, want := range map[string]string{"": "ton adresse secondaire", "Admin Member": "Admin Member propose"} {
		var b box
		letter := proof()
		letter.AskedBy = asker
		if err := membermail.New(&b, "aide@exemple.org").SendAddressProof(t.Context(), letter); err != nil {
			t.Fatal(err)
		}
		m := b.sent[0]
		if err := m.Check(); err != nil || m.Key != letter.Key || m.To != letter.To {
			t.Errorf("message %+v, %v", m, err)
		}
		for name, part := range map[string]string{"text": m.Text, "HTML": m.HTML} {
			for _, words := range []string{letter.URL, "24 heures", want} {
				if !strings.Contains(part, words) {
					t.Errorf("%s lacks %q: %s", name, words, part)
				}
			}
		}
		if strings.Contains(m.HTML, "<b>Durand") {
			t.Error("a name is not escaped")
		}
	}
}

func TestTheNoticeNeverTellsTheNewAddress(t *testing.T) {
	var b box
	letter := member.ChangedLetter{Key: "k", To: "ancienne@perso.example", Fullname: "Camille", Kind: member.Primary, At: time.Date(2024, 12, 19, 23, 30, 0, 0, time.UTC)}
	if err := membermail.New(&b, "aide@exemple.org").SendAddressChanged(t.Context(), letter); err != nil {
		t.Fatal(err)
	}
	m := b.sent[0]
	if err := m.Check(); err != nil || m.To != letter.To || !strings.Contains(m.Text, "20 décembre 2024") || !strings.Contains(m.Text, "aide@exemple.org") || !strings.Contains(m.Subject, "adresse principale") {
		t.Errorf("message %+v, %v", m, err)
	}
}

func TestTheKindOfAFailureIsKept(t *testing.T) {
	b := box{fail: &fault.Error{Kind: fault.Unavailable, AnswerLost: true, Cause: errors.New("cut")}}
	if err := membermail.New(&b, "aide@exemple.org").SendAddressProof(t.Context(), proof()); !fault.AnswerLost(err) {
		t.Errorf("error: %v", err)
	}
}

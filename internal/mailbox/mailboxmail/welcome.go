// Package mailboxmail is the letters of the mailbox room.
package mailboxmail

import (
	"context"
	"fmt"
	"strings"

	"github.com/betagouv/espace-membre/internal/mailbox"
	"github.com/betagouv/espace-membre/internal/platform/mail"
)

// Letters sends the room's letters.
type Letters struct {
	sender mail.Sender
	portal string
}

var _ mailbox.Letters = Letters{}

// New sends through a sender; portal is the portal's address, without final slash.
func New(sender mail.Sender, portal string) Letters {
	return Letters{sender, strings.TrimRight(portal, "/")}
}

// Welcome implements mailbox.Letters.
func (l Letters) Welcome(ctx context.Context, key string, w mailbox.Welcome) error {
	return l.send(ctx, key, w.To, Welcome(w, l.portal+"/account/password"))
}

// Restored implements mailbox.Letters.
func (l Letters) Restored(ctx context.Context, key string, w mailbox.Welcome) error {
	return l.send(ctx, key, w.To, Restored(w, l.portal+"/account/password"))
}

func (l Letters) send(ctx context.Context, key, to string, letter mail.Letter) error {
	message, err := letter.Message(key, to)
	if err != nil {
		return fmt.Errorf("write the letter « %s »: %w", letter.Subject, err)
	}
	if err := l.sender.Send(ctx, message); err != nil {
		return fmt.Errorf("send the letter « %s »: %w", letter.Subject, err)
	}
	return nil
}

// Welcome is the letter that tells a member that the address is ready; account is the page
// of the portal where the password is chosen.
func Welcome(w mailbox.Welcome, account string) mail.Letter {
	return mail.Letter{
		Subject:   "Ton adresse est prête",
		Preheader: "Il te reste à choisir ton mot de passe.",
		Title:     "Ton adresse est prête",
		Blocks: []mail.Block{
			mail.Para("Bonjour " + w.Fullname + ","),
			mail.Paragraph{mail.Plain("Bonne nouvelle : ton adresse "), mail.Strong(w.Address), mail.Plain(" vient d’être créée.")},
			mail.Para("Choisis d’abord son mot de passe dans l’espace membre :"),
			mail.Button{Label: "Choisir mon mot de passe", URL: account},
			mail.Paragraph{mail.Plain("Tu pourras ensuite lire tes messages dans le "), mail.Link("webmail", w.Webmail), mail.Plain(".")},
		},
		Why:   "Tu reçois ce message parce que cette adresse est ton adresse secondaire dans l’espace membre.",
		Leave: mail.LeaveMembersList(w.Leave),
	}
}

package mailboxmail

import (
	"github.com/betagouv/espace-membre/internal/mailbox"
	"github.com/betagouv/espace-membre/internal/platform/mail"
)

// Restored is the letter that tells somebody who came back that the address opens again; account
// is the page of the portal where the password is chosen.
func Restored(w mailbox.Welcome, account string) mail.Letter {
	return mail.Letter{
		Subject:   "Ton adresse est rétablie",
		Preheader: "Choisis un nouveau mot de passe pour la rouvrir.",
		Title:     "Ton adresse est rétablie",
		Blocks: []mail.Block{
			mail.Para("Bonjour " + w.Fullname + ","),
			mail.Paragraph{mail.Plain("Bon retour parmi nous ! Ton adresse "), mail.Strong(w.Address), mail.Plain(" avait été suspendue à la fin de ta mission ; tes messages sont toujours là.")},
			mail.Para("Pour la rouvrir, choisis un nouveau mot de passe dans l’espace membre :"),
			mail.Button{Label: "Choisir mon mot de passe", URL: account},
			mail.Paragraph{mail.Plain("Tu retrouveras ensuite tes messages dans le "), mail.Link("webmail", w.Webmail), mail.Plain(".")},
		},
		Why:   "Tu reçois ce message parce que cette adresse est ton adresse secondaire dans l’espace membre.",
		Leave: mail.LeaveMembersList(w.Leave),
	}
}

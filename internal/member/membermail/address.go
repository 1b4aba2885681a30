// Package membermail is the letters about addresses: the link that proves one, and the notice to
// the one that it replaces.
package membermail

import (
	"context"
	"fmt"

	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/mail"
)

// Letters sends the letters of member; it implements member.Letters.
type Letters struct {
	sender  mail.Sender
	support string // where the team reads
}

// New sends through a sender; support is where the team reads.
func New(sender mail.Sender, support string) *Letters { return &Letters{sender, support} }

// SendAddressProof writes the letter with the link and sends it.
func (l *Letters) SendAddressProof(ctx context.Context, letter member.ProofLetter) error {
	return l.send(ctx, Proof(letter), letter.Key, letter.To)
}

// SendAddressChanged writes the notice to the former address and sends it.
func (l *Letters) SendAddressChanged(ctx context.Context, letter member.ChangedLetter) error {
	return l.send(ctx, Changed(letter, l.support), letter.Key, letter.To)
}

func (l *Letters) send(ctx context.Context, letter mail.Letter, key, to string) error {
	message, err := letter.Message(key, to)
	if err != nil {
		return fmt.Errorf("write a letter about an address: %w", err)
	}
	if err := l.sender.Send(ctx, message); err != nil {
		return fmt.Errorf("send a letter about an address: %w", err)
	}
	return nil
}

// Proof is the letter that holds the link.
func Proof(letter member.ProofLetter) mail.Letter {
	wish := mail.Para("Tu veux faire de cette adresse ton " + letter.Kind.Label() + " dans l’Espace Membre.")
	why := "Tu reçois ce message parce que tu as donné cette adresse dans l’Espace Membre."
	if letter.AskedBy != "" {
		wish = mail.Para(letter.AskedBy + " propose de faire de cette adresse l’" + letter.Kind.Label() + " de ta fiche dans l’Espace Membre.")
		why = "Tu reçois ce message parce que cette adresse a été donnée pour toi dans l’Espace Membre."
	}
	return mail.Letter{
		Subject:   "Confirme ton adresse pour l’Espace Membre",
		Preheader: "Un clic pour prouver que cette adresse est à toi.",
		Title:     "Confirme ton adresse",
		Blocks: []mail.Block{
			mail.Para("Bonjour " + letter.Fullname + ","),
			wish,
			mail.Para("Clique sur ce bouton, puis confirme sur la page qui s’ouvre :"),
			mail.Button{Label: "Confirmer cette adresse", URL: letter.URL},
			mail.Note{mail.Plain(fmt.Sprintf("ce lien dure %d heures, ne sert qu’une fois, et une demande plus récente le remplace.", int(letter.Life.Hours())))},
			mail.Para("Cela ne te dit rien ? Oublie ce message : sans ce clic, rien ne change."),
		},
		Why: why,
	}
}

// Changed is the notice to the former address; support is where to answer that it was not oneself.
func Changed(letter member.ChangedLetter, support string) mail.Letter {
	return mail.Letter{
		Subject:   "Ton " + letter.Kind.Label() + " a changé",
		Preheader: "Cette adresse n’est plus celle de ta fiche.",
		Title:     "Ton " + letter.Kind.Label() + " a changé",
		Blocks: []mail.Block{
			mail.Para("Bonjour " + letter.Fullname + ","),
			mail.Para(fmt.Sprintf("Depuis le %s, une autre adresse est ton %s dans l’Espace Membre, après une confirmation reçue à cette nouvelle adresse.",
				clock.DayOf(letter.At).French(), letter.Kind.Label())),
			mail.Para("Celle à laquelle nous t’écrivons ici ne sert plus à te connecter."),
			mail.Paragraph{
				mail.Strong("Ce n’est pas toi ? "), mail.Plain("Écris tout de suite à "),
				mail.Link(support, "mailto:"+support), mail.Plain("."),
			},
		},
		Why: "Tu reçois ce message parce que cette adresse était dans ta fiche de l’Espace Membre.",
	}
}

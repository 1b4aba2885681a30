// Package signinmail is the letter of the login link.
package signinmail

import (
	"context"
	"fmt"
	"time"

	"github.com/betagouv/espace-membre/internal/platform/mail"
	"github.com/betagouv/espace-membre/internal/signin"
)

// Letters sends the letters of signin; it implements signin.Letters.
type Letters struct{ sender mail.Sender }

// New sends through a sender.
func New(sender mail.Sender) *Letters { return &Letters{sender: sender} }

// SendLogin writes the letter and sends it.
func (l *Letters) SendLogin(ctx context.Context, letter signin.LoginLetter) error {
	message, err := Login(letter).Message(letter.Key, letter.To)
	if err != nil {
		return fmt.Errorf("write the login letter: %w", err)
	}
	if err := l.sender.Send(ctx, message); err != nil {
		return fmt.Errorf("send the login letter: %w", err)
	}
	return nil
}

// Login is the letter that holds the link.
func Login(letter signin.LoginLetter) mail.Letter {
	return mail.Letter{
		Subject:   "Connexion à l’espace membre BetaGouv",
		Preheader: "Ton lien de connexion, valable " + french(letter.Life) + ".",
		Title:     "Connexion à l’Espace Membre",
		Blocks: []mail.Block{
			mail.Para("Bonjour " + letter.Fullname + ","),
			mail.Para("Clique sur ce bouton, puis confirme sur la page qui s’ouvre :"),
			mail.Button{Label: "Me connecter", URL: letter.URL},
			mail.Note{mail.Plain("ce lien dure " + french(letter.Life) + ", ne sert qu’une fois, et un lien plus récent le remplace. Ne le transmets à personne.")},
			mail.Para("Tu n’as rien demandé ? Oublie ce message : sans le lien, personne n’entre à ta place."),
		},
		Why: "Tu reçois ce message parce qu’un lien de connexion a été demandé pour cette adresse.",
	}
}

// french says a length of whole minutes.
func french(life time.Duration) string {
	if life == time.Hour {
		return "une heure"
	}
	return fmt.Sprintf("%d minutes", int(life.Minutes()))
}

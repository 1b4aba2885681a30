// Package onboardingmail is the letters of the onboarding room.
package onboardingmail

import (
	"context"
	"fmt"
	"net/url"
	"strings"

	"github.com/betagouv/espace-membre/internal/onboarding"
	"github.com/betagouv/espace-membre/internal/platform/mail"
)

// Letters sends the letters of the room.
type Letters struct {
	sender mail.Sender
	portal string
}

var _ onboarding.Letters = Letters{}

// New sends through a sender; portal is the portal's address, without final slash.
func New(sender mail.Sender, portal string) Letters {
	return Letters{sender, strings.TrimRight(portal, "/")}
}

// Invite implements onboarding.Letters.
func (l Letters) Invite(ctx context.Context, i onboarding.Invitation) error {
	message, err := Invitation(i, l.portal).Message(i.Key, i.To)
	if err != nil {
		return fmt.Errorf("write the invitation: %w", err)
	}
	if err := l.sender.Send(ctx, message); err != nil {
		return fmt.Errorf("send the invitation: %w", err)
	}
	return nil
}

// Invitation is the letter that welcomes a newcomer and asks them to check their record; portal
// is the address of the portal, without final slash.
func Invitation(i onboarding.Invitation, portal string) mail.Letter {
	return mail.Letter{
		Subject:   "Bienvenue dans la communauté beta.gouv.fr",
		Preheader: "Ta fiche est créée : il te reste à la vérifier.",
		Title:     "Bienvenue dans la communauté",
		Blocks: []mail.Block{
			mail.Para("Bonjour " + i.Fullname + ","),
			mail.Para(made(i.Creator) + " dans l’Espace Membre, le portail de la communauté. Il te reste à la vérifier et à la compléter :"),
			mail.Button{Label: "Vérifier ma fiche", URL: loginAddress(portal, i.To)},
			mail.Steps{
				{mail.Plain("Connecte-toi avec cette adresse : "), mail.Strong(i.To), mail.Plain(". Tu y reçois un lien de connexion, sans mot de passe à retenir.")},
				mail.Para("Vérifie tes informations, complète ce qui manque, puis valide."),
				mail.Para("Le reste se fait tout seul : ton adresse d’agent public est reconnue, ou une adresse de la communauté est créée pour toi, et nous t’écrivons ici dès qu’elle est prête."),
			},
			mail.Note{mail.Plain("tant que ta fiche n’est pas vérifiée, les autres pages du portail te ramènent à cette étape.")},
		},
		Why: "Tu reçois ce message parce que cette adresse a été donnée à la création de ta fiche dans l’Espace Membre.",
	}
}

func made(creator string) string {
	if creator == "" {
		return "Ta fiche vient d’être créée"
	}
	return creator + " vient de créer ta fiche"
}

// loginAddress is the login page, where the address is already filled in.
func loginAddress(portal, address string) string {
	return portal + "/login?secondary_email=" + url.QueryEscape(address)
}

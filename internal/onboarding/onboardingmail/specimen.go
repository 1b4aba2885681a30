package onboardingmail

import (
	"github.com/betagouv/espace-membre/internal/onboarding"
	"github.com/betagouv/espace-membre/internal/platform/mail"
)

// Specimens lists the letters of the onboarding room, filled with made-up data.
func Specimens() []mail.Specimen {
	return []mail.Specimen{{
		Name: "onboarding.invitation", Title: "Invitation à vérifier sa fiche", Room: "onboarding",
		When: "Un collègue vient de créer la fiche ; le message part à l’adresse donnée pour la personne.",
		Letter: Invitation(onboarding.Invitation{
			To: "camille.exemple@exemple.org", Fullname: "Camille Exemple", Creator: "Dominique Exemple",
		}, "https://espace-membre.exemple.org"),
	}}
}

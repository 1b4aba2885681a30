package profilemail

import (
	"github.com/betagouv/espace-membre/internal/platform/mail"
	"github.com/betagouv/espace-membre/internal/profile"
)

// Specimens are the letters of this room with made-up data.
func Specimens() []mail.Specimen {
	return []mail.Specimen{{
		Name: "profile.diagnosis", Title: "Diagnostic de ce qui bloque", Room: "profile",
		When: "Part quand une personne demande son diagnostic depuis la page « Qu’est-ce qui se passe ? ».",
		Letter: Diagnosis(profile.DiagnosisLetter{
			Fullname: "Camille Exemple", BaseURL: "https://espace-membre.exemple.org", Support: "aide@exemple.org",
			Diagnosis: profile.Diagnosis{
				Code: "EM-M0-A9-B0-R0-S1-C0",
				Problems: []profile.Problem{{
					Title: "Ta boîte est suspendue", Text: "Choisis un nouveau mot de passe : elle se rouvre aussitôt.",
					Step: profile.Step{Label: "Définir le mot de passe", Path: "/account/mailbox#password"},
				}},
			},
		}),
	}}
}

package membermail

import (
	"time"

	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/mail"
)

// Specimens lists the letters about addresses, filled with made-up data.
func Specimens() []mail.Specimen {
	return []mail.Specimen{{
		Name: "member.address-proof", Title: "Preuve d’une adresse", Room: "member",
		When: "Quelqu’un veut une nouvelle adresse, principale ou secondaire ; le lien part à cette adresse.",
		Letter: Proof(member.ProofLetter{
			To: "camille.exemple@exemple.org", Fullname: "Camille Exemple", Kind: member.Secondary, Life: 24 * time.Hour,
			URL: "https://espace-membre.exemple.org/account/address/confirm?token=exemple",
		}),
	}, {
		Name: "member.address-changed", Title: "Adresse remplacée", Room: "member",
		When: "Une adresse vient d’être remplacée ; l’ancienne en est prévenue.",
		Letter: Changed(member.ChangedLetter{
			To: "camille.exemple@exemple.org", Fullname: "Camille Exemple", Kind: member.Secondary,
			At: time.Date(2024, time.December, 19, 10, 0, 0, 0, time.UTC),
		}, "aide@exemple.org"),
	}}
}

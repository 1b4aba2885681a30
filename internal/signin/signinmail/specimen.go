package signinmail

import (
	"time"

	"github.com/betagouv/espace-membre/internal/platform/mail"
	"github.com/betagouv/espace-membre/internal/signin"
)

// Specimens lists the letters of signin, filled with made-up data.
func Specimens() []mail.Specimen {
	return []mail.Specimen{{
		Name: "signin.login", Title: "Lien de connexion", Room: "signin",
		When: "Quelqu’un demande à se connecter avec une adresse connue.",
		Letter: Login(signin.LoginLetter{
			Fullname: "Camille Exemple", Life: time.Hour, URL: "https://espace-membre.exemple.org/signin?token=exemple",
		}),
	}}
}

package mailboxmail

import (
	"github.com/betagouv/espace-membre/internal/mailbox"
	"github.com/betagouv/espace-membre/internal/platform/mail"
)

// Specimens lists the letters of the mailbox room, filled with made-up data.
func Specimens() []mail.Specimen {
	return append([]mail.Specimen{{
		Name: "mailbox.welcome", Title: "Adresse prête", Room: "mailbox",
		When: "La boîte d’un membre vient d’être créée ; le message part à son adresse secondaire.",
		Letter: Welcome(mailbox.Welcome{
			Fullname: "Camille Exemple", Address: "camille.exemple@exemple.org", Webmail: "https://webmail.exemple.org/",
			Leave: "https://espace-membre.exemple.org/lists/unsubscribe?liste=incubateur&membre=exemple&signature=exemple",
		}, "https://espace-membre.exemple.org/account/password"),
	}, {
		Name: "mailbox.restored", Title: "Adresse rétablie", Room: "mailbox",
		When: "Un membre est de retour et son adresse suspendue est rétablie ; le message part à son adresse secondaire.",
		Letter: Restored(mailbox.Welcome{
			Fullname: "Camille Exemple", Address: "camille.exemple@exemple.org", Webmail: "https://webmail.exemple.org/",
			Leave: "https://espace-membre.exemple.org/lists/unsubscribe?liste=incubateur&membre=exemple&signature=exemple",
		}, "https://espace-membre.exemple.org/account/password"),
	}}, noticeSpecimens()...)
}

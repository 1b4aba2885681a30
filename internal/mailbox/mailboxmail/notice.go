package mailboxmail

import (
	"context"
	"time"

	"github.com/betagouv/espace-membre/internal/mailbox"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/mail"
)

var _ mailbox.Notices = Letters{}

// Notice implements mailbox.Notices.
func (l Letters) Notice(ctx context.Context, key, to string, n mailbox.Notice) error {
	letter := DeletionAsked(n, l.portal+"/account/mailbox")
	if n.Subject == mailbox.Upgraded {
		letter = Upgraded(n, l.portal+"/account/password")
	}
	return l.send(ctx, key, to, letter)
}

const whyNotice = "Tu reçois ce message parce qu’il concerne ta boîte mail et que cette adresse est dans ta fiche de l’espace membre."

// DeletionAsked is the letter that tells that a mailbox will be deleted; page is where it may be
// taken back.
func DeletionAsked(n mailbox.Notice, page string) mail.Letter {
	when := clock.DayOf(n.Due).French() + " à " + n.Due.In(clock.Paris()).Format("15 h 04")
	return mail.Letter{
		Subject:   "Ta boîte mail va être supprimée",
		Preheader: "Tu peux encore changer d’avis.",
		Title:     "Ta boîte mail va être supprimée",
		Blocks: []mail.Block{
			mail.Para("Bonjour " + n.Fullname + ","),
			mail.Paragraph{mail.Plain("La suppression de ta boîte "), mail.Strong(n.Address), mail.Plain(" a été demandée par " + n.By + ".")},
			mail.Paragraph{mail.Plain("Elle aura lieu le "), mail.Strong(when), mail.Plain(" : la boîte et tous ses mails seront alors perdus. Récupère d’ici là ceux que tu veux garder.")},
			mail.Para("Ce n’est pas ce que tu veux ? Tu peux encore changer d’avis :"),
			mail.Button{Label: "Changer d’avis", URL: page},
			mail.Para("Ton adresse secondaire est gardée : c’est elle qui t’ouvrira l’espace membre."),
		},
		Why: whyNotice,
	}
}

// Upgraded is the letter that tells that a mailbox changed plan and waits for a password; page is
// where it is chosen.
func Upgraded(n mailbox.Notice, page string) mail.Letter {
	return mail.Letter{
		Subject:   "Ta boîte mail passe à l’offre Pro",
		Preheader: "Choisis un nouveau mot de passe pour l’ouvrir.",
		Title:     "Ta boîte mail passe à l’offre Pro",
		Blocks: []mail.Block{
			mail.Para("Bonjour " + n.Fullname + ","),
			mail.Paragraph{mail.Plain("Ta boîte "), mail.Strong(n.Address), mail.Plain(" vient de passer à l’offre Pro, à la demande de " + n.By + ". Tes mails suivent.")},
			mail.Para("Son mot de passe a changé : l’ancien ne marche plus. Choisis le nouveau dans l’espace membre :"),
			mail.Button{Label: "Choisir mon mot de passe", URL: page},
		},
		Why: whyNotice,
	}
}

// noticeSpecimens are these letters with made-up data.
func noticeSpecimens() []mail.Specimen {
	n := mailbox.Notice{
		Fullname: "Camille Exemple", Address: "camille.exemple@exemple.org", By: "admin.exemple",
		Due: time.Date(2024, time.December, 20, 9, 0, 0, 0, time.UTC),
	}
	return []mail.Specimen{
		{
			Name: "mailbox.deletion", Title: "Boîte à supprimer", Room: "mailbox",
			When:   "La suppression d’une boîte vient d’être demandée ; le message part aux deux adresses de la personne.",
			Letter: DeletionAsked(n, "https://espace-membre.exemple.org/account/mailbox"),
		},
		{
			Name: "mailbox.upgrade", Title: "Boîte passée à l’offre Pro", Room: "mailbox",
			When:   "Une boîte vient de changer d’offre sans mot de passe connu ; le message part à l’adresse secondaire.",
			Letter: Upgraded(n, "https://espace-membre.exemple.org/account/password"),
		},
	}
}

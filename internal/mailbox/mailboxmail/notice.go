package mailboxmail

import (
	"context"
	"fmt"
	"net/url"
	"time"

	"github.com/betagouv/espace-membre/internal/mailbox"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/mail"
)

var _ mailbox.Notices = Letters{}

// Notice implements mailbox.Notices.
func (l Letters) Notice(ctx context.Context, key, to string, n mailbox.Notice) error {
	var letter mail.Letter
	switch n.Subject {
	case mailbox.DeletionAsked:
		letter = DeletionAsked(n, l.portal+"/account/mailbox")
	case mailbox.Upgraded:
		letter = Upgraded(n, l.portal+"/account/password")
	case mailbox.Superseded:
		letter = Superseded(n, l.portal+"/account/mailbox")
	case mailbox.NoneFree:
		letter = NoneFree(n, l.portal+"/community/"+url.PathEscape(n.For)+"/mailbox")
	default:
		return fmt.Errorf("write a letter about a mailbox: unknown subject %q", n.Subject)
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

// Superseded is the letter to the address that a mailbox has just replaced as the primary one;
// page is where addresses are changed.
func Superseded(n mailbox.Notice, page string) mail.Letter {
	after := mail.Para("Celle à laquelle nous t’écrivons ici n’est plus dans ta fiche : elle ne sert plus à te connecter.")
	if n.Kept {
		after = mail.Para("Celle à laquelle nous t’écrivons ici devient ton adresse secondaire : elle sert toujours à te connecter.")
	}
	return mail.Letter{
		Subject:   "Ton adresse principale a été remplacée",
		Preheader: "Une boîte a été créée pour toi, à la demande de " + n.By + ".",
		Title:     "Ton adresse principale a été remplacée",
		Blocks: []mail.Block{
			mail.Para("Bonjour " + n.Fullname + ","),
			mail.Paragraph{
				mail.Plain("Une boîte mail a été créée pour toi, à la demande de " + n.By + " : "), mail.Strong(n.Address),
				mail.Plain(" est maintenant ton adresse principale dans l’espace membre."),
			},
			after,
			mail.Para("Ce n’est pas ce que tu veux ? Tu peux changer d’adresse principale ici :"),
			mail.Button{Label: "Voir mes adresses", URL: page},
			mail.Para("Cela ne vient pas de toi, ni d’une personne à qui tu l’as demandé ? Préviens tout de suite l’équipe de l’espace membre."),
		},
		Why: "Tu reçois ce message parce que cette adresse était ton adresse principale dans l’espace membre.",
	}
}

// NoneFree is the letter that tells an administrator that a paid account must be ordered; page is
// the mailbox that waits for it.
func NoneFree(n mailbox.Notice, page string) mail.Letter {
	return mail.Letter{
		Subject:   "Il n’y a plus de compte libre chez OVH (" + mailbox.PlanLabel(n.Plan) + ")",
		Preheader: "La demande de " + n.By + " pour " + n.For + " n’a pas pu être faite.",
		Title:     "Il n’y a plus de compte libre chez OVH",
		Blocks: []mail.Block{
			mail.Para("Bonjour " + n.Fullname + ","),
			mail.Paragraph{
				mail.Plain("La demande de " + n.By + " pour "), mail.Strong(n.For),
				mail.Plain(" n’a pas pu être faite : il ne reste aucun compte libre (" + mailbox.PlanLabel(n.Plan) + ")."),
			},
			mail.Para("Commande un compte chez OVH, puis recommence la demande : elle n’est pas réessayée toute seule."),
			mail.Button{Label: "Voir la boîte concernée", URL: page},
			mail.Note{mail.Plain("un seul message part par jour et par offre, d’autres demandes attendent peut-être aussi.")},
		},
		Why: "Tu reçois ce message parce que tu administres l’espace membre.",
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
		{
			Name: "mailbox.replaced", Title: "Adresse principale remplacée par une boîte", Room: "mailbox",
			When:   "Une boîte vient de remplacer l’adresse d’une autre administration ; le message part à l’adresse remplacée.",
			Letter: Superseded(n, "https://espace-membre.exemple.org/account/mailbox"),
		},
		{
			Name: "mailbox.none-free", Title: "Plus de compte payant libre", Room: "mailbox",
			When: "Une demande avait besoin d’un compte Pro ou Exchange et il n’en reste aucun de libre ; le message part aux administrateurs, une fois par jour et par offre.",
			Letter: NoneFree(mailbox.Notice{
				Fullname: "Admin Exemple", By: "camille.exemple", For: "camille.exemple", Plan: mailbox.PlanPro,
			}, "https://espace-membre.exemple.org/community/camille.exemple/mailbox"),
		},
	}
}

package offboardingmail

import (
	"strings"

	"github.com/betagouv/espace-membre/internal/offboarding"
	"github.com/betagouv/espace-membre/internal/platform/mail"
)

// SecondaryMissing asks a member for a secondary address.
func SecondaryMissing(m offboarding.MissingLetter, links Links) mail.Letter {
	return mail.Letter{
		Subject:   "Ajoute une adresse secondaire à ta fiche",
		Preheader: "Une minute pour ne jamais perdre l’accès à ton compte.",
		Title:     "Il manque une adresse secondaire à ta fiche",
		Blocks: []mail.Block{
			mail.Para("Bonjour " + m.Fullname + ","),
			mail.Para("Ta fiche n’a qu’une adresse, la principale. Une adresse secondaire, personnelle, sert à :"),
			mail.List{
				mail.Para("te connecter à l’espace membre le jour où ta boîte ne répond plus, et en changer toi-même le mot de passe ;"),
				mail.Para("recevoir les messages qui comptent à la fin de ta mission, quand ta boîte s’arrête ;"),
				mail.Para("retrouver tes accès sans attendre si tu reviens."),
			},
			mail.Button{Label: "Ajouter une adresse secondaire", URL: links.account()},
			mail.Note{mail.Plain("Cette adresse reste privée. Seules les personnes qui administrent l’espace membre la voient avec toi.")},
		},
		Why:   "Tu reçois ce message une fois par mois tant que ta fiche n’a pas d’adresse secondaire.",
		Leave: links.leave(m.Member),
	}
}

// ExtensionAsked tells somebody who may decide that a member asks to stay longer.
func ExtensionAsked(a offboarding.AskedLetter, links Links) mail.Letter {
	blocks := []mail.Block{
		mail.Para("Bonjour " + a.Fullname + ","),
		mail.Paragraph{
			mail.Strong(a.Asker), mail.Plain(" demande à prolonger sa mission jusqu’au "), mail.Strong(a.Wished.French()),
			mail.Plain(". Sur sa fiche, elle se termine le " + a.End.French() + "."),
		},
	}
	if a.Message != "" {
		blocks = append(blocks, quote(a.Message)...)
	}
	return mail.Letter{
		Subject:   a.Asker + " demande à prolonger sa mission",
		Preheader: "Un clic suffit pour accepter, jusqu’au " + a.Wished.French() + ".",
		Title:     "Une demande de prolongation t’attend",
		Blocks: append(blocks,
			mail.Button{Label: "Voir la demande et répondre", URL: links.Portal + "/community/" + a.Username + "/extension/" + a.Request.String()},
			mail.Para("Si tu acceptes, sa mission est prolongée et ses accès reviennent. Si tu refuses, rien ne change. Une seule réponse suffit : d’autres personnes ont reçu ce message, la première qui répond décide."),
			mail.Para("Sans réponse, la demande tombe après le "+a.Expires.French()+".")),
		Why: "Tu reçois ce message parce que tu travailles sur le même produit que cette personne, que tu fais partie de l’équipe de son incubateur, ou que tu administres l’espace membre.",
	}
}

// ExtensionAnswered tells a member what was decided.
func ExtensionAnswered(a offboarding.AnsweredLetter, links Links) mail.Letter {
	if a.Accepted {
		return accepted(a, links)
	}
	blocks := append([]mail.Block{
		mail.Para("Bonjour " + a.Fullname + ","),
		mail.Para(a.Decider + " n’a pas accepté ta demande de prolongation jusqu’au " + a.Wished.French() + ". Rien ne change donc sur ta fiche."),
	}, answer(a)...)
	return mail.Letter{
		Subject:   "Ta demande de prolongation n’a pas été acceptée",
		Preheader: "La date de fin de ta mission ne change pas.",
		Title:     "Ta demande n’a pas été acceptée",
		Blocks: append(blocks,
			mail.Para("Si tu penses qu’il y a un malentendu, parles-en directement avec ton équipe ou ton incubateur. Tu peux ensuite faire une nouvelle demande."),
			mail.Button{Label: "Voir ma demande", URL: links.extension()}),
		Why: whyAsked,
	}
}

const whyAsked = "Tu reçois ce message parce que tu as demandé une prolongation dans l’espace membre."

func accepted(a offboarding.AnsweredLetter, links Links) mail.Letter {
	blocks := append([]mail.Block{
		mail.Para("Bonjour " + a.Fullname + ","),
		mail.Paragraph{mail.Plain("Bonne nouvelle : " + a.Decider + " a accepté ta demande. Ta mission dure maintenant jusqu’au "), mail.Strong(a.Wished.French()), mail.Plain(".")},
	}, answer(a)...)
	return mail.Letter{
		Subject:   "Ta mission est prolongée jusqu’au " + a.Wished.French(),
		Preheader: "Ta demande de prolongation est acceptée.",
		Title:     "Ta mission est prolongée",
		Blocks:    append(append(blocks, comeback(a.Mailbox)...), mail.Button{Label: "Ouvrir mon compte", URL: links.account()}),
		Why:       whyAsked,
	}
}

func answer(a offboarding.AnsweredLetter) []mail.Block {
	if a.Answer == "" {
		return nil
	}
	return quote(a.Answer)
}

// quote gives somebody's own words, a paragraph a line.
func quote(text string) []mail.Block {
	blocks := []mail.Block{mail.Para("Son message :")}
	for line := range strings.SplitSeq("« "+text+" »", "\n") {
		if line = strings.TrimSpace(line); line != "" {
			blocks = append(blocks, mail.Para(line))
		}
	}
	return blocks
}

// comeback says what becomes of the address, and what is left to do.
func comeback(c offboarding.Comeback) []mail.Block {
	switch c {
	case offboarding.ComebackPassword:
		return []mail.Block{mail.Para("Ta boîte, qui était suspendue, est réactivée dans les minutes qui viennent, avec tous ses messages. Il te restera à choisir un nouveau mot de passe, depuis ton compte.")}
	case offboarding.ComebackRecreate:
		return []mail.Block{mail.Para("Ton adresse avait été supprimée. Ouvre ton compte : si la nouvelle n’y est pas encore annoncée, demande-la d’un bouton. Les messages d’une boîte supprimée, eux, sont perdus.")}
	case offboarding.ComebackNone:
	}
	return []mail.Block{mail.Para("Tu n’as rien d’autre à faire : tes accès continuent, et ceux qui s’étaient arrêtés reviennent d’eux-mêmes.")}
}

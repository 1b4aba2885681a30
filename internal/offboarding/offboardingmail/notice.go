package offboardingmail

import (
	"github.com/betagouv/espace-membre/internal/offboarding"
	"github.com/betagouv/espace-membre/internal/platform/mail"
)

// whyEnd tells why a notice was received.
const whyEnd = "Tu reçois ce message parce que ta fiche de l’espace membre indique la fin de ta mission. S’il y a une erreur, fais-la corriger : les messages suivants s’arrêteront d’eux-mêmes."

// Notice is the letter of a message about a departure.
func Notice(n offboarding.Notice, links Links) mail.Letter {
	switch n.Kind {
	case offboarding.Ending15:
		return ending15(n, links)
	case offboarding.Ending2:
		return ending2(n, links)
	case offboarding.Farewell:
		return farewell(n, links)
	case offboarding.Closing:
		return closing(n, links)
	case offboarding.Ending30:
	}
	return ending30(n, links)
}

func ending30(n offboarding.Notice, links Links) mail.Letter {
	return mail.Letter{
		Subject:   "Ta mission se termine le " + n.End.French(),
		Preheader: "Tu continues ? Il suffit de le dire. Tu pars ? Voici ce qui s’arrête, et quand.",
		Title:     "Ta mission se termine bientôt",
		Blocks: append(append(hello(n), mail.Paragraph{
			mail.Plain("D’après ta fiche, ta dernière mission se termine le "), mail.Strong(n.End.French()),
			mail.Plain(", " + offboarding.In(n.End, n.Today) + "."),
		},
			mail.Paragraph{mail.Strong("Tu continues ?"), mail.Plain(" Demande dès maintenant une prolongation : un membre de ton équipe ou de ton incubateur l’accepte en un clic, et rien ne s’arrête.")},
			mail.Button{Label: "Demander une prolongation", URL: links.extension()},
			mail.Paragraph{
				mail.Strong("Tu cherches une autre mission ?"), mail.Plain(" Parles-en autour de toi, et regarde "), mail.Link("les offres de la communauté", links.Offers),
				mail.Plain(". Quand tu changes de produit, l’équipe qui t’accueille ajoute ta nouvelle mission sur ta fiche."),
			}), stops("Tu pars ? Voici ce qui s’arrêtera, et quand :", n)...),
		Why: whyEnd,
	}
}

func ending15(n offboarding.Notice, links Links) mail.Letter {
	return mail.Letter{
		Subject:   "Ta mission se termine " + offboarding.In(n.End, n.Today) + ", le " + n.End.French(),
		Preheader: "Sans nouvelle date, tes accès s’arrêteront les uns après les autres.",
		Title:     "Ta mission se termine " + offboarding.In(n.End, n.Today),
		Blocks: append(append(hello(n), mail.Paragraph{
			mail.Plain("Ta dernière mission se termine le "), mail.Strong(n.End.French()),
			mail.Plain(". Sans nouvelle date d’ici là, tes accès s’arrêteront les uns après les autres."),
		},
			mail.Paragraph{mail.Strong("Tu continues ?"), mail.Plain(" Demande une prolongation. Pour la date, un bon repère : le prochain comité d’investissement de ton produit, dans six mois au plus.")},
			mail.Button{Label: "Demander une prolongation", URL: links.extension()},
			mail.Para("Qui peut l’accepter : toute personne en mission sur le même produit que toi, et l’équipe de ton incubateur. Si personne ne répond, relance-les de vive voix.")),
			stops("Si tu pars, voici ce qui s’arrêtera, et quand :", n)...),
		Why: whyEnd,
	}
}

func ending2(n offboarding.Notice, links Links) mail.Letter {
	when := offboarding.In(n.End, n.Today)
	return mail.Letter{
		Subject:   "Ta mission se termine " + when,
		Preheader: "Dernier rappel avant le " + n.End.French() + ".",
		Title:     "Ta mission se termine " + when,
		Blocks: append(append(hello(n), mail.Paragraph{
			mail.Plain("Dernier rappel : ta mission se termine le "), mail.Strong(n.End.French()), mail.Plain("."),
		},
			mail.Paragraph{mail.Strong("La date est fausse, ou tu continues ?"), mail.Plain(" Demande une prolongation sans attendre.")},
			mail.Button{Label: "Demander une prolongation", URL: links.extension()},
			mail.Paragraph{mail.Strong("Tu pars ?"), mail.Plain(" Avant ton dernier jour :")},
			beforeLeaving(n, links)), stops("Ensuite, voici ce qui s’arrêtera, et quand :", n)...),
		Why: whyEnd,
	}
}

func farewell(n offboarding.Notice, links Links) mail.Letter {
	return mail.Letter{
		Subject:   "Merci, et à bientôt !",
		Preheader: "Ta mission est terminée : ce qui s’arrête, quand, et comment revenir.",
		Title:     "Merci pour le chemin parcouru ensemble",
		Blocks: append(append(append(hello(n), mail.Paragraph{
			mail.Plain("Ta dernière mission s’est terminée le "), mail.Strong(n.End.French()),
			mail.Plain(". Merci pour tout ce que tu as apporté à ton équipe et à la communauté."),
		},
			mail.Paragraph{
				mail.Strong("Tu es toujours en mission ?"), mail.Plain(" Alors la date de ta fiche est à corriger : demande une prolongation, et rien ne sera perdu. "),
				mail.Plain(stillOpen(n)),
			},
			mail.Button{Label: "Demander une prolongation", URL: links.extension()}),
			stops("Sinon, voici la suite :", n)...),
			mail.Para("Pense aussi à :"), afterLeaving(n)),
		Why: whyEnd,
	}
}

// stillOpen says what the portal still lets the person do.
func stillOpen(n offboarding.Notice) string {
	if last := offboarding.LastFullDay(n.End); !n.Today.After(last) {
		return "Jusqu’au " + last.French() + " inclus, tu te connectes comme avant ; ensuite, tu peux encore faire cette demande."
	}
	return "Tu peux encore te connecter pour faire cette demande."
}

// beforeLeaving is what to do before the last day.
func beforeLeaving(n offboarding.Notice, links Links) mail.List {
	todo := mail.List{mail.Para("transmets à ton équipe les accès, les documents et les agendas que personne d’autre n’a ;")}
	if n.Address == offboarding.Mailbox {
		todo = append(todo, mail.Para("garde une copie des messages personnels de ta boîte ;"))
	}
	verb := "ajoute "
	if n.Fallback {
		verb = "vérifie "
	}
	return append(todo, mail.Paragraph{
		mail.Plain(verb), mail.Link("ton adresse secondaire", links.account()), mail.Plain(" : c’est elle qui te permettra encore de te connecter et de recevoir nos messages."),
	})
}

// afterLeaving is what to do once the mission is over.
func afterLeaving(n offboarding.Notice) mail.List {
	todo := mail.List{mail.Para("donner à quelqu’un d’autre les agendas et les documents qui sont à ton nom" + ".")}
	if n.Ours() {
		todo = mail.List{
			mail.Para("donner à quelqu’un d’autre les agendas et les documents qui sont à ton nom ;"),
			mail.Para("mettre dans Mattermost une adresse personnelle à la place de celle de la communauté, pour ne pas perdre ton compte avec elle ;"),
			mail.Para("prévenir les personnes qui t’écrivent encore à cette adresse."),
		}
	}
	return todo
}

func closing(n offboarding.Notice, links Links) mail.Letter {
	blocks := append(hello(n), mail.Paragraph{
		mail.Plain("Ta dernière mission s’est terminée le "), mail.Strong(n.End.French()),
		mail.Plain(", " + offboarding.In(n.End, n.Today) + ". Les derniers comptes ouverts à ton nom vont maintenant être fermés."),
	})
	if len(n.Done) > 0 {
		blocks = append(blocks, mail.Para("C’est déjà fait :"), calendar(n.Done))
	}
	blocks = append(blocks, stops("Il reste ceci :", n)...)
	return mail.Letter{
		Subject:   "Tes derniers comptes vont être fermés",
		Preheader: "Ta mission est terminée. Dernière occasion de récupérer ce que tu veux garder.",
		Title:     "Tes derniers comptes vont être fermés",
		Blocks: append(blocks,
			mail.Paragraph{mail.Strong("Il te reste quelque chose à récupérer, ou tu reviens ?"), mail.Plain(" " + comingBack(n))},
			mail.Button{Label: "Demander une prolongation", URL: links.extension()},
			mail.Para("Ta fiche, elle, reste dans la mémoire de la communauté. Bonne route, et à bientôt peut-être !")),
		Why: whyEnd,
	}
}

// comingBack says how to come back, and what comes back then.
func comingBack(n offboarding.Notice) string {
	text := "Connecte-toi et demande une prolongation."
	if n.Fallback && n.Ours() {
		text = "Connecte-toi avec ton adresse secondaire et demande une prolongation."
	}
	if n.Address == offboarding.Mailbox {
		text += " Une fois acceptée, ta boîte est réactivée, ou refaite si elle a déjà été supprimée ; les messages d’une boîte supprimée, eux, ne reviennent pas."
	}
	return text
}

func hello(n offboarding.Notice) []mail.Block {
	return []mail.Block{mail.Para("Bonjour " + n.Fullname + ",")}
}

// stops is the calendar of what stops, under an introduction; nothing when nothing does.
func stops(introduction string, n offboarding.Notice) []mail.Block {
	if len(n.Coming) == 0 {
		return nil
	}
	return []mail.Block{mail.Para(introduction), calendar(n.Coming)}
}

// calendar is what stops, one entry a day.
func calendar(all []offboarding.Stop) mail.List {
	var days mail.List
	for i, s := range all {
		if i > 0 && s.Day == all[i-1].Day {
			days[len(days)-1] = append(days[len(days)-1], mail.Plain(" ; "+s.Text))
			continue
		}
		days = append(days, mail.Paragraph{mail.Strong(s.When()), mail.Plain(" : " + s.Text)})
	}
	for i := range days {
		days[i] = append(days[i], mail.Plain("."))
	}
	return days
}

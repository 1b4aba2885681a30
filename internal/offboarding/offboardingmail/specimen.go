package offboardingmail

import (
	"github.com/google/uuid"

	"github.com/betagouv/espace-membre/internal/offboarding"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/mail"
)

// Specimens lists the letters of the offboarding room, filled with made-up data.
func Specimens() []mail.Specimen {
	links := Links{
		Portal: "https://espace-membre.exemple.org", Offers: "https://exemple.org/offres",
		Leave: func(uuid.UUID) string {
			return "https://espace-membre.exemple.org/lists/unsubscribe?liste=incubateur&membre=exemple&signature=exemple"
		},
	}
	end := clock.Date(2025, 1, 20)
	specimens := []mail.Specimen{}
	for _, s := range []struct {
		kind        offboarding.Kind
		after       int
		name, title string
		when        string
	}{
		{offboarding.Ending30, -30, "ending-30", "Fin de mission dans 30 jours", "De 30 à 16 jours avant la fin de la dernière mission, à l’adresse préférée."},
		{offboarding.Ending15, -15, "ending-15", "Fin de mission dans 15 jours", "De 15 à 3 jours avant la fin de la dernière mission, à l’adresse préférée."},
		{offboarding.Ending2, -2, "ending-2", "Fin de mission dans 2 jours", "Dans les 2 jours avant la fin de la dernière mission, aux deux adresses."},
		{offboarding.Farewell, 1, "farewell", "Message de départ", "De 1 à 4 jours après la fin de la dernière mission, aux deux adresses."},
		{offboarding.Closing, 30, "closing", "Un mois après le départ", "De 30 à 37 jours après la fin de la dernière mission, aux deux adresses."},
	} {
		specimens = append(specimens, mail.Specimen{
			Name: "offboarding." + s.name, Title: s.title, Room: "offboarding", When: s.when,
			Letter: Notice(specimenNotice(s.kind, end, end.Add(s.after)), links),
		})
	}
	return append(specimens, otherSpecimens(links)...)
}

// specimenNotice tells the departure of somebody with a mailbox and every account.
func specimenNotice(kind offboarding.Kind, end, today clock.Day) offboarding.Notice {
	facts := offboarding.Facts{
		End: end, Address: offboarding.Mailbox, Primary: "camille.exemple@exemple.org", Secondary: true, Github: true, Tools: true,
		Off: map[string]bool{"deleteSecondaryEmailsForUsers": true},
	}
	coming, done := offboarding.Stops(offboarding.Timeline(facts, today))
	return offboarding.Notice{
		Kind: kind, Fullname: "Camille Exemple", End: end, Today: today, Coming: coming, Done: done, Address: facts.Address, Fallback: facts.Secondary,
	}
}

func otherSpecimens(links Links) []mail.Specimen {
	end, wished := clock.Date(2025, 1, 20), clock.Date(2025, 6, 30)
	answered := offboarding.AnsweredLetter{Fullname: "Camille Exemple", Decider: "Sacha Modèle", Wished: wished, Answer: "Parlons-en quand tu veux."}
	accepted := answered
	accepted.Accepted, accepted.Mailbox = true, offboarding.ComebackPassword
	return []mail.Specimen{
		{
			Name: "offboarding.secondary-missing", Title: "Adresse secondaire manquante", Room: "offboarding",
			When: "Une fois par mois, aux membres actifs dont la fiche n’a pas d’adresse secondaire.", Letter: SecondaryMissing(offboarding.MissingLetter{Fullname: "Camille Exemple"}, links),
		},
		{
			Name: "offboarding.extension-asked", Title: "Demande de prolongation", Room: "offboarding",
			When: "Un membre demande une prolongation ; le message part à son équipe et à son incubateur.",
			Letter: ExtensionAsked(offboarding.AskedLetter{
				Fullname: "Sacha Modèle", Asker: "Camille Exemple", Username: "camille.exemple", Request: uuid.UUID{1}, End: end, Wished: wished,
				Message: "Le comité d’investissement est repoussé à juin.", Expires: end.Add(30),
			}, links),
		},
		{
			Name: "offboarding.extension-accepted", Title: "Prolongation acceptée", Room: "offboarding",
			When: "Quelqu’un a accepté la demande de prolongation d’un membre.", Letter: ExtensionAnswered(accepted, links),
		},
		{
			Name: "offboarding.extension-refused", Title: "Prolongation refusée", Room: "offboarding",
			When: "Quelqu’un a refusé la demande de prolongation d’un membre.", Letter: ExtensionAnswered(answered, links),
		},
	}
}

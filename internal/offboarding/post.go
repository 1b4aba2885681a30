package offboarding

import (
	"fmt"
	"strings"

	"github.com/betagouv/espace-membre/internal/platform/clock"
)

// In says how far a day is, from another: "aujourd’hui", "demain", "dans 12 jours", "hier", "il y
// a 12 jours".
func In(day, today clock.Day) string {
	switch n := day.Sub(today); {
	case n == 0:
		return "aujourd’hui"
	case n == 1:
		return "demain"
	case n == -1:
		return "hier"
	case n < 0:
		return fmt.Sprintf("il y a %d jours", -n)
	default:
		return fmt.Sprintf("dans %d jours", n)
	}
}

// post is the message for the chat: shorter than the mail, which says everything.
func (n Notice) post(portal string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Bonjour %s,\n\n", n.Fullname)
	if n.Kind == Farewell || n.Kind == Closing {
		fmt.Fprintf(&b, "Ta dernière mission s’est terminée le **%s**.", n.End.French())
	} else {
		fmt.Fprintf(&b, "D’après ta fiche, ta dernière mission se termine le **%s** (%s).", n.End.French(), In(n.End, n.Today))
	}
	fmt.Fprintf(&b, " Si tu continues, [demande une prolongation](%s/account/extension) : un membre de ton équipe ou de ton incubateur l’accepte en un clic.", portal)
	if len(n.Coming) > 0 {
		b.WriteString("\n\nSinon, voici ce qui s’arrête, et quand :\n")
	}
	for _, stop := range n.Coming {
		fmt.Fprintf(&b, "\n- %s : %s", stop.When(), stop.Text)
	}
	return b.String()
}

// When says the day of a stop.
func (s Stop) When() string {
	if s.Day.IsZero() {
		return "plus tard"
	}
	return "le " + s.Day.French()
}

// secondaryPost asks for a secondary address in the chat.
func secondaryPost(fullname, portal string) string {
	return fmt.Sprintf("Bonjour %s,\n\nTa fiche n’a pas d’adresse secondaire : si ton adresse principale cesse de fonctionner, tu ne pourras plus te connecter "+
		"à l’espace membre ni recevoir nos messages. [Ajoute-en une](%s/account), cela prend une minute. Elle reste privée.", fullname, portal)
}

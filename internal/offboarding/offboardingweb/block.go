package offboardingweb

import (
	"context"
	"fmt"

	"github.com/a-h/templ"

	"github.com/betagouv/espace-membre/internal/offboarding"
	"github.com/betagouv/espace-membre/internal/platform/actor"
)

// Banner tells a member, on the home and account pages, that their mission ends or has ended,
// what stops and when, and how to stay; ok is false when there is nothing to say.
func (p *Pages) Banner(ctx context.Context, who actor.Actor) (block templ.Component, ok bool, err error) {
	near, ok, err := p.service.Near(ctx, who)
	return banner(who, near), ok, err
}

// Waiting leads somebody who may decide to the requests that wait; ok is false when none does.
func (p *Pages) Waiting(ctx context.Context, who actor.Actor) (block templ.Component, ok bool, err error) {
	if who.Standing != actor.Active && !who.Admin {
		return nil, false, nil // they may decide nothing
	}
	waiting, err := p.service.CountToDecide(ctx, who)
	return waitingBlock(waiting), waiting > 0, err
}

// bannerTitle says in a few words where the mission stands.
func bannerTitle(n offboarding.Near) string {
	switch {
	case n.NoMission:
		return "Ta fiche ne porte aucune mission"
	case !n.End.Before(n.Today):
		return "Ta mission se termine le " + n.End.French() + ", " + offboarding.In(n.End, n.Today)
	case n.Today.After(offboarding.LastFullDay(n.End)):
		return "Ta dernière mission est terminée depuis le " + n.End.French()
	}
	return "Ta mission s’est terminée le " + n.End.French()
}

// bannerText says what it means today.
func bannerText(n offboarding.Near) string {
	last := offboarding.LastFullDay(n.End)
	switch {
	case n.NoMission:
		return "Tu peux voir ta fiche. Demande à un membre de ton équipe d’y ajouter ta mission : les autres pages s’ouvriront aussitôt."
	case !n.End.Before(n.Today):
		return "Si tu continues, demande dès maintenant une prolongation : rien ne s’arrêtera."
	case n.Today.After(last):
		return "Tu peux encore voir ta fiche et demander une prolongation, qu’un collègue ou ton incubateur acceptera. Les autres pages sont fermées d’ici là."
	}
	return "Jusqu’au " + last.French() + " inclus, tu te connectes comme avant. Si tu continues, demande vite une prolongation."
}

// soon is how many of the things that stop the banner tells; the others are on the page.
const soon = 4

func firstStops(all []offboarding.Stop) []offboarding.Stop { return all[:min(soon, len(all))] }

func requests(n int) string {
	if n == 1 {
		return "Une demande de prolongation attend ta réponse"
	}
	return fmt.Sprintf("%d demandes de prolongation attendent ta réponse", n)
}

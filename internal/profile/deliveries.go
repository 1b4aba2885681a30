package profile

import (
	"context"
	"fmt"
	"slices"

	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/actor"
	"github.com/betagouv/espace-membre/internal/platform/fault"
)

// DeliveriesOf tells administrators what became lately of the mails sent to both addresses of a
// member, the latest first. It is Unavailable when the vendor does not answer.
func (s *Service) DeliveriesOf(ctx context.Context, viewer actor.Actor, m member.Member) ([]Delivery, error) {
	if err := member.Can(viewer, member.Administer, member.Subject{ID: m.ID}); err != nil {
		return nil, err
	}
	if s.ports.Deliveries == nil {
		return nil, fault.New(fault.Unavailable, "Brevo n’est pas configuré.", "no vendor of mails")
	}
	var all []Delivery
	for _, address := range []string{m.PrimaryEmail, m.SecondaryEmail} {
		if address == "" {
			continue
		}
		list, err := s.events.ask(address, func() ([]Delivery, error) { return s.ports.Deliveries.Deliveries(ctx, address) })
		if err != nil {
			return nil, fmt.Errorf("read the mails sent to %s: %w", m.Username, err)
		}
		all = append(all, list...)
	}
	slices.SortStableFunc(all, func(a, b Delivery) int { return b.At.Compare(a.At) })
	return all, nil
}

// KnowsDeliveries tells whether anybody can tell what became of mails.
func (s *Service) KnowsDeliveries() bool { return s.ports.Deliveries != nil }

// Word says in French what happened to a mail; a word that nobody knows stands as it is.
func (d Delivery) Word() string {
	return pick(map[string]string{
		"requests": "Envoi demandé", "delivered": "Arrivé", "hardBounces": "Refusé : adresse inconnue", "softBounces": "Refusé pour l’instant",
		"bounces": "Refusé", "blocked": "Bloqué par Brevo", "spam": "Signalé comme indésirable", "invalid": "Adresse mal formée",
		"deferred": "Retardé", "unsubscribed": "Désinscription", "error": "Échec de l’envoi", "opened": "Ouvert", "loadedByProxy": "Ouvert",
		"clicks": "Lien suivi",
	}, d.What)
}

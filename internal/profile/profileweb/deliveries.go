package profileweb

import (
	"context"
	"time"

	"github.com/a-h/templ"

	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/actor"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/dsfr"
	"github.com/betagouv/espace-membre/internal/profile"
)

// DeliveriesPanel shows administrators what became of the mails sent to a member.
func DeliveriesPanel(service *profile.Service) Panel {
	return Panel{
		ID: "evenements-brevo", Title: "Événements Brevo", Tab: TabMailbox, Budget: 700 * time.Millisecond,
		Render: func(ctx context.Context, viewer actor.Actor, of member.Member) (templ.Component, error) {
			if !viewer.Admin || !service.KnowsDeliveries() {
				return nil, nil
			}
			list, err := service.DeliveriesOf(ctx, viewer, of)
			if err != nil {
				return nil, err
			}
			return deliveriesBody(list), nil
		},
	}
}

func deliveriesTable(list []profile.Delivery) dsfr.TableParams {
	t := dsfr.TableParams{Caption: "Événements Brevo", HideCaption: true, Columns: []dsfr.Column{
		{Label: "Adresse"}, {Label: "Date"}, {Label: "Événement"}, {Label: "Sujet"}, {Label: "Étiquette"}, {Label: "De"},
	}}
	for _, d := range list {
		t.Rows = append(t.Rows, []templ.Component{
			dsfr.Text(d.To), dsfr.Text(d.At.In(clock.Paris()).Format("02/01/2006 à 15:04")), deliveryCell(d), dsfr.Text(orDash(d.Subject)), dsfr.Text(orDash(d.Tag)), dsfr.Text(orDash(d.From)),
		})
	}
	return t
}

func orDash(text string) string {
	if text == "" {
		return "–"
	}
	return text
}

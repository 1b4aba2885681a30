// Package profilebrevo tells the pages about one person what Brevo knows of their addresses.
package profilebrevo

import (
	"context"
	"strings"

	"github.com/betagouv/espace-membre/internal/integration/brevo"
	"github.com/betagouv/espace-membre/internal/profile"
)

// Mails is the room's port on a Brevo client.
type Mails struct{ client *brevo.Client }

var (
	_ profile.Refusals   = Mails{}
	_ profile.Deliveries = Mails{}
)

// New makes the port of a client.
func New(client *brevo.Client) Mails { return Mails{client} }

// Blocked implements profile.Refusals. Of several blocks of an address, one that the person chose
// comes first, then the latest.
func (m Mails) Blocked(ctx context.Context) (map[string]string, error) {
	blocks, err := m.client.Blocked(ctx, brevo.Period{})
	if err != nil {
		return nil, err
	}
	reasons, chosen := make(map[string]string, len(blocks)), map[string]bool{}
	for _, block := range blocks { // the latest first
		address := strings.ToLower(block.Email)
		if _, known := reasons[address]; known && (chosen[address] || !block.Reason.ChosenByPerson()) {
			continue
		}
		reasons[address], chosen[address] = string(block.Reason), block.Reason.ChosenByPerson()
	}
	return reasons, nil
}

// deliveriesShown is how many events of an address are asked: its last weeks.
const deliveriesShown = 50

// Deliveries implements profile.Deliveries.
func (m Mails) Deliveries(ctx context.Context, address string) ([]profile.Delivery, error) {
	events, err := m.client.Events(ctx, brevo.EventQuery{Email: address, Limit: deliveriesShown})
	if err != nil {
		return nil, err
	}
	list := make([]profile.Delivery, len(events))
	for i, e := range events {
		list[i] = profile.Delivery{At: e.At, To: e.Email, What: string(e.Kind), Subject: e.Subject, Tag: e.Tag, From: e.From, Reason: e.Reason}
	}
	return list, nil
}

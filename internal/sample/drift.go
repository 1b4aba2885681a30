package sample

import (
	"fmt"

	"github.com/betagouv/espace-membre/internal/member"
)

// Kinds of drift: what the vendors hold otherwise than the portal believes.
const (
	DriftNoBox     = "membre sans boîte"            // the address is active here, the mailbox does not exist there
	DriftOrphan    = "boîte sans membre"            // a mailbox that belongs to nobody
	DriftStale     = "abonné périmé"                // somebody who left is still on the lists
	DriftUnlisted  = "membre actif hors des listes" // an active member is on no list
	driftOneIn     = 50                             // 2 %
	orphanBoxStart = "ancienne.boite."
)

// drifts gives the kinds in the order in which they come round.
func drifts() [4]string { return [4]string{DriftNoBox, DriftOrphan, DriftStale, DriftUnlisted} }

// outsideOf says what the vendors hold of a community, with a drift of 2 %: of the active members
// with a mailbox, in the order of their usernames, each fiftieth brings one, of the four kinds in turn.
func outsideOf(residents []resident, s Settings) (Outside, map[string]int) {
	var o Outside
	counts := map[string]int{}
	var left []resident // those whose mailbox is deleted: they feed the stale subscribers
	for _, r := range residents {
		if r.Status == member.StatusDeleted && !r.Redirection {
			left = append(left, r)
		}
	}
	n := 0
	for _, r := range residents {
		kind := ""
		if r.Gone <= 0 && r.hasBox(s.Domain) {
			if n++; n%driftOneIn == 0 {
				kind = drifts()[(n/driftOneIn-1)%len(drifts())]
			}
		}
		if kind == "" {
			o.add(r, s.Domain, s.Lists)
			continue
		}
		if kind == DriftStale && len(left) == 0 {
			kind = DriftOrphan
		}
		counts[kind]++
		o.drift(r, kind, counts[kind], left, s)
	}
	return o, counts
}

// drift puts there somebody whom a difference concerns; number counts those of its kind.
func (o *Outside) drift(r resident, kind string, number int, left []resident, s Settings) {
	switch kind {
	case DriftUnlisted:
		o.Boxes = append(o.Boxes, Box{r.Plan, r.Username})
		return
	case DriftNoBox:
		boxes := len(o.Boxes)
		o.add(r, s.Domain, s.Lists)
		o.Boxes = o.Boxes[:boxes]
		return
	case DriftOrphan:
		o.Boxes = append(o.Boxes, Box{basicPlan, fmt.Sprintf("%s%d", orphanBoxStart, number)})
	case DriftStale:
		gone := left[(number-1)%len(left)]
		address := gone.Username + "@" + s.Domain
		o.Subscribers = append(o.Subscribers, address)
		o.Contacts = append(o.Contacts, Contact{Address: address, Fullname: gone.Fullname, Domain: gone.Domain, Lists: s.Lists})
	}
	o.add(r, s.Domain, s.Lists)
}

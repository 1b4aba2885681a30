package member

import (
	"fmt"
	"slices"

	"github.com/google/uuid"

	"github.com/betagouv/espace-membre/internal/platform/clock"
)

// overlap is two missions of one person that run at the same time for the same product: most
// often an extension that was typed as a new mission.
type overlap struct {
	one, other Mission
	product    uuid.UUID
	from, to   clock.Day // to is zero when neither ends
}

// overlaps lists the missions that overlap, each pair once for each product.
func overlaps(missions []Mission) (list []overlap) {
	for i, one := range missions {
		for _, other := range missions[i+1:] {
			from, to := common(one, other)
			if from.IsZero() || !to.IsZero() && to.Before(from) {
				continue
			}
			for _, product := range one.Startups {
				if slices.Contains(other.Startups, product) {
					list = append(list, overlap{one, other, product, from, to})
				}
			}
		}
	}
	return list
}

// common gives the days that two missions share; from is zero when a date is missing.
func common(one, other Mission) (from, to clock.Day) {
	if one.Start.IsZero() || other.Start.IsZero() {
		return clock.Day{}, clock.Day{}
	}
	from, to = one.Start, one.End
	if other.Start.After(from) {
		from = other.Start
	}
	if to.IsZero() || !other.End.IsZero() && other.End.Before(to) {
		to = other.End
	}
	return from, to
}

// OverlapField is the name of the box that confirms an overlap, and of its message.
const OverlapField = "overlap"

// overlapping refuses missions that overlap on a product, unless it is said to be meant. Those
// which did so already are not judged again.
func (j judge) overlapping(wanted []Mission, removed []uuid.UUID, meant bool) {
	if meant {
		return
	}
	whole := slices.Clone(wanted)
	for _, had := range j.before {
		named := slices.ContainsFunc(wanted, func(m Mission) bool { return m.ID == had.ID })
		if !named && !slices.Contains(removed, had.ID) {
			whole = append(whole, had)
		}
	}
	known := overlaps(j.before)
	for _, found := range overlaps(whole) {
		if !slices.ContainsFunc(known, found.same) {
			j.refuse(OverlapField, j.sayOverlap(found))
			return
		}
	}
}

// same tells whether two missions overlapped before on the same product.
func (o overlap) same(before overlap) bool {
	pair := before.one.ID == o.one.ID && before.other.ID == o.other.ID || before.one.ID == o.other.ID && before.other.ID == o.one.ID
	return pair && before.product == o.product
}

func (j judge) sayOverlap(o overlap) string {
	days := "à partir du " + o.from.Numeric()
	if !o.to.IsZero() {
		days = "du " + o.from.Numeric() + " au " + o.to.Numeric()
	}
	return fmt.Sprintf("Deux missions se chevauchent sur le même produit, %s, %s : celle qui commence le %s et celle qui commence le %s. Corrige les dates, ou coche la case si c’est voulu.",
		j.products.name(o.product), days, o.one.Start.Numeric(), o.other.Start.Numeric())
}

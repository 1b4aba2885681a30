package member

import (
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/betagouv/espace-membre/internal/platform/clock"
)

// MissionDraft is a mission as typed.
type MissionDraft struct {
	ID         string // uuid of a mission of the member; empty: a new one
	Start, End string // YYYY-MM-DD, or JJ/MM/AAAA
	Status     string
	Employer   string
	Startups   []string // uuids of the products chosen
	Product    string   // name of one more product, typed and not chosen yet
}

// MissionsDraft is what becomes of the missions of a member. A mission that it does not name
// stays as it is.
type MissionsDraft struct {
	Rows    []MissionDraft
	Removed []string // uuids
	Overlap bool     // missions that overlap on a product are meant
	// Seen is the version of the record that the form showed; nil: no form. Inside a RecordDraft,
	// that of the record counts.
	Seen *Version
}

// MissionField names a field of a mission in the messages: that of the draft number i.
func MissionField(i int, name string) string { return fmt.Sprintf("mission-%d-%s", i, name) }

// MaxMissions is how many missions a form may hold.
const MaxMissions = 50

// The days between which missions stand.
const (
	furthestStart = 2  // years from today
	furthestEnd   = 10 // years from today
)

// earliestStart is when the first startup of the State began.
func earliestStart() clock.Day { return clock.MustDay("2013-07-01") }

// judge is what the rules of missions look at.
type judge struct {
	checks
	today    clock.Day
	before   []Mission // of the member
	products Products
	oneself  bool // the member edits their own missions
	endless  bool // new missions may have no end
}

// missions reads the drafts; the second value lists the missions to remove.
func (j judge) missions(d MissionsDraft) (wanted []Mission, removed []uuid.UUID) {
	left := len(j.before)
	for i, row := range d.Rows {
		wanted = append(wanted, j.mission(i, row))
		if row.ID == "" {
			left++
		}
	}
	for _, text := range d.Removed {
		m, ok := j.known(text)
		if !ok {
			j.refuse("missions", goneMission)
		} else if !slices.Contains(removed, m.ID) {
			removed = append(removed, m.ID)
			left--
		}
	}
	if len(j.before) > 0 && left == 0 {
		j.refuse("missions", "Une fiche garde au moins une mission : corrige ses dates plutôt que de la retirer.")
	}
	j.overlapping(wanted, removed, d.Overlap)
	if len(d.Rows) > MaxMissions {
		j.refuse("missions", fmt.Sprintf("Une fiche ne porte pas plus de %d missions.", MaxMissions))
	}
	return wanted, removed
}

const goneMission = "Cette mission n’est pas, ou plus, dans la fiche : recharge la page et recommence."

// known finds a mission of the member by the uuid that a form gives.
func (j judge) known(text string) (Mission, bool) {
	id, err := uuid.Parse(text)
	i := slices.IndexFunc(j.before, func(m Mission) bool { return err == nil && m.ID == id })
	if i < 0 {
		return Mission{}, false
	}
	return j.before[i], true
}

func (j judge) mission(i int, d MissionDraft) Mission {
	field := func(name string) string { return MissionField(i, name) }
	before, known := j.known(d.ID)
	if d.ID != "" && !known {
		j.refuse(field("start"), goneMission)
	}
	m := Mission{
		ID: before.ID, Start: j.day(field("start"), d.Start), End: j.day(field("end"), d.End),
		Status: j.choice(field("status"), d.Status, MissionStatuses()), Employer: j.line(field("employer"), d.Employer, MaxLine),
		Startups: j.startups(i, d),
	}
	j.dates(field, m, before)
	if m.Status == "" && (!known || before.Status != "") {
		j.refuse(field("status"), "Le type de contrat est obligatoire.")
	}
	if m.Employer == "" && (!known || before.Employer != "") {
		j.refuse(field("employer"), "L’entité qui gère le contrat est obligatoire.")
	}
	return m
}

// day reads a date, as browsers give it or as people write it.
func (c checks) day(field, text string) clock.Day {
	text = strings.TrimSpace(text)
	if parts := strings.Split(text, "/"); len(parts) == 3 {
		text = parts[2] + "-" + parts[1] + "-" + parts[0]
	}
	day, err := clock.ParseDay(text)
	if err != nil {
		c.refuse(field, "Cette date n’existe pas : écris-la comme 19/12/2024.")
	}
	return day
}

// dates checks the days of a mission against each other, the calendar and what may be lengthened.
// Days that have not changed are not judged alone.
func (j judge) dates(field func(string) string, m, before Mission) {
	last := j.today.AddMonths(12 * furthestEnd)
	switch {
	case m.Start.IsZero():
		j.refuse(field("start"), "La date de début est obligatoire.")
	case m.Start != before.Start && m.Start.Before(earliestStart()):
		j.refuse(field("start"), "Une mission ne commence pas avant le "+earliestStart().French()+".")
	case m.Start != before.Start && m.Start.After(j.today.AddMonths(12*furthestStart)):
		j.refuse(field("start"), fmt.Sprintf("Une mission commence dans les %d ans au plus.", furthestStart))
	}
	switch {
	case m.End.IsZero() && !j.endless && before.ID == uuid.Nil:
		j.refuse(field("end"), "La date de fin est obligatoire.")
	case !m.End.IsZero() && m.End.Before(m.Start):
		j.refuse(field("end"), "La mission finit avant de commencer : choisis une fin à partir du "+m.Start.Numeric()+".")
	case m.End != before.End && m.End.After(last):
		j.refuse(field("end"), fmt.Sprintf("Une mission finit dans les %d ans au plus.", furthestEnd))
	case j.oneself && lengthens(before, m, j.today):
		j.refuse(field("end"), "Ta mission est terminée depuis le "+before.End.Numeric()+" : demande une prolongation, une personne de ton équipe ou de ton incubateur l’acceptera.")
	}
}

// lengthens tells a mission that was over and would be less so.
func lengthens(before, after Mission, today clock.Day) bool {
	over := before.ID != uuid.Nil && !before.End.IsZero() && before.End.Before(today)
	return over && (after.End.IsZero() || after.End.After(before.End))
}

// startups reads the products of a mission: those chosen, and the one just typed.
func (j judge) startups(i int, d MissionDraft) []uuid.UUID {
	ids := []uuid.UUID{}
	for _, text := range d.Startups {
		id, err := uuid.Parse(text)
		if err != nil || !j.products.has(id) {
			j.refuse(MissionField(i, "product"), "Un de ces produits n’existe plus : recharge la page et recommence.")
		} else if !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	if strings.TrimSpace(d.Product) == "" {
		return ids
	}
	found := j.products.Find(d.Product)
	if len(found) != 1 {
		j.refuse(MissionField(i, "product"), noProduct(len(found)))
	} else if !slices.Contains(ids, found[0].ID) {
		ids = append(ids, found[0].ID)
	}
	return ids
}

func noProduct(found int) string {
	if found > 1 {
		return "Plusieurs produits correspondent : coche le tien."
	}
	return "Aucun produit ne porte ce nom."
}

package sample

import (
	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/clock"
)

// person is a made-up member: a name, and where the last mission stands.
type person struct {
	username, fullname string
	start, end         clock.Day // no start: no mission; no end: open-ended
	status             member.Status
}

// People gives the made-up members as they stand on a day: the four that everybody logs in
// as, then 120 others spread over the states of an address.
func People(today clock.Day, domain string) []member.ImportRecord {
	start := clock.MustDay("2023-01-01")
	far := clock.MustDay("2030-03-01")
	people := []person{
		{"valid.member", "Valid Member", start, far, member.StatusActive},
		{"expired.member", "Expired Member", clock.MustDay("2022-01-01"), clock.MustDay("2023-03-01"), member.StatusDeleted},
		{"empty.member", "Empty Member", clock.Day{}, clock.Day{}, member.StatusUnset},
		{"admin.member", "Admin Member", start, far, member.StatusActive},
	}
	firsts := [...][2]string{
		{"alba", "Alba"},
		{"bastien", "Bastien"},
		{"celeste", "Céleste"},
		{"dorian", "Dorian"},
		{"elea", "Éléa"},
		{"firmin", "Firmin"},
		{"gaelle", "Gaëlle"},
		{"honore", "Honoré"},
		{"ines", "Inès"},
		{"joris", "Joris"},
	}
	lasts := [...][2]string{
		{"boisclair", "Boisclair"},
		{"chantevent", "Chantevent"},
		{"duprelong", "Dupré-Long"},
		{"espinelle", "Espinelle"},
		{"fontbrune", "Fontbrune"},
		{"grandlac", "Grandlac"},
		{"hautepierre", "Hautepierre"},
		{"ivoirin", "Ivoirin"},
		{"joncheres", "Jonchères"},
		{"larivedouce", "Larivedouce"},
		{"montclerc", "Montclerc"},
		{"neigeval", "Neigeval"},
	}
	for i, last := range lasts {
		for j, first := range firsts {
			p := person{username: first[0] + "." + last[0], fullname: first[1] + " " + last[1]}
			p.start, p.end, p.status = situation(today, i*len(firsts)+j)
			people = append(people, p)
		}
	}
	return records(people, domain)
}

// situation spreads people over the states: most are active, some have left.
func situation(today clock.Day, n int) (start, end clock.Day, status member.Status) {
	start = today.Add(-400 - n)
	switch n % 10 {
	case 0:
		return start, today.Add(-10 - n%20), member.StatusSuspended
	case 1:
		return start, today.Add(-60 - n), member.StatusDeleted
	case 2:
		return start, today.Add(200), member.StatusPasswordPending
	case 3:
		return today.Add(5), today.Add(365), member.StatusCreationWaiting
	case 4:
		return start, clock.Day{}, member.StatusActive
	}
	return start, today.Add(30 + 3*n), member.StatusActive
}

func records(people []person, domain string) []member.ImportRecord {
	domains := [...]string{"Développement", "Produit", "Design", "Déploiement", "Coaching", "Animation", "Intraprenariat", "Data"}
	all := make([]member.ImportRecord, 0, len(people))
	for i, p := range people {
		r := member.ImportRecord{
			Username: p.username, Fullname: p.fullname, Status: p.status,
			Domain: domains[i%len(domains)], Role: domains[i%len(domains)], SecondaryEmail: p.username + "@exemple.test",
		}
		if hasAddress(p.status) {
			r.PrimaryEmail = p.username + "@" + domain
		}
		if !p.start.IsZero() {
			r.Missions = []member.ImportMission{{Start: p.start, End: p.end, Status: "independent"}}
		}
		all = append(all, r)
	}
	return all
}

// hasAddress tells whether a primary address goes with a state.
func hasAddress(s member.Status) bool { return s.ActiveLike() || s == member.StatusSuspended }

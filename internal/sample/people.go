package sample

import (
	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/clock"
)

// person is a made-up member.
type person struct {
	record member.ImportRecord
	gone   int    // days since the last end; negative or zero: still there
	plan   string // of the mailbox
}

// People gives the made-up members as they stand on a day: the four that everybody logs in
// as, then 120 others, four in each of the situations.
func People(today clock.Day, domain string) []member.ImportRecord {
	all := people(today, domain)
	records := make([]member.ImportRecord, len(all))
	for i, p := range all {
		records[i] = p.record
	}
	return records
}

func people(today clock.Day, domain string) []person {
	all := logins(today, domain)
	firsts, lasts, cases := firstNames(), lastNames(), situations()
	for i, last := range lasts {
		for j, first := range firsts {
			n := i*len(firsts) + j
			all = append(all, made(today, domain, n, cases[n%len(cases)], first[0]+"."+last[0], first[1]+" "+last[1]))
		}
	}
	return all
}

// logins are the four people that the documentation names, with dates that never move.
func logins(today clock.Day, domain string) []person {
	start, far := clock.MustDay("2023-01-01").Sub(today), clock.MustDay("2030-03-01").Sub(today)
	over := span{clock.MustDay("2022-01-01").Sub(today), clock.MustDay("2023-03-01").Sub(today)}
	valid := situation{missions: []span{{start, far}}, status: member.StatusActive, since: start + 3, contract: "independent"}
	admin := situation{missions: []span{{start, far}}, status: member.StatusActive, since: start + 3, contract: "admin"}
	expired := situation{missions: []span{over}, status: member.StatusDeleted, since: over.end + deletion, contract: "independent"}
	empty := situation{status: member.StatusUnset, unverified: true}
	all := []person{
		made(today, domain, 0, valid, "valid.member", "Valid Member"),
		made(today, domain, 30, expired, "expired.member", "Expired Member"),
		made(today, domain, 60, empty, "empty.member", "Empty Member"),
		made(today, domain, 0, admin, "admin.member", "Admin Member"),
	}
	all[3].record.Teams = []string{teamRecords()[0].Slug}
	return all
}

// made makes the person number n of the community, in a situation.
func made(today clock.Day, domain string, n int, s situation, username, fullname string) person {
	domains, employers := fieldsOfActivity(), employers()
	product := productOf(n)
	p := person{gone: s.gone(), plan: product.plan(), record: member.ImportRecord{
		Username: username, Fullname: fullname, Domain: domains[n%len(domains)].name, Role: domains[n%len(domains)].role,
		Bio:         "Une personne inventée, pour la démonstration.",
		Competences: domains[n%len(domains)].competences, Type: "beta",
		Status: s.status, StatusSince: today.Add(s.since).At(0, 0), EmailIsRedirection: s.redirection,
		PrimaryEmail: s.primary(username, domain), SecondaryEmail: username + secondary,
		WorkplaceInseeCode: workplaces()[n%len(workplaces())], WorkplaceAbroad: abroad(n),
		Missions: s.importMissions(today, employers[n%len(employers)], []string{product.slug}),
	}}
	if s.redirection {
		p.record.Type, p.record.Domain, p.record.Role = "attributaire", "Attributaire", "Responsable de compte"
	}
	if s.alone {
		p.record.SecondaryEmail = ""
	}
	if s.elsewhere {
		p.record.CommunicationEmail = "secondary"
	}
	if n%3 == 0 {
		p.record.Github = username
	}
	if n%12 == 5 { // works for an incubator, not for a product
		p.plan = basicPlan
		p.record.Missions, p.record.Teams = s.importMissions(today, "", nil), []string{teamRecords()[n/12%len(teamRecords())].Slug}
	}
	if !s.unverified {
		verified := today.Add(min(0, s.missions[0].start)).At(0, 0)
		p.record.VerifiedAt = &verified
	}
	return p
}

// resident gives a person as the vendors should know them.
func (p person) resident() resident {
	r := p.record
	return resident{
		Username: r.Username, Fullname: r.Fullname, Domain: r.Domain, Plan: p.plan, Gone: p.gone,
		life: life{
			Status: r.Status, Since: r.StatusSince, Primary: r.PrimaryEmail, Secondary: r.SecondaryEmail,
			Communication: r.CommunicationEmail, Redirection: r.EmailIsRedirection,
		},
	}
}

// activity is what somebody does.
type activity struct {
	name, role  string
	competences []string
}

func fieldsOfActivity() []activity {
	return []activity{
		{"Développement", "Développeuse ou développeur", []string{"JavaScript/TypeScript", "Développement Full-stack"}},
		{"Produit", "Responsable de produit", []string{"Product strategy"}},
		{"Design", "Designer", []string{"UX", "Accessibilité"}},
		{"Déploiement", "Chargé ou chargée de déploiement", []string{"Croissance"}},
		{"Coaching", "Coach", []string{"Coaching", "Facilitation"}},
		{"Animation", "Animation de la communauté", []string{"Communication"}},
		{"Intraprenariat", "Intrapreneur ou intrapreneuse", []string{"Intrapreneur(se)", "Administration Publique"}},
		{"Data", "Science des données", []string{"Data Science", "Python"}},
	}
}

// workplaces are codes of communes of the official list; empty: the person says nothing.
func workplaces() []string {
	return []string{
		"75056", "", "69123", "75056", "44109", "35238", "", "31555", "59350", "75056", "33063",
		"", "13055", "67482", "97411", "2A004", "75056", "38185", "34172",
	}
}

// abroad is the city of those who tell no commune, for one in three of them.
func abroad(n int) string {
	if workplaces()[n%len(workplaces())] == "" && n%3 == 0 {
		return "Bruxelles"
	}
	return ""
}

func employers() []string {
	return []string{"Coopérative Exemple", "", "Société Modèle", "Ministère Exemple", "Atelier Fictif"}
}

func firstNames() [][2]string {
	return [][2]string{
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
}

func lastNames() [][2]string {
	return [][2]string{
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
}

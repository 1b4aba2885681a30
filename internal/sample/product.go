package sample

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/betagouv/espace-membre/internal/org"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/startup"
)

// made-up public bodies: no name of a real one.
func organizationRecords() []org.OrganizationRecord {
	return []org.OrganizationRecord{
		{Slug: "mve", Name: "Ministère des Villages d’Exemple", Acronym: "MVE", MinisterialDomain: "territoires", Type: "administration-centrale"},
		{Slug: "mcl", Name: "Ministère du Climat Lointain", Acronym: "MCL", MinisterialDomain: "environnement", Type: "administration-centrale"},
		{Slug: "mts", Name: "Ministère du Temps Serein", Acronym: "MTS", MinisterialDomain: "travail", Type: "administration-centrale"},
		{Slug: "anx", Name: "Agence Nationale des Exemples", Acronym: "ANX", MinisterialDomain: "autres", Type: "operateur"},
		{Slug: "ofm", Name: "Office Fictif de la Mer", Acronym: "OFM", MinisterialDomain: "environnement", Type: "operateur"},
		{Slug: "csi", Name: "Caisse de Sécurité Imaginaire", Acronym: "CSI", MinisterialDomain: "solidarite-sante", Type: "securite-sociale"},
		{Slug: "ddx", Name: "Direction Départementale du Modèle", Acronym: "DDX", MinisterialDomain: "interieur", Type: "service-deconcentre"},
		{Slug: "grand-exemple", Name: "Métropole du Grand-Exemple", MinisterialDomain: "territoires", Type: "collectivite-territoriale"},
	}
}

func incubatorRecords() []org.IncubatorRecord {
	make := func(slug, title, owner string, highlighted ...string) org.IncubatorRecord {
		return org.IncubatorRecord{
			Slug: slug, Title: title, Owner: owner, Contact: "contact@" + slug + ".exemple.test", Address: "1 rue de l’Exemple, 00000 Modèle",
			Website: "https://" + slug + ".exemple.test", ShortDescription: "Un incubateur inventé, pour la démonstration.",
			Description: "Cet incubateur n’existe pas. Il porte quelques produits de la démonstration.", HighlightedStartups: highlighted,
		}
	}
	return []org.IncubatorRecord{
		make("atelier-numerique", "L’Atelier numérique", "mve", "bac-clair", "mon-puits"),
		make("fabrique-des-communs", "La Fabrique des communs", "mcl", "haie-vive"),
		make("halle-aux-idees", "La Halle aux idées", "mts", "temps-choisi"),
		make("phare-des-services", "Le Phare des services", "ofm"),
		make("verger-public", "Le Verger public", "csi"),
	}
}

// paidPlans are the incubators whose members have another mailbox than the default one.
func paidPlans() map[string]string {
	return map[string]string{"phare-des-services": "EMAIL_PLAN_PRO", "verger-public": "EMAIL_PLAN_EXCHANGE"}
}

func teamRecords() []org.TeamRecord {
	return []org.TeamRecord{
		{Slug: "atelier-numerique-animation", Name: "Animation", Mission: "Fait vivre la communauté.", Incubator: "atelier-numerique"},
		{Slug: "atelier-numerique-qualite", Name: "Qualité", Mission: "Aide les produits à tenir leurs engagements.", Incubator: "atelier-numerique"},
		{Slug: "fabrique-des-communs-animation", Name: "Animation", Incubator: "fabrique-des-communs"},
		{Slug: "halle-aux-idees-animation", Name: "Animation", Incubator: "halle-aux-idees"},
		{Slug: "phare-des-services-animation", Name: "Animation", Incubator: "phare-des-services"},
		{Slug: "verger-public-animation", Name: "Animation", Incubator: "verger-public"},
	}
}

// madeProduct is a made-up product, by its place in the list.
type madeProduct struct {
	n                 int
	slug, name, pitch string
}

func madeProducts() []madeProduct {
	rows := [...][3]string{
		{"bac-clair", "Bac Clair", "Dire simplement comment trier ses déchets"},
		{"mon-puits", "Mon Puits", "Suivre le niveau des puits du village"},
		{"haie-vive", "Haie Vive", "Replanter des haies au bon endroit"},
		{"temps-choisi", "Temps Choisi", "Organiser le travail des équipes de nuit"},
		{"cap-digue", "Cap Digue", "Surveiller les digues avant la tempête"},
		{"verger-partage", "Verger Partagé", "Trouver un verger à entretenir ensemble"},
		{"api-communes", "API Communes", "Donner aux logiciels la carte des communes"},
		{"dossier-leger", "Dossier Léger", "Ne plus demander deux fois la même pièce"},
		{"bus-du-matin", "Bus du Matin", "Prévenir des retards avant de partir"},
		{"mare-vivante", "Mare Vivante", "Recenser les mares et leurs habitants"},
		{"signal-route", "Signal Route", "Signaler un danger sur une route"},
		{"cantine-locale", "Cantine Locale", "Relier cantines et producteurs voisins"},
		{"droit-au-but", "Droit au But", "Savoir à quelles aides on a droit"},
		{"nid-douillet", "Nid Douillet", "Rénover son logement étape par étape"},
		{"classe-dehors", "Classe Dehors", "Faire l’école dehors sans tracas"},
		{"phare-ouvert", "Phare Ouvert", "Ouvrir les données des phares et balises"},
		{"permis-clair", "Permis Clair", "Suivre sa demande de permis"},
		{"eau-juste", "Eau Juste", "Partager l’eau pendant la sécheresse"},
		{"recolte-sure", "Récolte Sûre", "Déclarer ses cultures en quelques minutes"},
		{"pas-a-pas", "Pas à Pas", "Accompagner le retour à l’emploi"},
		{"port-du-matin", "Port du Matin", "Annoncer l’arrivée des bateaux"},
		{"sel-et-sable", "Sel et Sable", "Observer l’érosion des plages"},
		{"maree.basse", "Marée Basse", "Connaître les horaires de pêche à pied"},
		{"courrier-simple", "Courrier Simple", "Réécrire les courriers pour qu’on les comprenne"},
		{"soins-proches", "Soins Proches", "Trouver un soin près de chez soi"},
		{"ordonnance-verte", "Ordonnance Verte", "Prescrire une activité dans la nature"},
		{"memoire-vive", "Mémoire Vive", "Garder le récit des anciens"},
		{"aide-a-deux", "Aide à Deux", "Soutenir les aidants"},
		{"berceau", "Berceau", "Préparer l’arrivée d’un enfant"},
		{"fil-commun", "Fil Commun", "Relier les travailleurs sociaux"},
	}
	products := make([]madeProduct, len(rows))
	for i, row := range rows {
		products[i] = madeProduct{i, row[0], row[1], row[2]}
	}
	return products
}

// productOf gives the product of person n, so that teammates are in different situations.
func productOf(n int) madeProduct {
	products := madeProducts()
	return products[(n*7+n/len(products)*11)%len(products)]
}

func (p madeProduct) incubator() string {
	incubators := incubatorRecords()
	return incubators[p.n%len(incubators)].Slug
}

func (p madeProduct) plan() string { return cmp.Or(paidPlans()[p.incubator()], basicPlan) }

func startupRecords(today clock.Day) []startup.Record {
	var records []startup.Record
	organizations := organizationRecords()
	for _, p := range madeProducts() {
		sponsors := []string{organizations[p.n%len(organizations)].Slug}
		if p.n%4 == 0 {
			sponsors = append(sponsors, organizations[(p.n+3)%len(organizations)].Slug)
			slices.Sort(sponsors)
		}
		site := "https://" + p.slug + ".exemple.test"
		stats := p.n%2 == 0
		records = append(records, startup.Record{
			Slug: p.slug, Name: p.name, Pitch: p.pitch, Incubator: p.incubator(), Sponsors: sponsors,
			Description: fmt.Sprintf("## Le problème\n\n%s : aujourd’hui, c’est long et compliqué.\n\n## La solution\n\nUn service **inventé**, pour la démonstration.", p.pitch),
			Contact:     "contact@" + p.slug + ".exemple.test", Link: site, Repository: "https://depot.exemple.test/" + p.slug,
			Stats: &stats, StatsURL: site + "/stats", AccessibilityStatus: startup.AccessibilityStatuses()[p.n%3],
			Technos: []string{"typescript", "postgresql"}, Themes: []string{[]string{"Territoires", "Écologie", "Santé", "Social"}[p.n%4]},
			UserTypes: []string{[]string{"particulier", "collectivite-territoriale", "entreprise"}[p.n%3]},
			Phases:    p.phases(today), Events: p.events(today),
		})
	}
	return records
}

// phases takes a product a little further than the one before it, so that each phase is
// somebody's current one; every tenth product has stopped.
func (p madeProduct) phases(today clock.Day) []startup.Phase {
	names := []string{"investigation", "construction", "acceleration", "transfer", "success"}
	reached := 1 + p.n%len(names)
	var phases []startup.Phase
	for i, name := range names[:reached] {
		phases = append(phases, startup.Phase{Name: name, Start: today.Add(-200*(reached-i) + p.n)})
	}
	if p.n%10 == 9 {
		phases = append(phases, startup.Phase{Name: "alumni", Start: today.Add(-50), Comment: "Le besoin a disparu."})
	}
	return phases
}

func (p madeProduct) events(today clock.Day) []startup.Event {
	events := []startup.Event{{Name: "committee", Day: today.Add(-150 - p.n), Comment: "Décision : continuer."}}
	if p.n%3 == 0 {
		events = append(events, startup.Event{Name: "product_launch", Day: today.Add(-100 - p.n)})
	}
	if p.n%6 == 0 {
		events = append(events, startup.Event{Name: "national_impact", Day: today.Add(-30)})
	}
	return events
}

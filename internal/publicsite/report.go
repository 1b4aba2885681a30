package publicsite

import "fmt"

// Refusal is a record, or a part of one, that was left out.
type Refusal struct {
	File   string `json:"file"`   // path in the site, or identifier in the list
	Reason string `json:"reason"` // in French
}

// Kept is a field that the portal holds otherwise than the site, and that stays as it is.
type Kept struct {
	File   string `json:"file"`
	Field  string `json:"field"`  // name in the database
	Label  string `json:"label"`  // the same, in French
	Reason string `json:"reason"` // in French
}

// Count is what became of the records of one kind, or of all.
type Count struct {
	Created   int `json:"created"`
	Changed   int `json:"changed"`
	Unchanged int `json:"unchanged"`
}

// Report tells what an import did.
type Report struct {
	Release       string    `json:"release"` // format of the members: v1.6, v2.5, v2.6 (v2.7 too) or site
	Organizations Count     `json:"organizations"`
	Incubators    Count     `json:"incubators"`
	Teams         Count     `json:"teams"`
	Startups      Count     `json:"startups"`
	Members       Count     `json:"members"`
	Count                   // of all kinds together
	Kept          []Kept    `json:"kept"`
	Refused       []Refusal `json:"refused"`
	Notices       []Refusal `json:"notices"` // irregularities that were got over, and how
}

// of gives the count of a kind.
func (r *Report) of(k kind) *Count {
	switch k {
	case organization:
		return &r.Organizations
	case incubator:
		return &r.Incubators
	case team:
		return &r.Teams
	case product:
		return &r.Startups
	}
	return &r.Members
}

// add counts one record.
func (r *Report) add(k kind, d decision) {
	for _, c := range []*Count{r.of(k), &r.Count} {
		switch {
		case d.created:
			c.Created++
		case len(d.changed) > 0:
			c.Changed++
		default:
			c.Unchanged++
		}
	}
	r.Kept = append(r.Kept, d.kept...)
}

// Step is how far an import is, for who watches it.
type Step struct {
	Label       string // French: what is under way
	Done, Total int
}

// label says a field in French.
func label(field string) string {
	labels := map[string]string{
		"": "fiche", "acronym": "sigle", "address": "adresse postale", "avatar": "photo", "bio": "présentation", "budget_url": "adresse du budget",
		"competences": "compétences", "contact": "contact", "dashlord_url": "adresse DashLord", "description": "description",
		"domain": "domaine", "events": "événements", "fullname": "nom", "github": "GitHub", "highlighted_startups": "produits mis en avant",
		"incubator": "incubateur", "link": "lien", "member_type": "type de membre", "ministerial_domain": "domaine ministériel",
		"mission": "mission", "missions": "missions", "mon_service_securise": "MonServiceSécurisé", "name": "nom", "owner": "organisation",
		"phases": "phases", "pitch": "objectif", "repository": "dépôt", "risk_analysis": "analyse de risques",
		"risk_analysis_url": "adresse de l’analyse de risques", "role": "rôle", "short_description": "description courte",
		"sponsors": "sponsors", "stats": "statistiques", "stats_url": "adresse des statistiques", "accessibility_status": "accessibilité",
		"teams": "équipes", "technos": "technologies", "themes": "thématiques", "title": "titre", "type": "type", "user_types": "publics",
		"website": "site",
	}
	if french, ok := labels[field]; ok {
		return french
	}
	return field
}

// Sentence sums the report up for a person.
func (c Count) Sentence() string {
	return fmt.Sprintf("%d créés, %d modifiés, %d inchangés", c.Created, c.Changed, c.Unchanged)
}

package member

import "slices"

// Label is a value of a list and what people read for it.
type Label struct {
	Value string
	Text  string
}

// LabelOf gives what people read for a value; "" when the list does not have it.
func LabelOf(list []Label, value string) string {
	if i := slices.IndexFunc(list, func(l Label) bool { return l.Value == value }); i >= 0 {
		return list[i].Text
	}
	return ""
}

// Genders are the choices of a statistic that stays private.
func Genders() []Label {
	return []Label{{"NSP", "Ne se prononce pas"}, {"female", "Féminin"}, {"male", "Masculin"}, {"other", "Autre"}}
}

// LegalStatuses are the ways in which members are paid; they stay private.
func LegalStatuses() []Label {
	return []Label{
		{"AE", "Auto-entreprise ou micro-entreprise"},
		{"contractuel", "Contractuel ou contractuelle"},
		{"EIRL", "Entreprise individuelle : EI ou EIRL"},
		{"EURL", "EURL"},
		{"fonctionnaire", "Fonctionnaire"},
		{"PORTAGE", "Portage salarial"},
		{"asso", "Salariat dans une coopérative (CAE, SCOP) ou une association"},
		{"SA", "Salariat dans une entreprise (SA, SAS, SARL)"},
		{"SASU", "SASU"},
		{"SNC", "SNC"},
	}
}

// Types are the places that members hold in the community.
func Types() []Label {
	return []Label{
		{"beta", "Membre d’une startup ou d’un incubateur"},
		{"attributaire", "Responsable de compte chez un attributaire"},
		{"dinum", "Membre d’un autre service de la DINUM"},
		{"autre", "Autre"},
	}
}

// MissionStatuses are the kinds of contract of a mission.
func MissionStatuses() []Label {
	return []Label{
		{"independent", "Indépendant ou indépendante"},
		{"admin", "Agent public (fonctionnaire, ou contrat avec une administration : stage, apprentissage, CDD, CDI)"},
		{"service", "Société de service"},
	}
}

// domainLabels are the trades as a list of choices.
func domainLabels() []Label {
	var list []Label
	for _, domain := range Domains() {
		list = append(list, Label{domain, domain})
	}
	return list
}

// CompetenceGroup is a part of the list of competences.
type CompetenceGroup struct {
	Title       string
	Competences []string
}

// CompetenceGroups are the competences that the form offers; others may be typed.
func CompetenceGroups() []CompetenceGroup {
	return []CompetenceGroup{
		{"Produit", []string{
			"Croissance", "Facilitation", "Intrapreneur(se)", "Product design", "Product strategy", "UX", "SEO", "SEM",
		}},
		{"Technique", []string{
			"Accessibilité", "Administration Système", "Data Science", "Développement Backend", "Développement Frontend",
			"Développement Full-stack", "DevOps", "Docker", "ElasticSearch", "JavaScript/TypeScript", "Kubernetes",
			"Machine learning", "Matomo", "Metabase", "PHP", "PostgreSQL", "Python", "Ruby", "Sécurité informatique", "UI",
		}},
		{"Autres", []string{"Administration Publique", "Coaching", "Communication", "Droit / Affaires juridiques"}},
	}
}

// fieldLabels say in French the keys under which the history keeps values.
var fieldLabels = map[string]string{
	"fullname": "Nom complet", "role": "Rôle", "domain": "Domaine", "bio": "Bio", "link": "Lien", "github": "Compte GitHub",
	"competences": "Compétences", "type": "Type de membre", "gender": "Genre", "legal_status": "Statut juridique",
	"daily_rate": "TJM moyen HT", "days_per_week": "Jours par semaine", "workplace_insee_code": "Commune de travail",
	"workplace_abroad": "Ville à l’étranger", "missions": "Missions", "primary_email": "Adresse principale",
	"secondary_email": "Adresse secondaire", "communication_email": "Adresse de contact", "status": "État de l’adresse",
	"username": "Identifiant", "email_is_redirection": "Redirection au lieu d’une boîte", "start": "Début", "end": "Fin",
	"employer": "Employeur", "startups": "Produits", "contract": "Type de contrat",
}

// FieldLabel says in French a key of the values that the history keeps; an unknown one stands
// as it is.
func FieldLabel(key string) string {
	if label, ok := fieldLabels[key]; ok {
		return label
	}
	return key
}

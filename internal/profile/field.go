package profile

import (
	"time"

	"github.com/betagouv/espace-membre/internal/mailbox"
	"github.com/betagouv/espace-membre/internal/mailinglist"
	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/audit"
	"github.com/betagouv/espace-membre/internal/platform/clock"
)

// wording is what is needed to say values that are names of something else. Each gives the text
// itself when it does not know it.
type wording struct {
	city, product, team func(string) string
}

// field is how the history says a key of the values of an event.
type field struct {
	label  string
	say    func(wording, string) string // of a text; nil: days and moments in French, anything else as it stands
	hidden bool                         // it is for the machinery, and tells people nothing
}

// fields are the keys that events write, in display order. A key may mean something else in the
// events of one code: see special.
func fields() []struct {
	key string
	field
} {
	return []struct {
		key string
		field
	}{
		{"value", field{label: "Valeur", say: asItIs}},
		{"fullname", field{label: "Nom complet", say: asItIs}},
		{"role", field{label: "Rôle", say: asItIs}},
		{"domain", field{label: "Domaine", say: asItIs}},
		{"bio", field{label: "Présentation", say: asItIs}},
		{"link", field{label: "Lien personnel", say: asItIs}},
		{"avatar", field{label: "Photo du site public", say: asItIs}},
		{"github", field{label: "GitHub", say: asItIs}},
		{"competences", field{label: "Compétences", say: asItIs}},
		{"type", field{label: "Type de membre", say: chosen(member.Types)}},
		{"member_type", field{label: "Type de membre", say: chosen(member.Types)}},
		{"workplace_insee_code", field{label: "Lieu de travail", say: func(w wording, v string) string { return w.city(v) }}},
		{"workplace_abroad", field{label: "Ville à l’étranger", say: asItIs}},
		{"missions", field{label: "Missions"}},
		{"contract", field{label: "Type de contrat", say: chosen(member.MissionStatuses)}},
		{"employer", field{label: "Employeur", say: asItIs}},
		{"startups", field{label: "Produits", say: func(w wording, v string) string { return w.product(v) }}},
		{"teams", field{label: "Équipes", say: func(w wording, v string) string { return w.team(v) }}},
		{"status", field{label: "État de l’adresse", say: statusWord}},
		{"primary_email", field{label: "Adresse principale", say: asItIs}},
		{"secondary_email", field{label: "Adresse secondaire", say: asItIs}},
		{"communication_email", field{label: "Adresse de contact", say: which}},
		{"email_is_redirection", field{label: "L’adresse est une redirection"}},
		{"plan", field{label: "Offre", say: planWord}},
		{"gender", field{label: "Genre", say: chosen(member.Genders)}},
		{"legal_status", field{label: "Statut juridique", say: chosen(member.LegalStatuses)}},
		{"daily_rate", field{label: "Tarif journalier"}},
		{"days_per_week", field{label: "Jours par semaine"}},
		{"from", field{label: "De"}},
		{"to", field{label: "Vers"}},
		{"copy", field{label: "Une copie reste dans la boîte"}},
		{"keep_copy", field{label: "Une copie reste dans la boîte"}},
		{"content", field{label: "Message", say: asItIs}},
		{"message", field{label: "Message", say: asItIs}},
		{"start", field{label: "Début"}},
		{"end", field{label: "Fin"}},
		{"due", field{label: "Prévue le"}},
		{"leftover", field{label: "Boîte restée après la fin du"}},
		{"step", field{label: "Étape", say: stepWord}},
		{"until", field{label: "Reportée jusqu’au"}},
		{"list", field{label: "Liste", say: listWord}},
		{"host", field{label: "Listes de discussion", say: listWord}},
		{"contacts", field{label: "Listes d’information", say: listWord}},
		{"kind", field{label: "Ce qui s’est passé", say: func(_ wording, v string) string { return mailinglist.Kind(v).French() }}},
		{"source", field{label: "Vu par", say: sourceWord}},
		{"detail", field{label: "Réponse reçue", say: asItIs}},
		{"reason", field{label: "Motif du blocage", say: blockWord}},
		{"refusal", field{label: "Refus qui suit", say: blockWord}},
		{"email", field{label: "Adresse", say: asItIs}},
		{"address", field{label: "Adresse", say: which}},
		{"cause", field{label: "Cause", say: causeWord}},
		{"service", field{label: "Service", say: func(_ wording, v string) string { return orItself(ToolLabel(v), v) }}},
		{"sessions", field{label: "Nombre de sessions"}},
		{"actions", field{label: "Actions"}},
		{"resolution", field{label: "Décision", say: resolutionWord}},
		{"member", field{hidden: true}},
		{"absent", field{hidden: true}},
		{"restores", field{hidden: true}},
		{"redirection", field{hidden: true}}, // the vendor's number
		{"job", field{hidden: true}},
		{"verb", field{hidden: true}},
		{"key", field{hidden: true}},
		{"run", field{hidden: true}},
		{"version", field{hidden: true}},
	}
}

// special are the keys that mean something of their own in the events of a code.
func special(code audit.Code, key string) (field, bool) {
	switch code {
	case "MEMBER_RESPONDER_CREATED", "MEMBER_RESPONDER_UPDATED", "MEMBER_RESPONDER_DELETED":
		f, ok := map[string]field{"from": {label: "Premier jour d’absence"}, "to": {label: "Dernier jour d’absence"}}[key]
		return f, ok
	case "MEMBER_REDIRECTION_CREATED", "MEMBER_REDIRECTION_DELETED":
		return field{label: "Vers", say: asItIs}, key == "value"
	case "MEMBER_EMAIL_CREATED", "MEMBER_EMAIL_RECREATED", "MEMBER_EMAIL_DELETED", "MEMBER_EMAIL_EXPIRED", "MEMBER_EMAIL_SUSPENDED",
		"MEMBER_EMAIL_DELETION_REQUESTED":
		return field{label: "Adresse", say: asItIs}, key == "value"
	case "MEMBER_UNBLOCK_EMAIL":
		return field{label: "Messages concernés", say: blockKindWord}, key == "kind"
	}
	return field{}, false
}

// fieldOf gives how a key is said in the events of a code, and its rank. A key that nobody knows
// stands as it is, after all others.
func fieldOf(code audit.Code, key string) (f field, rank int) {
	all := fields()
	f, rank = field{label: key}, len(all)
	for i, known := range all {
		if known.key == key {
			f, rank = known.field, i
		}
	}
	if own, ok := special(code, key); ok {
		f = own
	}
	return f, rank
}

func asItIs(_ wording, value string) string { return value }

// chosen says a value of a list of choices.
func chosen(list func() []member.Label) func(wording, string) string {
	return func(_ wording, value string) string { return orItself(member.LabelOf(list(), value), value) }
}

func orItself(word, value string) string {
	if word == "" {
		return value
	}
	return word
}

func pick(known map[string]string, value string) string { return orItself(known[value], value) }

func statusWord(_ wording, value string) string { return orItself(member.Status(value).Label(), value) }

func planWord(_ wording, value string) string { return orItself(PlanLabel(value), value) }

func which(_ wording, value string) string {
	return pick(map[string]string{"primary": "l’adresse principale", "secondary": "l’adresse secondaire"}, value)
}

func listWord(_ wording, value string) string {
	if about, err := mailinglist.ListNamed(value); err == nil {
		return about.Title
	}
	return pick(map[string]string{string(mailinglist.Newsletter): "Infolettre", string(mailinglist.Onboarding): "Arrivée des nouveaux membres"}, value)
}

func sourceWord(_ wording, value string) string {
	return pick(map[string]string{"smtp": "notre serveur d’envoi", "brevo": "Brevo"}, value)
}

func causeWord(_ wording, value string) string {
	return pick(map[string]string{"departure": "fin de mission"}, value)
}

func resolutionWord(_ wording, value string) string {
	return pick(map[string]string{"done": "c’était fait", "again": "à refaire"}, value)
}

func blockWord(_ wording, value string) string {
	if value == mailinglist.UnknownReason {
		return "motif inconnu"
	}
	return mailbox.ReasonLabel(value)
}

func blockKindWord(_ wording, value string) string {
	return pick(map[string]string{"transactional": "messages de service", "campaigns": "campagnes d’information"}, value)
}

// stepWord says a step of a departure.
func stepWord(_ wording, value string) string {
	return pick(map[string]string{
		string(member.StepEverything): "toutes les étapes du départ", string(member.StepNotice30): "rappel à 30 jours",
		string(member.StepNotice15): "rappel à 15 jours", string(member.StepNotice2): "rappel à 2 jours",
		string(member.StepFarewell): "message du lendemain", string(member.StepRedirections): "suppression des redirections",
		string(member.StepIncubatorList): "sortie de la liste des membres", string(member.StepGithub): "sortie de l’organisation GitHub",
		string(member.StepSuspension): "suspension de la boîte", string(member.StepExpiry): "expiration de l’adresse",
		string(member.StepClosing): "message à 30 jours", string(member.StepLists): "sortie des listes d’information",
		string(member.StepServices): "fermeture des comptes d’outils", string(member.StepDeletion): "suppression de la boîte",
		string(member.StepSecondary): "effacement de l’adresse secondaire", string(member.StepChatNotice): "avertissement sur le tchat",
		string(member.StepChatRemoval): "fermeture du compte du tchat",
	}, value)
}

// momentWord says a day or a moment in French; any other text stands as it is.
func momentWord(value string) string {
	if day, err := clock.ParseDay(value); err == nil {
		return day.Numeric()
	}
	if at, err := time.Parse(time.RFC3339Nano, value); err == nil {
		return at.In(clock.Paris()).Format("02/01/2006 à 15:04")
	}
	return value
}

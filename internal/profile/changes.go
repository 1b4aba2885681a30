package profile

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/clock"
)

// FieldChange is what an event did to one field, in words.
type FieldChange struct {
	Label  string
	Before string // "" when there was nothing
	After  string // "" when there is nothing any more
}

// changes tells, field by field, what an event changed: its values before and after, as JSON. A
// field that is the same on both sides is left out. city names a commune by its code.
func changes(before, after json.RawMessage, city func(code string) string) []FieldChange {
	was, is := fields(before), fields(after)
	keys := slices.Collect(maps.Keys(is))
	for key := range was {
		if _, both := is[key]; !both {
			keys = append(keys, key)
		}
	}
	slices.SortFunc(keys, byRank)
	var list []FieldChange
	for _, key := range keys {
		c := FieldChange{Label: fieldLabel(key), Before: words(key, was[key]), After: words(key, is[key])}
		if key == "workplace_insee_code" {
			c.Before, c.After = city(c.Before), city(c.After)
		}
		if c.Before != c.After {
			list = append(list, c)
		}
	}
	return list
}

// fields flattens the values of an event: what is private stands with the rest, since who reads
// a history reads all of it. A lone value is named "value".
func fields(text json.RawMessage) map[string]any {
	if len(text) == 0 {
		return nil
	}
	var value any
	if json.Unmarshal(text, &value) != nil || value == nil {
		return nil
	}
	flat := map[string]any{}
	flatten(flat, "", value)
	return flat
}

func flatten(flat map[string]any, prefix string, value any) {
	object, ok := value.(map[string]any)
	if !ok {
		if prefix == "" {
			prefix = "value"
		}
		flat[prefix] = value
		return
	}
	for key, inner := range object {
		switch {
		case key == "private" && prefix == "":
			flatten(flat, "", inner)
		case prefix == "":
			flatten(flat, key, inner)
		default:
			flatten(flat, prefix+"."+key, inner)
		}
	}
}

// labels of the fields that events tell, in display order.
var fieldLabels = []struct{ key, label string }{
	{"value", "Valeur"},
	{"fullname", "Nom complet"},
	{"role", "Rôle"},
	{"domain", "Domaine"},
	{"bio", "Présentation"},
	{"link", "Lien personnel"},
	{"github", "GitHub"},
	{"competences", "Compétences"},
	{"type", "Type de membre"},
	{"workplace_insee_code", "Lieu de travail"},
	{"workplace_abroad", "Ville à l’étranger"},
	{"missions", "Missions"},
	{"status", "État de l’adresse"},
	{"primary_email", "Adresse principale"},
	{"secondary_email", "Adresse secondaire"},
	{"communication_email", "Adresse de contact"},
	{"email_is_redirection", "L’adresse est une redirection"},
	{"plan", "Offre"},
	{"gender", "Genre"},
	{"legal_status", "Statut juridique"},
	{"daily_rate", "Tarif journalier"},
	{"days_per_week", "Jours par semaine"},
	{"to", "Vers"},
	{"from", "De"},
	{"keep_copy", "Copie gardée"},
	{"end", "Fin"},
	{"start", "Début"},
	{"message", "Message"},
	{"service", "Service"},
	{"email", "Adresse"},
	{"job", "Tâche"},
	{"verb", "Action"},
	{"key", "Clé"},
}

func byRank(a, b string) int {
	if x, y := fieldRank(a), fieldRank(b); x != y {
		return x - y
	}
	return strings.Compare(a, b)
}

func fieldRank(key string) int {
	for i, field := range fieldLabels {
		if field.key == key {
			return i
		}
	}
	return len(fieldLabels)
}

// fieldLabel says a field; one that nobody knows stands as it is.
func fieldLabel(key string) string {
	if i := fieldRank(key); i < len(fieldLabels) {
		return fieldLabels[i].label
	}
	return key
}

// words says a value of a field.
func words(key string, value any) string {
	switch v := value.(type) {
	case nil:
		return ""
	case string:
		return choiceWord(key, v)
	case bool:
		if v {
			return "oui"
		}
		return "non"
	case float64:
		return strings.Replace(strconv.FormatFloat(v, 'f', -1, 64), ".", ",", 1)
	case []any:
		return listWords(key, v)
	}
	text, _ := json.Marshal(value) // it came from JSON
	return string(text)
}

func listWords(key string, list []any) string {
	texts := make([]string, 0, len(list))
	for _, one := range list {
		if mission, ok := one.(map[string]any); ok && key == "missions" {
			texts = append(texts, missionWords(mission))
			continue
		}
		texts = append(texts, words(key, one))
	}
	if key == "missions" {
		return strings.Join(texts, "\n")
	}
	return strings.Join(texts, ", ")
}

// missionWords says a mission as events keep it.
func missionWords(m map[string]any) string {
	text := "du " + dayWord(m["start"])
	if end := dayWord(m["end"]); end != "" {
		text += " au " + end
	} else {
		text += ", sans fin prévue"
	}
	for _, key := range []string{"contract", "employer", "startups"} {
		if word := words(key, m[key]); word != "" {
			text += ", " + word
		}
	}
	return text
}

func dayWord(value any) string {
	text, _ := value.(string)
	day, err := clock.ParseDay(text)
	if err != nil {
		return text
	}
	return day.Numeric()
}

// choiceWord says a value of a list of choices; any other text stands as it is.
func choiceWord(key, value string) string {
	var known map[string]string
	switch key {
	case "status":
		if label := member.Status(value).Label(); label != "" {
			return label
		}
	case "communication_email":
		known = map[string]string{"primary": "l’adresse principale", "secondary": "l’adresse secondaire"}
	case "gender":
		known = map[string]string{"female": "Féminin", "male": "Masculin", "other": "Autre", "NSP": "Ne se prononce pas"}
	case "contract":
		known = map[string]string{"independent": "indépendant", "admin": "agent public", "service": "société de service"}
	case "plan":
		known = map[string]string{value: PlanLabel(value)}
	case "start", "end":
		return dayWord(value)
	}
	if label := known[value]; label != "" {
		return label
	}
	return value
}

package profile

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/betagouv/espace-membre/internal/platform/audit"
)

func TestChangesAreToldInWords(t *testing.T) {
	w := wording{
		city:    func(code string) string { return map[string]string{"35238": "Rennes"}[code] },
		product: func(slug string) string { return map[string]string{"a": "Aides A", "b": "Bref B"}[slug] },
		team:    func(slug string) string { return slug },
	}
	for name, c := range map[string]struct {
		before, after string
		want          []FieldChange
	}{
		"nothing":    {"", "", nil},
		"not JSON":   {"{", "]", nil},
		"the same":   {`{"role":"a"}`, `{"role":"a"}`, nil},
		"in order":   {`{"role":"a","fullname":"x"}`, `{"role":"b","fullname":"y"}`, []FieldChange{{"Nom complet", "x", "y"}, {"Rôle", "a", "b"}}},
		"appears":    {"", `{"github":"camille"}`, []FieldChange{{"GitHub", "", "camille"}}},
		"disappears": {`{"github":"camille"}`, `{"github":""}`, []FieldChange{{"GitHub", "camille", ""}}},
		"lists":      {`{"competences":["Go"]}`, `{"competences":["Go","SQL"]}`, []FieldChange{{"Compétences", "Go", "Go, SQL"}}},
		"private": {
			`{"private":{"gender":"NSP","daily_rate":null}}`, `{"private":{"gender":"female","daily_rate":550}}`,
			[]FieldChange{{"Genre", "Ne se prononce pas", "Féminin"}, {"Tarif journalier", "", "550"}},
		},
		"a state":  {`{"status":"EMAIL_ACTIVE"}`, `{"status":"EMAIL_SUSPENDED"}`, []FieldChange{{"État de l’adresse", "Active", "Suspendue"}}},
		"a number": {`{"days_per_week":4.5}`, `{"days_per_week":5}`, []FieldChange{{"Jours par semaine", "4,5", "5"}}},
		"a choice": {`{"email_is_redirection":false}`, `{"email_is_redirection":true}`, []FieldChange{{"L’adresse est une redirection", "non", "oui"}}},
		"a city":   {`{"workplace_insee_code":""}`, `{"workplace_insee_code":"35238"}`, []FieldChange{{"Lieu de travail", "", "Rennes"}}},
		"a value":  {`"avant"`, `"après"`, []FieldChange{{"Valeur", "avant", "après"}}},
		"unknown":  {`{"a":{"b":1}}`, `{"a":{"b":2}}`, []FieldChange{{"a.b", "1", "2"}}},
		"missions": {
			`{"missions":[{"id":"x","start":"2024-01-01","end":"2024-06-30","contract":"independent","employer":"E","startups":["a","b"]}]}`,
			`{"missions":[{"id":"x","start":"2024-01-01","end":"","contract":"","employer":"","startups":[]},{"start":"2025-01-01","end":"2025-02-01"}]}`,
			[]FieldChange{{"Missions", "du 01/01/2024 au 30/06/2024, Indépendant ou indépendante, E, Aides A, Bref B", "du 01/01/2024, sans fin prévue\ndu 01/01/2025 au 01/02/2025"}},
		},
		"strange missions": {`{"missions":"x"}`, `{"missions":[1,null,{"start":7}]}`, []FieldChange{{"Missions", "x", "1\n\ndu 7, sans fin prévue"}}},
	} {
		if diff := cmp.Diff(c.want, changes("", []byte(c.before), []byte(c.after), w)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// Each event as its room writes it: nothing of the machinery is left in what people read.
func TestEventsAreToldWithoutRawValues(t *testing.T) {
	same := func(text string) string { return text }
	w := wording{city: same, product: same, team: same}
	for _, c := range []struct {
		code          audit.Code
		before, after string
		want          []FieldChange
	}{
		{"MEMBER_BASE_INFO_UPDATED", `{"private":{"legal_status":"AE"},"type":"beta"}`, `{"private":{"legal_status":"PORTAGE"},"type":"dinum"}`, []FieldChange{
			{"Type de membre", "Membre d’une startup ou d’un incubateur", "Membre d’un autre service de la DINUM"},
			{"Statut juridique", "Auto-entreprise ou micro-entreprise", "Portage salarial"},
		}},
		{"MEMBER_REDIRECTION_CREATED", "", `{"value":"a@b.fr","copy":true}`, []FieldChange{{"Vers", "", "a@b.fr"}, {"Une copie reste dans la boîte", "", "oui"}}},
		{"MEMBER_REDIRECTION_CREATED", "", `{"from":"a@b.fr","to":"adresse secondaire","restores":"12"}`, []FieldChange{{"De", "", "a@b.fr"}, {"Vers", "", "adresse secondaire"}}},
		{"MEMBER_REDIRECTION_DELETED", `{"from":"a@b.fr"}`, `{"cause":"departure"}`, []FieldChange{{"De", "a@b.fr", ""}, {"Cause", "", "fin de mission"}}},
		{"MEMBER_RESPONDER_UPDATED", `{"content":"a","from":"2024-12-20","to":""}`, `{"content":"b","from":"2024-12-20","to":"2024-12-31"}`, []FieldChange{
			{"Dernier jour d’absence", "", "31/12/2024"}, {"Message", "a", "b"},
		}},
		{"MEMBER_EMAIL_DELETION_REQUESTED", "", `{"value":"a@b.fr","due":"2024-12-20T02:00:58Z"}`, []FieldChange{{"Adresse", "", "a@b.fr"}, {"Prévue le", "", "20/12/2024 à 03:00"}}},
		{"MEMBER_DEPARTURE_POSTPONED", "", `{"step":"github","end":"2024-12-01","until":"2025-01-02"}`, []FieldChange{
			{"Fin", "", "01/12/2024"}, {"Étape", "", "sortie de l’organisation GitHub"}, {"Reportée jusqu’au", "", "02/01/2025"},
		}},
		{"MEMBER_UNBLOCK_EMAIL", `{"kind":"transactional","reason":"hardBounce"}`, `{"email":"a@b.fr"}`, []FieldChange{
			{"Messages concernés", "messages de service", ""}, {"Motif du blocage", "la boîte n’existait pas", ""}, {"Adresse", "", "a@b.fr"},
		}},
		{"MEMBER_UNBLOCK_EMAIL", "", `{"address":"secondary"}`, []FieldChange{{"Adresse", "", "l’adresse secondaire"}}},
		{"MEMBER_MAIL_UNDELIVERED", "", `{"kind":"hard_bounce","source":"smtp","detail":"550"}`, []FieldChange{
			{"Ce qui s’est passé", "", "renvoyé : l’adresse n’existe pas"}, {"Vu par", "", "notre serveur d’envoi"}, {"Réponse reçue", "", "550"},
		}},
		{"MEMBER_CONTACT_MOVED", "", `{"refusal":"unknown"}`, []FieldChange{{"Refus qui suit", "", "motif inconnu"}}},
		{"MEMBER_LIST_REFUSED", "", `{"list":"incubateur"}`, []FieldChange{{"Liste", "", "Liste de tous les membres"}}},
		{"MEMBER_LISTS_LEFT", `{"host":["incubateur"],"contacts":["NEWSLETTER"],"absent":[{"member":"x","end":"2024-01-01"}]}`, "", []FieldChange{
			{"Listes de discussion", "Liste de tous les membres", ""}, {"Listes d’information", "Infolettre", ""},
		}},
		{"JOB_ACTION_DONE", "", `{"job":"sendJ1Email","verb":"envoyer","key":"sendJ1Email/x/y"}`, nil},
		{"JOB_ACTION_RESOLVED", "", `{"job":"x","key":"y","resolution":"again"}`, []FieldChange{{"Décision", "", "à refaire"}}},
	} {
		if diff := cmp.Diff(c.want, changes(c.code, []byte(c.before), []byte(c.after), w)); diff != "" {
			t.Errorf("%s: %s", c.code, diff)
		}
	}
}

func TestEveryCodeHasWords(t *testing.T) {
	known := map[Kind]bool{}
	for _, kind := range Kinds() {
		known[kind.Kind] = true
	}
	for code, word := range events {
		if word.label == "" || !known[word.kind] {
			t.Errorf("%s: %+v", code, word)
		}
	}
	if got := EventLabel("SOMETHING_NEW"); got != "Événement « something new »" || KindOf("SOMETHING_NEW") != KindOther {
		t.Errorf("an unknown code: %q", got)
	}
}

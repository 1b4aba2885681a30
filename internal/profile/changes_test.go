package profile

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestChangesAreToldInWords(t *testing.T) {
	city := func(code string) string { return map[string]string{"35238": "Rennes"}[code] }
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
			[]FieldChange{{"Missions", "du 01/01/2024 au 30/06/2024, indépendant, E, a, b", "du 01/01/2024, sans fin prévue\ndu 01/01/2025 au 01/02/2025"}},
		},
		"strange missions": {`{"missions":"x"}`, `{"missions":[1,null,{"start":7}]}`, []FieldChange{{"Missions", "x", "1\n\ndu , sans fin prévue"}}},
	} {
		if diff := cmp.Diff(c.want, changes([]byte(c.before), []byte(c.after), city)); diff != "" {
			t.Errorf("%s: %s", name, diff)
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

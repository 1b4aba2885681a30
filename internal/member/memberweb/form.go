package memberweb

import (
	"strings"

	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/dsfr"
)

// messages are what is wrong in a form, by field; the empty name is about the whole form.
type messages map[string]string

// general is what is wrong with the whole form.
func (m messages) general() string { return m[""] }

// summary lists what is wrong, in the order of the page.
func (m messages) summary(order ...string) []dsfr.FieldError {
	fields := map[string]string{}
	for name, text := range m {
		if name != "" {
			fields[name] = text
		}
	}
	return dsfr.SortedErrors(fields, order...)
}

// choices are the options of a list.
func choices(list []member.Label) []dsfr.Option {
	options := make([]dsfr.Option, len(list))
	for i, label := range list {
		options[i] = dsfr.Option{Value: label.Value, Label: label.Text}
	}
	return options
}

// profileOrder is the order of the fields of a profile.
func profileOrder() []string {
	return []string{
		"fullname", "email", "role", "domain", "bio", "link", "github", "type", "other_competences", "missions",
	}
}

// statisticsOrder is the order of the last fields of a profile, below the missions.
func statisticsOrder() []string {
	return []string{"gender", "legal_status", "daily_rate", "days_per_week", "workplace", "workplace_abroad", "email_is_redirection"}
}

// listed tells whether a competence is one that the form offers.
func listed(competence string) bool {
	for _, group := range member.CompetenceGroups() {
		for _, one := range group.Competences {
			if strings.EqualFold(one, competence) {
				return true
			}
		}
	}
	return false
}

// parted splits competences between those that the form offers and the others.
func parted(competences []string) (chosen []string, others string) {
	var typed []string
	for _, competence := range competences {
		if listed(competence) {
			chosen = append(chosen, competence)
		} else {
			typed = append(typed, competence)
		}
	}
	return chosen, strings.Join(typed, ", ")
}

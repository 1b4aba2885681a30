package memberweb

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/dsfr"
	"github.com/betagouv/espace-membre/internal/platform/web"
)

// profileForm is the fields of a profile, as stored or as typed.
type profileForm struct {
	member.ProfileDraft
	Errors  messages
	Cities  []member.City // that the commune typed may mean; empty: nothing to choose
	Asking  bool          // the communes are asked for, before anything is saved
	Oneself bool          // the member fills it in
}

// findCity is the button that lists the communes which the text typed may mean.
const findCity = "find-city"

// storedProfile shows a profile as it is.
func (p *Pages) storedProfile(ctx context.Context, m member.Member) profileForm {
	f := profileForm{ProfileDraft: member.ProfileDraft{
		Fullname: m.Fullname, Role: m.Role, Domain: m.Domain, Bio: m.Bio, Link: m.Link, Github: m.Github, Type: m.Type, Gender: m.Gender,
		LegalStatus: m.LegalStatus, Workplace: p.members.CityName(ctx, m.WorkplaceInseeCode), WorkplaceAbroad: m.WorkplaceAbroad,
	}}
	f.Competences, f.OtherCompetences = parted(m.Competences)
	if m.DailyRate != nil {
		f.DailyRate = strconv.Itoa(*m.DailyRate)
	}
	if m.DaysPerWeek != nil {
		f.DaysPerWeek = strings.Replace(fmt.Sprint(*m.DaysPerWeek), ".", ",", 1)
	}
	return f
}

// typedProfile reads the fields of a profile.
func typedProfile(r *http.Request) profileForm {
	text := func(name string) string { return web.Text(r, name) }
	return profileForm{ProfileDraft: member.ProfileDraft{
		Fullname: text("fullname"), Role: text("role"), Domain: text("domain"), Bio: text("bio"), Link: text("link"), Github: text("github"),
		Competences: web.Texts(r, "competences"), OtherCompetences: text("other_competences"), Type: text("type"), Gender: text("gender"),
		LegalStatus: text("legal_status"), DailyRate: text("daily_rate"), DaysPerWeek: text("days_per_week"), Workplace: text("workplace"),
		WorkplaceCode: text("workplace_code"), WorkplaceAsked: text("workplace_asked"), WorkplaceAbroad: text("workplace_abroad"),
	}}
}

// offerCities adds the communes to choose from, when the one typed is not clear or when they are
// asked for: one may then look for the arrondissements of a city whose name is enough.
func (p *Pages) offerCities(ctx context.Context, f *profileForm) error {
	if f.Errors["workplace"] == "" && f.WorkplaceCode == "" && !f.Asking {
		return nil
	}
	found, err := p.members.CitiesLike(ctx, f.Workplace)
	switch {
	case err != nil:
		return err
	case f.Asking:
		f.answer(found)
	case len(found) > 1:
		f.Cities = found
	}
	return nil
}

// answer shows the communes asked for, the one that is meant already chosen.
func (f *profileForm) answer(found []member.City) {
	f.Cities, f.WorkplaceCode = found, ""
	if city, ok := member.MeantCity(found); ok {
		f.WorkplaceCode = city.Code
	}
	if len(found) == 0 {
		f.Errors = messages{"workplace": "Aucune commune ne correspond : essaie son nom exact ou son code postal."}
	}
}

// field is a line of the form.
func (f profileForm) field(name, label, value string) dsfr.Field {
	return dsfr.Field{Name: name, Label: label, Value: value, Error: f.Errors[name]}
}

func (f profileForm) required(name, label, value string) dsfr.Field {
	field := f.field(name, label, value)
	field.Required = true
	return field
}

// pick is a list of the form; none is its first line when nothing has to be chosen.
func (f profileForm) pick(field dsfr.Field, list []member.Label, chosen, none string) dsfr.Choice {
	return dsfr.Choice{Field: field, Options: choices(list), Chosen: []string{chosen}, Empty: none}
}

func (f profileForm) domains() dsfr.Choice {
	return dsfr.Choice{
		Field: f.required("domain", "Domaine", ""), Options: dsfr.Options(member.Domains()...), Chosen: []string{f.Domain}, Empty: "Choisis un domaine",
	}
}

// cities are the communes to choose from.
func (f profileForm) cities() dsfr.Choice {
	c := dsfr.Choice{Field: dsfr.Field{Name: "workplace_code", Label: "Quelle commune ?"}, Chosen: []string{f.WorkplaceCode}}
	for _, city := range f.Cities {
		c.Options = append(c.Options, dsfr.Option{Value: city.Code, Label: city.Label()})
	}
	return c
}

// competenceGroup is a part of the list of competences.
func (f profileForm) competenceGroup(i int, group member.CompetenceGroup) dsfr.Choice {
	c := dsfr.Choice{
		Field: dsfr.Field{ID: fmt.Sprintf("competences-%d", i), Name: "competences", Label: group.Title}, Options: dsfr.Options(group.Competences...), Inline: true,
	}
	for _, competence := range group.Competences {
		if slices.ContainsFunc(f.Competences, func(had string) bool { return strings.EqualFold(had, competence) }) {
			c.Chosen = append(c.Chosen, competence)
		}
	}
	return c
}

// oneselfToken lets browsers fill a field in, only for the person whom they know.
func oneselfToken(f profileForm, token string) string {
	if f.Oneself {
		return token
	}
	return "off"
}

package publicsite

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/betagouv/espace-membre/internal/org"
	"github.com/betagouv/espace-membre/internal/platform/clock"
)

// source is one record as read, before it is put in the portal's words.
type source struct {
	bag            // values, named as in the Markdown files
	body    string // Markdown under the header; the site's directory has some of them
	slug    string
	file    string
	kept    string // its text
	format  string
	release release
}

// entry makes an entry of what the source tells: the fields of value, or some of them.
func (s source) entry(k kind, value any, told []string) (entry, error) {
	all, err := fieldsOf(value)
	if err != nil {
		return entry{}, err
	}
	if told != nil {
		for name := range all {
			if !slices.Contains(told, name) {
				delete(all, name)
			}
		}
	}
	return entry{kind: k, slug: s.slug, file: s.file, source: s.kept, format: s.format, release: s.release, told: all}, nil
}

func (b *bundle) addOrganization(s source) error {
	r := org.OrganizationRecord{
		Name: s.name("name"), Acronym: s.name("acronym"), MinisterialDomain: s.text("domaine_ministeriel"), Type: s.text("type"),
	}
	switch {
	case r.Name == "":
		b.refuse(s.file, "Nom absent.")
		return nil
	case !slices.Contains(org.OrganizationTypes(), r.Type):
		b.notice(s.file, "Type « %s » inconnu : « autre ».", r.Type)
		r.Type = "autre"
	}
	return b.put(s, organization, r, nil)
}

func (b *bundle) addIncubator(s source) error {
	r := org.IncubatorRecord{
		Title: s.name("title"), Owner: lastPart(s.text("owner")), Contact: s.text("contact"), Address: s.text("address"),
		Website: s.text("website"), Github: s.text("github"), ShortDescription: s.text("short_description"),
		Description: s.body, HighlightedStartups: s.list("highlighted_startups"),
	}
	if r.Title == "" {
		b.refuse(s.file, "Titre absent.")
		return nil
	}
	if owner := s.text("owner"); strings.Contains(owner, " ") { // a name where a slug was meant
		b.notice(s.file, "Organisation « %s » inconnue : aucune.", owner)
		r.Owner = ""
	}
	var told []string
	if s.release != site {
		told = []string{"title", "owner", "contact", "address", "website", "github"}
	}
	return b.put(s, incubator, r, told)
}

func (b *bundle) addTeam(s source) error {
	r := org.TeamRecord{Name: s.name("name"), Mission: s.text("mission"), Incubator: lastPart(s.text("incubator"))}
	if r.Name == "" {
		b.refuse(s.file, "Nom absent.")
		return nil
	}
	return b.put(s, team, r, nil)
}

func (b *bundle) put(s source, k kind, value any, told []string) error {
	e, err := s.entry(k, value, told)
	if err != nil {
		return err
	}
	b.add(e)
	return nil
}

// period reads the two days of a mission or of a phase.
func (b bag) period() (start, end clock.Day, reason string) {
	start, ok := b.day("start")
	if !ok || start.IsZero() {
		return start, end, "début absent ou invalide"
	}
	if end, ok = b.day("end"); !ok {
		return start, end, "fin invalide"
	}
	if !end.IsZero() && end.Before(start) {
		return start, end, "fin avant le début"
	}
	return start, end, ""
}

// raw gives a value as JSON; values made of texts, days and lists always have one.
func raw(value any) json.RawMessage {
	text, err := json.Marshal(value)
	if err != nil {
		return json.RawMessage("null")
	}
	return text
}

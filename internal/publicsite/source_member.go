package publicsite

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/betagouv/espace-membre/internal/member"
)

var usernameForm = regexp.MustCompile(`^[a-z0-9._-]*[a-z0-9][a-z0-9._-]*$`)

// toldOfMember lists what each format says of a person; nil: everything.
func toldOfMember(r release) []string {
	switch r {
	case v16:
		return []string{"fullname", "github", "missions"}
	case v25:
		return []string{"fullname", "github", "missions", "role", "domain"}
	case v26:
		return []string{"fullname", "github", "missions", "role", "domain", "link", "bio", "competences"}
	}
	return nil
}

func (b *bundle) addMember(s source) error {
	r := member.SiteRecord{
		Fullname: s.name("fullname"), Role: s.name("role"), Domain: s.text("domaine"), Bio: s.body, Link: s.text("link"),
		Avatar: s.text("avatar"), Github: s.text("github"), Competences: s.list("competences"),
		Type: s.text("memberType"), Teams: s.slugs("teams"),
	}
	switch {
	case !usernameForm.MatchString(s.slug):
		b.refuse(s.file, "Identifiant invalide : seules les minuscules sans accent, les chiffres, « . », « _ » et « - » y ont leur place.")
		return nil
	case r.Fullname == "":
		b.refuse(s.file, "Nom absent.")
		return nil
	}
	b.mendMember(s.file, &r)
	var reason string
	if r.Missions, reason = b.missions(s); reason != "" {
		b.refuse(s.file, reason)
		return nil
	}
	return b.put(s, person, r, toldOfMember(s.release))
}

// mendMember replaces words that the portal does not know.
func (b *bundle) mendMember(file string, r *member.SiteRecord) {
	if !slices.Contains(member.Domains(), r.Domain) {
		if r.Domain != "" {
			b.notice(file, "Domaine « %s » inconnu : « Autre ».", r.Domain)
		}
		r.Domain = "Autre"
	}
	if !slices.Contains([]string{"", "beta", "attributaire", "dinum", "autre"}, r.Type) {
		b.notice(file, "Type de membre « %s » inconnu : aucun.", r.Type)
		r.Type = ""
	}
}

// missions reads the contract periods of a person. One that cannot be read refuses the record:
// to drop it, or its end, would change whether the person is still there.
func (b *bundle) missions(s source) (missions []member.ImportMission, reason string) {
	missions = []member.ImportMission{}
	for i, m := range s.bags("missions") {
		start, end, wrong := m.period()
		if wrong != "" {
			return nil, fmt.Sprintf("Mission n° %d : %s.", i+1, wrong)
		}
		status := m.text("status")
		if !slices.Contains([]string{"", "independent", "admin", "service"}, status) {
			b.notice(s.file, "Statut de mission « %s » inconnu : aucun.", status)
			status = ""
		}
		missions = append(missions, member.ImportMission{
			Start: start, End: end, Status: status, Employer: m.name("employer"), Startups: m.slugs("startups"),
		})
	}
	slices.SortStableFunc(missions, compareMissions)
	if s.release != v16 {
		attachLegacy(missions, s.bag)
	}
	return missions, ""
}

// attachLegacy gives to the latest mission, when it names no product, those that the old keys
// of the record name and no mission does. A latest mission that names its products is left
// alone: "previously" would make a former product a present one.
func attachLegacy(missions []member.ImportMission, record bag) {
	last := -1
	named := map[string]bool{}
	for i, m := range missions {
		for _, slug := range m.Startups {
			named[slug] = true
		}
		if last < 0 || missions[last].End.IsZero() == m.End.IsZero() && m.End.After(missions[last].End) || m.End.IsZero() && !missions[last].End.IsZero() {
			last = i
		}
	}
	if last < 0 || len(missions[last].Startups) > 0 {
		return
	}
	for _, slug := range append(record.slugs("previously"), record.slugs("startups")...) {
		if !named[slug] {
			named[slug] = true
			missions[last].Startups = append(missions[last].Startups, slug)
		}
	}
	slices.Sort(missions[last].Startups)
}

// compareMissions orders missions by start, end (open ones last), then by the rest.
func compareMissions(a, b member.ImportMission) int {
	if a.End.IsZero() != b.End.IsZero() && a.Start == b.Start {
		if a.End.IsZero() {
			return 1
		}
		return -1
	}
	return cmp.Or(
		a.Start.Compare(b.Start), a.End.Compare(b.End), cmp.Compare(a.Status, b.Status), cmp.Compare(a.Employer, b.Employer),
		cmp.Compare(strings.Join(a.Startups, "\n"), strings.Join(b.Startups, "\n")),
	)
}

package memberweb

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/web"
)

// conflict is what somebody else saved while a form was open.
type conflict struct {
	Who    string
	When   string
	Fields []nowField // as stored now, in the order of the form
}

// nowField is a field that changed, and what is stored in it.
type nowField struct {
	Label string
	Lines []string
}

// seenVersion reads the version that a form showed; nil when it bears none.
func seenVersion(r *http.Request) *member.Version {
	n, err := strconv.ParseInt(web.Text(r, "version"), 10, 64)
	if err != nil {
		return nil
	}
	version := member.Version(n)
	return &version
}

// shownVersion is the version that a form bears when it is shown again as it was typed.
func shownVersion(r *http.Request, present member.Version) member.Version {
	if seen := seenVersion(r); seen != nil {
		return *seen
	}
	return present
}

// conflictOf tells in words what changed meanwhile, with the values stored now.
func (p *Pages) conflictOf(ctx context.Context, e *member.ChangedMeanwhileError, m member.Member) (*conflict, error) {
	stored, err := member.ByID(ctx, p.db, m.ID)
	if err != nil {
		return nil, err
	}
	missions, err := member.ShownMissions(ctx, p.db, m.ID)
	if err != nil {
		return nil, err
	}
	c := &conflict{Who: cmp.Or(e.Fullname, e.By), When: clock.DayOf(e.At).French() + e.At.In(clock.Paris()).Format(" à 15 h 04")}
	if e.By == "system" {
		c.Who = "Une tâche automatique"
	}
	now := storedFields(p.storedProfile(ctx, stored), stored, missions)
	for _, field := range now {
		if slices.Contains(e.Fields, field.key) {
			c.Fields = append(c.Fields, nowField{member.FieldLabel(field.key), shownLines(field.lines)})
		}
	}
	return c, nil
}

type storedField struct {
	key   string // of the history
	lines []string
}

// storedFields are the fields of a record in the order of the form.
func storedFields(f profileForm, m member.Member, missions []member.Shown) []storedField {
	redirection := "Non"
	if m.EmailIsRedirection {
		redirection = "Oui"
	}
	lines := make([]string, len(missions))
	for i, mission := range missions {
		lines[i] = missionLine(mission)
	}
	one := func(key, text string) storedField { return storedField{key, []string{text}} }
	return []storedField{
		one("fullname", f.Fullname), one("role", f.Role), one("domain", f.Domain), one("bio", f.Bio), one("link", f.Link), one("github", f.Github),
		one("type", member.LabelOf(member.Types(), f.Type)), one("competences", strings.Join(m.Competences, ", ")),
		{"missions", lines},
		one("gender", member.LabelOf(member.Genders(), f.Gender)), one("legal_status", member.LabelOf(member.LegalStatuses(), f.LegalStatus)),
		one("daily_rate", f.DailyRate), one("days_per_week", f.DaysPerWeek), one("workplace_insee_code", f.Workplace),
		one("workplace_abroad", f.WorkplaceAbroad), one("email_is_redirection", redirection),
	}
}

// shownLines says so when nothing is stored.
func shownLines(lines []string) []string {
	if lines = slices.DeleteFunc(lines, func(line string) bool { return line == "" }); len(lines) == 0 {
		return []string{"(vide)"}
	}
	return lines
}

// rejoin keeps what was typed over missions that have been removed meanwhile: saved again, such a
// row is a new mission.
func (f *missionsForm) rejoin(present []member.Mission) {
	gone := func(id string) bool {
		return !slices.ContainsFunc(present, func(m member.Mission) bool { return m.ID.String() == id })
	}
	for i := range f.Rows {
		if gone(f.Rows[i].ID) {
			f.Rows[i].ID = ""
		}
	}
	f.Removed = slices.DeleteFunc(f.Removed, gone)
}

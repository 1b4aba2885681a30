// Package publicsite reads the people that the public site publishes and creates those who
// are not known yet.
package publicsite

import (
	"context"
	"encoding/json"
	"fmt"
	"html"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/postgres"
)

// Refusal is a record that was left out.
type Refusal struct {
	File   string `json:"file"`   // the record's identifier in the source
	Reason string `json:"reason"` // in French
}

// Report tells what an import did.
type Report struct {
	Created int       `json:"created"`
	Known   int       `json:"known"` // already there, left as they are
	Refused []Refusal `json:"refused"`
}

type author struct {
	ID, Fullname, Role, Domaine, Bio, Link, Github string
	Competences                                    []string
	Missions                                       []mission
	mission                                        // v1.6: one period, on the record itself
}

type mission struct {
	Start, End, Status, Employer string
	Startups                     []string
}

var slugForm = regexp.MustCompile(`^[a-z0-9._-]*[a-z0-9][a-z0-9._-]*$`)

// ReadAuthors reads the public list of people, in format v1.6 or v2.5 to v2.7. Records that
// cannot be kept are refused one by one; only unreadable JSON is an error.
func ReadAuthors(text []byte) ([]member.ImportRecord, []Refusal, error) {
	var raws []json.RawMessage
	if err := json.Unmarshal(text, &raws); err != nil {
		return nil, nil, fmt.Errorf("read authors: %w", err)
	}
	var records []member.ImportRecord
	refused := []Refusal{}
	seen := map[string]bool{}
	for i, raw := range raws {
		var a author
		if err := json.Unmarshal(raw, &a); err != nil {
			refused = append(refused, Refusal{fmt.Sprintf("n° %d", i+1), "Fiche illisible."})
			continue
		}
		r, reason := a.record()
		if reason == "" && seen[r.Username] {
			reason = "Identifiant présent deux fois."
		}
		if reason != "" {
			refused = append(refused, Refusal{a.ID, reason})
			continue
		}
		seen[r.Username] = true
		records = append(records, r)
	}
	return records, refused, nil
}

func (a author) record() (r member.ImportRecord, reason string) {
	r = member.ImportRecord{
		Username: a.ID, Fullname: clean(a.Fullname), Role: clean(a.Role), Domain: clean(a.Domaine),
		Bio: clean(a.Bio), Link: clean(a.Link), Github: clean(a.Github), Competences: a.Competences,
	}
	switch {
	case !slugForm.MatchString(a.ID):
		return r, "Identifiant invalide."
	case r.Fullname == "":
		return r, "Nom absent."
	case r.Domain != "" && !slices.Contains(member.Domains(), r.Domain):
		return r, "Domaine inconnu."
	}
	periods := a.Missions
	if len(periods) == 0 && a.Start != "" {
		single := a.mission
		single.Status, single.Employer, _ = strings.Cut(a.Employer, "/")
		periods = []mission{single}
	}
	for _, p := range periods {
		m, reason := p.record()
		if reason != "" {
			return r, reason
		}
		r.Missions = append(r.Missions, m)
	}
	return r, ""
}

func (p mission) record() (m member.ImportMission, reason string) {
	m = member.ImportMission{Status: p.Status, Employer: clean(p.Employer), Startups: p.Startups}
	var err error
	if m.Start, err = clock.ParseDay(p.Start); err != nil || m.Start.IsZero() {
		return m, "Début de mission invalide."
	}
	if p.End != "" {
		// An end before the start is refused: dropping it would keep a departed person active.
		if m.End, err = clock.ParseDay(p.End); err != nil || m.End.Before(m.Start) {
			return m, "Fin de mission invalide."
		}
	}
	if !slices.Contains([]string{"", "independent", "admin", "service"}, p.Status) {
		return m, "Statut de mission inconnu."
	}
	return m, ""
}

func clean(text string) string { return strings.TrimSpace(html.UnescapeString(text)) }

// ImportAuthors creates the people of the list who are not known yet, all or none on a
// database error. Those already known are left as they are.
func ImportAuthors(ctx context.Context, db postgres.DB, now time.Time, text []byte) (Report, error) {
	records, refused, err := ReadAuthors(text)
	if err != nil {
		return Report{}, err
	}
	tx, err := db.Begin(ctx)
	if err != nil {
		return Report{}, fmt.Errorf("import authors: %w", err)
	}
	defer func() { _ = tx.Rollback(ctx) }()
	created, err := member.Import(ctx, tx, now, records)
	if err != nil {
		return Report{}, fmt.Errorf("import authors: %w", err)
	}
	if err := tx.Commit(ctx); err != nil {
		return Report{}, fmt.Errorf("import authors: %w", err)
	}
	return Report{Created: len(created), Known: len(records) - len(created), Refused: refused}, nil
}

package member

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/platform/postgres"
)

// Profile is what a record says of a person, besides missions and addresses.
type Profile struct {
	Fullname           string
	Role               string
	Domain             string
	Bio                string
	Link               string
	Github             string
	Competences        []string
	Type               string
	Gender             string
	LegalStatus        string
	DailyRate          *int
	DaysPerWeek        *float32
	WorkplaceInseeCode string
	WorkplaceAbroad    string
}

// Profile gives the part of a member that the form of the record edits.
func (m Member) Profile() Profile {
	return Profile{
		Fullname: m.Fullname, Role: m.Role, Domain: m.Domain, Bio: m.Bio, Link: m.Link, Github: m.Github, Competences: m.Competences,
		Type: m.Type, Gender: m.Gender, LegalStatus: m.LegalStatus, DailyRate: m.DailyRate, DaysPerWeek: m.DaysPerWeek,
		WorkplaceInseeCode: m.WorkplaceInseeCode, WorkplaceAbroad: m.WorkplaceAbroad,
	}
}

// ProfileDraft is a profile as typed. The names of its fields in messages are those of values.
type ProfileDraft struct {
	Fullname, Role, Domain, Bio, Link, Github string
	Competences                               []string // chosen in the list
	OtherCompetences                          string   // typed, separated by commas
	Type, Gender, LegalStatus                 string
	DailyRate, DaysPerWeek                    string
	// Workplace is a commune as typed: a name, a postal code, an INSEE code. WorkplaceCode is the
	// one chosen among those that WorkplaceAsked, an earlier text, may mean.
	Workplace, WorkplaceCode, WorkplaceAsked string
	WorkplaceAbroad                          string
}

// The largest values that forms accept.
const (
	MaxName        = 60 // a first name or a last name
	MaxFullname    = 120
	MaxLine        = 120 // a role, an employer, a city
	MaxBio         = 5000
	MaxCompetence  = 60
	maxCompetences = 50
	maxDailyRate   = 10_000
	maxDays        = 5
)

// profile reads a draft. What has not been changed is not judged: an imported record may hold
// values that we would not accept today.
func (s *Service) profile(ctx context.Context, c checks, draft ProfileDraft, before Profile) (Profile, error) {
	p := Profile{
		Fullname: kept(draft.Fullname, before.Fullname, func() string {
			return c.name("fullname", draft.Fullname, MaxFullname, "Le nom est obligatoire.")
		}),
		Role: kept(draft.Role, before.Role, func() string {
			return c.required("role", draft.Role, MaxLine, "Le rôle est obligatoire.")
		}),
		Domain:      c.choice("domain", draft.Domain, domainLabels()),
		Bio:         kept(draft.Bio, before.Bio, func() string { return c.lines("bio", draft.Bio, MaxBio) }),
		Link:        kept(draft.Link, before.Link, func() string { return c.link("link", draft.Link) }),
		Github:      kept(draft.Github, before.Github, func() string { return c.github("github", draft.Github) }),
		Competences: c.competences(draft, before.Competences),
		Type:        c.choice("type", draft.Type, Types()),
		Gender:      c.choice("gender", draft.Gender, Genders()),
		LegalStatus: c.choice("legal_status", draft.LegalStatus, LegalStatuses()),
		DailyRate:   c.dailyRate(draft.DailyRate),
		DaysPerWeek: c.daysPerWeek(draft.DaysPerWeek),
	}
	if p.Domain == "" {
		c.refuse("domain", "Le domaine est obligatoire.")
	}
	if p.Gender == "" {
		p.Gender = "NSP"
	}
	p.WorkplaceAbroad = c.line("workplace_abroad", draft.WorkplaceAbroad, MaxLine)
	code, err := s.workplace(ctx, c, draft, before.WorkplaceInseeCode)
	if p.WorkplaceInseeCode = code; code != "" && p.WorkplaceAbroad != "" {
		c.refuse("workplace_abroad", "Indique une commune en France ou une ville à l’étranger, pas les deux.")
	}
	return p, err
}

// kept reads a field by its rule, unless it stands as it was.
func kept(text, before string, read func() string) string {
	same := func(text string) string { return strings.TrimSpace(strings.ReplaceAll(text, "\r\n", "\n")) }
	if before != "" && same(text) == same(before) {
		return before
	}
	return read()
}

// competences reads those chosen and those typed. One that the record already has may hold a comma.
func (c checks) competences(draft ProfileDraft, before []string) []string {
	list, chosen, others := []string{}, slices.Clone(draft.Competences), draft.OtherCompetences
	for _, had := range before {
		if strings.Contains(had, ",") && strings.Contains(others, had) {
			chosen, others = append(chosen, had), strings.Replace(others, had, "", 1)
		}
	}
	for _, text := range append(chosen, strings.Split(others, ",")...) {
		text = c.line("other_competences", text, MaxCompetence)
		if text != "" && !slices.ContainsFunc(list, func(had string) bool { return strings.EqualFold(had, text) }) {
			list = append(list, text)
		}
	}
	if len(list) > maxCompetences {
		c.refuse("other_competences", fmt.Sprintf("Garde les compétences qui comptent : %d au plus.", maxCompetences))
	}
	return list
}

func (c checks) dailyRate(text string) *int {
	text = strings.Join(strings.Fields(strings.TrimSuffix(strings.TrimSpace(text), "€")), "")
	if text == "" {
		return nil
	}
	rate, err := strconv.Atoi(text)
	if err != nil || rate < 0 || rate > maxDailyRate {
		c.refuse("daily_rate", fmt.Sprintf("Le tarif est un nombre d’euros, sans centimes, entre 0 et %d.", maxDailyRate))
		return nil
	}
	return &rate
}

func (c checks) daysPerWeek(text string) *float32 {
	text = strings.Replace(strings.TrimSpace(text), ",", ".", 1)
	if text == "" {
		return nil
	}
	days, err := strconv.ParseFloat(text, 32)
	if err != nil || !(days >= 0 && days <= maxDays) {
		c.refuse("days_per_week", "Le nombre de jours par semaine est entre 0 et 5, par exemple 4 ou 2,5.")
		return nil
	}
	short := float32(days)
	return &short
}

// saveProfile writes a profile.
func (s *Service) saveProfile(ctx context.Context, tx postgres.DB, id uuid.UUID, p Profile) error {
	_, err := tx.Exec(ctx, `
		UPDATE member
		SET fullname = $2, role = $3, domain = $4, bio = $5, link = $6, github = $7, competences = $8,
		    member_type = NULLIF($9, ''), gender = $10, legal_status = NULLIF($11, ''),
		    daily_rate = $12, days_per_week = $13, workplace_insee_code = $14, workplace_abroad = $15,
		    updated_at = $16
		WHERE id = $1`,
		id, p.Fullname, p.Role, p.Domain, p.Bio, p.Link, p.Github, nonNil(p.Competences), p.Type, p.Gender, p.LegalStatus,
		p.DailyRate, p.DaysPerWeek, p.WorkplaceInseeCode, p.WorkplaceAbroad, s.clock.Now())
	if err != nil {
		return fmt.Errorf("save the profile of member %s: %w", id, postgres.Fault(err))
	}
	return nil
}

func nonNil(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

// suggestions is how many communes a text may be asked to choose from: enough for Paris and its
// arrondissements.
const suggestions = 30

// workplace finds the commune that a draft means; what has not changed is kept.
func (s *Service) workplace(ctx context.Context, c checks, draft ProfileDraft, before string) (string, error) {
	text := c.line("workplace", draft.Workplace, MaxLine)
	if draft.WorkplaceCode != "" && strings.TrimSpace(draft.WorkplaceAsked) == text {
		city, err := s.ports.Cities.ByCode(ctx, draft.WorkplaceCode)
		if err == nil || !fault.Is(err, fault.NotFound) {
			return city.Code, err
		}
	}
	if text == "" || c["workplace"] != "" {
		return "", nil
	}
	if before != "" && (text == before || text == s.CityName(ctx, before)) {
		return before, nil
	}
	found, err := s.ports.Cities.Search(ctx, text, suggestions)
	if err != nil {
		return "", fmt.Errorf("search a commune: %w", err)
	}
	if city, ok := MeantCity(found); ok {
		return city.Code, nil
	}
	c.refuse("workplace", noCity(len(found)))
	return "", nil
}

func noCity(found int) string {
	if found > 1 {
		return "Plusieurs communes correspondent : choisis la tienne."
	}
	return "Aucune commune ne correspond : essaie son nom exact, son code postal ou son code INSEE."
}

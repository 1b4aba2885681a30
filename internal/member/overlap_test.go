package member_test

import (
	"testing"

	"github.com/google/uuid"

	"github.com/betagouv/espace-membre/internal/member"
)

func TestMissionsThatOverlapOnAProductAreConfirmed(t *testing.T) {
	b := newBench(t)
	other := uuid.New()
	b.exec(t, `INSERT INTO startup (id, slug, name, created_at, updated_at) VALUES ($1, 'pix', 'Pix', '2024-01-01', '2024-01-01')`, other)
	aides, pix := b.product.String(), other.String()
	row := func(start, end string, products ...string) member.MissionDraft {
		return member.MissionDraft{Start: start, End: end, Status: "admin", Employer: "X", Startups: products}
	}
	for name, c := range map[string]struct {
		rows    []member.MissionDraft
		meant   bool
		refused bool
	}{
		"one after the other":            {[]member.MissionDraft{row("2024-01-01", "2024-06-30", aides), row("2024-07-01", "2025-01-31", aides)}, false, false},
		"the last day is the first":      {[]member.MissionDraft{row("2024-01-01", "2024-06-30", aides), row("2024-06-30", "2025-01-31", aides)}, false, true},
		"one inside the other":           {[]member.MissionDraft{row("2024-01-01", "2025-12-31", aides), row("2024-06-30", "2025-01-31", pix, aides)}, false, true},
		"both without end":               {[]member.MissionDraft{row("2024-01-01", "", aides), row("2024-06-30", "", aides)}, false, true},
		"without end, begun before":      {[]member.MissionDraft{row("2024-01-01", "", aides), row("2023-01-01", "2023-12-31", aides)}, false, false},
		"of two products":                {[]member.MissionDraft{row("2024-01-01", "2025-12-31", aides), row("2024-06-30", "2025-01-31", pix)}, false, false},
		"of no product":                  {[]member.MissionDraft{row("2024-01-01", "2025-12-31"), row("2024-06-30", "2025-01-31")}, false, false},
		"overlapping, and that is meant": {[]member.MissionDraft{row("2024-01-01", "2025-12-31", aides), row("2024-06-30", "2025-01-31", aides)}, true, false},
	} {
		camille := b.person(t, "camille."+letters(name), member.StatusActive, "2025-01-01")
		first := b.missions(t, camille.ID)[0].ID.String()
		c.rows[0].ID = first
		draft := member.MissionsDraft{Rows: c.rows, Overlap: c.meant}
		_, err := b.service.UpdateMissions(t.Context(), camille, camille.ID, draft)
		if c.refused {
			refused(t, name, err, member.OverlapField)
		} else if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAnOverlapThatStandsIsNotAskedAgain(t *testing.T) {
	b := newBench(t)
	camille := b.person(t, "camille.durand", member.StatusActive, "2025-01-01")
	first := b.missions(t, camille.ID)[0]
	rows := []member.MissionDraft{
		{ID: first.ID.String(), Start: "2024-01-01", End: "2025-01-31", Status: "admin", Employer: "X", Startups: []string{b.product.String()}},
		{Start: "2024-06-01", End: "2025-06-30", Status: "admin", Employer: "Y", Startups: []string{b.product.String()}},
	}
	if _, err := b.service.UpdateMissions(t.Context(), camille, camille.ID, member.MissionsDraft{Rows: rows, Overlap: true}); err != nil {
		t.Fatal(err)
	}
	rows[1].ID, rows[1].Employer = b.missions(t, camille.ID)[1].ID.String(), "Z"
	if _, err := b.service.UpdateMissions(t.Context(), camille, camille.ID, member.MissionsDraft{Rows: rows[1:]}); err != nil {
		t.Errorf("the same days again: %v", err)
	}
	third := member.MissionDraft{Start: "2025-06-30", End: "2025-12-31", Status: "admin", Employer: "W", Startups: []string{b.product.String()}}
	_, err := b.service.UpdateMissions(t.Context(), camille, camille.ID, member.MissionsDraft{Rows: []member.MissionDraft{third}})
	refused(t, "with a mission that the form does not name", err, member.OverlapField)
}

// letters makes a username of a name of a case.
func letters(name string) string {
	var kept []rune
	for _, r := range name {
		if r >= 'a' && r <= 'z' {
			kept = append(kept, r)
		}
	}
	return string(kept)
}

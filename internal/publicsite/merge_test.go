package publicsite_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/audit"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/publicsite"
	"github.com/betagouv/espace-membre/internal/testing/pgtest"
)

// author makes a list of one person in format v2.6; a mission is "start end status employer products".
func author(role string, missions ...string) publicsite.Directory {
	list := make([]string, len(missions))
	for i, m := range missions {
		f := append(strings.Split(m, " "), "", "", "", "")
		products := ""
		if f[4] != "" {
			products = `"` + strings.ReplaceAll(f[4], ",", `","`) + `"`
		}
		list[i] = fmt.Sprintf(`{"start": %q, "end": %q, "status": %q, "employer": %q, "startups": [%s]}`, f[0], f[1], f[2], f[3], products)
	}
	return publicsite.Directory{
		Authors: fmt.Appendf(nil, `[{"id": "une.personne", "fullname": "Une Personne", "role": %q, "domaine": "Design", "link": "", "bio": "", "missions": [%s]}]`,
			role, strings.Join(list, ", ")),
		Startups: []byte(`{"data": [
			{"id": "a", "attributes": {"name": "A", "thematiques": []}}, {"id": "b", "attributes": {"name": "B"}}]}`),
	}
}

func edit(t *testing.T, db pgx.Tx, sql string, args ...any) {
	t.Helper()
	if _, err := db.Exec(context.Background(), sql, args...); err != nil {
		t.Fatal(err)
	}
}

// told gives the missions of the person as author takes them.
func told(t *testing.T, db pgx.Tx) []string {
	t.Helper()
	var list []string
	for _, m := range personOf(t, db, "une.personne").Missions {
		list = append(list, strings.TrimRight(strings.Join([]string{m.Start.String(), m.End.String(), m.Status, m.Employer, strings.Join(m.Startups, ",")}, " "), " "))
	}
	return list
}

func TestAFieldThatNobodyEditedFollowsTheSite(t *testing.T) {
	db := pgtest.Tx(t)
	bring(t, db, readDirectory(t, author("Ancien rôle", "2023-01-01")))
	report := bring(t, db, readDirectory(t, author("Nouveau rôle", "2023-01-01")))
	if report.Members != (publicsite.Count{Changed: 1}) || len(report.Kept) > 0 {
		t.Fatalf("%+v", report)
	}
	p, err := member.ByUsername(context.Background(), db, "une.personne")
	if err != nil || p.Role != "Nouveau rôle" {
		t.Fatalf("%q, %v", p.Role, err)
	}
	events, err := audit.OfMember(context.Background(), db, p.ID, 10)
	if err != nil || len(events) != 2 || events[0].Code != "MEMBER_BASE_INFO_UPDATED" || events[1].Code != "MEMBER_CREATED" {
		t.Fatalf("%+v, %v", events, err)
	}
	if string(events[0].Before) != `{"role": "Ancien rôle"}` || string(events[0].After) != `{"role": "Nouveau rôle"}` {
		t.Errorf("%s → %s", events[0].Before, events[0].After)
	}
}

func TestAnEditedFieldStaysAndIsTold(t *testing.T) {
	db := pgtest.Tx(t)
	bring(t, db, readDirectory(t, author("Rôle du site", "2023-01-01")))
	edit(t, db, `UPDATE member SET role = 'Rôle du portail', github = 'ici'`)
	for _, role := range []string{"Rôle du site", "Encore un autre"} {
		source := readDirectory(t, author(role, "2023-01-01"))
		report := bring(t, db, source)
		if report.Members != (publicsite.Count{Unchanged: 1}) || len(report.Kept) != 2 || report.Kept[1].Field != "role" || report.Kept[1].Reason == "" {
			t.Errorf("%s: %+v", role, report)
		}
		nothingMoves(t, db, source)
	}
	// Whoever says the same as the site agrees with it: it is followed again.
	edit(t, db, `UPDATE member SET role = 'Encore un autre'`)
	bring(t, db, readDirectory(t, author("Encore un autre", "2023-01-01")))
	report := bring(t, db, readDirectory(t, author("Suite", "2023-01-01")))
	if report.Members.Changed != 1 || personOf(t, db, "une.personne").Role != "Suite" {
		t.Errorf("%+v", report)
	}
}

func TestARecordOfThePortalIsCompletedNotReplaced(t *testing.T) {
	db := pgtest.Tx(t)
	_, err := member.Import(context.Background(), db, now, []member.ImportRecord{{
		Username: "une.personne", Fullname: "Une Personne", Domain: "Data", Missions: []member.ImportMission{{Start: clock.MustDay("2024-01-01")}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	source := readDirectory(t, author("Rôle du site", "2023-01-01"))
	report := bring(t, db, source)
	p := personOf(t, db, "une.personne")
	if p.Role != "Rôle du site" || p.Domain != "Data" || !slices.Equal(told(t, db), []string{"2024-01-01"}) {
		t.Errorf("%+v", p)
	}
	if report.Members.Changed != 1 || len(report.Kept) != 2 {
		t.Errorf("%+v", report)
	}
	nothingMoves(t, db, source)
}

func TestAPersonRemovedFromThePortalDoesNotComeBack(t *testing.T) {
	db := pgtest.Tx(t)
	source := readDirectory(t, author("Rôle", "2023-01-01"))
	bring(t, db, source)
	edit(t, db, `DELETE FROM member`)
	report := bring(t, db, source)
	if report.Members != (publicsite.Count{Unchanged: 1}) || len(report.Kept) != 1 || count(t, db, `SELECT count(*) FROM member`) != 0 {
		t.Errorf("%+v", report)
	}
}

func TestMissionsAreMatchedByWhatTheySay(t *testing.T) {
	const first, second, third = "2020-01-01 2021-01-01 admin", "2022-01-01 2023-01-01 independent Octo a", "2023-06-01 2024-06-01"
	for name, c := range map[string]struct {
		was  []string // on the site, then
		edit string   // in the portal, since
		now  []string // on the site, now
		want []string // in the portal, in the end
		kept int
	}{
		"nothing":           {was: []string{first, second}, now: []string{second, first}, want: []string{first, second}},
		"a new one":         {was: []string{first}, now: []string{first, second}, want: []string{first, second}},
		"one less":          {was: []string{first, second}, now: []string{second}, want: []string{second}},
		"lengthened there":  {was: []string{first, third}, now: []string{first, "2023-06-01 2025-06-01"}, want: []string{first, "2023-06-01 2025-06-01"}},
		"opened there":      {was: []string{third}, now: []string{"2023-06-01"}, want: []string{"2023-06-01"}},
		"start corrected":   {was: []string{second}, now: []string{"2022-02-01 2023-01-01 independent Octo a"}, want: []string{"2022-02-01 2023-01-01 independent Octo a"}},
		"product added":     {was: []string{second}, now: []string{"2022-01-01 2023-01-01 independent Octo a,b"}, want: []string{"2022-01-01 2023-01-01 independent Octo a,b"}},
		"twice the same":    {was: []string{third, third}, now: []string{third, third}, want: []string{third, third}},
		"one of two twins":  {was: []string{third, third}, now: []string{third}, want: []string{third}},
		"lengthened here":   {was: []string{first, third}, edit: `UPDATE mission SET end_day = '2026-01-01' WHERE start_day = '2023-06-01'`, now: []string{first, third}, want: []string{first, "2023-06-01 2026-01-01"}, kept: 1},
		"lengthened both":   {was: []string{third}, edit: `UPDATE mission SET end_day = '2026-01-01'`, now: []string{"2023-06-01 2025-06-01"}, want: []string{"2023-06-01 2026-01-01"}, kept: 1},
		"lengthened alike":  {was: []string{third}, edit: `UPDATE mission SET end_day = '2026-01-01'`, now: []string{"2023-06-01 2026-01-01"}, want: []string{"2023-06-01 2026-01-01"}},
		"edited, and new":   {was: []string{third}, edit: `UPDATE mission SET end_day = '2026-01-01'`, now: []string{third, "2026-02-01"}, want: []string{"2023-06-01 2026-01-01", "2026-02-01"}, kept: 1},
		"removed here":      {was: []string{first, third}, edit: `DELETE FROM mission WHERE start_day = '2020-01-01'`, now: []string{first, third}, want: []string{third}, kept: 1},
		"removed both":      {was: []string{first, third}, edit: `DELETE FROM mission WHERE start_day = '2020-01-01'`, now: []string{third}, want: []string{third}},
		"edited, then gone": {was: []string{first, third}, edit: `UPDATE mission SET employer = 'Ici' WHERE start_day = '2023-06-01'`, now: []string{first}, want: []string{first, "2023-06-01 2024-06-01  Ici"}, kept: 1},
		"added here": {
			was: []string{first}, edit: `INSERT INTO mission (member_id, start_day) SELECT id, '2024-01-01' FROM member`,
			now: []string{first, third}, want: []string{first, third, "2024-01-01"},
		},
		"added on both sides": {
			was: []string{first}, edit: `INSERT INTO mission (member_id, start_day) SELECT id, '2023-06-01' FROM member`,
			now: []string{first, third}, want: []string{first, "2023-06-01"}, kept: 1,
		},
	} {
		t.Run(name, func(t *testing.T) {
			db := pgtest.Tx(t)
			bring(t, db, readDirectory(t, author("Rôle", c.was...)))
			if c.edit != "" {
				edit(t, db, c.edit)
			}
			source := readDirectory(t, author("Rôle", c.now...))
			report := bring(t, db, source)
			if got := told(t, db); !slices.Equal(got, c.want) {
				t.Errorf("missions %q, want %q", got, c.want)
			}
			if len(report.Kept) != c.kept {
				t.Errorf("kept %v", report.Kept)
			}
			nothingMoves(t, db, source)
		})
	}
}

func TestAMissionKeepsItsIdentifier(t *testing.T) {
	db := pgtest.Tx(t)
	bring(t, db, readDirectory(t, author("Rôle", "2020-01-01 2021-01-01", "2023-06-01 2024-06-01")))
	before := personOf(t, db, "une.personne").Missions
	bring(t, db, readDirectory(t, author("Rôle", "2023-06-01 2025-06-01", "2020-01-01 2021-01-01", "2026-01-01")))
	after := personOf(t, db, "une.personne").Missions
	if len(after) != 3 || before[0].ID != after[0].ID || before[1].ID != after[1].ID {
		t.Errorf("%v → %v", before, after)
	}
}

package startup_test

import (
	"context"
	"slices"
	"testing"

	"github.com/google/uuid"

	"github.com/betagouv/espace-membre/internal/org"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/startup"
	"github.com/betagouv/espace-membre/internal/testing/pgtest"
)

var now = clock.MustDay("2024-12-19").At(9, 0)

func phase(name, start string) startup.Phase {
	return startup.Phase{Name: name, Start: clock.MustDay(start)}
}

func TestCurrentPhase(t *testing.T) {
	today := clock.MustDay("2024-12-19")
	db := pgtest.Tx(t)
	names, err := startup.PhaseNames(context.Background(), db)
	if err != nil || len(names) != 6 || names[0].Name != "investigation" || !names[0].Active || names[5].Active {
		t.Fatalf("%v, %v", names, err)
	}
	for name, c := range map[string]struct {
		phases []startup.Phase
		want   string
	}{
		"none":               {nil, ""},
		"not begun":          {[]startup.Phase{phase("investigation", "2024-12-20")}, ""},
		"begins today":       {[]startup.Phase{phase("investigation", "2024-12-19")}, "investigation"},
		"the latest start":   {[]startup.Phase{phase("acceleration", "2020-01-01"), phase("investigation", "2024-01-01")}, "investigation"},
		"next one to come":   {[]startup.Phase{phase("construction", "2024-01-01"), phase("acceleration", "2025-01-01")}, "construction"},
		"same start, higher": {[]startup.Phase{phase("acceleration", "2024-01-01"), phase("alumni", "2024-01-01"), phase("construction", "2024-01-01")}, "alumni"},
		"an end counts not":  {[]startup.Phase{{Name: "construction", Start: clock.MustDay("2023-01-01"), End: clock.MustDay("2023-02-01")}}, "construction"},
	} {
		t.Run(name, func(t *testing.T) {
			got, ok := startup.CurrentPhase(c.phases, names, today)
			if got.Name != c.want || ok != (c.want != "") {
				t.Errorf("got %q", got.Name)
			}
			db := pgtest.Tx(t) // the same rule in SQL
			ids, err := startup.Keep(context.Background(), db, now, []startup.Record{{Slug: "x", Name: "X", Phases: c.phases}})
			if err != nil {
				t.Fatal(err)
			}
			current, err := startup.CurrentPhases(context.Background(), db, today)
			if err != nil || current[ids["x"]] != c.want {
				t.Errorf("in SQL: %q, %v", current[ids["x"]], err)
			}
		})
	}
}

func TestKeepMakesAProductEqualToItsRecord(t *testing.T) {
	db, ctx := pgtest.Tx(t), context.Background()
	if err := org.KeepOrganizations(ctx, db, now, []org.OrganizationRecord{{Slug: "mve", Name: "Ministère", Type: "autre"}, {Slug: "anx", Name: "Agence", Acronym: "ANX", Type: "operateur"}}); err != nil {
		t.Fatal(err)
	}
	if err := org.KeepIncubators(ctx, db, now, []org.IncubatorRecord{{Slug: "atelier", Title: "L’Atelier"}}); err != nil {
		t.Fatal(err)
	}
	yes := true
	record := startup.Record{
		Slug: "données-et-territoires", Name: "Données", Pitch: "P", Description: "D", Incubator: "atelier", Contact: "c", Link: "l", Repository: "r",
		Stats: &yes, StatsURL: "s", BudgetURL: "b", DashlordURL: "d", AccessibilityStatus: "non conforme", RiskAnalysis: &yes, RiskAnalysisURL: "u",
		Technos: []string{"go"}, Themes: []string{"Mer"}, UserTypes: []string{"etat"}, Sponsors: []string{"anx", "mve"},
		Phases: []startup.Phase{phase("investigation", "2020-01-01"), phase("construction", "2021-01-01")},
		Events: []startup.Event{{Name: "committee", Day: clock.MustDay("2022-01-01"), Comment: "Oui"}},
	}
	ids, err := startup.Keep(ctx, db, now, []startup.Record{record})
	if err != nil {
		t.Fatal(err)
	}
	record.Pitch, record.Stats, record.Sponsors, record.Phases, record.Events = "Q", nil, []string{"mve", "inconnu"}, record.Phases[1:], nil
	if _, err := startup.Keep(ctx, db, now, []startup.Record{record}); err != nil {
		t.Fatal(err)
	}
	s, err := startup.BySlug(ctx, db, "données-et-territoires")
	if err != nil || s.ID != ids[s.Slug] || s.Pitch != "Q" || s.Stats != nil || s.RiskAnalysis == nil || !slices.Equal(s.Technos, []string{"go"}) {
		t.Errorf("%+v, %v", s, err)
	}
	if same, err := startup.ByID(ctx, db, s.ID); err != nil || same.Slug != s.Slug {
		t.Errorf("%+v, %v", same, err)
	}
	phases, err := startup.PhasesOf(ctx, db, s.ID)
	if err != nil || !slices.Equal(phases, record.Phases) {
		t.Errorf("%+v, %v", phases, err)
	}
	events, err := startup.EventsOf(ctx, db, s.ID)
	if err != nil || len(events) != 0 {
		t.Errorf("%+v, %v", events, err)
	}
	sponsors, err := startup.SponsorsOf(ctx, db, s.ID)
	if err != nil || len(sponsors) != 1 || sponsors[0].Slug != "mve" || sponsors[0].Acronym != "" {
		t.Errorf("%+v, %v", sponsors, err)
	}
}

func TestAnUnknownProductIsNotFound(t *testing.T) {
	db := pgtest.Tx(t)
	if _, err := startup.BySlug(context.Background(), db, "nul"); fault.KindOf(err) != fault.NotFound {
		t.Errorf("%v", err)
	}
	if _, err := startup.ByID(context.Background(), db, uuid.New()); fault.KindOf(err) != fault.NotFound {
		t.Errorf("%v", err)
	}
	if _, err := startup.Keep(context.Background(), db, now, []startup.Record{{Slug: "x", Name: "X", Phases: []startup.Phase{phase("magie", "2020-01-01")}}}); err == nil {
		t.Error("a phase out of the vocabulary was accepted")
	}
}

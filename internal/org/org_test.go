package org_test

import (
	"context"
	"testing"

	"github.com/google/uuid"

	"github.com/betagouv/espace-membre/internal/org"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/platform/postgres"
	"github.com/betagouv/espace-membre/internal/testing/pgtest"
)

var now = clock.MustDay("2024-12-19").At(9, 0)

func prepare(t *testing.T, db postgres.DB) {
	t.Helper()
	ctx := context.Background()
	for _, err := range []error{
		org.KeepOrganizations(ctx, db, now, []org.OrganizationRecord{
			{Slug: "mve", Name: "Ministère", Acronym: "MVE", MinisterialDomain: "territoires", Type: "administration-centrale"},
			{Slug: "sans-sigle", Name: "Sans sigle", Type: "autre"},
			{Slug: "sans-sigle-2", Name: "Sans sigle 2", Type: "autre"},
		}),
		org.KeepIncubators(ctx, db, now, []org.IncubatorRecord{
			{Slug: "FabNum-X", Title: "La Fabrique", Owner: "mve", Contact: "c", HighlightedStartups: []string{"b", "a"}},
			{Slug: "orphelin", Title: "Sans organisation", Owner: "inconnue"},
		}),
		org.KeepTeams(ctx, db, now, []org.TeamRecord{
			{Slug: "animation", Name: "Animation", Mission: "M", Incubator: "FabNum-X"}, {Slug: "perdue", Name: "Perdue", Incubator: "inconnu"},
		}),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
}

func TestWhatIsKeptIsReadBack(t *testing.T) {
	db, ctx := pgtest.Tx(t), context.Background()
	prepare(t, db)
	owner, err := org.OrganizationBySlug(ctx, db, "mve")
	if err != nil || owner.Acronym != "MVE" || owner.MinisterialDomain != "territoires" {
		t.Fatalf("%+v, %v", owner, err)
	}
	if same, err := org.OrganizationByID(ctx, db, owner.ID); err != nil || same != owner {
		t.Errorf("%+v, %v", same, err)
	}
	incubator, err := org.IncubatorBySlug(ctx, db, "FabNum-X")
	if err != nil || incubator.OwnerID != owner.ID || len(incubator.HighlightedStartups) != 2 || incubator.HighlightedStartups[0] != "b" {
		t.Fatalf("%+v, %v", incubator, err)
	}
	if same, err := org.IncubatorByID(ctx, db, incubator.ID); err != nil || same.Slug != incubator.Slug {
		t.Errorf("%+v, %v", same, err)
	}
	if orphan, err := org.IncubatorBySlug(ctx, db, "orphelin"); err != nil || orphan.OwnerID != uuid.Nil || orphan.MailboxPlan != "" {
		t.Errorf("%+v, %v", orphan, err)
	}
	teams, err := org.TeamsOf(ctx, db, incubator.ID)
	if err != nil || len(teams) != 1 || teams[0].Slug != "animation" {
		t.Fatalf("%+v, %v", teams, err)
	}
	if same, err := org.TeamByID(ctx, db, teams[0].ID); err != nil || same != teams[0] {
		t.Errorf("%+v, %v", same, err)
	}
	if same, err := org.TeamBySlug(ctx, db, "animation"); err != nil || same != teams[0] {
		t.Errorf("%+v, %v", same, err)
	}
	all, err := org.Organizations(ctx, db)
	if err != nil || len(all) != 3 || all[0].Slug != "mve" {
		t.Errorf("%+v, %v", all, err)
	}
	incubators, err := org.Incubators(ctx, db)
	if err != nil || len(incubators) != 2 || incubators[0].Slug != "FabNum-X" {
		t.Errorf("%+v, %v", incubators, err)
	}
}

func TestKeepChangesWhatIsThere(t *testing.T) {
	db, ctx := pgtest.Tx(t), context.Background()
	prepare(t, db)
	before, err := org.OrganizationBySlug(ctx, db, "mve")
	if err != nil {
		t.Fatal(err)
	}
	later := now.AddDate(0, 0, 1)
	if err := org.KeepOrganizations(ctx, db, later, []org.OrganizationRecord{{Slug: "mve", Name: "Autre nom", Type: "operateur"}}); err != nil {
		t.Fatal(err)
	}
	after, err := org.OrganizationBySlug(ctx, db, "mve")
	if err != nil || after.ID != before.ID || after.Name != "Autre nom" || after.Acronym != "" || !after.CreatedAt.Equal(now) || !after.UpdatedAt.Equal(later) {
		t.Errorf("%+v, %v", after, err)
	}
}

func TestANameTakenIsAConflict(t *testing.T) {
	db := pgtest.Tx(t)
	prepare(t, db)
	err := org.KeepOrganizations(context.Background(), db, now, []org.OrganizationRecord{{Slug: "autre", Name: "Ministère", Type: "autre"}})
	if fault.KindOf(err) != fault.Conflict {
		t.Errorf("%v", err)
	}
}

func TestUnknownOnesAreNotFound(t *testing.T) {
	db, ctx := pgtest.Tx(t), context.Background()
	_, noOrganization := org.OrganizationBySlug(ctx, db, "nulle")
	_, noIncubator := org.IncubatorBySlug(ctx, db, "nul")
	_, noTeam := org.TeamBySlug(ctx, db, "nulle")
	for _, err := range []error{noOrganization, noIncubator, noTeam} {
		if fault.KindOf(err) != fault.NotFound {
			t.Errorf("%v", err)
		}
	}
}

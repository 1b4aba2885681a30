package publicsite_test

import (
	"context"
	"slices"
	"testing"

	"github.com/betagouv/espace-membre/internal/org"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/publicsite"
	"github.com/betagouv/espace-membre/internal/startup"
	"github.com/betagouv/espace-membre/internal/testing/pgtest"
)

func TestEachFormatOfMembers(t *testing.T) {
	for release, text := range map[string]string{
		"v1.6": `[{"id": "une.personne", "fullname": "Une Personne", "start": "2022-01-01", "end": "2999-12-31", "employer": "admin/Octo", "github": "x"}]`,
		"v2.5": `[{"id": "une.personne", "fullname": "Une Personne", "role": "R &amp; D", "domaine": "Design", "github": "x",
			"missions": [{"start": "2022-01-01", "end": "2999-12-31", "status": "admin", "employer": "Octo"}]}]`,
		"v2.6": "\ufeff" + `[{"id": "une.personne", "fullname": "Une Personne", "role": "R &amp; D", "domaine": "Design", "github": "x", "link": "https://x?a&amp;b", "bio": "B &amp; C",
			"missions": [{"start": "2022-01-01", "end": "2999-12-31", "status": "admin", "employer": "Octo", "startups": []}], "competences": ["UX"]}]`,
	} {
		t.Run(release, func(t *testing.T) {
			db := pgtest.Tx(t)
			source := readDirectory(t, publicsite.Directory{Authors: []byte(text)})
			report := bring(t, db, source)
			if report.Release != release || report.Members.Created != 1 {
				t.Fatalf("%+v", report)
			}
			p := personOf(t, db, "une.personne")
			if p.Github != "x" || len(p.Missions) != 1 || p.Missions[0].Status != "admin" || p.Missions[0].Employer != "Octo" || p.Missions[0].End != clock.MustDay("2999-12-31") {
				t.Errorf("%+v", p)
			}
			switch release {
			case "v1.6":
				if p.Domain != "Autre" || p.Role != "" {
					t.Errorf("%+v", p)
				}
			case "v2.6":
				if p.Link != "https://x?a&b" || p.Bio != "B &amp; C" || !slices.Equal(p.Competences, []string{"UX"}) {
					t.Errorf("%+v", p)
				}
				fallthrough
			default:
				if p.Role != "R & D" || p.Domain != "Design" {
					t.Errorf("%+v", p)
				}
			}
			nothingMoves(t, db, source)
		})
	}
}

func TestAFinerFormatCompletesACoarserOne(t *testing.T) {
	db := pgtest.Tx(t)
	coarse := readDirectory(t, publicsite.Directory{Authors: []byte(
		`[{"id": "une.personne", "fullname": "Une Personne", "start": "2020-01-01", "end": "2024-06-01", "employer": "independent/"}]`)})
	fine := readDirectory(t, author("Rôle", "2020-01-01 2021-01-01 admin", "2023-06-01 2024-06-01 independent  a"))
	bring(t, db, coarse)
	report := bring(t, db, fine)
	if report.Members.Changed != 1 || len(report.Kept) > 0 {
		t.Errorf("%+v", report)
	}
	want := []string{"2020-01-01 2021-01-01 admin", "2023-06-01 2024-06-01 independent  a"}
	if got := told(t, db); !slices.Equal(got, want) {
		t.Errorf("missions %q", got)
	}
	nothingMoves(t, db, coarse)
	if p := personOf(t, db, "une.personne"); p.Role != "Rôle" || p.Domain != "Design" {
		t.Errorf("%+v", p)
	}
}

func TestUnreadableRecordsOfAListAreRefusedOneByOne(t *testing.T) {
	db := pgtest.Tx(t)
	source := readDirectory(t, publicsite.Directory{Authors: []byte(`[
		{"id": "bon.ne", "fullname": "Bonne", "missions": [{"start": "2024-01-01", "end": "", "status": "service"}]},
		{"id": "bon.ne", "fullname": "Encore", "missions": []},
		{"id": "Mal Nommé", "fullname": "X"}, {"id": "mal.date", "fullname": "X", "missions": [{"start": "hier"}]},
		{"id": "a.l.envers", "fullname": "X", "missions": [{"start": "2024-01-02", "end": "2024-01-01"}]},
		{"fullname": "Sans identifiant"}, {"id": "sans.nom"}, 12, null, "texte"]`)})
	report := bring(t, db, source)
	if report.Members.Created != 1 || len(report.Refused) != 9 {
		t.Fatalf("%+v", report)
	}
	if m := personOf(t, db, "bon.ne").Missions; len(m) != 1 || !m[0].End.IsZero() {
		t.Errorf("an empty end is an open end: %+v", m)
	}
}

func TestAFileThatIsNotTheListIsRefused(t *testing.T) {
	for _, text := range []string{"<html>", "{}", `"x"`, `[{"id": "a", "fullname": "il dit "oui""}]`} {
		if _, err := publicsite.ReadDirectory(publicsite.Directory{Authors: []byte(text)}); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: %v", text, err)
		}
	}
}

const products = `{"data": [
	{"id": "mon-puits", "type": "startup", "attributes": {"name": "Mon Puits", "pitch": "P", "stats_url": "", "contact": "c@exemple.test",
	 "content_url_encoded_markdown": "%23%20Titre%0A%0A100%25", "events": [], "sponsors": ["mve"], "thematiques": ["Mer"], "analyse_risques": "true",
	 "phases": [{"name": "investigation", "start": "2020-01-01", "end": ""}]},
	 "relationships": {"incubator": {"data": {"type": "incubator", "id": "cache"}}}},
	{"id": "haie", "type": "startup", "attributes": {"name": "Haie", "pitch": "P", "contact": "", "phases": [], "technos": ["go"]},
	 "relationships": {"incubators": {"data": [{"type": "incubator", "id": "atelier"}]}}}],
	"included": [{"id": "/incubateurs/atelier", "type": "incubator", "attributes": {"title": "L’Atelier", "owner": "/organisations/mve", "contact": "a@exemple.test"}}]}`

func TestAListOfProductsAlone(t *testing.T) {
	db, ctx := pgtest.Tx(t), context.Background()
	source := readDirectory(t, publicsite.Directory{Startups: []byte(products)})
	report := bring(t, db, source)
	if report.Startups.Created != 2 || report.Incubators.Created != 2 || report.Organizations.Created != 1 || len(report.Refused) > 0 {
		t.Fatalf("%+v", report)
	}
	p := productOf(t, db, "mon-puits")
	if p.Description != "# Titre\n\n100%" || p.Incubator != "cache" || !slices.Equal(p.Sponsors, []string{"mve"}) || p.RiskAnalysis == nil || !*p.RiskAnalysis ||
		!slices.Equal(p.Phases, []startup.Phase{{Name: "investigation", Start: clock.MustDay("2020-01-01")}}) {
		t.Errorf("%+v", p)
	}
	if h := productOf(t, db, "haie"); h.Incubator != "atelier" || !slices.Equal(h.Technos, []string{"go"}) {
		t.Errorf("%+v", h)
	}
	hidden, err := org.IncubatorBySlug(ctx, db, "cache")
	if err != nil || hidden.Title != "cache" {
		t.Errorf("%+v, %v", hidden, err)
	}
	nothingMoves(t, db, source)

	// What describes those that were only named gives them their name.
	described := readDirectory(t, publicsite.Directory{
		Startups: []byte(products), Incubators: []byte(`{"cache": {"title": "Le Caché", "owner": "/organisations/mve", "startups": [{"id": "mon-puits"}]}, "vide": {"startups": []}}`),
		Organisations: []byte(`[{"id": "mve", "name": "Ministère de l&#39;Exemple", "acronym": "MVE", "domaine_ministeriel": "territoires", "type": "administration-centrale"}]`),
	})
	if report = bring(t, db, described); len(report.Kept) > 0 || report.Organizations.Changed != 1 || report.Incubators.Changed != 1 {
		t.Errorf("%+v", report)
	}
	sponsor, err := org.OrganizationBySlug(ctx, db, "mve")
	if err != nil || sponsor.Name != "Ministère de l'Exemple" || sponsor.Acronym != "MVE" {
		t.Errorf("%+v, %v", sponsor, err)
	}
	if hidden, err = org.IncubatorBySlug(ctx, db, "cache"); err != nil || hidden.Title != "Le Caché" || hidden.OwnerID != sponsor.ID {
		t.Errorf("%+v, %v", hidden, err)
	}
	nothingMoves(t, db, described)
	nothingMoves(t, db, source)
}

func TestMembersAloneThenTheirProducts(t *testing.T) {
	db := pgtest.Tx(t)
	whole := author("Rôle", "2023-01-01    a,b")
	alone := readDirectory(t, publicsite.Directory{Authors: whole.Authors})
	report := bring(t, db, alone)
	if report.Members.Created != 1 || len(report.Notices) != 1 {
		t.Fatalf("%+v", report)
	}
	nothingMoves(t, db, alone)
	if report = bring(t, db, readDirectory(t, whole)); report.Members.Changed != 1 || len(report.Notices) > 0 {
		t.Errorf("%+v", report)
	}
	if got := told(t, db); !slices.Equal(got, []string{"2023-01-01    a,b"}) {
		t.Errorf("%q", got)
	}
	// Now that the portal has the products, the members alone name them.
	nothingMoves(t, db, alone)
}

func TestSponsorsBySlug(t *testing.T) {
	db := pgtest.Tx(t)
	source := readDirectory(t, publicsite.Directory{Organisations: []byte(`{"mve": {"name": "Ministère", "acronym": "MVE", "domaine_ministeriel": "", "type": "operateur"}}`)})
	if report := bring(t, db, source); report.Organizations.Created != 1 {
		t.Errorf("%+v", report)
	}
	nothingMoves(t, db, source)
}

func TestOldFormatOfProducts(t *testing.T) {
	db := pgtest.Tx(t)
	source := readDirectory(t, publicsite.Directory{Startups: []byte(`{"data": [{"id": "x", "attributes": {"name": "X", "pitch": "P", "start": "2020-01-01", "status": "construction"},
		"relationships": {"incubator": {"data": {"id": "atelier"}}}}], "included": [{"id": "atelier", "attributes": {"title": "L’Atelier"}}]}`)})
	bring(t, db, source)
	if p := productOf(t, db, "x"); len(p.Phases) != 1 || p.Phases[0].Name != "construction" || p.Incubator != "atelier" {
		t.Errorf("%+v", p)
	}
	nothingMoves(t, db, source)
}

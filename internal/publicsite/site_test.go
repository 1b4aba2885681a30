package publicsite_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/platform/postgres"
	"github.com/betagouv/espace-membre/internal/publicsite"
	"github.com/betagouv/espace-membre/internal/startup"
	"github.com/betagouv/espace-membre/internal/testing/pgtest"
)

// tree makes a repository of the site; names are under content/.
func tree(files map[string]string) fstest.MapFS {
	made := fstest.MapFS{}
	for name, text := range files {
		made["beta.gouv.fr-master/content/"+name] = &fstest.MapFile{Data: []byte(text)}
	}
	return made
}

// community is a small site without any irregularity.
func community() map[string]string {
	return map[string]string{
		"_organisations/mve.md": "---\nname: Ministère des Villages\nacronym: MVE\ndomaine_ministeriel: territoires\ntype: administration-centrale\n---\n",
		"_incubators/atelier.md": "---\ntitle: L’Atelier\nowner: /organisations/mve\ncontact: a@exemple.test?subject=Bonjour\naddress : 1 rue\n" +
			"highlighted_startups:\n  - mon-puits\n---\n\nUn **atelier**.\n",
		"_teams/animation.md": "---\nname: Animation\nincubator: atelier\nmission: ''\n---\n",
		"_startups/mon-puits.md": "---\ntitle: Mon Puits\nmission: Suivre les puits\nincubator: atelier\ncontact: p@exemple.test\nsponsors:\n  - /organisations/mve\n" +
			"stats: true\nphases:\n  - name: investigation\n    start: 2020-01-01\n    end: 2020-06-01\n  - name: construction\n    start: 2020-06-01\n---\nCorps.\n\n---\n\nSuite.\n",
		"_authors/une.personne.md": "---\nfullname: Une Personne\nrole: Développeuse & \"cheffe\"\ndomaine: Développement\nmissions:\n" +
			"  - start: 2023-01-01\n    end: 2999-12-31\n    status: independent\n    employer: Octo\n    startups:\n      - mon-puits\n" +
			"teams:\n  - /teams/animation\ncompetences: []\n---\n\nBonjour.",
	}
}

func with(files map[string]string) map[string]string {
	all := community()
	for name, text := range files {
		all[name] = text
	}
	return all
}

func personOf(t *testing.T, db postgres.DB, username string) member.SiteRecord {
	t.Helper()
	records, err := member.SiteRecords(context.Background(), db, []string{username})
	if err != nil || len(records) != 1 {
		t.Fatalf("%s: %v, %v", username, records, err)
	}
	return records[0]
}

func productOf(t *testing.T, db postgres.DB, slug string) startup.Record {
	t.Helper()
	records, err := startup.Records(context.Background(), db)
	if err != nil {
		t.Fatal(err)
	}
	at := slices.IndexFunc(records, func(r startup.Record) bool { return r.Slug == slug })
	if at < 0 {
		t.Fatalf("no product %s", slug)
	}
	return records[at]
}

func TestASiteBecomesACommunity(t *testing.T) {
	db := pgtest.Tx(t)
	report := bring(t, db, readSite(t, tree(community())))
	if report.Created != 5 || len(report.Refused)+len(report.Notices)+len(report.Kept) > 0 {
		t.Fatalf("%+v", report)
	}
	p := personOf(t, db, "une.personne")
	if p.Role != `Développeuse & "cheffe"` || p.Bio != "Bonjour." || !slices.Equal(p.Teams, []string{"animation"}) || len(p.Missions) != 1 {
		t.Errorf("%+v", p)
	}
	if m := p.Missions[0]; m.End != clock.MustDay("2999-12-31") || !slices.Equal(m.Startups, []string{"mon-puits"}) {
		t.Errorf("%+v", m)
	}
	s := productOf(t, db, "mon-puits")
	if s.Description != "Corps.\n\n---\n\nSuite." || s.Incubator != "atelier" || !slices.Equal(s.Sponsors, []string{"mve"}) || len(s.Phases) != 2 || s.Stats == nil || !*s.Stats {
		t.Errorf("%+v", s)
	}
	m, err := member.ByUsername(context.Background(), db, "une.personne")
	if err != nil || m.Status != member.StatusUnset || m.PrimaryEmail != "" {
		t.Errorf("%+v, %v", m, err)
	}
	source, err := postgres.Scalar[string](context.Background(), db, `SELECT source FROM site_source WHERE kind = 'member' AND slug = 'une.personne'`)
	if err != nil || source != community()["_authors/une.personne.md"] {
		t.Errorf("source kept: %q, %v", source, err)
	}
	nothingMoves(t, db, readSite(t, tree(community())))
}

// TestIrregularFilesAreSurvived gives to one person of the site a file as some were seen.
func TestIrregularFilesAreSurvived(t *testing.T) {
	const missions = "missions:\n  - start: 2023-01-01\n    end: 2024-01-01\n"
	for name, c := range map[string]struct {
		text    string
		refused string // the start of the reason; empty: imported
		notice  string
		check   func(member.SiteRecord) bool
	}{
		"byte order mark":        {text: "\ufeff---\nfullname: Autre\n" + missions + "---\n"},
		"line ends of Windows":   {text: "---\r\nfullname: Autre\r\n" + strings.ReplaceAll(missions, "\n", "\r\n") + "---\r\nDeux\r\nlignes\r\n", check: func(r member.SiteRecord) bool { return r.Bio == "Deux\nlignes" }},
		"dashes end the file":    {text: "---\nfullname: Autre\n" + missions + "---"},
		"dashes in the body":     {text: "---\nfullname: Autre\n" + missions + "---\na\n---\nb: [\n---\n", check: func(r member.SiteRecord) bool { return r.Bio == "a\n---\nb: [\n---" }},
		"blanks after dashes":    {text: "--- \nfullname: Autre\n" + missions + "---\t\n"},
		"text dates":             {text: "---\nfullname: Autre\nmissions:\n  - start: '2023-01-01'\n    end: \"2024-01-01T00:00:00.000Z\"\n---\n", check: func(r member.SiteRecord) bool { return r.Missions[0].End == clock.MustDay("2024-01-01") }},
		"the eve at 23:00 UTC":   {text: "---\nfullname: Autre\nmissions:\n  - start: 2022-12-31T23:00:00Z\n    end: 2024-01-01\n---\n", check: func(r member.SiteRecord) bool { return r.Missions[0].Start == clock.MustDay("2023-01-01") }},
		"no end":                 {text: "---\nfullname: Autre\nmissions:\n  - start: 2023-01-01\n---\n", check: func(r member.SiteRecord) bool { return r.Missions[0].End.IsZero() }},
		"one day":                {text: "---\nfullname: Autre\nmissions:\n  - start: 2023-01-01\n    end: 2023-01-01\n---\n"},
		"blanks in the name":     {text: "---\nfullname: '  Une\u00a0 Autre '\nrole: ' Cheffe '\n" + missions + "---\n", check: func(r member.SiteRecord) bool { return r.Fullname == "Une Autre" && r.Role == "Cheffe" }},
		"accent in two signs":    {text: "---\nfullname: E\u0301lodie\n" + missions + "---\n", check: func(r member.SiteRecord) bool { return r.Fullname == "Élodie" }},
		"emoji, parentheses":     {text: "---\nfullname: Autre 🌱 (dite A)\n" + missions + "---\n", check: func(r member.SiteRecord) bool { return r.Fullname == "Autre 🌱 (dite A)" }},
		"zero byte":              {text: "---\nfullname: Autre\n" + missions + "---\nNu\x00l", check: func(r member.SiteRecord) bool { return r.Bio == "Nul" }},
		"not UTF-8":              {text: "---\nfullname: Ren\xe9\n" + missions + "---\n", notice: "Ce fichier n’est pas en UTF-8", check: func(r member.SiteRecord) bool { return r.Fullname == "René" }},
		"a key twice":            {text: "---\nfullname: Autre\nfullname: Encore\n" + missions + "---\n"},
		"unknown keys":           {text: "---\nfullname: Autre\nbadges:\n  - segur\nrgpd: {a: 1}\n" + missions + "---\n"},
		"one word for a list":    {text: "---\nfullname: Autre\ncompetences: UX\n" + missions + "---\n", check: func(r member.SiteRecord) bool { return slices.Equal(r.Competences, []string{"UX"}) }},
		"null for a text":        {text: "---\nfullname: Autre\ngithub:\nlink: ~\n" + missions + "---\n"},
		"a number for a text":    {text: "---\nfullname: Autre\ngithub: 42\n" + missions + "---\n", check: func(r member.SiteRecord) bool { return r.Github == "42" }},
		"a sentence for a login": {text: "---\nfullname: Autre\ngithub: 'https://github.com/x y'\nlink: Http://x\n" + missions + "---\n"},
		"unknown field":          {text: "---\nfullname: Autre\ndomaine: Magie\n" + missions + "---\n", notice: "Domaine « Magie » inconnu", check: func(r member.SiteRecord) bool { return r.Domain == "Autre" }},
		"unknown contract":       {text: "---\nfullname: Autre\nmissions:\n  - start: 2023-01-01\n    status: stage\n---\n", notice: "Statut de mission « stage » inconnu"},
		"unknown team":           {text: "---\nfullname: Autre\nteams:\n  - /teams/nulle\n  - /teams/animation\n" + missions + "---\n", notice: "Équipe « nulle » inconnue", check: func(r member.SiteRecord) bool { return slices.Equal(r.Teams, []string{"animation"}) }},
		"unknown product": {
			text: "---\nfullname: Autre\nmissions:\n  - start: 2023-01-01\n    startups: [mon-puits, nul]\n---\n", notice: "Produit « nul » inconnu",
			check: func(r member.SiteRecord) bool { return slices.Equal(r.Missions[0].Startups, []string{"mon-puits"}) },
		},
		"products of old": {
			text: "---\nfullname: Autre\npreviously: [mon-puits]\nmissions:\n  - start: 2023-01-01\n    end: 2024-01-01\n  - start: 2021-01-01\n    end: 2022-01-01\n---\n",
			check: func(r member.SiteRecord) bool {
				return len(r.Missions[0].Startups) == 0 && slices.Equal(r.Missions[1].Startups, []string{"mon-puits"})
			},
		},
		"overlapping missions": {text: "---\nfullname: Autre\nmissions:\n  - start: 2023-01-01\n    end: 2024-01-01\n  - start: 2023-06-01\n    end: 2025-01-01\n  - start: 2023-06-01\n    end: 2025-01-01\n---\n", check: func(r member.SiteRecord) bool { return len(r.Missions) == 3 }},
		"invalid YAML":         {text: "---\nfullname: [Autre\n" + missions + "---\n", refused: "En-tête YAML illisible"},
		"no header":            {text: "Bonjour", refused: "Le fichier ne commence pas par un en-tête"},
		"header not closed":    {text: "---\nfullname: Autre\n", refused: "L’en-tête n’est pas fermé"},
		"empty":                {text: "", refused: "Le fichier ne commence pas par un en-tête"},
		"header of a list":     {text: "---\n- a\n---\n", refused: "En-tête YAML illisible"},
		"empty header":         {text: "---\n---\n", refused: "Nom absent"},
		"no start":             {text: "---\nfullname: Autre\nmissions:\n  - end: 2023-01-01\n---\n", refused: "Mission n° 1 : début absent"},
		"wrong date":           {text: "---\nfullname: Autre\nmissions:\n  - start: hier\n---\n", refused: "Mission n° 1 : début absent ou invalide"},
		"end before start":     {text: "---\nfullname: Autre\nmissions:\n  - start: 2023-01-02\n    end: 2023-01-01\n---\n", refused: "Mission n° 1 : fin avant le début"},
	} {
		t.Run(name, func(t *testing.T) {
			db := pgtest.Tx(t)
			source := readSite(t, tree(with(map[string]string{"_authors/autre.d_ici-2.md": c.text})))
			report := bring(t, db, source)
			if (c.refused != "") != (len(report.Refused) == 1) || c.refused != "" && !strings.HasPrefix(report.Refused[0].Reason, c.refused) {
				t.Fatalf("refused %v", report.Refused)
			}
			if c.refused != "" {
				if report.Refused[0].File != "_authors/autre.d_ici-2.md" || report.Members.Created != 1 {
					t.Errorf("%+v", report)
				}
				return
			}
			if (c.notice != "") != (len(report.Notices) == 1) || c.notice != "" && !strings.HasPrefix(report.Notices[0].Reason, c.notice) {
				t.Errorf("notices %v", report.Notices)
			}
			if r := personOf(t, db, "autre.d_ici-2"); c.check != nil && !c.check(r) {
				t.Errorf("%+v", r)
			}
			nothingMoves(t, db, source)
		})
	}
}

func TestIrregularRecordsOfOtherKindsAreSurvived(t *testing.T) {
	db := pgtest.Tx(t)
	product := func(more string) string {
		return "---\ntitle: Titre\nmission: M\ncontact: c\n" + more + "---\n"
	}
	source := readSite(t, tree(with(map[string]string{
		"_authors/Majuscule.md":                 "---\nfullname: X\n---\n",
		"_authors/.cache.md":                    "rien",
		"_organisations/sans-extension":         "---\nname: X\n---\n",
		"_organisations/anah.md":                "---\nname: Agence\nacronym: Anah\ntype: operateur\n---\n",
		"_organisations/anah2.md":               "---\nname: Agence 2\nacronym: ANAH\ntype: magie\n---\n",
		"_organisations/z-double.md":            "---\nname: Ministère des Villages\nacronym: X\n---\n",
		"_organisations/sigle.md":               "---\nname: Sigle\nacronym: MVE\n---\n",
		"_organisations/sans-sigle.md":          "---\nname: Sans sigle\nacronym: ' '\n---\n",
		"_organisations/sans-sigle-non-plus.md": "---\nname: Sans sigle non plus\n---\n",
		"_incubators/FabNum-X.md":               "---\ntitle: X\nowner: Ministère de la Magie\nwebsite:\n---\n",
		"_incubators/orphelin.md":               "---\ntitle: Y\nowner: nulle-part\n---\n",
		"_teams/perdue.md":                      "---\nname: Perdue\nincubator: nulle-part\n---\n",
		"_startups/données-et-territoires.md":   product("link: 'https:&#x2F;&#x2F;x '\nbudget_url: ' '\n"),
		"_startups/auxAJ.md":                    product("incubator: nulle-part\nsponsors: [/organisations/mve, /organisations/nulle]\n"),
		"_startups/phases.md": product("phases:\n  - {name: construction, start: 2021-01-01, end: 2020-01-01}\n  - {name: investigation, start: 2021-01-01, end: null, comment: null}\n" +
			"  - {name: investigation, start: 2022-01-01}\n  - {name: abandon, start: 2023-01-01}\n  - {name: magie, start: 2023-01-01}\n  - {name: success}\n"),
		"_startups/evenements.md": product("fast: {promotion: 12, montant: 230000}\nevents:\n  - {name: committee, date: 2024-02-01}\n  - {name: committee, date: 2024-02-01}\n" +
			"  - {name: fete, date: 2024-03-01}\n  - {name: end, date: demain}\n"),
		"_startups/sans-titre.md": "---\nmission: M\n---\n",
	})))
	report := bring(t, db, source)
	refused := map[string]bool{}
	for _, r := range report.Refused {
		refused[r.File] = true
	}
	for _, file := range []string{"_authors/Majuscule.md", "_organisations/sans-extension", "_organisations/z-double.md", "_teams/perdue.md"} {
		if !refused[file] {
			t.Errorf("%s is not refused", file)
		}
	}
	if len(report.Refused) != 4 {
		t.Errorf("refused %v", report.Refused)
	}
	if p := productOf(t, db, "données-et-territoires"); p.Link != "https:&#x2F;&#x2F;x" || p.BudgetURL != "" {
		t.Errorf("%+v", p)
	}
	if p := productOf(t, db, "auxAJ"); p.Incubator != "" || !slices.Equal(p.Sponsors, []string{"mve"}) {
		t.Errorf("%+v", p)
	}
	day := clock.MustDay
	want := []startup.Phase{{Name: "construction", Start: day("2021-01-01")}, {Name: "investigation", Start: day("2021-01-01")}, {Name: "alumni", Start: day("2023-01-01")}}
	if p := productOf(t, db, "phases"); !slices.Equal(p.Phases, want) {
		t.Errorf("%+v", p.Phases)
	}
	events := []startup.Event{{Name: "fast", Day: day("2024-01-01"), Comment: "Montant de 230000€ pour la promotion 12"}, {Name: "committee", Day: day("2024-02-01")}, {Name: "other", Day: day("2024-03-01")}}
	if p := productOf(t, db, "evenements"); !slices.Equal(p.Events, events) {
		t.Errorf("%+v", p.Events)
	}
	if p := productOf(t, db, "sans-titre"); p.Name != "sans-titre" {
		t.Errorf("%+v", p)
	}
	nothingMoves(t, db, source)
}

func TestWhatIsNotTheSiteIsRefused(t *testing.T) {
	for name, files := range map[string]fstest.MapFS{
		"nothing":         {},
		"something else":  {"README.md": {Data: []byte("x")}},
		"other folders":   {"content/_phases/a.md": {Data: []byte("x")}},
		"a file for them": {"content/_authors": {Data: []byte("x")}},
	} {
		if _, err := publicsite.ReadSite(files, nil); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
}

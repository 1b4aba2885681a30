package memberweb_test

import (
	"context"
	"encoding/csv"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/betagouv/espace-membre/internal/platform/postgres"
	"github.com/betagouv/espace-membre/internal/platform/web"
	"github.com/betagouv/espace-membre/internal/testing/webtest"
)

func add(t *testing.T, site *webtest.Site, username, fullname, domain, end string) uuid.UUID {
	t.Helper()
	ctx := context.Background()
	id, err := postgres.Scalar[uuid.UUID](ctx, site.Pool, `
		INSERT INTO member (username, fullname, domain, competences, primary_email, secondary_email, primary_email_status,
		                    primary_email_status_changed_at, created_at, updated_at)
		VALUES ($1, $2, $3, '{Go}', $1 || '@betagouv.ovh', $1 || '@prive.exemple', 'EMAIL_ACTIVE', '2024-01-01', '2024-01-01', '2024-01-01')
		RETURNING id`, username, fullname, domain)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := site.Pool.Exec(ctx, `INSERT INTO mission (member_id, start_day, end_day) VALUES ($1, '2024-01-01', $2::date)`, id, end); err != nil {
		t.Fatal(err)
	}
	return id
}

func TestCommunityFindsWithAndWithoutAccents(t *testing.T) {
	site := start(t)
	viewer := add(t, site, "valid.member", "Valid Member", "Autre", "2030-03-01")
	add(t, site, "helene.lefevre", "Hélène Lefèvre", "Design", "2030-01-01")
	add(t, site, "zoe.partie", "Zoé Partie", "Produit", "2024-12-18")
	browser := site.As(t, viewer)
	for query, want := range map[string]bool{"helene": true, "Hélène": true, "LEFEVRE": true, "lefevr helene": true, "%": false, "Durand": false, "partie": false} {
		page := browser.Get(t, "/community?q="+url.QueryEscape(query))
		if page.Status != http.StatusOK {
			t.Fatalf("%s: status %d", query, page.Status)
		}
		if got := strings.Contains(page.Body, "/community/helene.lefevre"); got != want {
			t.Errorf("search %q finds Hélène: %v, want %v", query, got, want)
		}
	}
	if page := browser.Get(t, "/community?actifs=1"); strings.Contains(page.Body, "zoe.partie") || !strings.Contains(page.Body, "helene.lefevre") {
		t.Error("the filter of active people is wrong the day after a last day")
	}
	if page := browser.Get(t, "/community?domaine=Design&competence=Go"); !strings.Contains(page.Body, "helene.lefevre") || strings.Contains(page.Body, "zoe.partie") {
		t.Error("filters are not combined")
	}
	if page := browser.Get(t, "/community?q="+strings.Repeat("a", 201)); page.Status != http.StatusUnprocessableEntity {
		t.Errorf("a search of 201 letters: status %d", page.Status)
	}
}

// TestFiltersOfSeveralValuesAllHold asks for people who have each of the values, and for a form
// that keeps them without script.
func TestFiltersOfSeveralValuesAllHold(t *testing.T) {
	p := open(t)
	for username, competences := range map[string]string{"a.un": "{PHP,Accessibilité}", "b.deux": "{PHP}", "c.trois": "{Accessibilité,UX}"} {
		id := add(t, p.Site, username, "Nom "+username, "Design", "2030-01-01")
		if _, err := p.Pool.Exec(t.Context(), `UPDATE member SET competences = $1 WHERE id = $2`, competences, id); err != nil {
			t.Fatal(err)
		}
	}
	aides, pix := p.product(t, "aides.jeunes", "Aides Jeunes"), p.product(t, "pix", "Pix")
	for username, products := range map[string][]uuid.UUID{"a.un": {aides, pix}, "b.deux": {aides}} {
		if _, err := p.Pool.Exec(t.Context(), `
			INSERT INTO mission_startup (mission_id, startup_id)
			SELECT mission.id, unnest($1::uuid[]) FROM mission JOIN member ON member.id = mission.member_id WHERE member.username = $2`, products, username); err != nil {
			t.Fatal(err)
		}
	}
	client := p.As(t, p.Member(t, webtest.Person{Username: "valid.member"}))
	for query, want := range map[string]string{
		"competence=PHP": "a.un b.deux", "competence=PHP&competence=Accessibilit%C3%A9": "a.un", "competence=PHP&competence=PHP&competence=": "a.un b.deux",
		"competence=PHP&competence=UX": "", "produit=aides.jeunes": "a.un b.deux", "produit=aides.jeunes&produit=pix": "a.un", "produit=pix&produit=rien": "",
		"domaine=Design&domaine=Data": "", "domaine=Design&produit=pix&competence=PHP": "a.un",
	} {
		page := client.Get(t, "/community?"+query)
		var found []string
		for _, username := range []string{"a.un", "b.deux", "c.trois"} {
			if strings.Contains(page.Body, `href="/community/`+username+`"`) {
				found = append(found, username)
			}
		}
		if got := strings.Join(found, " "); page.Status != http.StatusOK || got != want {
			t.Errorf("%s: status %d finds %q, want %q", query, page.Status, got, want)
		}
	}
	page := client.Get(t, "/community?competence=PHP&competence=Accessibilit%C3%A9&produit=pix")
	form := filled(page)
	if got := form["competence"]; len(got) != 3 || !slices.Contains(form["produit"], "pix") || !strings.Contains(page.Text(), "Produit : Pix") {
		t.Errorf("the form keeps %v", form)
	}
	if !strings.Contains(page.Body, "/community.csv?competence=PHP&amp;competence=Accessibilit%C3%A9&amp;produit=pix") {
		t.Error("the export does not keep both competences")
	}
	if many := client.Get(t, "/community?produit=x"+strings.Repeat("&produit=y", 3)); many.Status != http.StatusOK {
		t.Errorf("the same value again: %d", many.Status)
	}
	var flood strings.Builder
	for i := range 21 {
		fmt.Fprintf(&flood, "&produit=p%d", i)
	}
	if got := client.Get(t, "/community?"+flood.String()); got.Status != http.StatusUnprocessableEntity {
		t.Errorf("21 products: %d", got.Status)
	}
}

// TestBookmarksOfTheFormerPortalStillLead follows addresses as the former portal wrote them.
func TestBookmarksOfTheFormerPortalStillLead(t *testing.T) {
	p := open(t)
	pix := p.product(t, "pix", "Pix").String()
	someone := p.Member(t, webtest.Person{Username: "camille.durand"}).String()
	client := p.As(t, p.Member(t, webtest.Person{Username: "valid.member"}))
	once := func(list string) string { return "filters=" + url.QueryEscape(list) }
	for name, c := range map[string]struct{ query, want string }{
		"one":          {once(`{"type":"domaine","value":"Développement"}`), "/community?domaine=D%C3%A9veloppement"},
		"several":      {once(`{"type":"competence","value":"PHP"},{"type":"competence","value":"UX"},{"type":"active_only","value":true}`), "/community?actifs=1&competence=PHP&competence=UX"},
		"each encoded": {"filters=" + url.QueryEscape(url.QueryEscape(`{"type":"domaine","value":"Design"}`)+","+url.QueryEscape(`{"type":"startup","value":"`+pix+`"}`)), "/community?domaine=Design&produit=pix"},
		"not encoded":  {`filters={"type":"domaine","value":"Design"}`, "/community?domaine=Design"},
		"a list":       {once(`[{"type":"domaine","value":"Design"}]`), "/community?domaine=Design"},
		"a person":     {once(`{"type":"user","value":"` + someone + `"}`), "/community?q=camille.durand"},
		"unknown":      {once(`{"type":"startup","value":"` + someone[:35] + `0"},{"type":"étoile","value":1},{"type":"domaine","value":"Design"},{"type":"active_only","value":false}`), "/community?domaine=Design"},
		"empty":        {"filters=", "/community"},
		"unreadable":   {"filters=%7B%22type", "/community"},
		"strange":      {once("[[[{}]]]") + "&filters=%00", "/community"},
		"hostile":      {once(`{"type":"domaine","value":"//exemple.org/\n` + strings.Repeat("a", 300) + `"}`), "/community"},
	} {
		answer := client.Get(t, "/community?"+c.query)
		if got := answer.Header.Get("Location"); answer.Status != http.StatusFound || got != c.want {
			t.Errorf("%s: %d to %q, want %q", name, answer.Status, got, c.want)
			continue
		}
		if page := client.Get(t, c.want); page.Status != http.StatusOK {
			t.Errorf("%s: the page answers %d", name, page.Status)
		}
	}
}

func TestTheDirectoryLeadsWhereThereIsAPage(t *testing.T) {
	list := func(path string) web.Route {
		return web.Get(path, web.Member, func(http.ResponseWriter, *http.Request) error { return nil })
	}
	for name, others := range map[string][]web.Route{"without lists": nil, "with lists": {list("/startups"), list("/teams"), list("/incubators")}} {
		p := open(t, others...)
		p.product(t, "pix", "Pix")
		id := add(t, p.Site, "a.un", "A Un", "Design", "2030-01-01")
		incubator, team := uuid.New(), uuid.New()
		for _, sql := range []string{
			`INSERT INTO incubator (id, slug, title, created_at, updated_at) VALUES ($1, 'inc', 'L’Incubateur', '2024-01-01', '2024-01-01')`,
			`INSERT INTO team (id, slug, name, incubator_id, created_at, updated_at) VALUES ($2, 'eq', 'L’Équipe', $1, '2024-01-01', '2024-01-01')`,
			`INSERT INTO team_member (team_id, member_id) VALUES ($2, $3)`,
			`INSERT INTO mission_startup (mission_id, startup_id) SELECT mission.id, startup.id FROM mission, startup WHERE member_id = $3`,
		} {
			if _, err := p.Pool.Exec(t.Context(), `WITH given AS (SELECT $1::uuid, $2::uuid, $3::uuid) `+sql, incubator, team, id); err != nil {
				t.Fatal(err)
			}
		}
		page := p.As(t, p.Member(t, webtest.Person{Username: "valid.member"})).Get(t, "/community?competence=Go&actifs=1")
		if !strings.Contains(page.Text(), "L’Équipe – L’Incubateur") || !strings.Contains(page.Body, `href="/community?actifs=1&amp;domaine=Design"`) {
			t.Errorf("%s: %s", name, page.Text())
		}
		for _, href := range []string{"/startups/pix", "/teams/" + team.String(), "/incubators/" + incubator.String()} {
			if got := strings.Contains(page.Body, `href="`+href+`"`); got != (others != nil) {
				t.Errorf("%s: leads to %s: %v", name, href, got)
			}
		}
	}
}

func TestCommunityPaginates(t *testing.T) {
	site := start(t)
	viewer := add(t, site, "valid.member", "Valid Member", "Autre", "2030-03-01")
	for i := range 30 {
		add(t, site, fmt.Sprintf("personne%02d.test", i), fmt.Sprintf("Personne %02d", i), "Data", "2030-01-01")
	}
	browser := site.As(t, viewer)
	first, second := browser.Get(t, "/community"), browser.Get(t, "/community?page=2&tri=nom")
	if n := strings.Count(first.Body, `href="/community/personne`); n != 25 {
		t.Errorf("first page shows %d people, want 25", n)
	}
	if n := strings.Count(second.Body, `href="/community/personne`); n != 5 || !strings.Contains(second.Body, "Valid Member") {
		t.Errorf("second page shows %d people, want 5 and the last by name", n)
	}
	if down := browser.Get(t, "/community?tri=-nom"); strings.Index(down.Body, "valid.member") > strings.Index(down.Body, "personne29") {
		t.Error("the descending order is not one")
	}
}

func TestAddressesOfTheActivePeopleFound(t *testing.T) {
	site := start(t)
	viewer := add(t, site, "valid.member", "Valid Member", "Autre", "2030-03-01")
	add(t, site, "b.deux", "B Deux", "Design", "2024-12-19")
	add(t, site, "a.un", "A Un", "Design", "2030-01-01")
	add(t, site, "c.trois", "C Trois", "Design", "2024-12-18")
	none := add(t, site, "d.quatre", "D Quatre", "Design", "2030-01-01")
	if _, err := site.Pool.Exec(t.Context(), `UPDATE member SET primary_email = NULL WHERE id = $1`, none); err != nil {
		t.Fatal(err)
	}
	client := site.As(t, viewer)
	answer := client.Get(t, "/community.txt?domaine=Design")
	if answer.Body != "a.un@betagouv.ovh\nb.deux@betagouv.ovh\n" || !strings.HasPrefix(answer.Header.Get("Content-Type"), "text/plain") {
		t.Errorf("%s %q", answer.Header.Get("Content-Type"), answer.Body)
	}
	page := client.Get(t, "/community?domaine=Design")
	if !strings.Contains(page.Text(), "Voir les 2 adresses emails") || !strings.Contains(page.Body, `href="/community.txt?domaine=Design"`) {
		t.Error("the page does not lead to the addresses")
	}
	if got := client.Get(t, "/community?domaine=Data"); strings.Contains(got.Body, "community.txt") {
		t.Error("nobody is found, and addresses are offered")
	}
	limited := site.As(t, site.Member(t, webtest.Person{Username: "lou.partie", End: "2024-01-01"}))
	if got := limited.Get(t, "/community.txt"); got.Status != http.StatusForbidden {
		t.Errorf("limited: %d", got.Status)
	}
	if got := site.Visitor(t).Get(t, "/community.txt"); got.Status != http.StatusSeeOther {
		t.Errorf("visitor: %d", got.Status)
	}
}

func TestExportHoldsNothingPrivateAndNoFormula(t *testing.T) {
	site := start(t)
	viewer := add(t, site, "valid.member", "Valid Member", "Autre", "2030-03-01")
	add(t, site, "farceur.test", `=HYPERLINK("http://exemple.org")`, "Data", "2030-01-01")
	answer := site.As(t, viewer).Get(t, "/community.csv")
	if strings.Contains(answer.Body, "prive.exemple") {
		t.Error("the export shows a secondary address")
	}
	reader := csv.NewReader(strings.NewReader(answer.Body))
	reader.Comma = ';'
	rows, err := reader.ReadAll()
	if err != nil || len(rows) != 3 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	for _, row := range rows[1:] {
		for _, cell := range row {
			if strings.HasPrefix(cell, "=") {
				t.Errorf("a formula left: %s", cell)
			}
		}
	}
	if anonymous := site.Visitor(t).Get(t, "/community.csv"); anonymous.Status != http.StatusSeeOther {
		t.Errorf("anonymous export: status %d", anonymous.Status)
	}
}

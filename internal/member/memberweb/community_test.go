package memberweb_test

import (
	"context"
	"encoding/csv"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/betagouv/espace-membre/internal/platform/postgres"
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

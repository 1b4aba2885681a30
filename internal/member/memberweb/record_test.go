package memberweb_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/betagouv/espace-membre/internal/testing/webtest"
)

func TestRecordShowsTheSecondaryAddressToItsOwnerAndAdministratorsOnly(t *testing.T) {
	site := start(t)
	owner := add(t, site, "helene.lefevre", "Hélène Lefèvre", "Design", "2030-01-01")
	colleague := add(t, site, "valid.member", "Valid Member", "Autre", "2030-03-01")
	admin := add(t, site, webtest.AdminUsername, "Admin Member", "Autre", "2030-03-01")
	for name, c := range map[string]struct {
		client *webtest.Client
		want   bool
	}{"owner": {site.As(t, owner), true}, "colleague": {site.As(t, colleague), false}, "administrator": {site.As(t, admin), true}} {
		page := c.client.Get(t, "/community/helene.lefevre")
		if page.Status != http.StatusOK || page.Heading() != "Hélène Lefèvre" {
			t.Fatalf("%s: status %d, heading %q", name, page.Status, page.Heading())
		}
		if got := strings.Contains(page.Body, "helene.lefevre@prive.exemple"); got != c.want {
			t.Errorf("%s sees the secondary address: %v, want %v", name, got, c.want)
		}
		if got := strings.Contains(page.Body, "Historique"); got != c.want {
			t.Errorf("%s sees the history: %v, want %v", name, got, c.want)
		}
	}
}

func TestRecordIsSafeAndAbsentOnesAre404(t *testing.T) {
	site := start(t)
	viewer := add(t, site, "valid.member", "Valid Member", "Autre", "2030-03-01")
	add(t, site, "farceur.test", "<script>alert(1)</script>", "Data", "2024-12-18")
	if _, err := site.Pool.Exec(context.Background(), `UPDATE member SET link = 'javascript:alert(1)', bio = '<img onerror=alert(1)>' WHERE username = 'farceur.test'`); err != nil {
		t.Fatal(err)
	}
	client := site.As(t, viewer)
	page := client.Get(t, "/community/farceur.test")
	for _, bad := range []string{"<script>alert", "javascript:alert", "<img onerror"} {
		if strings.Contains(page.Body, bad) {
			t.Errorf("the page holds %q", bad)
		}
	}
	if !strings.Contains(page.Body, "18 décembre 2024") {
		t.Error("the end of the last mission is not told the day after")
	}
	if missing := client.Get(t, "/community/personne.inconnue"); missing.Status != http.StatusNotFound {
		t.Errorf("unknown member: status %d", missing.Status)
	}
}

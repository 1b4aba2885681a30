package profileweb_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/a-h/templ"
	"github.com/google/uuid"

	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/actor"
	"github.com/betagouv/espace-membre/internal/platform/dsfr"
	"github.com/betagouv/espace-membre/internal/profile"
	"github.com/betagouv/espace-membre/internal/profile/profileweb"
	"github.com/betagouv/espace-membre/internal/testing/webtest"
)

// TestPagesInABrowser looks at every page about a person, wide and narrow. With SHOTS=folder the
// pictures are kept there.
func TestPagesInABrowser(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a browser")
	}
	browser := webtest.OpenBrowser(t)
	broken := panel("muet", profileweb.TabMailbox, func(context.Context, actor.Actor, member.Member) (templ.Component, error) {
		return nil, context.DeadlineExceeded
	})
	warned := panel("bandeau", profileweb.Banner, func(_ context.Context, viewer actor.Actor, of member.Member) (templ.Component, error) {
		if viewer.ID != of.ID || of.Username != "zoe.partie" {
			return nil, nil
		}
		return dsfr.Alert(dsfr.AlertParams{Severity: dsfr.Warning, Title: "Ta dernière mission est terminée", Text: "Demande une prolongation."}), nil
	})
	p := startWith(t, profile.Ports{Mailboxes: proHost{}, Deliveries: &deliveries{}}, []string{"/startups", "/community"}, broken, warned)
	ownerID, colleagueID, adminID := people(t, p)
	goneID := p.Member(t, webtest.Person{Username: "zoe.partie", End: "2024-12-01", Secondary: "zoe@prive.exemple"})
	p.lived(t, ownerID)
	owner, colleague, admin, gone, visitor := p.As(t, ownerID), p.As(t, colleagueID), p.As(t, adminID), p.As(t, goneID), p.Visitor(t)
	for name, page := range map[string]struct {
		client *webtest.Client
		path   string
		narrow bool // a variant of another page: the narrow window, the harder one, is enough
	}{
		"account":           {owner, "/account", false},
		"account-accounts":  {owner, "/account/accounts", false},
		"account-mailbox":   {owner, "/account/mailbox", true},
		"account-history":   {owner, "/account/history", false},
		"account-photo":     {owner, "/account/photo", false},
		"member":            {colleague, "/community/helene.lefevre", false},
		"member-accounts":   {colleague, "/community/helene.lefevre/accounts", true},
		"member-mailbox":    {colleague, "/community/helene.lefevre/mailbox", true},
		"admin-mailbox":     {admin, "/community/helene.lefevre/mailbox", false},
		"admin-history":     {admin, "/community/helene.lefevre/history?type=fiche&du=demain", true},
		"admin-gone":        {admin, "/community/zoe.partie", true},
		"gone":              {gone, "/account", true},
		"diagnosis-visitor": {visitor, "/keskispasse", false},
		"diagnosis-sent":    {visitor, "/keskispasse?envoi=1", true},
		"diagnosis-own":     {owner, "/keskispasse", false},
		"diagnosis-admin":   {admin, "/keskispasse?membre=zoe.partie", true},
	} {
		widths := []int64{1280, 390}
		if page.narrow {
			widths = widths[1:]
		}
		for _, width := range widths {
			view := webtest.View{Width: width, Axe: true}
			if folder := os.Getenv("SHOTS"); folder != "" {
				view.Shot = filepath.Join(folder, fmt.Sprintf("%s-%d.png", name, width))
			}
			seen := browser.Look(t, page.client, page.path, view)
			for _, problem := range seen.Problems {
				t.Errorf("%s, %d px: %s", name, width, problem)
			}
			if seen.Overflow != "" {
				t.Errorf("%s, %d px: wider than the window: %s", name, width, seen.Overflow)
			}
		}
	}
}

// lived gives a member a whole record, accounts, and a history of every shape.
func (p *portal) lived(t *testing.T, owner uuid.UUID) {
	t.Helper()
	p.set(t, "helene.lefevre", `role = 'Designeuse', bio = $1, github = 'helene', link = 'https://exemple.org', competences = '{Go,UX}'`, "Une **présentation**, avec [un lien](https://exemple.org).")
	p.exec(t, `INSERT INTO startup (slug, name, created_at, updated_at) VALUES ('aides.jeunes', 'Aides Jeunes', '2024-01-01', '2024-01-01')`)
	p.exec(t, `INSERT INTO mission_startup (mission_id, startup_id) SELECT mission.id, startup.id FROM mission, startup WHERE member_id = $1`, owner)
	p.exec(t, `
		INSERT INTO service_account (member_id, type, service_user_id, metadata, created_at, updated_at)
		VALUES ($1, 'mattermost', 'a', '{"username": "helene", "active": false}', '2024-01-01', '2024-01-01'),
		       ($1, 'matomo', 'b', '{"sites": [{"name": "aides.exemple.org", "type": "website", "accessLevel": "view"}]}', '2024-01-01', '2024-01-01')`, owner)
	p.event(t, owner, "2024-12-01", "valid.member", "MEMBER_BASE_INFO_UPDATED", map[string]any{"role": "", "bio": strings.Repeat("mot ", 40)}, map[string]any{"role": "Designeuse", "bio": "court"})
	p.event(t, owner, "2024-12-02", "system", "MEMBER_LOGIN", nil, nil)
	p.event(t, owner, "2024-12-03", "quelqu.un", "MEMBER_REDIRECTION_CREATED", nil, map[string]any{"value": strings.Repeat("tres-longue-adresse", 5) + "@exemple.org", "copy": true})
}

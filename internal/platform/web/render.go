package web

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/a-h/templ"

	"github.com/betagouv/espace-membre/internal/platform/actor"
	"github.com/betagouv/espace-membre/internal/platform/dsfr"
)

// Page is what a handler shows inside the shell. Its Body begins with an h1.
type Page struct {
	Title      string      // of the window, before " / Espace Membre"
	Breadcrumb []dsfr.Link // after "Accueil"; the last one is the page itself; none: no breadcrumb
	Body       templ.Component
	// Plain hides the main navigation: /verify, pages without session.
	Plain bool
}

// Render writes a page inside the shell. It is built in memory first: an error on the way
// becomes an error page, never half a page.
func Render(w http.ResponseWriter, r *http.Request, status int, page Page) error {
	info := infoOf(r.Context())
	doc := document{
		Page: page, Path: r.URL.Path, Viewer: info.viewer, Flashes: takeFlashes(r), Notice: noticeFor(info), Nonce: info.nonce,
	}
	if info.viewer.LoggedIn() && info.viewer.Standing != actor.Unverified && !page.Plain && info.shell != nil {
		doc.Menu = info.shell.menu(info.viewer, r.URL.Path)
	}
	var buffer bytes.Buffer
	if err := shellPage(doc).Render(r.Context(), &buffer); err != nil {
		return fmt.Errorf("render page %q: %w", page.Title, err)
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = buffer.WriteTo(w) // a browser that left cannot be told
	return nil
}

// document is all that the shell prints.
type document struct {
	Page
	Path    string
	Viewer  actor.Actor
	Flashes []flash
	Notice  *Notice
	Menu    []menuItem
	Nonce   string
}

func (d document) windowTitle() string { return d.Title + " / Espace Membre" }

// supportEmail is where the team of the portal reads.
func supportEmail(ctx context.Context) string {
	if shell := infoOf(ctx).shell; shell != nil {
		return shell.config.SupportEmail
	}
	return ""
}

func noticeFor(info *request) *Notice {
	switch {
	case info.shell == nil:
		return nil
	case info.viewer.LoggedIn():
		return info.shell.config.PrivateNotice
	}
	return info.shell.config.PublicNotice
}

// menuItem is an entry of the main navigation, with children for a drop-down.
type menuItem struct {
	Label    string
	Href     string
	Current  bool
	Children []menuItem
	admin    bool
}

// entries is the whole navigation; what the portal does not serve is left out.
func entries() []menuItem {
	return []menuItem{
		{Label: "Accueil", Href: homePath},
		{Label: "Compte", Href: "/account"},
		{Label: "Membres", Href: "/community"},
		{Label: "Produits", Href: "/startups"},
		{Label: "Communauté", Children: []menuItem{
			{Label: "Incubateurs", Href: "/incubators"},
			{Label: "Sponsors", Href: "/organizations"},
			{Label: "Équipes", Href: "/teams"},
		}},
		{Label: "Formations", Href: "/formations"},
		{Label: "Événements", Href: "/events"},
		{Label: "Infolettres", Href: "/newsletters"},
		{Label: "Admin", Href: "/admin", admin: true},
	}
}

// menu is the navigation of a viewer on a page.
func (s *shell) menu(viewer actor.Actor, path string) []menuItem {
	if viewer.Standing == actor.Limited {
		return s.keep([]menuItem{{Label: "Accueil", Href: homePath}, {Label: "Compte", Href: "/account"}}, viewer, path)
	}
	return s.keep(entries(), viewer, path)
}

func (s *shell) keep(items []menuItem, viewer actor.Actor, path string) []menuItem {
	var kept []menuItem
	for _, item := range items {
		if item.admin && !viewer.Admin {
			continue
		}
		if item.Children != nil {
			if item.Children = s.keep(item.Children, viewer, path); item.Children == nil {
				continue
			}
			for _, child := range item.Children {
				item.Current = item.Current || child.Current
			}
		} else if !s.serves(item.Href) {
			continue
		} else {
			item.Current = path == item.Href || strings.HasPrefix(path, item.Href+"/")
		}
		kept = append(kept, item)
	}
	return kept
}

// Package dashboardweb is the home page, the accessibility statement, and what robots read.
package dashboardweb

import (
	"context"
	"io"
	"net/http"

	"github.com/a-h/templ"

	"github.com/betagouv/espace-membre/internal/platform/actor"
	"github.com/betagouv/espace-membre/internal/platform/dsfr"
	"github.com/betagouv/espace-membre/internal/platform/web"
	"github.com/betagouv/espace-membre/internal/platform/web/static"
)

// Block is what another room shows at the top of the home page; ok is false when it has nothing
// to say to the viewer.
type Block func(ctx context.Context, viewer actor.Actor) (block templ.Component, ok bool, err error)

// Pages serves the home pages.
type Pages struct{ blocks []Block }

// New makes the pages, with the blocks of other rooms from top to bottom.
func New(blocks ...Block) *Pages { return &Pages{blocks} }

// Module is the table of their routes.
func (p *Pages) Module() web.Module {
	return web.Module{Room: "dashboard", Routes: []web.Route{
		web.Get("/{$}", web.Public, p.goHome),
		web.Get("/dashboard", web.Any, p.show),
		web.Get("/accessibilite", web.Public, p.showAccessibility),
		web.Get("/robots.txt", web.Public, p.robots),
		web.Get("/favicon.ico", web.Public, p.favicon),
	}}
}

// goHome serves GET /.
func (p *Pages) goHome(w http.ResponseWriter, r *http.Request) error {
	if web.Viewer(r).LoggedIn() {
		return web.SeeOther(w, r, "/dashboard")
	}
	return web.SeeOther(w, r, "/login")
}

// show serves GET /dashboard.
func (p *Pages) show(w http.ResponseWriter, r *http.Request) error {
	viewer := web.Viewer(r)
	top, err := p.top(r.Context(), viewer)
	if err != nil {
		return err
	}
	body := homeBody(viewer, top, sections(func(path string) bool { return web.Serves(r.Context(), path) }))
	if viewer.Standing == actor.Limited {
		body = limitedBody(viewer, top)
	}
	return web.Render(w, r, http.StatusOK, web.Page{Title: "Accueil", Body: body})
}

// top gathers what other rooms say to a viewer.
func (p *Pages) top(ctx context.Context, viewer actor.Actor) ([]templ.Component, error) {
	var shown []templ.Component
	for _, block := range p.blocks {
		component, ok, err := block(ctx, viewer)
		if err != nil {
			return nil, err
		}
		if ok {
			shown = append(shown, component)
		}
	}
	return shown, nil
}

// showAccessibility serves GET /accessibilite.
func (p *Pages) showAccessibility(w http.ResponseWriter, r *http.Request) error {
	return web.Render(w, r, http.StatusOK, web.Page{
		Title: "Accessibilité", Breadcrumb: []dsfr.Link{{Label: "Accessibilité"}}, Body: accessibilityBody(),
	})
}

// robots serves GET /robots.txt: the portal is not to be indexed.
func (p *Pages) robots(w http.ResponseWriter, _ *http.Request) error {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, err := io.WriteString(w, "User-agent: *\nDisallow: /\n")
	return err
}

// favicon serves GET /favicon.ico, which browsers ask by habit.
func (p *Pages) favicon(w http.ResponseWriter, r *http.Request) error {
	http.Redirect(w, r, static.URL("dsfr/favicon/favicon.ico"), http.StatusFound)
	return nil
}

// section is a group of tiles.
type section struct {
	Title string
	Tiles []dsfr.TileParams
}

// sections keeps the tiles whose page the portal serves.
func sections(serves func(path string) bool) []section {
	var kept []section
	for _, s := range allSections() {
		var tiles []dsfr.TileParams
		for _, tile := range s.Tiles {
			if serves(tile.Href) {
				tiles = append(tiles, tile)
			}
		}
		if len(tiles) > 0 {
			kept = append(kept, section{Title: s.Title, Tiles: tiles})
		}
	}
	return kept
}

func allSections() []section {
	return []section{
		{"Gérer mon compte", []dsfr.TileParams{
			{Title: "Ma fiche membre", Description: "Tes informations, tes missions, ton adresse et tes comptes.", Href: "/account", Pictogram: "digital/avatar"},
			{Title: "Fiches produit", Description: "Tenir à jour la fiche de ton produit.", Href: "/startups", Pictogram: "digital/application"},
		}},
		{"Actualités", []dsfr.TileParams{
			{Title: "Formations", Description: "Le catalogue des formations de la communauté.", Href: "/formations", Pictogram: "digital/self-training"},
			{Title: "Événements", Description: "Les prochains rendez-vous.", Href: "/events", Pictogram: "digital/calendar"},
			{Title: "Infolettres", Description: "Les nouvelles de la communauté, et leurs archives.", Href: "/newsletters", Pictogram: "digital/mail-send"},
		}},
		{"Explorer la communauté", []dsfr.TileParams{
			{Title: "Communauté", Description: "Retrouver une personne, par son nom, son produit ou ses compétences.", Href: "/community", Pictogram: "leisure/community"},
			{Title: "Observatoire", Description: "La communauté en chiffres.", Href: "/metabase", Pictogram: "digital/data-visualization"},
		}},
	}
}

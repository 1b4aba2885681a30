// Package consoleweb is the pages of administrators: their home, the letters, the mails that did not
// arrive.
package consoleweb

import (
	"net/http"

	"github.com/betagouv/espace-membre/internal/mailinglist"
	"github.com/betagouv/espace-membre/internal/platform/dsfr"
	"github.com/betagouv/espace-membre/internal/platform/mail"
	"github.com/betagouv/espace-membre/internal/platform/web"
)

// Pages serves the administrators' pages.
type Pages struct {
	letters []mail.Specimen
	lists   *mailinglist.Service
}

// New makes the pages: every letter of the product, and the room that knows what did not arrive.
func New(letters []mail.Specimen, lists *mailinglist.Service) *Pages {
	return &Pages{letters: letters, lists: lists}
}

// Module is the table of their routes.
func (p *Pages) Module() web.Module {
	return web.Module{Room: "console", Routes: []web.Route{
		web.Get("/admin", web.Admin, p.showHome),
		web.Get("/admin/emails", web.Admin, p.showLetters),
		web.Get("/admin/emails/{name}", web.Admin, p.showLetter),
		web.Get("/admin/emails/{name}/html", web.Admin, p.showLetterHTML),
		web.Get("/admin/undelivered", web.Admin, p.showUndelivered),
	}}
}

// showHome serves GET /admin.
func (p *Pages) showHome(w http.ResponseWriter, r *http.Request) error {
	var tiles []dsfr.TileParams
	for _, tile := range allTiles() {
		if web.Serves(r.Context(), tile.Href) {
			tiles = append(tiles, tile)
		}
	}
	return web.Render(w, r, http.StatusOK, web.Page{Title: "Administration", Breadcrumb: []dsfr.Link{{Label: "Administration"}}, Body: homeBody(tiles)})
}

// allTiles lists the pages of administrators; those that the portal does not serve are left out.
func allTiles() []dsfr.TileParams {
	return []dsfr.TileParams{
		{Title: "Tâches planifiées", Description: "Ce qui tourne, ce qui attend une confirmation, ce qui a échoué.", Href: "/admin/jobs", Pictogram: "system/system"},
		{Title: "Historique", Description: "Qui a changé quoi, et quand.", Href: "/admin/events", Pictogram: "digital/calendar"},
		{Title: "Départs", Description: "Les étapes de chaque départ, et ce qui vient ensuite.", Href: "/admin/departures", Pictogram: "digital/avatar"},
		{Title: "Messages envoyés par le portail", Description: "Chaque lettre, en HTML et en texte, avec des données d’exemple.", Href: "/admin/emails", Pictogram: "digital/mail-send"},
		{Title: "Mails non arrivés", Description: "Les adresses qui refusent ou renvoient nos messages.", Href: "/admin/undelivered", Pictogram: "system/technical-error"},
		{Title: "Redirections", Description: "Qui reçoit le courrier de qui.", Href: "/admin/redirections", Pictogram: "digital/data-visualization"},
		{Title: "Messagerie", Description: "Écrire aux membres sur la messagerie.", Href: "/admin/mattermost", Pictogram: "leisure/community"},
		{Title: "Prolongations demandées", Description: "Les demandes en attente de réponse.", Href: "/admin/extensions", Pictogram: "digital/self-training"},
	}
}

// crumbs is the way to a page of administrators.
func crumbs(rest ...dsfr.Link) []dsfr.Link {
	return append([]dsfr.Link{{Label: "Administration", Href: "/admin"}}, rest...)
}

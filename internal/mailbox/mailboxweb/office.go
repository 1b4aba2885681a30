package mailboxweb

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/betagouv/espace-membre/internal/mailbox"
	"github.com/betagouv/espace-membre/internal/platform/dsfr"
	"github.com/betagouv/espace-membre/internal/platform/web"
)

// Office serves the pages about mailboxes that only administrators see.
type Office struct{ room *mailbox.Service }

// NewOffice makes the pages.
func NewOffice(room *mailbox.Service) *Office { return &Office{room} }

// Module is their routes.
func (o *Office) Module() web.Module {
	return web.Module{Room: "mailbox", Routes: []web.Route{
		web.Get("/admin/redirections", web.Admin, o.showRedirections),
		web.Get("/admin/mailboxes", web.Admin, o.showRestorables),
		web.Post("/community/{username}/mailbox/restore", web.Admin, o.restore),
	}}
}

// showRestorables serves GET /admin/mailboxes: who came back, and whose address did not yet.
func (o *Office) showRestorables(w http.ResponseWriter, r *http.Request) error {
	list, err := o.room.Restorables(r.Context(), web.Viewer(r))
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, web.Page{
		Title: "Adresses à rétablir", Breadcrumb: officeCrumb(r, "Adresses à rétablir"), Body: restorablesBody(list),
	})
}

// restore serves POST /community/{username}/mailbox/restore.
func (o *Office) restore(w http.ResponseWriter, r *http.Request) error {
	username := r.PathValue("username")
	asked, err := o.room.RestoreAddress(r.Context(), web.Viewer(r), username)
	back := "/community/" + url.PathEscape(username)
	switch messages, refused := web.Invalid(err); {
	case refused:
		web.Flash(r, dsfr.Error, messages[""])
	case err != nil:
		return err
	case len(asked) == 0:
		web.Flash(r, dsfr.Info, "Rien n’est à rétablir, ou cela est déjà demandé.")
	default:
		web.Flash(r, dsfr.Success, "C’est demandé. Dans quelques minutes : "+strings.Join(asked, " ; ")+".")
	}
	return web.SeeOther(w, r, back)
}

// RestorePath is where the form of the button that restores an address goes.
func RestorePath(username string) string {
	return "/community/" + url.PathEscape(username) + "/mailbox/restore"
}

// officeCrumb leads back to the home of administration, where the portal has one.
func officeCrumb(r *http.Request, title string) []dsfr.Link {
	home := dsfr.Link{Label: "Administration"}
	if web.Serves(r.Context(), "/admin") {
		home.Href = "/admin"
	}
	return []dsfr.Link{home, {Label: title}}
}

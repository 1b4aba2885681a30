package consoleweb

import (
	"fmt"
	"net/http"

	"github.com/a-h/templ"

	"github.com/betagouv/espace-membre/internal/mailinglist"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/dsfr"
	"github.com/betagouv/espace-membre/internal/platform/web"
)

// shownRefusals is how many addresses the page lists.
const shownRefusals = 200

// showUndelivered serves GET /admin/undelivered.
func (p *Pages) showUndelivered(w http.ResponseWriter, r *http.Request) error {
	notes, err := p.lists.Refusals(r.Context(), web.Viewer(r), shownRefusals)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, web.Page{
		Title: "Mails non arrivés", Breadcrumb: crumbs(dsfr.Link{Label: "Mails non arrivés"}), Body: undeliveredBody(notesTable(notes), len(notes)),
	})
}

func notesTable(notes []mailinglist.Note) dsfr.TableParams {
	t := dsfr.TableParams{Caption: "Adresses qui ne reçoivent pas", HideCaption: true, Columns: []dsfr.Column{
		{Label: "Membre"}, {Label: "Adresse"}, {Label: "Ce qui s’est passé"}, {Label: "Réponse du serveur"}, {Label: "Mails"}, {Label: "Dernière fois"},
	}}
	for _, n := range notes {
		t.Rows = append(t.Rows, []templ.Component{
			holder(n.Username), dsfr.Text(n.Address), dsfr.Text(n.Kind.French()), dsfr.Text(n.Detail), dsfr.Text(fmt.Sprint(n.Times)), dsfr.Text(clock.DayOf(n.LastAt).French()),
		})
	}
	return t
}

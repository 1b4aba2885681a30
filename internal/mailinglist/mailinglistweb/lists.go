package mailinglistweb

import (
	"cmp"
	"net/http"

	"github.com/betagouv/espace-membre/internal/mailinglist"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/dsfr"
	"github.com/betagouv/espace-membre/internal/platform/web"
)

const listsPath = "/account/lists"

// showLists serves GET /account/lists.
func (p *Pages) showLists(w http.ResponseWriter, r *http.Request) error {
	viewer := web.Viewer(r)
	choices, err := p.room.Choices(r.Context(), viewer, viewer.ID)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, web.Page{
		Title: "Mes listes", Breadcrumb: []dsfr.Link{{Label: "Compte", Href: "/account"}, {Label: "Mes listes"}}, Body: listsBody(choices),
	})
}

// chooseList serves POST /account/lists/{list}. The field "retour" names the page of ours to show next.
func (p *Pages) chooseList(w http.ResponseWriter, r *http.Request) error {
	about, err := mailinglist.ListNamed(r.PathValue("list"))
	if err != nil {
		return err
	}
	viewer, receive := web.Viewer(r), web.Text(r, "recevoir") == "oui"
	if err := p.room.Choose(r.Context(), viewer, viewer.ID, about.List, receive); err != nil {
		return err
	}
	web.Flash(r, dsfr.Success, confirmation(about, receive))
	return web.SeeOther(w, r, cmp.Or(web.LocalPath(web.Text(r, "retour")), listsPath))
}

func confirmation(about mailinglist.About, receive bool) string {
	if receive {
		return "C’est noté : tu recevras de nouveau « " + about.Title + " » d’ici quelques minutes."
	}
	return "C’est noté : tu ne recevras plus « " + about.Title + " » d’ici quelques minutes."
}

func since(c mailinglist.Choice) string { return clock.DayOf(*c.RefusedAt).French() }

// leavePage is what the link of a letter shows.
type leavePage struct {
	About     mailinglist.About
	Member    string
	Signature string
	Refused   bool // already, or just now
	Done      bool // just now
}

// showLeave serves GET /lists/unsubscribe: nothing changes until the button is pressed, since mail
// programs open links by themselves.
func (p *Pages) showLeave(w http.ResponseWriter, r *http.Request) error {
	link, err := p.room.Links().Read(r.URL.Query())
	if err != nil {
		return renderBadLink(w, r, err)
	}
	refused, err := p.room.RefusesByLink(r.Context(), link)
	if err != nil {
		return err
	}
	return renderLeave(w, r, link, refused, false)
}

// leave serves POST /lists/unsubscribe: the button of the page, or the one of a mail program, which
// sends "List-Unsubscribe=One-Click" and no choice (RFC 8058). Repeating it changes nothing.
func (p *Pages) leave(w http.ResponseWriter, r *http.Request) error {
	_ = r.PostFormValue("") // reads the form, the query included
	link, err := p.room.Links().Read(r.Form)
	if err != nil {
		return renderBadLink(w, r, err)
	}
	receive := r.PostFormValue("recevoir") == "oui"
	if err := p.room.ChooseByLink(r.Context(), link, receive); err != nil {
		return err
	}
	return renderLeave(w, r, link, !receive, true)
}

func renderLeave(w http.ResponseWriter, r *http.Request, link mailinglist.Link, refused, done bool) error {
	return web.Render(w, r, http.StatusOK, web.Page{Title: link.About.Title, Plain: true, Body: leaveBody(leavePage{
		About: link.About, Member: link.Member.String(), Signature: r.FormValue("signature"), Refused: refused, Done: done,
	})})
}

// renderBadLink tells that a link was cut or made up.
func renderBadLink(w http.ResponseWriter, r *http.Request, err error) error {
	messages, ok := web.Invalid(err)
	if !ok {
		return err
	}
	return web.Render(w, r, http.StatusUnprocessableEntity, web.Page{Title: "Lien incomplet", Plain: true, Body: badLinkBody(messages[""])})
}

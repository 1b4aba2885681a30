package signinweb

import (
	"cmp"
	"net/http"

	"github.com/betagouv/espace-membre/internal/platform/web"
	"github.com/betagouv/espace-membre/internal/signin"
)

// landing is what the page of a link tells before it is used.
type landing struct {
	Token string
	Owner signin.Owner
	// Replaced is the full name of who is logged in here, when it is somebody else.
	Replaced string
}

// showLanding serves GET /signin: it uses nothing, mail scanners may open it. It tells whose account
// opens, since anybody may send anybody a link of their own. Old links hold everything after a
// "#", which never reaches us: they get the form to ask a new one.
func (p *Pages) showLanding(w http.ResponseWriter, r *http.Request) error {
	token, viewer := r.URL.Query().Get("token"), web.Viewer(r)
	switch {
	case token == "" && viewer.LoggedIn():
		return web.SeeOther(w, r, "/dashboard")
	case token == "":
		return web.Render(w, r, http.StatusOK, loginPage(loginForm{Old: true}))
	}
	owner, err := p.signin.OwnerOf(r.Context(), token)
	if messages, ok := web.Invalid(err); ok {
		return deadLink(w, r, messages[""])
	}
	if err != nil {
		return err
	}
	page := landing{Token: token, Owner: owner}
	if viewer.LoggedIn() && viewer.ID != owner.ID {
		page.Replaced = viewer.Fullname
	}
	return web.Render(w, r, http.StatusOK, web.Page{Title: "Me connecter", Body: landingBody(page), Plain: true})
}

func deadLink(w http.ResponseWriter, r *http.Request, reason string) error {
	return web.Render(w, r, http.StatusUnprocessableEntity, web.Page{Title: "Lien expiré", Body: deadLinkBody(reason), Plain: true})
}

// useLink serves POST /signin.
func (p *Pages) useLink(w http.ResponseWriter, r *http.Request) error {
	entry, err := p.signin.Consume(r.Context(), web.Text(r, "token"))
	if messages, ok := web.Invalid(err); ok {
		return deadLink(w, r, messages[""])
	}
	if err != nil {
		return err
	}
	if err := p.sessions.LogIn(r.Context(), entry.Member); err != nil {
		return err
	}
	if _, err := p.sessions.Purge(r.Context()); err != nil {
		return err
	}
	return web.SeeOther(w, r, cmp.Or(web.LocalPath(entry.Next), "/dashboard"))
}

// logout serves POST /logout.
func (p *Pages) logout(w http.ResponseWriter, r *http.Request) error {
	if err := p.sessions.LogOut(r.Context()); err != nil {
		return err
	}
	return web.SeeOther(w, r, "/login?sortie=1")
}

package signinweb

import (
	"cmp"
	"net/http"

	"github.com/betagouv/espace-membre/internal/platform/web"
)

// showLanding serves GET /signin: it uses nothing, mail scanners may open it. Old links hold
// everything after a "#", which never reaches us: they get the form to ask a new one.
func (p *Pages) showLanding(w http.ResponseWriter, r *http.Request) error {
	token := r.URL.Query().Get("token")
	switch {
	case token != "":
		return web.Render(w, r, http.StatusOK, web.Page{Title: "Me connecter", Body: landingBody(token), Plain: true})
	case web.Viewer(r).LoggedIn():
		return web.SeeOther(w, r, "/dashboard")
	}
	return web.Render(w, r, http.StatusOK, loginPage(loginForm{}))
}

// useLink serves POST /signin.
func (p *Pages) useLink(w http.ResponseWriter, r *http.Request) error {
	entry, err := p.signin.Consume(r.Context(), web.Text(r, "token"))
	if messages, ok := web.Invalid(err); ok {
		return web.Render(w, r, http.StatusUnprocessableEntity, web.Page{Title: "Lien expiré", Body: deadLinkBody(messages[""]), Plain: true})
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

package signinweb

import (
	"errors"
	"net/http"

	"github.com/betagouv/espace-membre/internal/platform/web"
	"github.com/betagouv/espace-membre/internal/signin"
)

// loginForm is the login page's state.
type loginForm struct {
	Email   string
	Next    string
	First   bool // invited: the address came in the link of a welcome message
	Sent    bool
	Left    bool // just logged out
	TooMany bool
	Errors  map[string]string
}

// showLogin serves GET /login.
func (p *Pages) showLogin(w http.ResponseWriter, r *http.Request) error {
	query := r.URL.Query()
	form := loginForm{
		Email: query.Get("secondary_email"), Next: web.LocalPath(query.Get("next")),
		Sent: query.Has("envoi"), Left: query.Has("sortie"),
	}
	form.First = form.Email != ""
	return web.Render(w, r, http.StatusOK, loginPage(form))
}

// askLink serves POST /login. The answer is the same whoever owns the address, or nobody.
func (p *Pages) askLink(w http.ResponseWriter, r *http.Request) error {
	form := loginForm{Email: web.Text(r, "email"), Next: web.LocalPath(web.Text(r, "next"))}
	err := p.signin.RequestLink(r.Context(), signin.Ask{Address: form.Email, Client: web.ClientAddress(r), Next: form.Next})
	if errors.Is(err, signin.ErrTooMany) {
		form.TooMany = true
		return web.Render(w, r, http.StatusTooManyRequests, loginPage(form))
	}
	if messages, ok := web.Invalid(err); ok {
		form.Errors = messages
		return web.Render(w, r, http.StatusUnprocessableEntity, loginPage(form))
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, "/login?envoi=1")
}

func loginPage(form loginForm) web.Page {
	return web.Page{Title: "Me connecter", Body: loginBody(form)}
}

package signinweb

import (
	"errors"
	"net/http"
	"net/url"

	"github.com/betagouv/espace-membre/internal/platform/web"
	"github.com/betagouv/espace-membre/internal/signin"
)

// loginForm is the login page's state.
type loginForm struct {
	Email   string
	Next    string
	First   bool // invited: the address came in the link of a welcome message
	Sent    bool
	Old     bool // came by a link of before, which says nothing to us
	Left    bool // just logged out
	TooMany bool
	Errors  map[string]string
}

// showLogin serves GET /login.
func (p *Pages) showLogin(w http.ResponseWriter, r *http.Request) error {
	query := r.URL.Query()
	form := loginForm{
		Email: query.Get("secondary_email"), Next: p.local(query.Get("next")),
		Sent: query.Has("envoi"), Left: query.Has("sortie"),
	}
	form.First = form.Email != ""
	if form.Sent {
		form.Email = p.sessions.Pop(r.Context(), askedAddress)
	}
	return web.Render(w, r, http.StatusOK, loginPage(form))
}

// askedAddress keeps, until the next page, the address for which a link was asked: a mistake in it
// can be seen and corrected, and no address stands in a URL.
const askedAddress = "login-address"

// local is a page of ours to open after login; "" for anything else.
func (p *Pages) local(next string) string { return web.LocalPath(p.signin.OwnPath(next)) }

// askLink serves POST /login. The answer is the same whoever owns the address, or nobody.
func (p *Pages) askLink(w http.ResponseWriter, r *http.Request) error {
	form := loginForm{Email: web.Text(r, "email"), Next: p.local(web.Text(r, "next"))}
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
	p.sessions.Put(r.Context(), askedAddress, form.Email)
	sent := url.Values{"envoi": {"1"}}
	if form.Next != "" {
		sent.Set("next", form.Next)
	}
	return web.SeeOther(w, r, "/login?"+sent.Encode())
}

func loginPage(form loginForm) web.Page {
	return web.Page{Title: "Me connecter", Body: loginBody(form)}
}

package mailboxweb

import (
	"net/http"

	"github.com/google/uuid"

	"github.com/betagouv/espace-membre/internal/mailbox"
	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/web"
)

type passwordPage struct {
	Account mailbox.Account
	Closed  string // why no password can be chosen; "" when one can
	First   bool   // none was chosen yet, or it no longer works
	Rules   []mailbox.PasswordRule
	Form    string
	Errors  map[string]string
}

// showPassword serves GET /account/password.
func (p *Pages) showPassword(w http.ResponseWriter, r *http.Request) error {
	a, err := p.account(r)
	if err != nil {
		return err
	}
	return p.renderPassword(w, r, http.StatusOK, passwordPage{Account: a, Form: uuid.NewString()})
}

// changePassword serves POST /account/password. The password is read as typed: spaces around it
// are a mistake to be told, not to be corrected.
func (p *Pages) changePassword(w http.ResponseWriter, r *http.Request) error {
	a, err := p.account(r)
	if err != nil {
		return err
	}
	d, err := p.demand(r, a)
	if err == nil {
		err = p.self.ChangePassword(r.Context(), d, r.PostFormValue(mailbox.PasswordField))
	}
	if messages, ok := refused(err); ok {
		return p.renderPassword(w, r, http.StatusUnprocessableEntity, passwordPage{Account: a, Form: numberOf(r), Errors: messages})
	}
	if err != nil {
		return err
	}
	return follow(w, r, a, d)
}

func (p *Pages) renderPassword(w http.ResponseWriter, r *http.Request, status int, page passwordPage) error {
	page.Rules, page.Closed = mailbox.PasswordRules(), page.Account.WhyNot(mailbox.ToOpen)
	page.First = page.Account.Status == member.StatusPasswordPending || page.Account.Status == member.StatusSuspended
	title := "Changer mon mot de passe"
	if page.First {
		title = "Définir mon mot de passe"
	}
	return web.Render(w, r, status, web.Page{Title: title, Breadcrumb: breadcrumb(page.Account, title), Body: passwordBody(title, page)})
}

package mailboxweb

import (
	"fmt"
	"net/http"

	"github.com/google/uuid"

	"github.com/betagouv/espace-membre/internal/mailbox"
	"github.com/betagouv/espace-membre/internal/platform/web"
)

func hintOfPassword() string {
	return fmt.Sprintf("Entre %d et %d caractères, selon la règle ci-dessus.", mailbox.PasswordMin, mailbox.PasswordMax)
}

type redirectionsPage struct {
	Account mailbox.Account
	Out     mailbox.Outside
	Known   bool   // what the vendor says is there
	Closed  string // why nothing can be redirected; "" when it can
	Form    string
	Removal string // number of the forms that remove
	Target  string
	Copy    bool
	Errors  map[string]string
}

// showRedirections serves GET /account/redirections.
func (p *Pages) showRedirections(w http.ResponseWriter, r *http.Request) error {
	a, err := p.account(r)
	if err != nil {
		return err
	}
	return p.renderRedirections(w, r, http.StatusOK, redirectionsPage{Account: a, Form: uuid.NewString(), Copy: true})
}

// createRedirection serves POST /account/redirections.
func (p *Pages) createRedirection(w http.ResponseWriter, r *http.Request) error {
	a, err := p.account(r)
	if err != nil {
		return err
	}
	page := redirectionsPage{Account: a, Form: numberOf(r), Target: web.Text(r, mailbox.TargetField), Copy: web.Checked(r, "keep_copy")}
	d, err := p.demand(r, a)
	if err == nil {
		err = p.self.CreateRedirection(r.Context(), d, page.Target, page.Copy)
	}
	if messages, ok := refused(err); ok {
		page.Errors = messages
		return p.renderRedirections(w, r, http.StatusUnprocessableEntity, page)
	}
	if err != nil {
		return err
	}
	return follow(w, r, a, d)
}

// deleteRedirection serves POST /account/redirections/delete.
func (p *Pages) deleteRedirection(w http.ResponseWriter, r *http.Request) error {
	a, err := p.account(r)
	if err != nil {
		return err
	}
	d, err := p.demand(r, a)
	if err == nil {
		err = p.self.DeleteRedirection(r.Context(), d, web.Text(r, "redirection"), web.Text(r, "target"))
	}
	if messages, ok := refused(err); ok {
		return p.renderRedirections(w, r, http.StatusUnprocessableEntity, redirectionsPage{Account: a, Form: uuid.NewString(), Copy: true, Errors: messages})
	}
	if err != nil {
		return err
	}
	return follow(w, r, a, d)
}

func (p *Pages) renderRedirections(w http.ResponseWriter, r *http.Request, status int, page redirectionsPage) error {
	page.Closed = page.Account.WhyNot(mailbox.ToRedirect)
	if page.Closed == "" {
		page.Out, page.Known = p.outside(r.Context(), page.Account)
		page.Closed = basicOnly(page.Out, page.Known, "Les redirections n’existent")
	}
	const title = "Rediriger mes mails"
	return web.Render(w, r, status, web.Page{Title: title, Breadcrumb: breadcrumb(page.Account, title), Body: redirectionsBody(page)})
}

// basicOnly says why what only the MX Plan has is closed to this mailbox; "" when it is open, or
// when the vendor does not say.
func basicOnly(out mailbox.Outside, known bool, what string) string {
	switch {
	case !known:
		return ""
	case !out.HasBox:
		return "Aucune boîte n’existe pour cette adresse."
	case out.Box.Plan != mailbox.PlanBasic:
		return what + " qu’avec l’offre MX Plan. Avec l’" + mailbox.PlanLabel(out.Box.Plan) + ", c’est dans le webmail que cela se règle."
	}
	return ""
}

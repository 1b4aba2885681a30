package mailboxweb

import (
	"net/http"

	"github.com/google/uuid"

	"github.com/betagouv/espace-membre/internal/mailbox"
	"github.com/betagouv/espace-membre/internal/platform/web"
)

type creationPage struct {
	Account mailbox.Account
	Address string // to be made
	Closed  string // why there can be no mailbox; "" when there can
	Form    string
	Errors  map[string]string
}

// showCreation serves GET /account/mailbox/create and the same about somebody else.
func (p *Pages) showCreation(w http.ResponseWriter, r *http.Request) error {
	a, err := p.account(r)
	if err != nil {
		return err
	}
	return p.renderCreation(w, r, http.StatusOK, creationPage{Account: a, Form: uuid.NewString()})
}

// create serves POST of both.
func (p *Pages) create(w http.ResponseWriter, r *http.Request) error {
	a, err := p.account(r)
	if err != nil {
		return err
	}
	d, err := p.demand(r, a)
	if err == nil {
		err = p.self.CreateMailbox(r.Context(), d)
	}
	if messages, ok := refused(err); ok {
		return p.renderCreation(w, r, http.StatusUnprocessableEntity, creationPage{Account: a, Form: numberOf(r), Errors: messages})
	}
	if err != nil {
		return err
	}
	return follow(w, r, a, d)
}

func (p *Pages) renderCreation(w http.ResponseWriter, r *http.Request, status int, page creationPage) error {
	page.Address, page.Closed = page.Account.Username+"@"+p.self.Domain(), page.Account.WhyNot(mailbox.ToCreate)
	title := "Créer la boîte de " + page.Account.Fullname
	if page.Account.Own {
		title = "Créer ma boîte"
	}
	return web.Render(w, r, status, web.Page{Title: title, Breadcrumb: breadcrumb(page.Account, title), Body: creationBody(title, page)})
}

// notified says where the owner is told that the mailbox is ready.
func (p creationPage) notified() string {
	switch {
	case p.Account.Own && p.Account.Secondary != "":
		return "ton adresse secondaire, " + p.Account.Secondary
	case p.Account.Own:
		return "ton adresse actuelle, " + p.Account.Primary
	case p.Account.Secondary != "":
		return "son adresse secondaire, " + p.Account.Secondary
	case p.Account.Private && p.Account.Primary != "":
		return "son adresse actuelle, " + p.Account.Primary
	}
	return "l’adresse secondaire de la personne"
}

// replaced says what becomes of an address that the new one takes the place of; "" when there
// is none.
func (p creationPage) replaced() string {
	a := p.Account
	switch {
	case !a.Foreign:
		return ""
	case a.Secondary == "":
		return a.Primary + " deviendra l’adresse secondaire : elle continuera d’ouvrir l’Espace Membre. Un message le lui dira."
	}
	return "La nouvelle adresse remplacera " + a.Primary + " comme adresse principale. L’adresse secondaire ne change pas. L’ancienne adresse sera prévenue."
}

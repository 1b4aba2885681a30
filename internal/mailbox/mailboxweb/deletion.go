package mailboxweb

import (
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/betagouv/espace-membre/internal/mailbox"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/dsfr"
	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/platform/web"
)

type deletionPage struct {
	Account mailbox.Account
	Leaves  string // where the mails then go
	Hours   int    // to change one's mind
	Late    bool   // the day of the one that waits has passed
	Closed  string // why it cannot be deleted; "" when it can
	Form    string
	Errors  map[string]string
}

// showDeletion serves GET /account/mailbox/delete and the same about somebody else.
func (p *Pages) showDeletion(w http.ResponseWriter, r *http.Request) error {
	a, err := p.account(r)
	if err != nil {
		return err
	}
	return p.renderDeletion(w, r, http.StatusOK, deletionPage{Account: a, Form: uuid.NewString()})
}

// remove serves POST of both.
func (p *Pages) remove(w http.ResponseWriter, r *http.Request) error {
	a, err := p.account(r)
	if err != nil {
		return err
	}
	d, err := p.demand(r, a)
	switch {
	case err != nil:
	case !web.Checked(r, mailbox.ConfirmField):
		err = fault.Field(mailbox.ConfirmField, "Coche cette case pour confirmer.")
	default:
		err = p.self.DeleteMailbox(r.Context(), d)
	}
	if messages, ok := refused(err); ok {
		return p.renderDeletion(w, r, http.StatusUnprocessableEntity, deletionPage{Account: a, Form: numberOf(r), Errors: messages})
	}
	if err != nil {
		return err
	}
	return follow(w, r, a, d)
}

// keep serves POST /account/mailbox/keep: the mind was changed in time.
func (p *Pages) keep(w http.ResponseWriter, r *http.Request) error {
	a, err := p.account(r)
	if err != nil {
		return err
	}
	d, err := p.demand(r, a)
	if err == nil {
		err = p.self.KeepMailbox(r.Context(), d)
	}
	if messages, ok := refused(err); ok {
		return p.renderDeletion(w, r, http.StatusUnprocessableEntity, deletionPage{Account: a, Form: uuid.NewString(), Errors: messages})
	}
	if err != nil {
		return err
	}
	web.Flash(r, dsfr.Success, "C’est noté : la boîte est gardée.")
	return web.SeeOther(w, r, base(a))
}

func (p *Pages) renderDeletion(w http.ResponseWriter, r *http.Request, status int, page deletionPage) error {
	page.Leaves, page.Hours = p.self.LeavesEmail(), int(p.self.Regret()/time.Hour)
	page.Closed = page.Account.WhyNot(mailbox.ToDelete)
	if d := page.Account.Deletion; d != nil {
		page.Late = !p.clock.Now().Before(d.DueAt)
	}
	title := "Supprimer la boîte de " + page.Account.Fullname
	if page.Account.Own {
		title = "Supprimer ma boîte"
	}
	return web.Render(w, r, status, web.Page{Title: title, Breadcrumb: breadcrumb(page.Account, title), Body: deletionBody(title, page)})
}

// at says an instant, in Paris.
func at(t time.Time) string {
	return clock.DayOf(t).French() + " à " + t.In(clock.Paris()).Format("15 h 04")
}

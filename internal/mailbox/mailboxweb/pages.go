// Package mailboxweb is the pages of mailbox self-service: what members set on their own mailbox,
// what colleagues and administrators do to another's, how far each demand is, and the blocks
// that the pages about a person show.
package mailboxweb

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"github.com/google/uuid"

	"github.com/betagouv/espace-membre/internal/mailbox"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/dsfr"
	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/platform/web"
)

// vendorBudget is how long a page waits for what a vendor says; later, its part is grey.
const vendorBudget = 450 * time.Millisecond

// Pages serves the pages.
type Pages struct {
	self  *mailbox.SelfService
	clock clock.Clock
}

// New makes the pages.
func New(self *mailbox.SelfService, clk clock.Clock) *Pages { return &Pages{self: self, clock: clk} }

// Module is the table of their routes. Whether a right holds is decided by the use-cases: a
// limited session may read why something is closed to it.
func (p *Pages) Module() web.Module {
	return web.Module{Room: "mailbox", Routes: []web.Route{
		web.Get("/account/password", web.Any, p.showPassword),
		web.Post("/account/password", web.Any, p.changePassword),
		web.Get("/account/redirections", web.Any, p.showRedirections),
		web.Post("/account/redirections", web.Any, p.createRedirection),
		web.Post("/account/redirections/delete", web.Any, p.deleteRedirection),
		web.Get("/account/auto-reply", web.Any, p.showReply),
		web.Post("/account/auto-reply", web.Any, p.setReply),
		web.Post("/account/auto-reply/delete", web.Any, p.deleteReply),
		web.Get("/account/mailbox/create", web.Any, p.showCreation),
		web.Post("/account/mailbox/create", web.Any, p.create),
		web.Get("/account/mailbox/delete", web.Any, p.showDeletion),
		web.Post("/account/mailbox/delete", web.Any, p.remove),
		web.Post("/account/mailbox/keep", web.Any, p.keep),
		web.Get("/account/mailbox/progress", web.Any, p.showProgress),
		web.Get("/community/{username}/mailbox/create", web.Member, p.showCreation),
		web.Post("/community/{username}/mailbox/create", web.Member, p.create),
		web.Get("/community/{username}/mailbox/progress", web.Member, p.showProgress),
		web.Get("/community/{username}/mailbox/delete", web.Admin, p.showDeletion),
		web.Post("/community/{username}/mailbox/delete", web.Admin, p.remove),
		web.Post("/community/{username}/mailbox/keep", web.Admin, p.keep),
		web.Get("/community/{username}/mailbox/upgrade", web.Admin, p.showUpgrade),
		web.Post("/community/{username}/mailbox/upgrade", web.Admin, p.upgrade),
		web.Post("/community/{username}/mailbox/unblock", web.Admin, p.unblock),
	}}
}

// account reads the mailbox that a page is about: that of the path, else the viewer's own.
func (p *Pages) account(r *http.Request) (mailbox.Account, error) {
	viewer := web.Viewer(r)
	id := viewer.ID
	if username := r.PathValue("username"); username != "" {
		var err error
		if id, err = p.self.Find(r.Context(), username); err != nil {
			return mailbox.Account{}, err
		}
	}
	return p.self.Account(r.Context(), viewer, id)
}

// formField is the name of the number that each form bears, so that sending it twice asks once.
const formField = "form"

// demand reads who asks, about whom, and the number of the form. A form without number is one
// of its own.
func (p *Pages) demand(r *http.Request, a mailbox.Account) (mailbox.Demand, error) {
	d := mailbox.Demand{By: web.Viewer(r), Of: a.ID, Form: uuid.New()}
	text := web.Text(r, formField)
	if text == "" {
		return d, nil
	}
	form, err := uuid.Parse(text)
	if err != nil || form.String() != text {
		return d, fault.New(fault.Invalid, "Ce formulaire est abîmé : recharge la page et recommence.", "the number of the form is no uuid")
	}
	d.Form = form
	return d, nil
}

// numberOf gives the number of a form shown again after a refusal: the one that it had.
func numberOf(r *http.Request) string {
	if form, err := uuid.Parse(r.PostFormValue(formField)); err == nil {
		return form.String()
	}
	return uuid.NewString()
}

// outside reads what the vendor says, within the budget of a page; known is false when it does
// not answer in time.
func (p *Pages) outside(ctx context.Context, a mailbox.Account) (out mailbox.Outside, known bool) {
	bounded, cancel := context.WithTimeout(ctx, vendorBudget)
	defer cancel()
	out, err := p.self.Outside(bounded, a)
	return out, err == nil
}

// base is where the pages about a mailbox are.
func base(a mailbox.Account) string {
	if a.Own {
		return "/account/mailbox"
	}
	return adminBase(a)
}

// adminBase is where the pages for administrators are, about themselves too.
func adminBase(a mailbox.Account) string {
	return "/community/" + url.PathEscape(a.Username) + "/mailbox"
}

// follow sends the browser to the progress of what was just asked.
func follow(w http.ResponseWriter, r *http.Request, a mailbox.Account, d mailbox.Demand) error {
	return web.SeeOther(w, r, progressPath(a, d.Form.String()))
}

func progressPath(a mailbox.Account, form string) string {
	return base(a) + "/progress?demande=" + url.QueryEscape(form)
}

// breadcrumb leads back to the mailbox.
func breadcrumb(a mailbox.Account, title string) []dsfr.Link {
	if a.Own {
		return []dsfr.Link{{Label: "Compte", Href: "/account"}, {Label: "Adresses et boîte mail", Href: "/account/mailbox"}, {Label: title}}
	}
	return []dsfr.Link{
		{Label: "Membres", Href: "/community"}, {Label: a.Fullname, Href: "/community/" + url.PathEscape(a.Username)},
		{Label: "Adresses et boîte mail", Href: adminBase(a)}, {Label: title},
	}
}

// refused tells the messages of an error that the person can do something about, by field; ok is
// false for any other error. What the facts forbid comes under the empty name.
func refused(err error) (messages map[string]string, ok bool) {
	if fault.Is(err, fault.Unavailable) {
		return map[string]string{"": fault.Public(err)}, true
	}
	return web.Invalid(err)
}

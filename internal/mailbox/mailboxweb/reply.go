package mailboxweb

import (
	"net/http"

	"github.com/google/uuid"

	"github.com/betagouv/espace-membre/internal/mailbox"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/web"
)

type replyPage struct {
	Account mailbox.Account
	Out     mailbox.Outside
	Known   bool
	Closed  string // why there can be no automatic reply; "" when there can
	Form    string
	Removal string
	Text    string
	From    string // as typed
	To      string
	Today   string
	Errors  map[string]string
}

// showReply serves GET /account/auto-reply, filled with the reply that runs.
func (p *Pages) showReply(w http.ResponseWriter, r *http.Request) error {
	a, err := p.account(r)
	if err != nil {
		return err
	}
	page := replyPage{Account: a, Form: uuid.NewString(), From: clock.Today(p.clock).String()}
	page.Out, page.Known = p.outside(r.Context(), a)
	if page.Known && page.Out.HasReply {
		running := page.Out.Reply
		page.Text, page.From, page.To = running.Text, running.From.String(), running.To.String()
	}
	return p.renderReply(w, r, http.StatusOK, page)
}

// setReply serves POST /account/auto-reply.
func (p *Pages) setReply(w http.ResponseWriter, r *http.Request) error {
	a, err := p.account(r)
	if err != nil {
		return err
	}
	page := replyPage{
		Account: a, Form: numberOf(r), Text: web.Text(r, mailbox.AbsenceTextField),
		From: web.Text(r, mailbox.AbsenceFromField), To: web.Text(r, mailbox.AbsenceToField),
	}
	page.Out, page.Known = p.outside(r.Context(), a)
	d, err := p.demand(r, a)
	if err == nil {
		wanted := mailbox.Absence{Text: page.Text, From: day(page.From), To: day(page.To)}
		err = p.self.SetReply(r.Context(), d, wanted, page.Out.Reply.From)
	}
	if messages, ok := refused(err); ok {
		page.Errors = messages
		return p.renderReply(w, r, http.StatusUnprocessableEntity, page)
	}
	if err != nil {
		return err
	}
	return follow(w, r, a, d)
}

// day reads a day of a form; zero when it is none.
func day(text string) clock.Day {
	d, err := clock.ParseDay(text)
	if err != nil {
		return clock.Day{}
	}
	return d
}

// deleteReply serves POST /account/auto-reply/delete.
func (p *Pages) deleteReply(w http.ResponseWriter, r *http.Request) error {
	a, err := p.account(r)
	if err != nil {
		return err
	}
	d, err := p.demand(r, a)
	if err == nil {
		err = p.self.DeleteReply(r.Context(), d)
	}
	if messages, ok := refused(err); ok {
		page := replyPage{Account: a, Form: uuid.NewString(), Errors: messages}
		page.Out, page.Known = p.outside(r.Context(), a)
		return p.renderReply(w, r, http.StatusUnprocessableEntity, page)
	}
	if err != nil {
		return err
	}
	return follow(w, r, a, d)
}

func (p *Pages) renderReply(w http.ResponseWriter, r *http.Request, status int, page replyPage) error {
	page.Closed, page.Removal = page.Account.WhyNot(mailbox.ToReply), uuid.NewString()
	if page.Closed == "" {
		page.Closed = basicOnly(page.Out, page.Known, "Les réponses automatiques n’existent")
	}
	page.Today = clock.Today(p.clock).String()
	const title = "Réponse automatique"
	return web.Render(w, r, status, web.Page{Title: title, Breadcrumb: breadcrumb(page.Account, title), Body: replyBody(page)})
}

// running says when the reply that runs answers.
func (p replyPage) running() string {
	a := p.Out.Reply
	text := "Elle répond du " + a.From.French() + " au " + a.To.French() + " inclus."
	switch {
	case a.From.IsZero() || a.To.IsZero():
		return "Elle répond sans limite de dates."
	case a.Over(day(p.Today)):
		return "Elle est passée : elle répondait du " + a.From.French() + " au " + a.To.French() + "."
	}
	return text
}

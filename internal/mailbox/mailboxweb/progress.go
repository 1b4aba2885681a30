package mailboxweb

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"github.com/betagouv/espace-membre/internal/mailbox"
	"github.com/betagouv/espace-membre/internal/platform/dsfr"
	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/platform/web"
)

// reloads is how many times the page of a demand opens itself again, at longer and longer
// intervals: about two minutes in all.
const reloads = 15

type progressPage struct {
	Account mailbox.Account
	Request mailbox.Request
	Again   string // address of the same page
	Reloads bool   // it opens itself again
}

// showProgress serves GET /account/mailbox/progress?demande=… and the same about somebody else.
func (p *Pages) showProgress(w http.ResponseWriter, r *http.Request) error {
	a, err := p.account(r)
	if err != nil {
		return err
	}
	form := r.URL.Query().Get("demande")
	request, err := a.Request(form)
	if fault.Is(err, fault.NotFound) && form == "" {
		return web.SeeOther(w, r, base(a))
	}
	if err != nil {
		return err
	}
	page := progressPage{Account: a, Request: request, Again: progressPath(a, form)}
	tries, _ := strconv.Atoi(r.URL.Query().Get("essai")) // anything else is the first time
	if request.Progress == mailbox.Ongoing && tries >= 0 && tries < reloads {
		page.Reloads = true
		w.Header().Set("Refresh", fmt.Sprintf("%d; url=%s&essai=%s", 1+tries, page.Again, url.QueryEscape(strconv.Itoa(tries+1))))
	}
	return web.Render(w, r, http.StatusOK, web.Page{
		Title: request.Title + " : " + string(request.Progress), Breadcrumb: breadcrumb(a, request.Title), Body: progressBody(page),
	})
}

// tone is how a progress looks.
func tone(p mailbox.Progress) dsfr.Severity {
	switch p {
	case mailbox.Done:
		return dsfr.Success
	case mailbox.Refused:
		return dsfr.Warning
	case mailbox.Stuck:
		return dsfr.Error
	}
	return dsfr.Info
}

// summary says in one sentence where a demand stands.
func summary(r mailbox.Request) string {
	switch r.Progress {
	case mailbox.Done:
		return "C’est fait."
	case mailbox.Refused:
		return "Ce n’est pas fait."
	case mailbox.Planned:
		return "C’est prévu."
	case mailbox.Stuck:
		return "Cela n’a pas marché."
	}
	return "C’est en cours."
}

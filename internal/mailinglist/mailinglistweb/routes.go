// Package mailinglistweb is where people say which lists they receive, in their account or by the
// link of a letter, and where the vendor of mails tells what did not arrive.
package mailinglistweb

import (
	"github.com/betagouv/espace-membre/internal/mailinglist"
	"github.com/betagouv/espace-membre/internal/platform/web"
)

// Pages serves the lists.
type Pages struct {
	room *mailinglist.Service
	hook string
}

// New makes the pages; hook is the secret of the vendor's webhook (SIB_WEBHOOK_ID), empty when
// there is none.
func New(room *mailinglist.Service, hook string) *Pages { return &Pages{room: room, hook: hook} }

// Module is the table of their routes.
func (p *Pages) Module() web.Module {
	return web.Module{Room: "mailinglist", Routes: []web.Route{
		web.Get(mailinglist.LeavePath, web.Public, p.showLeave),
		web.Post(mailinglist.LeavePath, web.Public, p.leave),
		web.Get("/account/lists", web.Any, p.showLists),
		web.Post("/account/lists/{list}", web.Any, p.chooseList),
		web.Post("/api/hook/{id}", web.Public, p.receiveHook),
	}}
}

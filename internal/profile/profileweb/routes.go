// Package profileweb is the pages about one person: the account of the viewer, the page of any
// member, the history, and the diagnosis of what blocks.
//
// A page is made of tabs, and each tab has its address. What a tab shows comes from this room
// and from the panels of others: see Panel.
package profileweb

import (
	"cmp"
	"log/slog"
	"net/http"

	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/web"
	"github.com/betagouv/espace-membre/internal/profile"
)

// Config is what the pages need.
type Config struct {
	Profile *profile.Service
	Clock   clock.Clock
	Panels  []Panel      // of other rooms, in display order
	Domain  string       // of the community's mailboxes
	Logger  *slog.Logger // nil: slog.Default
}

// Pages serves them.
type Pages struct {
	profile *profile.Service
	clock   clock.Clock
	panels  []Panel
	domain  string
	logger  *slog.Logger
}

// New makes the pages.
func New(c Config) *Pages {
	return &Pages{profile: c.Profile, clock: c.Clock, panels: c.Panels, domain: c.Domain, logger: cmp.Or(c.Logger, slog.Default())}
}

// Module is the table of their routes.
func (p *Pages) Module() web.Module {
	return web.Module{Room: "profile", Routes: []web.Route{
		web.Get(diagnosisPath, web.Public, p.showDiagnosis),
		web.Post(diagnosisPath, web.Public, p.askDiagnosis),
		web.Get("/account", web.Any, p.own(TabRecord)),
		web.Get("/account/accounts", web.Any, p.own(TabAccounts)),
		web.Get("/account/mailbox", web.Any, p.own(TabMailbox)),
		web.Get("/account/history", web.Any, p.showHistory),
		web.Get("/account/photo", web.Any, p.showPhoto),
		web.Post("/account/photo", web.Any, p.changePhoto),
		web.Post("/account/photo/delete", web.Any, p.deletePhoto),
		web.Get("/community/{username}", web.Member, p.somebody(TabRecord)),
		web.Get("/community/{username}/accounts", web.Member, p.somebody(TabAccounts)),
		web.Get("/community/{username}/mailbox", web.Member, p.somebody(TabMailbox)),
		web.Get("/community/{username}/history", web.Member, p.showHistory),
		web.Post("/community/{username}/history/restore", web.Admin, p.restore),
		web.Get("/community/{username}/avatar", web.Any, p.showAvatar),
		web.Get("/community/{username}/photo", web.Member, p.showPhoto),
		web.Post("/community/{username}/photo", web.Member, p.changePhoto),
		web.Post("/community/{username}/photo/delete", web.Member, p.deletePhoto),
	}}
}

// own serves a tab of the viewer's account.
func (p *Pages) own(tab Tab) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		return p.show(w, r, web.Viewer(r).Username, tab, "/account")
	}
}

// somebody serves a tab of a member's page.
func (p *Pages) somebody(tab Tab) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		username := r.PathValue("username")
		return p.show(w, r, username, tab, "/community/"+username)
	}
}

// Package signinweb is the pages of login: ask a link, use it, leave.
package signinweb

import (
	"context"

	"github.com/google/uuid"

	"github.com/betagouv/espace-membre/internal/platform/web"
	"github.com/betagouv/espace-membre/internal/signin"
)

// Sessions opens and closes the session of a request; platform/session does.
type Sessions interface {
	LogIn(ctx context.Context, member uuid.UUID) error
	LogOut(ctx context.Context) error
	Purge(ctx context.Context) (int64, error)
}

// Pages serves the login pages.
type Pages struct {
	signin   *signin.Service
	sessions Sessions
}

// New makes the pages.
func New(service *signin.Service, sessions Sessions) *Pages {
	return &Pages{signin: service, sessions: sessions}
}

// Module is the table of their routes.
func (p *Pages) Module() web.Module {
	return web.Module{Room: "signin", Routes: []web.Route{
		web.Get("/login", web.Anonymous, p.showLogin),
		web.Post("/login", web.Anonymous, p.askLink),
		web.Get("/signin", web.Public, p.showLanding),
		web.Post("/signin", web.Public, p.useLink),
		web.Post("/logout", web.Unverified, p.logout),
	}}
}

// Package signinweb is the pages of login: ask a link, use it, leave.
package signinweb

import (
	"context"

	"github.com/google/uuid"

	"github.com/betagouv/espace-membre/internal/platform/postgres"
	"github.com/betagouv/espace-membre/internal/platform/session"
	"github.com/betagouv/espace-membre/internal/platform/web"
	"github.com/betagouv/espace-membre/internal/signin"
)

// Sessions opens, lists and closes sessions; platform/session does.
type Sessions interface {
	LogIn(ctx context.Context, member uuid.UUID) error
	LogOut(ctx context.Context) error
	Purge(ctx context.Context) (int64, error)
	// Put keeps a text until Pop.
	Put(ctx context.Context, key, text string)
	Pop(ctx context.Context, key string) string
	OpenOf(ctx context.Context, member uuid.UUID) ([]session.Open, error)
	RevokeMember(ctx context.Context, db postgres.DB, member uuid.UUID) (int64, error)
	RevokeOthers(ctx context.Context, db postgres.DB, member uuid.UUID) (int64, error)
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
		web.Post("/account/sessions/close", web.Any, p.closeOwnSessions),
		web.Post("/community/{username}/sessions/close", web.Admin, p.closeSessions),
	}}
}

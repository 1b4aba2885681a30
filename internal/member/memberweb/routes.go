// Package memberweb is the pages about members: the directory and its export, the record, its
// creation by a colleague, its verification by its owner, its forms, and those of addresses.
package memberweb

import (
	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/actor"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/postgres"
	"github.com/betagouv/espace-membre/internal/platform/web"
)

// Pages serves the pages about members.
type Pages struct {
	members *member.Service
	db      postgres.DB
	clock   clock.Clock
	tiles   Tiles
}

// New makes the pages.
func New(members *member.Service, db postgres.DB, clk clock.Clock) *Pages {
	return &Pages{members: members, db: db, clock: clk}
}

// Module is the table of their routes.
func (p *Pages) Module() web.Module {
	creator := web.Require("create-member", func(who actor.Actor) error { return member.Can(who, member.CreateMember, member.Subject{}) })
	return web.Module{Room: "member", Routes: []web.Route{
		web.Get("/community", web.Member, p.showCommunity),
		web.Get("/community.csv", web.Member, p.exportCommunity),
		web.Get("/community/create", creator, p.showCreate),
		web.Post("/community/create", creator, p.create),
		web.Get("/verify", web.Unverified, p.showVerify),
		web.Post("/verify", web.Unverified, p.verify),
	}}
}

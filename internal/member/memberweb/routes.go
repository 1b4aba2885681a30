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
	primary := web.Require("change-primary", mayChangePrimary)
	return web.Module{Room: "member", Routes: []web.Route{
		web.Get("/community", web.Member, p.showCommunity),
		web.Get("/community.csv", web.Member, p.exportCommunity),
		web.Get("/community.txt", web.Member, p.listAddresses),
		web.Get("/community/create", creator, p.showCreate),
		web.Post("/community/create", creator, p.create),
		web.Get("/community/{username}/update", web.Member, p.showUpdate),
		web.Post("/community/{username}/update", web.Member, p.update),
		web.Get("/community/{username}/admin-update", web.Admin, p.showOther),
		web.Post("/community/{username}/admin-update", web.Admin, p.saveOther),
		web.Get("/community/{username}/invitation", web.Member, p.showInvitation),
		web.Post("/community/{username}/invitation", web.Member, p.correctInvitation),
		web.Get("/community/{username}/address/secondary", web.Admin, p.addressOf(member.Secondary)),
		web.Post("/community/{username}/address/secondary", web.Admin, p.askAddress(member.Secondary)),
		web.Get("/account/base-info", web.Member, p.showOwn),
		web.Post("/account/base-info", web.Member, p.saveOwn),
		web.Get("/account/address/primary", primary, p.addressOf(member.Primary)),
		web.Post("/account/address/primary", primary, p.askAddress(member.Primary)),
		web.Get("/account/address/secondary", web.Any, p.addressOf(member.Secondary)),
		web.Post("/account/address/secondary", web.Any, p.askAddress(member.Secondary)),
		web.Get("/account/address/preference", web.Any, p.showPreference),
		web.Post("/account/address/preference", web.Any, p.choosePreference),
		web.Get("/account/address/confirm", web.Public, p.showProof),
		web.Post("/account/address/confirm", web.Public, p.useProof),
		web.Get("/verify", web.Unverified, p.showVerify),
		web.Post("/verify", web.Unverified, p.verify),
	}}
}

// mayChangePrimary asks the right to change one's own primary address. Whoever is in activity has
// a mission; the use-case reads it again.
func mayChangePrimary(who actor.Actor) error {
	return member.Can(who, member.ChangePrimary, member.Subject{ID: who.ID, Active: who.Standing == actor.Active})
}

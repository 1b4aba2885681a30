package profileweb

import (
	"context"
	"net/http"
	"slices"

	"github.com/a-h/templ"

	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/actor"
	"github.com/betagouv/espace-membre/internal/platform/dsfr"
	"github.com/betagouv/espace-membre/internal/platform/web"
	"github.com/betagouv/espace-membre/internal/profile"
)

// frame is what every tab about a person shows around its own content.
type frame struct {
	Record  profile.Record
	Viewer  actor.Actor
	Own     bool   // the viewer's own account, below /account
	Base    string // address of the first tab
	Tab     Tab
	Banners []block
	Blocks  []block
	Plan    string          // of the mailbox, EMAIL_PLAN_…; empty: none, or not known
	Chat    string          // name in the chat; may be empty
	Body    templ.Component // what this room shows in the tab, before the blocks
}

// show serves a tab about a person: what this room knows first, then the panels of others.
func (p *Pages) show(w http.ResponseWriter, r *http.Request, username string, tab Tab, base string) error {
	ctx, viewer := r.Context(), web.Viewer(r)
	record, err := p.profile.Record(ctx, viewer, username)
	if err != nil {
		return err
	}
	banners := p.start(ctx, Banner, viewer, record.Whole())
	blocks := p.start(ctx, tab, viewer, record.Whole())
	f := frame{Record: record, Viewer: viewer, Own: base == accountPath, Base: base, Tab: tab}
	if f.Body, err = p.body(ctx, f); err != nil {
		return err
	}
	f.Banners, f.Blocks = collect(banners), collect(blocks)
	return p.render(w, r, f)
}

const accountPath = "/account"

func (p *Pages) render(w http.ResponseWriter, r *http.Request, f frame) error {
	title := "Membre " + f.Record.Member.Username
	if f.Own {
		title = "Compte"
	}
	if label := tabLabel(f.Tab); f.Tab != TabRecord {
		title = label + " – " + title
	}
	return web.Render(w, r, http.StatusOK, web.Page{Title: title, Breadcrumb: f.breadcrumb(), Body: frameBody(f)})
}

// body is what this room shows in a tab.
func (p *Pages) body(ctx context.Context, f frame) (templ.Component, error) {
	switch f.Tab {
	case TabAccounts:
		return p.accounts(ctx, f)
	case TabMailbox:
		return mailboxBody(f), nil
	}
	return p.recordTab(ctx, f)
}

// recordTab adds to the record what the host of mailboxes, within a budget, and the accounts say.
func (p *Pages) recordTab(ctx context.Context, f frame) (templ.Component, error) {
	m := f.Record.Member
	tools, err := p.profile.ToolAccounts(ctx, m.ID)
	if err != nil {
		return nil, err
	}
	f.Chat = profile.ChatName(tools)
	if m.PrimaryEmail != "" && !p.profile.Outside(m) {
		bounded, cancel := context.WithTimeout(ctx, DefaultBudget)
		defer cancel()
		_, box := p.profile.Mailbox(bounded, m.Username)
		f.Plan = string(box.Plan)
	}
	return recordBody(f), nil
}

func tabLabel(tab Tab) string {
	return map[Tab]string{TabRecord: "Fiche", TabAccounts: "Comptes", TabMailbox: "Adresses et boîte mail", TabHistory: "Historique"}[tab]
}

func (f frame) href(tab Tab) string {
	if tab == TabRecord {
		return f.Base
	}
	return f.Base + "/" + string(tab)
}

func (f frame) breadcrumb() []dsfr.Link {
	links := []dsfr.Link{{Label: "Membres", Href: "/community"}, {Label: f.Record.Member.Fullname, Href: f.Base}}
	if f.Own {
		links = []dsfr.Link{{Label: "Compte", Href: accountPath}}
	}
	if f.Tab == TabRecord {
		links[len(links)-1].Href = ""
		return links
	}
	return append(links, dsfr.Link{Label: tabLabel(f.Tab)})
}

// may tells whether the viewer has a right over the person.
func (f frame) may(action member.Action) bool {
	return member.Can(f.Viewer, action, f.Record.Subject) == nil
}

// tabs are the links to the tabs that the viewer may open; the current one has no address.
func (f frame) tabs() []dsfr.Link {
	var links []dsfr.Link
	for _, tab := range []Tab{TabRecord, TabAccounts, TabMailbox, TabHistory} {
		if tab == TabHistory && !f.may(member.ViewHistory) {
			continue
		}
		link := dsfr.Link{Label: tabLabel(tab), Href: f.href(tab)}
		if tab == f.Tab {
			link.Href = ""
		}
		links = append(links, link)
	}
	return links
}

// edit is the button that leads to the widest form that the viewer may use; no address when
// there is none.
func (f frame) edit() dsfr.ButtonParams {
	b := dsfr.ButtonParams{Label: "Modifier la fiche", Variant: dsfr.Secondary, Small: true, Icon: "fr-icon-edit-line"}
	community := "/community/" + f.Record.Member.Username
	switch {
	case f.Viewer.ID == f.Record.Member.ID && f.may(member.EditRecord):
		b.Href = "/account/base-info"
	case f.may(member.AdminEditRecord):
		b.Href = community + "/admin-update"
	case f.may(member.EditMissions):
		b.Label, b.Href = "Modifier les missions", community+"/update"
	}
	return b
}

// extend is the button that lengthens the missions of somebody who left.
func (f frame) extend() dsfr.ButtonParams {
	return dsfr.ButtonParams{
		Label: "Mettre à jour les missions de " + f.Record.Member.Fullname, Variant: dsfr.Secondary, Small: true,
		Href: "/community/" + f.Record.Member.Username + "/update",
	}
}

// departed says that no mission runs any more.
func (f frame) departed() dsfr.AlertParams {
	alert := dsfr.AlertParams{Severity: dsfr.Warning, Title: "Fiche arrivée à expiration"}
	switch {
	case f.Record.LastEnd.IsZero() && len(f.Record.Missions) == 0:
		alert.Title, alert.Text = "Aucune mission", "Cette fiche ne porte aucune mission."
	case f.Own:
		alert.Text = "Ta dernière mission s’est terminée le " + f.Record.LastEnd.French() + "."
	default:
		alert.Text = "La dernière mission s’est terminée le " + f.Record.LastEnd.French() + "."
	}
	return alert
}

// toldByOthers tells whether a banner already says to the person that their missions are over.
func (f frame) toldByOthers() bool {
	return f.Viewer.ID == f.Record.Member.ID && slices.ContainsFunc(f.Banners, func(b block) bool { return !b.Late })
}

// toDo is the next thing that the person has to do for their address; ok is false for others, and
// when there is nothing.
func (f frame) toDo() (profile.Problem, bool) {
	if f.Viewer.ID != f.Record.Member.ID || !f.Record.Active || f.Tab == TabMailbox {
		return profile.Problem{}, false
	}
	return profile.AddressProblem(f.Record.Member.Status)
}

package profileweb

import (
	"context"
	"slices"

	"github.com/a-h/templ"

	"github.com/betagouv/espace-membre/internal/platform/dsfr"
	"github.com/betagouv/espace-membre/internal/profile"
)

// accountsPage is the tab of accounts.
type accountsPage struct {
	Rows   []profile.AccountRow
	Tools  []profile.ToolAccount
	Own    bool
	Access []string // tools of which the person has accesses to list
}

// accounts tells every account of the person; the host of mailboxes is asked within a budget.
func (p *Pages) accounts(ctx context.Context, f frame) (templ.Component, error) {
	m := f.Record.Member
	tools, err := p.profile.ToolAccounts(ctx, m.ID)
	if err != nil {
		return nil, err
	}
	page := accountsPage{Tools: tools, Own: f.Viewer.ID == m.ID, Rows: []profile.AccountRow{profile.BetaRow(f.Record.Active)}}
	page.Rows = append(page.Rows, p.addressRow(ctx, f))
	chat, err := p.profile.ChatOf(ctx, tools)
	if err != nil {
		return nil, err
	}
	page.Rows = append(page.Rows, helped(profile.ChatRow(chat, tools), "mattermost"))
	for _, kind := range []string{"matomo", "sentry"} {
		page.Rows = append(page.Rows, helped(profile.ToolRow(kind, tools), kind))
	}
	for _, tool := range tools {
		if len(tool.Access) > 0 && !slices.Contains(page.Access, tool.Type) {
			page.Access = append(page.Access, tool.Type)
		}
	}
	return accountsBody(page), nil
}

func (p *Pages) addressRow(ctx context.Context, f frame) profile.AccountRow {
	m := f.Record.Member
	if p.profile.Outside(m) {
		return profile.OutsideRow(m.Status)
	}
	bounded, cancel := context.WithTimeout(ctx, DefaultBudget)
	defer cancel()
	presence, box := p.profile.Mailbox(bounded, m.Username)
	row := profile.AddressRow(presence, m.Status)
	if box.Blocked {
		row.Tone, row.State, row.Text = profile.Waiting, "Bloquée", "L’hébergeur l’a bloquée, car elle a envoyé des messages indésirables : un nouveau mot de passe la débloque."
	}
	row.Detail = profile.PlanLabel(string(box.Plan))
	return row
}

// helped adds to a line what the tool is for.
func helped(row profile.AccountRow, kind string) profile.AccountRow {
	row.Help = profile.ToolHelp(kind)
	return row
}

func (a accountsPage) table() dsfr.TableParams {
	t := dsfr.TableParams{Caption: "Comptes", HideCaption: true, Columns: []dsfr.Column{{Label: "Service"}, {Label: "État"}, {Label: "À savoir"}}}
	for _, row := range a.Rows {
		t.Rows = append(t.Rows, []templ.Component{dsfr.Text(row.Service), dsfr.Badge(toneSeverity(row.Tone), row.State), aboutCell(row)})
	}
	return t
}

func toneSeverity(tone profile.Tone) dsfr.Severity {
	switch tone {
	case profile.Good:
		return dsfr.Success
	case profile.Ongoing:
		return dsfr.Info
	case profile.Waiting:
		return dsfr.Warning
	case profile.Plain:
	}
	return dsfr.Neutral
}

// accesses lists what the accounts of a tool open.
func (a accountsPage) accesses(kind string) dsfr.TableParams {
	t := dsfr.TableParams{
		Caption: "Accès " + profile.ToolLabel(kind), Columns: []dsfr.Column{{Label: "Nom"}, {Label: "Type"}, {Label: "Niveau d’accès"}},
	}
	if kind == "sentry" {
		t.Columns[1].Label = "Projets"
	}
	for _, tool := range a.Tools {
		if tool.Type != kind {
			continue
		}
		for _, access := range tool.Access {
			t.Rows = append(t.Rows, []templ.Component{dsfr.Text(access.Name), dsfr.Text(access.Kind), dsfr.Text(access.Level)})
		}
	}
	return t
}

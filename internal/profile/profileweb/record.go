package profileweb

import (
	"context"
	"net/url"
	"strings"

	"github.com/a-h/templ"

	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/member/memberweb"
	"github.com/betagouv/espace-membre/internal/platform/actor"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/dsfr"
	"github.com/betagouv/espace-membre/internal/platform/geo"
	"github.com/betagouv/espace-membre/internal/platform/web"
	"github.com/betagouv/espace-membre/internal/profile"
)

// contacts are the rows of the contact table; the secondary address only when it may be seen.
func (f frame) contacts() dsfr.TableParams {
	t := dsfr.TableParams{Caption: "Contact", HideCaption: true, Columns: []dsfr.Column{{Label: "Moyen"}, {Label: "Lien"}}}
	add := func(label string, cell templ.Component, present bool) {
		if present {
			t.Rows = append(t.Rows, []templ.Component{dsfr.Text(label), cell})
		}
	}
	m := f.Record.Member
	add("Adresse principale", primaryCell(m, profile.PlanLabel(f.Plan)), m.PrimaryEmail != "")
	add("Adresse secondaire", secondaryCell(m.SecondaryEmail), f.Record.Private && m.SecondaryEmail != "")
	add("Mattermost", dsfr.Text(f.Chat), f.Chat != "")
	add("GitHub", link("https://github.com/"+url.PathEscape(m.Github), m.Github), m.Github != "")
	add("Lien personnel", link(m.Link, m.Link), webLink(m.Link))
	return t
}

// webLink tells an address that a browser may follow: never javascript: nor data:.
func webLink(text string) bool {
	u, err := url.Parse(text)
	return err == nil && (strings.EqualFold(u.Scheme, "https") || strings.EqualFold(u.Scheme, "http")) && u.Host != ""
}

// The lists whose pages a record leads to.
const (
	products  = "/startups"
	teams     = "/teams"
	community = "/community"
)

// opens tells whether a list exists here and is open to the viewer, with its pages: a limited
// session sees its own record alone.
func (f frame) opens(ctx context.Context, list string) bool {
	return f.Viewer.Standing != actor.Limited && web.Serves(ctx, list)
}

// address is where a page of a list is; "" when the viewer cannot open it: its name is then shown
// without a link.
func (f frame) address(ctx context.Context, list, id string) string {
	if !f.opens(ctx, list) {
		return ""
	}
	return list + "/" + url.PathEscape(id)
}

// page is the page of an actor of the history; "" when they are no member.
func (f frame) page(ctx context.Context, username string, member bool) string {
	if !member {
		return ""
	}
	return f.address(ctx, community, username)
}

func (f frame) missions(ctx context.Context) dsfr.TableParams {
	t := dsfr.TableParams{
		Caption: "Missions", HideCaption: true,
		Columns: []dsfr.Column{{Label: "Produits ou équipes"}, {Label: "Début"}, {Label: "Fin"}, {Label: "Contrat"}},
	}
	for _, m := range f.Record.Missions {
		t.Rows = append(t.Rows, []templ.Component{f.served(ctx, m), dsfr.Text(m.Start.Numeric()), dsfr.Text(lastDay(m.End)), contractCell(m)})
	}
	return t
}

func lastDay(end clock.Day) string {
	if end.IsZero() {
		return "sans fin prévue"
	}
	return end.Numeric()
}

// served is what a mission is for: its products, else the teams of the person, else the role.
func (f frame) served(ctx context.Context, m profile.Mission) templ.Component {
	var tags []dsfr.Link
	for i, slug := range m.Slugs {
		tags = append(tags, dsfr.Link{Label: m.Names[i], Href: f.address(ctx, products, slug)})
	}
	if len(tags) == 0 {
		for _, team := range f.Record.Teams {
			tags = append(tags, dsfr.Link{Label: team.Name, Href: f.address(ctx, teams, team.ID.String())})
		}
	}
	switch {
	case len(tags) > 0:
		return dsfr.Tags(tags)
	case f.Record.Member.Role != "":
		return dsfr.Text(f.Record.Member.Role)
	}
	return dsfr.Text("–")
}

func contractLabel(status string) string {
	return map[string]string{"independent": "Indépendant", "admin": "Agent public", "service": "Société de service"}[status]
}

func domainLink(domain string) string {
	return memberweb.Address(member.Search{Domains: []string{domain}})
}

func (f frame) competences(ctx context.Context) []dsfr.Link {
	tags := make([]dsfr.Link, len(f.Record.Member.Competences))
	for i, competence := range f.Record.Member.Competences {
		tags[i].Label = competence
		if f.opens(ctx, community) {
			tags[i].Href = memberweb.Address(member.Search{Competences: []string{competence}})
		}
	}
	return tags
}

// workplace says where the person works.
func (f frame) workplace() string {
	m := f.Record.Member
	if m.WorkplaceInseeCode == "" {
		return m.WorkplaceAbroad
	}
	return cityName(m.WorkplaceInseeCode)
}

func changedOn(c member.LastChange) string { return clock.DayOf(c.At).French() }

func statusTone(s member.Status) dsfr.Severity {
	if s.ActiveLike() {
		return dsfr.Success
	}
	if s == member.StatusSuspended || s == member.StatusDeleted || s == member.StatusExpired {
		return dsfr.Error
	}
	return dsfr.Info
}

// cityName says a commune; its code when the lists do not have it.
func cityName(code string) string {
	city, ok := geo.ByCode(code)
	if !ok {
		return code
	}
	return city.Name + " (" + city.Departement + ")"
}

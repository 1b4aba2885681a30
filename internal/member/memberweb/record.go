package memberweb

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/a-h/templ"

	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/actor"
	"github.com/betagouv/espace-membre/internal/platform/audit"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/dsfr"
	"github.com/betagouv/espace-membre/internal/platform/web"
)

// shownEvents is how many events of the history a record shows.
const shownEvents = 50

type recordPage struct {
	Member   member.Member
	Missions []member.Shown
	Teams    []string
	Active   bool
	LastEnd  clock.Day
	Private  bool // the viewer is the person or an administrator
	Events   []audit.Entry
}

// showRecord serves GET /community/{username}.
func (p *Pages) showRecord(w http.ResponseWriter, r *http.Request) error {
	page, err := p.record(r, web.Viewer(r))
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, web.Page{
		Title:      "Membre " + page.Member.Username,
		Breadcrumb: []dsfr.Link{{Label: "Membres", Href: "/community"}, {Label: page.Member.Fullname}},
		Body:       recordBody(page),
	})
}

func (p *Pages) record(r *http.Request, viewer actor.Actor) (page recordPage, err error) {
	ctx := r.Context()
	if page.Member, err = member.ByUsername(ctx, p.db, r.PathValue("username")); err != nil {
		return page, err
	}
	id := page.Member.ID
	missions, err := member.MissionsOf(ctx, p.db, id)
	if err != nil {
		return page, err
	}
	page.Active, page.LastEnd = member.IsActive(missions, clock.Today(p.clock)), member.LastEnd(missions)
	if page.Missions, err = member.ShownMissions(ctx, p.db, id); err != nil {
		return page, err
	}
	if page.Teams, err = member.TeamsOf(ctx, p.db, id); err != nil {
		return page, err
	}
	page.Private = viewer.Admin || viewer.ID == id
	if !page.Private {
		page.Member.SecondaryEmail = ""
		return page, nil
	}
	page.Events, err = audit.OfMember(ctx, p.db, id, shownEvents)
	return page, err
}

// contacts are the rows of the contact table; the secondary address only when it may be seen.
func (p recordPage) contacts() dsfr.TableParams {
	t := dsfr.TableParams{Caption: "Contact", HideCaption: true, Columns: []dsfr.Column{{Label: "Moyen"}, {Label: "Adresse"}}}
	add := func(label string, cell templ.Component, present bool) {
		if present {
			t.Rows = append(t.Rows, []templ.Component{dsfr.Text(label), cell})
		}
	}
	m := p.Member
	add("Adresse principale", link("mailto:"+m.PrimaryEmail, m.PrimaryEmail), m.PrimaryEmail != "")
	add("Adresse secondaire (privée)", link("mailto:"+m.SecondaryEmail, m.SecondaryEmail), p.Private && m.SecondaryEmail != "")
	add("GitHub", link("https://github.com/"+url.PathEscape(m.Github), m.Github), m.Github != "")
	add("Lien", link(m.Link, m.Link), webLink(m.Link))
	return t
}

// webLink tells an address that a browser may follow: never javascript: nor data:.
func webLink(text string) bool {
	u, err := url.Parse(text)
	return err == nil && (strings.EqualFold(u.Scheme, "https") || strings.EqualFold(u.Scheme, "http")) && u.Host != ""
}

func (p recordPage) missions() dsfr.TableParams {
	t := dsfr.TableParams{
		Caption: "Missions", HideCaption: true,
		Columns: []dsfr.Column{{Label: "Produits"}, {Label: "Début"}, {Label: "Fin"}, {Label: "Employeur"}},
	}
	for _, m := range p.Missions {
		products, end := strings.Join(m.Startups, ", "), m.End.Numeric()
		if products == "" {
			products = "–"
		}
		if end == "" {
			end = "sans fin prévue"
		}
		t.Rows = append(t.Rows, []templ.Component{dsfr.Text(products), dsfr.Text(m.Start.Numeric()), dsfr.Text(end), dsfr.Text(m.Employer)})
	}
	return t
}

func (p recordPage) history() dsfr.TableParams {
	t := dsfr.TableParams{
		Caption: "Historique", HideCaption: true,
		Columns: []dsfr.Column{{Label: "Date"}, {Label: "Action"}, {Label: "Par"}, {Label: "Raison"}},
	}
	for _, e := range p.Events {
		at := e.At.In(clock.Paris()).Format("02/01/2006 à 15:04")
		t.Rows = append(t.Rows, []templ.Component{dsfr.Text(at), dsfr.Text(eventLabel(e.Code)), dsfr.Text(e.Actor), dsfr.Text(e.Reason)})
	}
	return t
}

// eventLabel says a code of the history in French; an unknown one stands as it is.
func eventLabel(code audit.Code) string {
	labels := map[audit.Code]string{
		"JOB_ACTION_DONE":                 "Action d’une tâche",
		"MEMBER_LOGIN":                    "Connexion",
		"MEMBER_EMAIL_CREATED":            "Boîte mail créée",
		"MEMBER_REDIRECTION_CREATED":      "Redirection créée",
		"MEMBER_UNBLOCK_EMAIL":            "Adresse débloquée chez Brevo",
		"EMAIL_VERIFICATION_WAITING_SENT": "Invitation envoyée",
	}
	if label, ok := member.EventLabels()[code]; ok {
		return label
	}
	if label, ok := labels[code]; ok {
		return label
	}
	return string(code)
}

// statusLabel says the state of the primary address.
func statusLabel(s member.Status) string {
	return map[member.Status]string{
		member.StatusUnset: "Pas encore d’adresse", member.StatusVerificationWaiting: "Fiche à vérifier",
		member.StatusCreationWaiting: "Création demandée", member.StatusCreationPending: "Création en cours",
		member.StatusRecreationPending: "Recréation en cours", member.StatusPasswordPending: "Active, mot de passe à définir",
		member.StatusActive: "Active", member.StatusRedirectionPending: "Redirection en cours de création",
		member.StatusRedirectionActive: "Redirection active", member.StatusSuspended: "Suspendue",
		member.StatusDeleted: "Supprimée", member.StatusExpired: "Expirée",
	}[s]
}

func searchDomain(domain string) member.Search { return member.Search{Domain: domain} }

func competences(list []string) []dsfr.Link {
	tags := make([]dsfr.Link, len(list))
	for i, competence := range list {
		tags[i] = dsfr.Link{Label: competence, Href: address("/community", member.Search{Competence: competence})}
	}
	return tags
}

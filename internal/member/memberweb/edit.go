package memberweb

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/google/uuid"

	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/dsfr"
	"github.com/betagouv/espace-membre/internal/platform/web"
)

// editForm is a whole record, as stored or as typed.
type editForm struct {
	Action      string // where it posts
	Member      member.Member
	Oneself     bool
	Profile     profileForm
	Missions    missionsForm
	ReadOnly    []member.Shown // the missions, when they cannot be changed here
	Editable    bool           // the missions can
	Admin       bool           // an administrator, about somebody else: one more field
	Redirection bool
	Changed     *member.LastChange
	Version     member.Version
	Conflict    *conflict // what somebody else saved while the form was open
	Errors      messages
}

// showOwn serves GET /account/base-info.
func (p *Pages) showOwn(w http.ResponseWriter, r *http.Request) error {
	return p.showEdit(w, r, web.Viewer(r).ID)
}

// saveOwn serves POST /account/base-info.
func (p *Pages) saveOwn(w http.ResponseWriter, r *http.Request) error {
	return p.saveEdit(w, r, web.Viewer(r).ID)
}

// showOther serves GET /community/{username}/admin-update.
func (p *Pages) showOther(w http.ResponseWriter, r *http.Request) error {
	m, err := member.ByUsername(r.Context(), p.db, r.PathValue("username"))
	if err != nil {
		return err
	}
	return p.showEdit(w, r, m.ID)
}

// saveOther serves POST /community/{username}/admin-update.
func (p *Pages) saveOther(w http.ResponseWriter, r *http.Request) error {
	m, err := member.ByUsername(r.Context(), p.db, r.PathValue("username"))
	if err != nil {
		return err
	}
	return p.saveEdit(w, r, m.ID)
}

// edited reads the record to edit, once its right is checked, with its missions.
func (p *Pages) edited(r *http.Request, id uuid.UUID) (form editForm, missions []member.Mission, err error) {
	viewer := web.Viewer(r)
	subject, err := member.SubjectFor(r.Context(), p.db, viewer, id, clock.Today(p.clock))
	if err != nil {
		return form, nil, err
	}
	right := member.AdminEditRecord
	if form.Oneself = viewer.ID == id; form.Oneself {
		right = member.EditRecord
	}
	if err := member.Can(viewer, right, subject); err != nil {
		return form, nil, err
	}
	form.Action, form.Admin = r.URL.Path, viewer.Admin && !form.Oneself
	form.Editable = member.Can(viewer, member.EditMissions, subject) == nil
	// The version is read first: what changes in between is then a conflict, never a loss.
	if form.Version, err = member.VersionOf(r.Context(), p.db, id); err != nil {
		return form, nil, err
	}
	if form.Member, err = member.ByID(r.Context(), p.db, id); err != nil {
		return form, nil, err
	}
	form.Redirection = form.Member.EmailIsRedirection
	missions, err = member.MissionsOf(r.Context(), p.db, id)
	return form, missions, err
}

func (p *Pages) showEdit(w http.ResponseWriter, r *http.Request, id uuid.UUID) error {
	form, missions, err := p.edited(r, id)
	if err != nil {
		return err
	}
	form.Profile, form.Missions.Rows = p.storedProfile(r.Context(), form.Member), storedMissions(missions)
	return p.renderEdit(w, r, http.StatusOK, form)
}

func (p *Pages) saveEdit(w http.ResponseWriter, r *http.Request, id uuid.UUID) error {
	form, missions, err := p.edited(r, id)
	if err != nil {
		return err
	}
	if err := web.ReadForm(r); err != nil {
		return err
	}
	form.Profile, form.Missions, form.Redirection = typedProfile(r), typedMissions(r, missions), web.Checked(r, "email_is_redirection")
	form.Version = shownVersion(r, form.Version)
	if button := web.Text(r, "do"); button != "" {
		if err := p.prepareMissions(r, &form.Missions, false); err != nil {
			return err
		}
		form.Profile.Asking = button == findCity
		form.Missions.perform(button)
		return p.renderEdit(w, r, http.StatusOK, form)
	}
	draft := form.draft()
	draft.Seen = seenVersion(r)
	changed, err := p.members.UpdateRecord(r.Context(), web.Viewer(r), id, draft)
	if meanwhile, ok := errors.AsType[*member.ChangedMeanwhileError](err); ok {
		return p.renderConflict(w, r, form, missions, meanwhile)
	}
	if problems, ok := web.Invalid(err); ok {
		form.Errors = problems
		return p.renderEdit(w, r, http.StatusUnprocessableEntity, form)
	}
	if err != nil {
		return err
	}
	sayChanged(r, changed)
	if form.Oneself && account(r) == "/account" {
		return web.SeeOther(w, r, "/account")
	}
	return web.SeeOther(w, r, "/community/"+form.Member.Username)
}

// renderConflict shows the form as it was typed, beside what somebody else just saved.
func (p *Pages) renderConflict(w http.ResponseWriter, r *http.Request, form editForm, present []member.Mission, e *member.ChangedMeanwhileError) (err error) {
	if form.Conflict, err = p.conflictOf(r.Context(), e, form.Member); err != nil {
		return err
	}
	form.Missions.rejoin(present)
	form.Version = e.Version
	return p.renderEdit(w, r, http.StatusConflict, form)
}

// draft is what the form asks of the use-case. A form without the missions leaves them.
func (f editForm) draft() member.RecordDraft {
	d := member.RecordDraft{Profile: f.Profile.ProfileDraft}
	if len(f.Missions.Rows)+len(f.Missions.Removed) > 0 {
		missions := f.Missions.draft()
		d.Missions = &missions
	}
	if f.Admin {
		d.Redirection = &f.Redirection
	}
	return d
}

// sayChanged tells what became of a form that was accepted.
func sayChanged(r *http.Request, changed bool) {
	if changed {
		web.Flash(r, dsfr.Success, "Modifications enregistrées. Elles seront en ligne sur beta.gouv.fr d’ici 24 heures.")
	} else {
		web.Flash(r, dsfr.Info, "Rien n’a changé : la fiche est restée telle qu’elle était.")
	}
}

func (p *Pages) renderEdit(w http.ResponseWriter, r *http.Request, status int, form editForm) (err error) {
	if err := p.prepareMissions(r, &form.Missions, false); err != nil {
		return err
	}
	if !form.Editable {
		if form.ReadOnly, err = member.ShownMissions(r.Context(), p.db, form.Member.ID); err != nil {
			return err
		}
	}
	if form.Changed, err = member.LastChangeOf(r.Context(), p.db, form.Member.ID); err != nil {
		return err
	}
	form.Profile.Oneself = form.Oneself
	if form.Errors != nil {
		form.Missions.Errors, form.Profile.Errors = form.Errors, form.Errors
		form.Missions.offer()
	}
	if err := p.offerCities(r.Context(), &form.Profile); err != nil {
		return err
	}
	return web.Render(w, r, status, web.Page{Title: form.title(), Breadcrumb: form.breadcrumb(r), Body: editBody(form)})
}

func (f editForm) title() string {
	if f.Oneself {
		return "Mise à jour de mes informations"
	}
	return "Mise à jour des informations de " + f.Member.Fullname
}

// label names the form for screen readers.
func (f editForm) label() string {
	if f.Oneself {
		return "Modifier mes informations"
	}
	return "Modifier les informations de " + f.Member.Fullname
}

// say chooses between what is said to the person and to somebody else.
func (f editForm) say(oneself, other string) string {
	if f.Oneself {
		return oneself
	}
	return other
}

// photoPage is where the picture is changed.
func (f editForm) photoPage() string {
	return f.say("/account/photo", "/community/"+f.Member.Username+"/photo")
}

func (f editForm) photoAlt() string {
	return f.say("Ta photo actuelle, ou tes initiales", "La photo actuelle, ou les initiales")
}

func (f editForm) breadcrumb(r *http.Request) []dsfr.Link {
	if f.Oneself && account(r) == "/account" {
		return []dsfr.Link{{Label: "Compte", Href: "/account"}, {Label: "Mise à jour de mes informations"}}
	}
	return recordBreadcrumb(f.Member, "Mise à jour des informations")
}

func recordBreadcrumb(m member.Member, last string) []dsfr.Link {
	return []dsfr.Link{{Label: "Membres", Href: "/community"}, {Label: m.Fullname, Href: "/community/" + m.Username}, {Label: last}}
}

func (f editForm) order() []string {
	order := append(profileOrder(), f.Missions.order()...)
	return append(order, statisticsOrder()...)
}

// lastChange says when and by whom the record was last changed.
func (f editForm) lastChange() string {
	return fmt.Sprintf("Dernière modification le %s par", clock.DayOf(f.Changed.At).French())
}

package memberweb

import (
	"errors"
	"net/http"
	"strings"

	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/web"
)

// updateForm is the missions of a member, as stored or as typed.
type updateForm struct {
	Member   member.Member
	Missions missionsForm
	Version  member.Version
	Conflict *conflict // what somebody else saved while the form was open
	Errors   messages
}

// updated reads whose missions are edited, once the right to do it is checked.
func (p *Pages) updated(r *http.Request) (f updateForm, missions []member.Mission, err error) {
	if f.Member, err = member.ByUsername(r.Context(), p.db, r.PathValue("username")); err != nil {
		return f, nil, err
	}
	subject, err := member.SubjectFor(r.Context(), p.db, web.Viewer(r), f.Member.ID, clock.Today(p.clock))
	if err != nil {
		return f, nil, err
	}
	if err := member.Can(web.Viewer(r), member.EditMissions, subject); err != nil {
		return f, nil, err
	}
	// The version is read first: what changes in between is then a conflict, never a loss.
	if f.Version, err = member.VersionOf(r.Context(), p.db, f.Member.ID); err != nil {
		return f, nil, err
	}
	missions, err = member.MissionsOf(r.Context(), p.db, f.Member.ID)
	return f, missions, err
}

// showUpdate serves GET /community/{username}/update.
func (p *Pages) showUpdate(w http.ResponseWriter, r *http.Request) error {
	form, missions, err := p.updated(r)
	if err != nil {
		return err
	}
	form.Missions.Rows = storedMissions(missions)
	return p.renderUpdate(w, r, http.StatusOK, form)
}

// update serves POST /community/{username}/update.
func (p *Pages) update(w http.ResponseWriter, r *http.Request) error {
	form, missions, err := p.updated(r)
	if err != nil {
		return err
	}
	if err := web.ReadForm(r); err != nil {
		return err
	}
	form.Missions, form.Version = typedMissions(r, missions), shownVersion(r, form.Version)
	if button := web.Text(r, "do"); button != "" {
		if err := p.prepareMissions(r, &form.Missions, false); err != nil {
			return err
		}
		form.Missions.perform(button)
		return p.renderUpdate(w, r, http.StatusOK, form)
	}
	draft := form.Missions.draft()
	draft.Seen = seenVersion(r)
	changed, err := p.members.UpdateMissions(r.Context(), web.Viewer(r), form.Member.ID, draft)
	if meanwhile, ok := errors.AsType[*member.ChangedMeanwhileError](err); ok {
		return p.renderLateUpdate(w, r, form, missions, meanwhile)
	}
	if problems, ok := web.Invalid(err); ok {
		form.Errors = problems
		return p.renderUpdate(w, r, http.StatusUnprocessableEntity, form)
	}
	if err != nil {
		return err
	}
	sayChanged(r, changed)
	return web.SeeOther(w, r, "/community/"+form.Member.Username)
}

// renderLateUpdate shows the missions as they were typed, beside what somebody else just saved.
func (p *Pages) renderLateUpdate(w http.ResponseWriter, r *http.Request, form updateForm, present []member.Mission, e *member.ChangedMeanwhileError) (err error) {
	if form.Conflict, err = p.conflictOf(r.Context(), e, form.Member); err != nil {
		return err
	}
	form.Missions.rejoin(present)
	form.Version = e.Version
	return p.renderUpdate(w, r, http.StatusConflict, form)
}

func (p *Pages) renderUpdate(w http.ResponseWriter, r *http.Request, status int, form updateForm) error {
	if err := p.prepareMissions(r, &form.Missions, false); err != nil {
		return err
	}
	if form.Errors != nil {
		form.Missions.Errors = form.Errors
		form.Missions.offer()
	}
	return web.Render(w, r, status, web.Page{
		Title: "Mise à jour des missions de " + form.Member.Fullname, Breadcrumb: recordBreadcrumb(form.Member, "Mise à jour des missions"),
		Body: updateBody(form),
	})
}

// missionLine says a mission that is only read.
func missionLine(m member.Shown) string {
	words := []string{"du " + m.Start.Numeric() + " au " + m.End.Numeric()}
	if m.End.IsZero() {
		words[0] = "depuis le " + m.Start.Numeric()
	}
	if len(m.Startups) > 0 {
		words = append(words, strings.Join(m.Startups, ", "))
	}
	if m.Employer != "" {
		words = append(words, m.Employer)
	}
	return strings.Join(words, " · ")
}

package memberweb

import (
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
	Errors   messages
}

// updated reads whose missions are edited, once the right to do it is checked.
func (p *Pages) updated(r *http.Request) (m member.Member, missions []member.Mission, err error) {
	if m, err = member.ByUsername(r.Context(), p.db, r.PathValue("username")); err != nil {
		return m, nil, err
	}
	subject, err := member.SubjectFor(r.Context(), p.db, web.Viewer(r), m.ID, clock.Today(p.clock))
	if err != nil {
		return m, nil, err
	}
	if err := member.Can(web.Viewer(r), member.EditMissions, subject); err != nil {
		return m, nil, err
	}
	missions, err = member.MissionsOf(r.Context(), p.db, m.ID)
	return m, missions, err
}

// showUpdate serves GET /community/{username}/update.
func (p *Pages) showUpdate(w http.ResponseWriter, r *http.Request) error {
	m, missions, err := p.updated(r)
	if err != nil {
		return err
	}
	return p.renderUpdate(w, r, http.StatusOK, updateForm{Member: m, Missions: missionsForm{Rows: storedMissions(missions)}})
}

// update serves POST /community/{username}/update.
func (p *Pages) update(w http.ResponseWriter, r *http.Request) error {
	m, missions, err := p.updated(r)
	if err != nil {
		return err
	}
	if err := web.ReadForm(r); err != nil {
		return err
	}
	form := updateForm{Member: m, Missions: typedMissions(r, missions)}
	if button := web.Text(r, "do"); button != "" {
		if err := p.prepareMissions(r, &form.Missions, false); err != nil {
			return err
		}
		form.Missions.perform(button)
		return p.renderUpdate(w, r, http.StatusOK, form)
	}
	changed, err := p.members.UpdateMissions(r.Context(), web.Viewer(r), m.ID, form.Missions.draft())
	if problems, ok := web.Invalid(err); ok {
		form.Errors = problems
		return p.renderUpdate(w, r, http.StatusUnprocessableEntity, form)
	}
	if err != nil {
		return err
	}
	sayChanged(r, changed)
	return web.SeeOther(w, r, "/community/"+m.Username)
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

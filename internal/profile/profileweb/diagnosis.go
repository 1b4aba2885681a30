package profileweb

import (
	"errors"
	"net/http"
	"strings"

	"github.com/betagouv/espace-membre/internal/platform/dsfr"
	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/platform/web"
	"github.com/betagouv/espace-membre/internal/profile"
)

const diagnosisPath = "/keskispasse"

// diagnosisPage is the page that tells what blocks.
type diagnosisPage struct {
	// Shown is the diagnosis of the viewer, or of the member whom an administrator looks for; nil
	// for who is not logged in.
	Shown    *profile.Diagnosis
	Fullname string // of the member that the diagnosis is about
	Own      bool
	Admin    bool
	Wanted   string // what an administrator or a visitor typed
	Unknown  bool   // an administrator typed a name that nobody bears
	Sent     bool
	TooMany  bool
	Errors   map[string]string
	Support  string // address of the team
}

// showDiagnosis serves GET /keskispasse. A visitor gets the same page whoever they are; a member
// sees their own diagnosis, an administrator that of anybody.
func (p *Pages) showDiagnosis(w http.ResponseWriter, r *http.Request) error {
	viewer := web.Viewer(r)
	page := diagnosisPage{Sent: r.URL.Query().Has("envoi"), Admin: viewer.Admin, Own: true, Support: p.profile.Support()}
	if !viewer.LoggedIn() {
		return renderDiagnosis(w, r, http.StatusOK, page)
	}
	username := viewer.Username
	if viewer.Admin {
		page.Wanted = strings.ToLower(strings.TrimSpace(r.URL.Query().Get("membre")))
		if page.Wanted != "" {
			username, page.Own = page.Wanted, page.Wanted == viewer.Username
		}
	}
	m, diagnosis, err := p.profile.DiagnosisOf(r.Context(), viewer, username)
	if fault.Is(err, fault.NotFound) || fault.Is(err, fault.Invalid) {
		page.Unknown = true
		return renderDiagnosis(w, r, http.StatusOK, page)
	}
	if err != nil {
		return err
	}
	page.Shown, page.Fullname = &diagnosis, m.Fullname
	return renderDiagnosis(w, r, http.StatusOK, page)
}

// askDiagnosis serves POST /keskispasse: the diagnosis leaves by mail, to the addresses of the
// person meant. The answer is the same whether somebody is meant or not.
func (p *Pages) askDiagnosis(w http.ResponseWriter, r *http.Request) error {
	page := diagnosisPage{Wanted: web.Text(r, "qui"), Support: p.profile.Support()}
	err := p.profile.RequestDiagnosis(r.Context(), profile.Ask{Target: page.Wanted, Client: web.ClientAddress(r)})
	if errors.Is(err, profile.ErrTooMany) {
		page.TooMany = true
		return renderDiagnosis(w, r, http.StatusTooManyRequests, page)
	}
	if messages, ok := web.Invalid(err); ok {
		page.Errors = messages
		return renderDiagnosis(w, r, http.StatusUnprocessableEntity, page)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, diagnosisPath+"?envoi=1")
}

func renderDiagnosis(w http.ResponseWriter, r *http.Request, status int, page diagnosisPage) error {
	return web.Render(w, r, status, web.Page{
		Title: "Qu’est-ce qui se passe ?", Breadcrumb: []dsfr.Link{{Label: "Qu’est-ce qui se passe ?"}}, Body: diagnosisBody(page),
	})
}

// href is where a step leads; "" when there is only to wait.
func (d diagnosisPage) href(step profile.Step) string {
	if step.Path == profile.ToSupport {
		return "mailto:" + d.Support
	}
	return step.Path
}

package offboardingweb

import (
	"net/http"

	"github.com/a-h/templ"

	"github.com/betagouv/espace-membre/internal/offboarding"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/dsfr"
	"github.com/betagouv/espace-membre/internal/platform/web"
)

// decideForm is the state of the form that answers a request.
type decideForm struct {
	Answer string
	Errors map[string]string
}

// The values of the two buttons of the form.
const (
	fieldDecision = "decision"
	accept        = "accepter"
	refuse        = "refuser"
)

// list serves GET /extensions: the requests that the viewer may decide.
func (p *Pages) list(w http.ResponseWriter, r *http.Request) error {
	waiting, err := p.service.ToDecide(r.Context(), web.Viewer(r))
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, web.Page{
		Title: "Demandes de prolongation", Breadcrumb: []dsfr.Link{{Label: "Demandes de prolongation"}}, Body: listBody(waiting),
	})
}

// showExtension serves GET /community/{username}/extension/{id}: it changes nothing, mail scanners may open it.
func (p *Pages) showExtension(w http.ResponseWriter, r *http.Request) error {
	return p.renderExtension(w, r, http.StatusOK, decideForm{})
}

// decide serves POST /community/{username}/extension/{id}.
func (p *Pages) decide(w http.ResponseWriter, r *http.Request) error {
	id, err := requestID(r)
	if err != nil {
		return err
	}
	form := decideForm{Answer: web.Text(r, offboarding.FieldAnswer)}
	decision := web.Text(r, fieldDecision)
	if decision != accept && decision != refuse {
		form.Errors = map[string]string{"": "Choisis « Accepter » ou « Refuser »."}
		return p.renderExtension(w, r, http.StatusUnprocessableEntity, form)
	}
	err = p.service.Decide(r.Context(), web.Viewer(r), r.PathValue("username"), id, offboarding.Decision{Accept: decision == accept, Answer: form.Answer})
	if messages, refused := web.Invalid(err); refused {
		form.Errors = messages
		return p.renderExtension(w, r, statusOf(err), form)
	}
	if err != nil {
		return err
	}
	web.Flash(r, dsfr.Success, map[string]string{
		accept: "C’est fait : la mission est prolongée, et la personne va en recevoir la nouvelle.",
		refuse: "C’est noté : la mission ne change pas, et la personne va en être prévenue.",
	}[decision])
	return web.SeeOther(w, r, listPath)
}

func (p *Pages) renderExtension(w http.ResponseWriter, r *http.Request, status int, form decideForm) error {
	id, err := requestID(r)
	if err != nil {
		return err
	}
	e, err := p.service.Extension(r.Context(), web.Viewer(r), r.PathValue("username"), id)
	if err != nil {
		return err
	}
	return web.Render(w, r, status, web.Page{
		Title: "Prolonger la mission de " + e.Fullname,
		Breadcrumb: []dsfr.Link{
			{Label: "Demandes de prolongation", Href: listPath}, {Label: e.Fullname},
		},
		Body: extensionBody(e, form),
	})
}

// table is the list of the requests.
func table(waiting []offboarding.Extension) dsfr.TableParams {
	t := dsfr.TableParams{
		Caption: "Demandes qui attendent ta réponse", HideCaption: true,
		Columns: []dsfr.Column{{Label: "Personne"}, {Label: "Fin actuelle"}, {Label: "Fin souhaitée"}, {Label: "Demandé le"}, {Label: "À répondre avant le"}},
	}
	for _, e := range waiting {
		t.Rows = append(t.Rows, []templ.Component{
			extensionLink(e), dsfr.Text(e.EndDay.Numeric()), dsfr.Text(e.WishedDay.Numeric()),
			dsfr.Text(clock.DayOf(e.AskedAt).Numeric()), dsfr.Text(e.ExpiryDay.Numeric()),
		})
	}
	return t
}

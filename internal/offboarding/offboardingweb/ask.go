package offboardingweb

import (
	"net/http"

	"github.com/betagouv/espace-membre/internal/offboarding"
	"github.com/betagouv/espace-membre/internal/platform/dsfr"
	"github.com/betagouv/espace-membre/internal/platform/web"
)

// askForm is the state of the form "demander une prolongation".
type askForm struct {
	Wished  string
	Message string
	Errors  map[string]string
}

// showAsk serves GET /account/extension.
func (p *Pages) showAsk(w http.ResponseWriter, r *http.Request) error {
	return p.renderAsk(w, r, http.StatusOK, askForm{})
}

// ask serves POST /account/extension.
func (p *Pages) ask(w http.ResponseWriter, r *http.Request) error {
	read := map[string]string{}
	ask := offboarding.Ask{Wished: readDay(r, offboarding.FieldWished, read), Message: web.Text(r, offboarding.FieldMessage)}
	var err error
	if len(read) == 0 {
		err = p.service.AskExtension(r.Context(), web.Viewer(r), ask)
	}
	if messages, refused := together(read, err); refused {
		return p.renderAsk(w, r, statusOf(err), askForm{Wished: web.Text(r, offboarding.FieldWished), Message: ask.Message, Errors: messages})
	}
	if err != nil {
		return err
	}
	web.Flash(r, dsfr.Success, "Ta demande est partie. Tu recevras un message dès que quelqu’un aura répondu.")
	return web.SeeOther(w, r, askPath)
}

// withdraw serves POST /account/extension/withdraw.
func (p *Pages) withdraw(w http.ResponseWriter, r *http.Request) error {
	if err := p.service.WithdrawExtension(r.Context(), web.Viewer(r)); err != nil {
		return err
	}
	web.Flash(r, dsfr.Success, "Ta demande est annulée.")
	return web.SeeOther(w, r, askPath)
}

func (p *Pages) renderAsk(w http.ResponseWriter, r *http.Request, status int, form askForm) error {
	view, err := p.service.Asking(r.Context(), web.Viewer(r))
	if err != nil {
		return err
	}
	return web.Render(w, r, status, web.Page{
		Title: "Demander une prolongation", Breadcrumb: []dsfr.Link{{Label: "Compte", Href: "/account"}, {Label: "Demander une prolongation"}},
		Body: askBody(view, form),
	})
}

// errors lists what is to be corrected, in the order of the form.
func (f askForm) errors() []dsfr.FieldError {
	return dsfr.SortedErrors(fieldsOnly(f.Errors), offboarding.FieldWished, offboarding.FieldMessage)
}

// fieldsOnly leaves out the message that concerns the whole form.
func fieldsOnly(messages map[string]string) map[string]string {
	fields := map[string]string{}
	for name, message := range messages {
		if name != "" {
			fields[name] = message
		}
	}
	return fields
}

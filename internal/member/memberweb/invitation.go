package memberweb

import (
	"net/http"

	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/dsfr"
	"github.com/betagouv/espace-membre/internal/platform/web"
)

// invitationForm corrects the address of an invitation. The present one is private: not shown.
type invitationForm struct {
	Member member.Member
	Email  string
	Errors messages
}

// invited is the member whose invitation is corrected, once the right to do it is checked.
func (p *Pages) invited(r *http.Request) (f invitationForm, err error) {
	if f.Member, err = member.ByUsername(r.Context(), p.db, r.PathValue("username")); err != nil {
		return f, err
	}
	return f, member.MayCorrectInvitation(web.Viewer(r), f.Member)
}

// showInvitation serves GET /community/{username}/invitation.
func (p *Pages) showInvitation(w http.ResponseWriter, r *http.Request) error {
	form, err := p.invited(r)
	if err != nil {
		return err
	}
	return form.render(w, r, http.StatusOK)
}

// correctInvitation serves POST /community/{username}/invitation.
func (p *Pages) correctInvitation(w http.ResponseWriter, r *http.Request) error {
	form, err := p.invited(r)
	if err != nil {
		return err
	}
	if err := web.ReadForm(r); err != nil {
		return err
	}
	form.Email = web.Text(r, "email")
	err = p.members.CorrectInvitation(r.Context(), web.Viewer(r), form.Member.ID, form.Email)
	if problems, ok := web.Invalid(err); ok {
		form.Errors = problems
		return form.render(w, r, http.StatusUnprocessableEntity)
	}
	if err != nil {
		return err
	}
	web.Flash(r, dsfr.Success, "L’adresse est corrigée : l’invitation part à "+member.NormalizeAddress(form.Email)+" dans les minutes qui viennent.")
	return web.SeeOther(w, r, "/community/"+form.Member.Username)
}

func (f invitationForm) title() string { return "Renvoyer l’invitation de " + f.Member.Fullname }

func (f invitationForm) render(w http.ResponseWriter, r *http.Request, status int) error {
	return web.Render(w, r, status, web.Page{
		Title: f.title(), Breadcrumb: recordBreadcrumb(f.Member, "Renvoyer l’invitation"), Body: invitationBody(f),
	})
}

func (f invitationForm) field() dsfr.Field {
	return dsfr.Field{
		Name: "email", Label: "Bonne adresse", Value: f.Email, Error: f.Errors["email"], Type: "email", Required: true, Autocomplete: "off", MaxLength: 254,
		Hint: "Son adresse d’administration si elle en a une, sinon une adresse personnelle.",
	}
}

package memberweb

import (
	"net/http"

	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/dsfr"
	"github.com/betagouv/espace-membre/internal/platform/web"
)

// AddressForm is the form that asks for another address of a kind; other rooms show it on their
// pages with PrimaryAddressForm and SecondaryAddressForm.
type AddressForm struct {
	Kind    member.AddressKind
	Action  string // where it posts
	Next    string // page of ours to which it comes back; empty: the record
	Current string // empty: none
	Typed   string
	Pending string // an address whose proof waits; empty: none
	Oneself bool
	Error   string
}

// PreferenceForm is the form that chooses the address of contact.
type PreferenceForm struct {
	Next               string
	Primary, Secondary string
	Chosen             string // primary or secondary
	Error              string
}

// addressPage is where a form about addresses stands alone.
type addressPage struct {
	Member  member.Member
	Oneself bool
	Title   string
}

// NewAddressForm makes the form of a member for a kind of address. It posts to the pages of this
// room, then comes back to next, a page of ours.
func NewAddressForm(m member.Member, kind member.AddressKind, pending []member.PendingChange, oneself bool, next string) AddressForm {
	f := AddressForm{Kind: kind, Action: "/account/address/" + string(kind), Next: next, Current: m.PrimaryEmail, Oneself: oneself}
	if kind == member.Secondary {
		f.Current = m.SecondaryEmail
	}
	if !oneself {
		f.Action = "/community/" + m.Username + "/address/" + string(kind)
	}
	for _, change := range pending {
		if change.Kind == kind {
			f.Pending = change.Address
		}
	}
	return f
}

// NewPreferenceForm makes the form of a member for the address of contact.
func NewPreferenceForm(m member.Member, next string) PreferenceForm {
	return PreferenceForm{Next: next, Primary: m.PrimaryEmail, Secondary: m.SecondaryEmail, Chosen: m.CommunicationEmail}
}

// addressOf serves GET of the forms of an address, of the viewer or of another member.
func (p *Pages) addressOf(kind member.AddressKind) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		m, err := p.concerned(r)
		if err != nil {
			return err
		}
		if r.PathValue("username") != "" && m.Status == member.StatusVerificationWaiting {
			return web.SeeOther(w, r, "/community/"+m.Username+"/invitation") // the invitation follows the address
		}
		return p.renderAddress(w, r, http.StatusOK, m, kind, AddressForm{})
	}
}

// concerned is the member named by the address of the page, else the viewer.
func (p *Pages) concerned(r *http.Request) (member.Member, error) {
	if username := r.PathValue("username"); username != "" {
		return member.ByUsername(r.Context(), p.db, username)
	}
	return member.ByID(r.Context(), p.db, web.Viewer(r).ID)
}

// askAddress serves POST of the same forms.
func (p *Pages) askAddress(kind member.AddressKind) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		if err := web.ReadForm(r); err != nil {
			return err
		}
		m, err := p.concerned(r)
		if err != nil {
			return err
		}
		viewer := web.Viewer(r)
		if web.Text(r, "do") == "cancel" {
			if err := p.members.CancelAddressChange(r.Context(), viewer, m.ID, kind); err != nil {
				return err
			}
			web.Flash(r, dsfr.Success, "La demande est annulée : rien ne change.")
			return web.SeeOther(w, r, p.back(r, m))
		}
		typed := AddressForm{Typed: web.Text(r, "email"), Next: web.LocalPath(web.Text(r, "next"))}
		err = p.members.RequestAddressChange(r.Context(), viewer, m.ID, kind, typed.Typed)
		if problems, ok := web.Invalid(err); ok {
			typed.Error = problems["email"] + problems[""]
			return p.renderAddress(w, r, http.StatusUnprocessableEntity, m, kind, typed)
		}
		if err != nil {
			return err
		}
		web.Flash(r, dsfr.Success, "Un lien est parti à "+member.NormalizeAddress(typed.Typed)+". L’adresse changera quand il aura été utilisé, dans les 24 heures.")
		return web.SeeOther(w, r, p.back(r, m))
	}
}

// back is where a form about addresses returns.
func (p *Pages) back(r *http.Request, m member.Member) string {
	if next := web.LocalPath(web.Text(r, "next")); next != "" {
		return next
	}
	if m.ID == web.Viewer(r).ID {
		return account(r)
	}
	return "/community/" + m.Username
}

func (p *Pages) renderAddress(w http.ResponseWriter, r *http.Request, status int, m member.Member, kind member.AddressKind, typed AddressForm) error {
	pending, err := p.members.PendingChanges(r.Context(), m.ID)
	if err != nil {
		return err
	}
	page := addressPage{Member: m, Oneself: m.ID == web.Viewer(r).ID}
	f := NewAddressForm(m, kind, pending, page.Oneself, typed.Next)
	f.Typed, f.Error = typed.Typed, typed.Error
	page.Title = f.title(m)
	body := SecondaryAddressForm(f)
	if kind == member.Primary {
		body = PrimaryAddressForm(f)
	}
	return web.Render(w, r, status, web.Page{Title: page.Title, Breadcrumb: page.breadcrumb(r), Body: alone(page.Title, body)})
}

func (f AddressForm) title(m member.Member) string {
	switch {
	case !f.Oneself:
		return "Changer l’adresse secondaire de " + m.Fullname
	case f.Kind == member.Primary:
		return "Changer mon adresse principale"
	}
	return "Changer mon adresse secondaire"
}

func (p addressPage) breadcrumb(r *http.Request) []dsfr.Link {
	if p.Oneself {
		return []dsfr.Link{{Label: "Compte", Href: account(r)}, {Label: p.Title}}
	}
	return recordBreadcrumb(p.Member, "Adresse secondaire")
}

// field is the address wanted.
func (f AddressForm) field(label, text string) dsfr.Field {
	return dsfr.Field{
		ID: string(f.Kind) + "-email", Name: "email", Label: label, Hint: text, Value: f.Typed, Error: f.Error, Type: "email", Required: true,
		Autocomplete: "off", MaxLength: 254,
	}
}

// showPreference serves GET /account/address/preference.
func (p *Pages) showPreference(w http.ResponseWriter, r *http.Request) error {
	return p.renderPreference(w, r, http.StatusOK, "")
}

// choosePreference serves POST /account/address/preference.
func (p *Pages) choosePreference(w http.ResponseWriter, r *http.Request) error {
	if err := web.ReadForm(r); err != nil {
		return err
	}
	viewer := web.Viewer(r)
	changed, err := p.members.ChoosePreference(r.Context(), viewer, viewer.ID, member.AddressKind(web.Text(r, "preference")))
	if problems, ok := web.Invalid(err); ok {
		return p.renderPreference(w, r, http.StatusUnprocessableEntity, problems["preference"]+problems[""])
	}
	if err != nil {
		return err
	}
	sayPreference(r, changed)
	return web.SeeOther(w, r, p.back(r, member.Member{ID: viewer.ID}))
}

func sayPreference(r *http.Request, changed bool) {
	if changed {
		web.Flash(r, dsfr.Success, "Modifications effectuées : nous t’écrirons à cette adresse.")
	} else {
		web.Flash(r, dsfr.Info, "Rien n’a changé : nous t’écrivions déjà à cette adresse.")
	}
}

func (p *Pages) renderPreference(w http.ResponseWriter, r *http.Request, status int, problem string) error {
	m, err := p.concerned(r)
	if err != nil {
		return err
	}
	f := NewPreferenceForm(m, web.LocalPath(web.Text(r, "next")))
	f.Error = problem
	page := addressPage{Member: m, Oneself: true, Title: "Choisir mon adresse de contact"}
	return web.Render(w, r, status, web.Page{Title: page.Title, Breadcrumb: page.breadcrumb(r), Body: alone(page.Title, PreferenceAddressForm(f))})
}

// choice is the two addresses.
func (f PreferenceForm) choice() dsfr.Choice {
	return dsfr.Choice{
		Field:   dsfr.Field{Name: "preference", Label: "Quelle adresse utiliser pour les messages de la communauté ?", Error: f.Error, Required: true},
		Options: []dsfr.Option{{Value: "primary", Label: "L’adresse principale : " + f.Primary}, {Value: "secondary", Label: "L’adresse secondaire : " + f.Secondary}},
		Chosen:  []string{f.Chosen},
	}
}

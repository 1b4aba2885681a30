package memberweb

import (
	"errors"
	"net/http"
	"strings"

	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/dsfr"
	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/platform/web"
)

// createForm is a record to create, as typed.
type createForm struct {
	Firstname, Lastname, Email, Domain string
	Missions                           missionsForm
	Homonyms                           []member.Homonym // people of nearly the same name
	Username                           string           // that the record would have
	Confirm                            bool             // the homonyms are to be looked at before anything is created
	Holder                             *member.Homonym  // who has the address typed as primary one; nil: nobody
	Errors                             messages
}

// showCreate serves GET /community/create.
func (p *Pages) showCreate(w http.ResponseWriter, r *http.Request) error {
	form := createForm{Domain: member.Domains()[0]}
	form.Missions.Rows = []missionRow{newMission(clock.Today(p.clock))}
	return p.renderCreate(w, r, http.StatusOK, form)
}

// create serves POST /community/create.
func (p *Pages) create(w http.ResponseWriter, r *http.Request) error {
	if err := web.ReadForm(r); err != nil {
		return err
	}
	form := createForm{
		Firstname: web.Text(r, "firstname"), Lastname: web.Text(r, "lastname"), Email: web.Text(r, "email"), Domain: web.Text(r, "domain"),
		Missions: typedMissions(r, nil),
	}
	if len(form.Missions.Rows) == 0 {
		form.Missions.Rows = []missionRow{{}}
	}
	if button := web.Text(r, "do"); button != "" {
		return p.editCreation(w, r, form, button)
	}
	created, err := p.members.Create(r.Context(), web.Viewer(r), member.NewMember{
		Firstname: form.Firstname, Lastname: form.Lastname, Email: form.Email, Domain: form.Domain,
		Mission: form.Missions.Rows[0].MissionDraft, Seen: web.Texts(r, "seen"),
	})
	if homonyms, ok := errors.AsType[*member.HomonymsError](err); ok {
		form.Homonyms, form.Username, form.Confirm = homonyms.People, homonyms.Username, true
		return p.renderCreate(w, r, http.StatusUnprocessableEntity, form)
	}
	if problems, ok := web.Invalid(err); ok {
		form.Errors = problems
		return p.renderCreate(w, r, http.StatusUnprocessableEntity, form)
	}
	if err != nil {
		return err
	}
	web.Flash(r, dsfr.Success, "C’est presque bon ! "+created.Fullname+" va recevoir un message pour se connecter et vérifier sa fiche. Son identifiant est "+created.Username+".")
	return web.SeeOther(w, r, "/community/"+created.Username)
}

// editCreation does what a button of the editor of missions asks, and shows the form again.
func (p *Pages) editCreation(w http.ResponseWriter, r *http.Request, form createForm, button string) error {
	if err := p.prepareMissions(r, &form.Missions, true); err != nil {
		return err
	}
	form.Missions.perform(button)
	return p.renderCreate(w, r, http.StatusOK, form)
}

// prepareMissions gives the editor what it offers.
func (p *Pages) prepareMissions(r *http.Request, f *missionsForm, single bool) (err error) {
	f.Today, f.Single = clock.Today(p.clock), single
	if f.Products == nil {
		f.Products, err = member.AllProducts(r.Context(), p.db)
	}
	return err
}

func (p *Pages) renderCreate(w http.ResponseWriter, r *http.Request, status int, form createForm) error {
	if err := p.prepareMissions(r, &form.Missions, true); err != nil {
		return err
	}
	form.Missions.Ended = true
	if err := p.proposeUsername(r, &form); err != nil {
		return err
	}
	if form.Errors != nil {
		form.Missions.Errors = form.Errors
		form.Missions.offer()
		if err := p.lookAround(r, &form); err != nil {
			return err
		}
		if err := p.lookForHolder(r, &form); err != nil {
			return err
		}
	}
	return web.Render(w, r, status, web.Page{
		Title: "Créer une fiche membre", Breadcrumb: []dsfr.Link{{Label: "Membres", Href: "/community"}, {Label: "Créer une fiche membre"}},
		Body: createBody(form),
	})
}

// proposeUsername tells the handle that the record would have, once both names are known.
func (p *Pages) proposeUsername(r *http.Request, form *createForm) (err error) {
	if form.Confirm || form.Errors["firstname"] != "" || form.Errors["lastname"] != "" {
		return nil
	}
	form.Username, err = p.members.ProposeUsername(r.Context(), form.Firstname, form.Lastname)
	return err
}

// lookAround shows people of nearly the same name beside a refusal: the record may exist.
func (p *Pages) lookAround(r *http.Request, form *createForm) (err error) {
	if form.Errors["firstname"] != "" || form.Errors["lastname"] != "" {
		return nil
	}
	form.Homonyms, err = p.members.Homonyms(r.Context(), form.Firstname, form.Lastname)
	return err
}

// lookForHolder finds whose record bears the address that was refused. A secondary address is
// private: it leads nowhere.
func (p *Pages) lookForHolder(r *http.Request, form *createForm) error {
	if form.Errors["email"] == "" {
		return nil
	}
	m, err := member.ByPrimaryAddress(r.Context(), p.db, form.Email)
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	form.Holder = &member.Homonym{Username: m.Username, Fullname: m.Fullname}
	return err
}

func (f createForm) field(name, label, value string) dsfr.Field {
	return dsfr.Field{Name: name, Label: label, Value: value, Error: f.Errors[name], Required: true}
}

func (f createForm) domains() dsfr.Choice {
	return dsfr.Choice{Field: f.field("domain", "Domaine", ""), Options: dsfr.Options(member.Domains()...), Chosen: []string{f.Domain}}
}

func (f createForm) order() []string {
	return append([]string{"firstname", "lastname", "email", "domain"}, f.Missions.order()...)
}

// situation says where a homonym stands.
func situation(h member.Homonym) string {
	words := []string{h.Domain}
	if len(h.Startups) > 0 {
		words = append(words, strings.Join(h.Startups, ", "))
	}
	switch {
	case h.Active:
		words = append(words, "en mission")
	case h.LastEnd.IsZero():
		words = append(words, "aucune mission")
	default:
		words = append(words, "mission terminée le "+h.LastEnd.French())
	}
	return strings.Join(words, " · ")
}

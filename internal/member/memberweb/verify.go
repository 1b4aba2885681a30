package memberweb

import (
	"net/http"

	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/actor"
	"github.com/betagouv/espace-membre/internal/platform/dsfr"
	"github.com/betagouv/espace-membre/internal/platform/web"
)

// verifyForm is a record to verify, as stored or as typed.
type verifyForm struct {
	Email    string
	Invited  string // the address that needs no proof
	Pending  string // an address whose proof waits; empty: none
	Profile  profileForm
	Missions missionsForm
	Errors   messages
}

// showVerify serves GET /verify.
func (p *Pages) showVerify(w http.ResponseWriter, r *http.Request) error {
	if web.Viewer(r).Standing != actor.Unverified {
		return web.SeeOther(w, r, account(r))
	}
	m, missions, err := p.own(r)
	if err != nil {
		return err
	}
	form := verifyForm{Email: m.InvitedAddress(), Profile: p.storedProfile(r.Context(), m)}
	form.Missions.Rows = firstRow(missions)
	return p.renderVerify(w, r, http.StatusOK, m, form)
}

// own reads the viewer's record and missions.
func (p *Pages) own(r *http.Request) (m member.Member, missions []member.Mission, err error) {
	if m, err = member.ByID(r.Context(), p.db, web.Viewer(r).ID); err != nil {
		return m, nil, err
	}
	missions, err = member.MissionsOf(r.Context(), p.db, m.ID)
	return m, missions, err
}

func firstRow(missions []member.Mission) []missionRow {
	if first, ok := member.FirstMission(missions); ok {
		return storedMissions([]member.Mission{first})
	}
	return []missionRow{{}}
}

// account is where a member's own pages begin.
func account(r *http.Request) string {
	if web.Serves(r.Context(), "/account") {
		return "/account"
	}
	return "/dashboard"
}

// verify serves POST /verify.
func (p *Pages) verify(w http.ResponseWriter, r *http.Request) error {
	viewer := web.Viewer(r)
	if err := member.Can(viewer, member.VerifyRecord, member.Subject{ID: viewer.ID}); err != nil {
		return err
	}
	if err := web.ReadForm(r); err != nil {
		return err
	}
	m, missions, err := p.own(r)
	if err != nil {
		return err
	}
	form := verifyForm{Email: web.Text(r, "email"), Profile: typedProfile(r), Missions: typedMissions(r, missions)}
	if len(form.Missions.Rows) == 0 {
		form.Missions.Rows = []missionRow{{}}
	}
	if button := web.Text(r, "do"); button != "" {
		if err := p.prepareMissions(r, &form.Missions, true); err != nil {
			return err
		}
		form.Profile.Asking = button == findCity
		form.Missions.perform(button)
		return p.renderVerify(w, r, http.StatusOK, m, form)
	}
	done, err := p.members.Verify(r.Context(), viewer, member.Verification{
		Email: form.Email, Profile: form.Profile.ProfileDraft, Mission: form.Missions.Rows[0].MissionDraft,
		Overlap: form.Missions.Overlap,
	})
	if problems, ok := web.Invalid(err); ok {
		form.Errors = problems
		return p.renderVerify(w, r, http.StatusUnprocessableEntity, m, form)
	}
	if err != nil {
		return err
	}
	return p.verified(w, r, m, form.Email, done)
}

// verified tells what follows a verification.
func (p *Pages) verified(w http.ResponseWriter, r *http.Request, m member.Member, typed string, done member.Verified) error {
	if done.Status == member.StatusVerificationWaiting {
		web.Flash(r, dsfr.Info, "Tes informations sont enregistrées. Il reste à prouver ton adresse : clique sur le lien envoyé à "+done.Proof+".")
		return web.SeeOther(w, r, "/verify")
	}
	if done.DirectoryDown {
		web.Flash(r, dsfr.Warning, "L’annuaire des agents publics ne répond pas : nous n’avons pas pu reconnaître ton adresse. Si elle est celle d’une administration, tu pourras en faire ton adresse principale plus tard.")
	}
	text := "Modifications enregistrées, ta fiche est vérifiée. "
	if done.Status == member.StatusActive {
		text += m.InvitedAddress() + " est ton adresse principale."
	} else {
		text += "Ton adresse " + p.members.OwnAddress(m) + " est en cours de création : un message te préviendra dès qu’elle sera prête."
	}
	web.Flash(r, dsfr.Success, text)
	if done.Proof != "" {
		web.Flash(r, dsfr.Info, "Un lien est parti à "+done.Proof+" : clique dessus pour en faire ton adresse secondaire. D’ici là, nous t’écrivons à "+m.InvitedAddress()+".")
	}
	return web.SeeOther(w, r, account(r))
}

func (p *Pages) renderVerify(w http.ResponseWriter, r *http.Request, status int, m member.Member, form verifyForm) error {
	if err := p.prepareMissions(r, &form.Missions, true); err != nil {
		return err
	}
	pending, err := p.members.PendingChanges(r.Context(), m.ID)
	if err != nil {
		return err
	}
	for _, change := range pending {
		form.Pending = change.Address
	}
	form.Invited, form.Profile.Oneself = m.InvitedAddress(), true
	if form.Errors != nil {
		form.Missions.Errors, form.Profile.Errors = form.Errors, form.Errors
		form.Missions.offer()
	}
	if err := p.offerCities(r.Context(), &form.Profile); err != nil {
		return err
	}
	return web.Render(w, r, status, web.Page{Title: "Vérifie les informations de ton compte", Body: verifyBody(form), Plain: true})
}

func (f verifyForm) order() []string {
	order := append(profileOrder(), f.Missions.order()...)
	return append(order, statisticsOrder()...)
}

func (f verifyForm) emailField() dsfr.Field {
	return dsfr.Field{
		Name: "email", Label: "Email pro", Value: f.Email, Error: f.Errors["email"], Type: "email", Required: true, Autocomplete: "email", MaxLength: 254,
		Hint: "Ton adresse d’administration si tu en as une. C’est là que nous t’écrirons au sujet de ton compte. Si tu en donnes une autre que " + f.Invited + ", un lien y sera envoyé pour vérifier qu’elle est à toi.",
	}
}

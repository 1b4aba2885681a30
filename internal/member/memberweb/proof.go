package memberweb

import (
	"net/http"

	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/web"
)

// showProof serves GET /account/address/confirm: it uses nothing, mail scanners may open it.
func (p *Pages) showProof(w http.ResponseWriter, r *http.Request) error {
	query := r.URL.Query()
	if kind := member.AddressKind(query.Get("fait")); kind == member.Primary || kind == member.Secondary {
		return web.Render(w, r, http.StatusOK, web.Page{Title: "Adresse confirmée", Body: provedBody(kind), Plain: true})
	}
	proof, err := p.members.ReadProof(r.Context(), query.Get("token"))
	if problems, ok := web.Invalid(err); ok {
		return deadProof(w, r, problems)
	}
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, web.Page{Title: "Confirmer une adresse", Body: proofBody(proof, query.Get("token")), Plain: true})
}

// useProof serves POST /account/address/confirm. Nobody has to be logged in: the link is the proof.
func (p *Pages) useProof(w http.ResponseWriter, r *http.Request) error {
	if err := web.ReadForm(r); err != nil {
		return err
	}
	proof, err := p.members.ConfirmAddressChange(r.Context(), web.Text(r, "token"))
	if problems, ok := web.Invalid(err); ok {
		return deadProof(w, r, problems)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, "/account/address/confirm?fait="+string(proof.Kind))
}

func deadProof(w http.ResponseWriter, r *http.Request, problems messages) error {
	return web.Render(w, r, http.StatusUnprocessableEntity, web.Page{Title: "Lien expiré", Body: deadProofBody(problems.general()), Plain: true})
}

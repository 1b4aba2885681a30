package mailboxweb

import (
	"context"
	"net/http"

	"github.com/a-h/templ"
	"github.com/google/uuid"

	"github.com/betagouv/espace-membre/internal/mailbox"
	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/actor"
	"github.com/betagouv/espace-membre/internal/platform/dsfr"
	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/platform/web"
)

// AdminPanelID is the anchor of the block for administrators.
const AdminPanelID = "boite-admin"

// adminView is what the block for administrators shows.
type adminView struct {
	Account  mailbox.Account
	Reaches  []mailbox.AddressReach
	Reached  bool // the vendor of mails answered
	Unblocks bool // it is configured
	MayMove  bool // the mailbox is, or may be, of the MX Plan
}

// AdminPanel gives administrators their block about a mailbox; nothing to the others.
func (p *Pages) AdminPanel(ctx context.Context, viewer actor.Actor, of member.Member) (templ.Component, error) {
	if !viewer.Admin {
		return templ.NopComponent, nil
	}
	a, err := p.self.Account(ctx, viewer, of.ID)
	if err != nil {
		return nil, err
	}
	v := adminView{Account: a, Unblocks: p.self.Unblocks()}
	read := make(chan struct{}) // both vendors at once: one after the other would spend two budgets
	go func() {
		defer close(read)
		v.Reaches, v.Reached = p.reaches(ctx, viewer, a)
	}()
	out, known := p.outside(ctx, a)
	<-read
	v.MayMove = a.Ours && a.Hosted && (!known || out.HasBox && out.Box.Plan == mailbox.PlanBasic)
	return adminBody(v), nil
}

// reaches reads what the vendor of mails holds against each address, within the budget of a page.
func (p *Pages) reaches(ctx context.Context, viewer actor.Actor, a mailbox.Account) ([]mailbox.AddressReach, bool) {
	bounded, cancel := context.WithTimeout(ctx, vendorBudget)
	defer cancel()
	list, err := p.self.Reaches(bounded, viewer, a)
	return list, err == nil
}

// kindLabel names one address of a member.
func kindLabel(k mailbox.Kind) string {
	if k == mailbox.Secondary {
		return "Adresse secondaire"
	}
	return "Adresse principale"
}

// unblock serves POST /community/{username}/mailbox/unblock.
func (p *Pages) unblock(w http.ResponseWriter, r *http.Request) error {
	a, err := p.account(r)
	if err != nil {
		return err
	}
	d, err := p.demand(r, a)
	if err == nil {
		err = p.self.UnblockAddress(r.Context(), d, mailbox.Kind(web.Text(r, "address")), web.Checked(r, mailbox.ConfirmField))
	}
	if messages, ok := refused(err); ok {
		return web.Render(w, r, http.StatusUnprocessableEntity, web.Page{
			Title: "Débloquer une adresse", Breadcrumb: breadcrumb(a, "Débloquer une adresse"), Body: refusedBody("Débloquer une adresse", a, messages),
		})
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, adminBase(a)+"/progress?demande="+d.Form.String())
}

type upgradePage struct {
	Account mailbox.Account
	Free    int
	Counted bool   // the vendor said how many accounts are free
	Closed  string // why the plan cannot change; "" when it can
	Rules   []mailbox.PasswordRule
	Form    string
	Errors  map[string]string
}

// showUpgrade serves GET /community/{username}/mailbox/upgrade.
func (p *Pages) showUpgrade(w http.ResponseWriter, r *http.Request) error {
	a, err := p.account(r)
	if err != nil {
		return err
	}
	return p.renderUpgrade(w, r, http.StatusOK, upgradePage{Account: a, Form: uuid.NewString()})
}

// upgrade serves POST /community/{username}/mailbox/upgrade.
func (p *Pages) upgrade(w http.ResponseWriter, r *http.Request) error {
	a, err := p.account(r)
	if err != nil {
		return err
	}
	d, err := p.demand(r, a)
	if err == nil {
		err = p.self.UpgradeMailbox(r.Context(), d, r.PostFormValue("password"))
	}
	if messages, ok := refused(err); ok {
		if message, ok := messages[mailbox.PasswordField]; ok {
			messages = map[string]string{"password": message}
		}
		return p.renderUpgrade(w, r, http.StatusUnprocessableEntity, upgradePage{Account: a, Form: numberOf(r), Errors: messages})
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, adminBase(a)+"/progress?demande="+d.Form.String())
}

func (p *Pages) renderUpgrade(w http.ResponseWriter, r *http.Request, status int, page upgradePage) error {
	page.Rules = mailbox.PasswordRules()
	if !page.Account.Hosted {
		page.Closed = "Les boîtes mail ne sont pas configurées ici."
	}
	if out, known := p.outside(r.Context(), page.Account); known {
		page.Closed = notMovable(page.Account, out)
	}
	bounded, cancel := context.WithTimeout(r.Context(), vendorBudget)
	defer cancel()
	free, err := p.self.FreePro(bounded, page.Account)
	page.Free, page.Counted = free, err == nil
	if page.Closed == "" && fault.Is(err, fault.Invalid) {
		page.Closed = fault.Public(err)
	}
	const title = "Passer à l’offre Pro"
	return web.Render(w, r, status, web.Page{Title: title, Breadcrumb: breadcrumb(page.Account, title), Body: upgradeBody(page)})
}

// notMovable says why a mailbox does not change plan; "" when it does.
func notMovable(a mailbox.Account, out mailbox.Outside) string {
	switch {
	case !a.Ours || !out.HasBox:
		return "Cette personne n’a pas de boîte de la communauté."
	case out.Box.Plan != mailbox.PlanBasic:
		return "La boîte n’est pas d’offre MX Plan : elle ne change pas d’offre ici (" + mailbox.PlanLabel(out.Box.Plan) + ")."
	}
	return ""
}

func creationLabel(a mailbox.Account) string {
	if a.Own {
		return "Créer ma boîte"
	}
	return "Créer la boîte de " + a.Fullname
}

// blockFacts tells one block.
func blockFacts(r mailbox.AddressReach) []dsfr.Link {
	if r.Block == nil {
		return nil
	}
	return []dsfr.Link{
		{Label: "Raison : " + mailbox.ReasonLabel(r.Block.Reason)},
		{Label: "Code : " + r.Block.Reason},
		{Label: "Bloquée le " + at(r.Block.At)},
	}
}

package mailboxweb

import (
	"context"

	"github.com/a-h/templ"

	"github.com/betagouv/espace-membre/internal/mailbox"
	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/actor"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/dsfr"
)

// PanelID is the anchor of the block about a mailbox.
const PanelID = "boite"

// panelView is what the block about a mailbox shows.
type panelView struct {
	Account mailbox.Account
	Out     mailbox.Outside
	Known   bool
	Webmail string
	Server  mailbox.Server
	Late    bool // the day of the deletion that waits has passed
	Reply   string
}

// Panel gives the block about a mailbox on the pages about a person. It never waits long for the
// vendor, whose part is then grey.
func (p *Pages) Panel(ctx context.Context, viewer actor.Actor, of member.Member) (templ.Component, error) {
	a, err := p.self.Account(ctx, viewer, of.ID)
	if err != nil {
		return nil, err
	}
	v := panelView{Account: a}
	v.Out, v.Known = p.outside(ctx, a)
	if v.Known && v.Out.HasBox {
		v.Webmail = p.self.Webmail(v.Out.Box.Plan)
		v.Server, _ = p.self.Server(v.Out.Box.Plan)
	}
	if a.Deletion != nil {
		v.Late = !p.clock.Now().Before(a.Deletion.DueAt)
	}
	v.Reply = p.replyLine(v.Out)
	return panelBody(v), nil
}

// replyLine says in one line what the automatic reply does.
func (p *Pages) replyLine(out mailbox.Outside) string {
	if !out.HasReply {
		return "Aucune réponse automatique n’est en place."
	}
	page := replyPage{Out: out, Today: clock.Today(p.clock).String()}
	return page.running()
}

// basic tells that what exists for the MX Plan only may be set on this mailbox: redirections, the
// automatic reply.
func (v panelView) basic(d mailbox.Deed) bool {
	return v.Account.WhyNot(d) == "" && (!v.Known || v.Out.HasBox && v.Out.Box.Plan == mailbox.PlanBasic)
}

// passwordLabel is the name of the link to the password.
func (v panelView) passwordLabel() string {
	switch v.Account.Status {
	case member.StatusPasswordPending, member.StatusSuspended:
		return "Définir mon mot de passe"
	}
	return "Changer mon mot de passe"
}

// state says where the mailbox stands, by the record and by the vendor.
func (v panelView) state() (severity dsfr.Severity, text string) {
	a := v.Account
	switch a.Status {
	case member.StatusCreationWaiting, member.StatusCreationPending, member.StatusRecreationPending, member.StatusRedirectionPending:
		return dsfr.Info, "La création est en cours : c’est l’affaire de quelques minutes, un message préviendra à l’adresse secondaire."
	case member.StatusVerificationWaiting:
		return dsfr.Info, "La boîte sera créée une fois la fiche vérifiée."
	case member.StatusRedirectionActive:
		return dsfr.Info, "L’adresse est une redirection : il n’y a pas de boîte."
	case member.StatusSuspended:
		return dsfr.Warning, "La boîte est suspendue. Définir un nouveau mot de passe la réactive, si une mission est en cours."
	case member.StatusPasswordPending:
		return dsfr.Warning, "La boîte est prête : il reste à définir son mot de passe."
	}
	switch {
	case v.Known && v.Out.HasBox && v.Out.Box.Blocked:
		return dsfr.Error, "L’hébergeur a bloqué cette boîte, qui aurait envoyé des indésirables. Préviens le support, et change le mot de passe."
	case v.Known && !v.Out.HasBox && a.Ours:
		return dsfr.Warning, "Aucune boîte n’existe chez l’hébergeur pour cette adresse : un administrateur doit intervenir."
	}
	return dsfr.Neutral, ""
}

// requestRows lists what was asked lately.
func requestRows(requests []mailbox.Request) dsfr.TableParams {
	t := dsfr.TableParams{
		Caption: "Demandes en cours, et celles des dernières 24 heures", HideCaption: true,
		Columns: []dsfr.Column{{Label: "Demande"}, {Label: "Quand"}, {Label: "Où en est-elle ?"}},
	}
	for _, r := range requests {
		t.Rows = append(t.Rows, []templ.Component{dsfr.Text(r.Title), dsfr.Text(at(r.CreatedAt)), progressCell(r)})
	}
	return t
}

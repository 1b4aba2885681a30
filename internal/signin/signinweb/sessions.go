package signinweb

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/a-h/templ"

	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/actor"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/dsfr"
	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/platform/session"
	"github.com/betagouv/espace-membre/internal/platform/web"
	"github.com/betagouv/espace-membre/internal/signin"
)

// SessionsPanel is where the pages about a person show SessionsBlock.
const SessionsPanel = "sessions"

// openSessions is the list of the sessions of somebody.
type openSessions struct {
	Own  bool
	Of   member.Member
	List []session.Open
}

// SessionsBlock shows the open sessions of a member, to them and to administrators; nil to others.
// The context is that of a request.
func (p *Pages) SessionsBlock(ctx context.Context, viewer actor.Actor, of member.Member) (templ.Component, error) {
	switch err := signin.MaySeeSessions(viewer, of.ID); {
	case fault.Is(err, fault.Forbidden):
		return nil, nil
	case err != nil:
		return nil, err
	}
	list, err := p.sessions.OpenOf(ctx, of.ID)
	if err != nil {
		return nil, err
	}
	return sessionsBody(openSessions{Own: viewer.ID == of.ID, Of: of, List: list}), nil
}

func (o openSessions) table() dsfr.TableParams {
	t := dsfr.TableParams{Caption: "Sessions ouvertes", HideCaption: true, Columns: []dsfr.Column{{Label: "Ouverte le"}, {Label: "Vue pour la dernière fois"}}}
	for _, one := range o.List {
		t.Rows = append(t.Rows, []templ.Component{dsfr.Text(moment(one.Since)), seenCell(one)})
	}
	return t
}

func moment(t time.Time) string { return t.In(clock.Paris()).Format("02/01/2006 à 15:04") }

// others tells whether there is anything to close.
func (o openSessions) others() bool {
	for _, one := range o.List {
		if !one.Current {
			return true
		}
	}
	return false
}

// closeOwnSessions serves POST /account/sessions/close. The session of the request stays: one is
// not thrown out of the page where one protects oneself, and « Se déconnecter » closes it.
func (p *Pages) closeOwnSessions(w http.ResponseWriter, r *http.Request) error {
	return p.close(w, r, web.Viewer(r).Username, "/account/accounts")
}

// closeSessions serves POST /community/{username}/sessions/close, for administrators.
func (p *Pages) closeSessions(w http.ResponseWriter, r *http.Request) error {
	username := r.PathValue("username")
	return p.close(w, r, username, "/community/"+username+"/accounts")
}

func (p *Pages) close(w http.ResponseWriter, r *http.Request, username, back string) error {
	viewer := web.Viewer(r)
	revoke := p.sessions.RevokeMember
	if username == viewer.Username {
		revoke = p.sessions.RevokeOthers
	}
	closed, err := p.signin.CloseSessions(r.Context(), viewer, username, revoke)
	if err != nil {
		return err
	}
	web.Flash(r, dsfr.Success, closedWords(closed))
	return web.SeeOther(w, r, back+"#"+SessionsPanel)
}

func closedWords(closed int64) string {
	switch closed {
	case 0:
		return "Aucune autre session n’était ouverte. Les liens de connexion déjà envoyés ne fonctionnent plus."
	case 1:
		return "Une session est fermée. Les liens de connexion déjà envoyés ne fonctionnent plus."
	}
	return fmt.Sprintf("%d sessions sont fermées. Les liens de connexion déjà envoyés ne fonctionnent plus.", closed)
}

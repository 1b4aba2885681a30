package profileweb_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/a-h/templ"

	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/actor"
	"github.com/betagouv/espace-membre/internal/platform/dsfr"
	"github.com/betagouv/espace-membre/internal/profile"
	"github.com/betagouv/espace-membre/internal/profile/profileweb"
	"github.com/betagouv/espace-membre/internal/testing/webtest"
)

func panel(id string, tab profileweb.Tab, render func(ctx context.Context, viewer actor.Actor, of member.Member) (templ.Component, error)) profileweb.Panel {
	return profileweb.Panel{ID: id, Title: "Titre " + id, Tab: tab, Render: render}
}

// stuck is a vendor that never answers and does not look at the clock.
func stuck(t *testing.T) func(context.Context, actor.Actor, member.Member) (templ.Component, error) {
	t.Helper()
	free := make(chan struct{})
	t.Cleanup(func() { close(free) })
	return func(context.Context, actor.Actor, member.Member) (templ.Component, error) {
		<-free
		return dsfr.Text("trop tard"), nil
	}
}

func TestASlowPanelIsAGreyBlockAndThePageAnswersInASecond(t *testing.T) {
	site := start(t, profile.Ports{},
		panel("lent", profileweb.TabRecord, stuck(t)), panel("bandeau", profileweb.Banner, stuck(t)),
		panel("rapide", profileweb.TabRecord, func(context.Context, actor.Actor, member.Member) (templ.Component, error) {
			return dsfr.Text("bien arrivé"), nil
		}),
		profileweb.Panel{ID: "patient", Title: "Titre patient", Tab: profileweb.TabRecord, Budget: time.Hour, Render: stuck(t)},
	)
	owner, _, _ := people(t, site)
	client := site.As(t, owner)
	begin := time.Now()
	page := client.Get(t, "/account")
	if took := time.Since(begin); took >= time.Second {
		t.Errorf("the page took %v", took)
	}
	text := page.Text()
	if strings.Count(text, "ne répond pas pour l’instant") != 3 || !strings.Contains(text, "bien arrivé") || !strings.Contains(text, "Titre lent") {
		t.Errorf("page: %s", text)
	}
	if !strings.Contains(text, "helene.lefevre@beta.gouv.fr") {
		t.Error("the rest of the page is lost")
	}
	if !strings.Contains(site.Log.String(), `"panel late"`) {
		t.Error("nobody is told that a panel is late")
	}
}

func TestAPanelThatFailsFailsAlone(t *testing.T) {
	site := start(t, profile.Ports{},
		panel("faux", profileweb.TabMailbox, func(context.Context, actor.Actor, member.Member) (templ.Component, error) {
			return nil, errors.New("helene@prive.exemple is down")
		}),
		panel("fou", profileweb.TabMailbox, func(context.Context, actor.Actor, member.Member) (templ.Component, error) { panic("!") }),
		panel("vide", profileweb.TabMailbox, func(context.Context, actor.Actor, member.Member) (templ.Component, error) { return nil, nil }),
		panel("ailleurs", profileweb.TabAccounts, func(context.Context, actor.Actor, member.Member) (templ.Component, error) {
			return dsfr.Text("ailleurs"), nil
		}),
	)
	owner, _, _ := people(t, site)
	page := site.As(t, owner).Get(t, "/account/mailbox")
	text := page.Text()
	if page.Status != 200 || !strings.Contains(text, "Titre faux") || !strings.Contains(text, "Titre fou") {
		t.Errorf("status %d: %s", page.Status, text)
	}
	if strings.Contains(text, "Titre vide") || strings.Contains(text, "ailleurs") || strings.Contains(text, "is down") {
		t.Errorf("too much is shown: %s", text)
	}
}

func TestAPanelIsToldWhoAsksAboutWhom(t *testing.T) {
	site := start(t, profile.Ports{}, panel("qui", profileweb.TabRecord, func(_ context.Context, viewer actor.Actor, of member.Member) (templ.Component, error) {
		return dsfr.Textf("%s regarde %s, %s", viewer.Username, of.Username, of.SecondaryEmail), nil
	}))
	_, colleague, _ := people(t, site)
	if text := site.As(t, colleague).Get(t, "/community/helene.lefevre").Text(); !strings.Contains(text, "valid.member regarde helene.lefevre, helene@prive.exemple") {
		t.Errorf("page: %s", text)
	}
}

// Who left is told so once: by the banner of departures when there is one, else by the record.
func TestADepartureIsToldOnceToThePerson(t *testing.T) {
	banner := panel("depart", profileweb.Banner, func(_ context.Context, viewer actor.Actor, of member.Member) (templ.Component, error) {
		if viewer.ID != of.ID {
			return nil, nil
		}
		return dsfr.Text("Ta mission est finie"), nil
	})
	site := start(t, profile.Ports{}, banner)
	_, colleague, _ := people(t, site)
	gone := site.Member(t, webtest.Person{Username: "zoe.partie", End: "2024-12-01"})
	for _, path := range []string{"/account", "/account/accounts", "/account/history"} {
		if text := site.As(t, gone).Get(t, path).Text(); !strings.Contains(text, "Ta mission est finie") || strings.Contains(text, "Fiche arrivée à expiration") {
			t.Errorf("%s: %s", path, text)
		}
	}
	if text := site.As(t, colleague).Get(t, "/community/zoe.partie").Text(); !strings.Contains(text, "Fiche arrivée à expiration") {
		t.Errorf("a colleague: %s", text)
	}
}

package mailbox_test

import (
	"testing"
	"time"

	"github.com/betagouv/espace-membre/internal/mailbox"
	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/fault"
)

const redirectionActivation = "setEmailRedirectionActive"

func TestPlanOfRedirectionActivation(t *testing.T) {
	w := newWorld(t, mailbox.Config{})
	pending, now := member.StatusRedirectionPending, w.clock.Now()
	for _, p := range []person{
		{username: "anne.ready", since: now.Add(-5 * time.Minute)},
		{username: "bea.early", since: now.Add(-5*time.Minute + time.Millisecond)},
		{username: "cleo.gone", since: now.Add(-time.Hour), end: "2024-12-18"},
		{username: "dan.lastday", since: now.Add(-time.Hour), end: "2024-12-19"},
	} {
		p.status, p.redirection, p.primary = pending, true, p.username+"-attr@exemple.org"
		w.add(p)
	}
	w.add(person{username: "eli.odd", primary: "eli.odd@exemple.org", status: pending, since: now.Add(-time.Hour)})
	w.add(person{username: "fay.unset", status: member.StatusUnset, redirection: true, since: now.Add(-time.Hour)})
	w.goldenPlan(redirectionActivation,
		"population 5",
		"state activer anne.ready : redirection créée chez OVH, à activer",
		"state activer dan.lastday : redirection créée chez OVH, à activer",
		"laisser bea.early : adresse commandée il y a moins de 5 minutes",
		"laisser cleo.gone : aucune mission en cours ou à venir",
		"laisser eli.odd : la fiche n’attend pas de redirection")
}

func TestRedirectionIsActivatedWhenOVHShowsIt(t *testing.T) {
	for name, c := range map[string]struct {
		kind                   string
		before                 bool // had an active redirection once
		newsletter, onboarding int
	}{
		"attributaire":        {"attributaire", false, 1, 1},
		"attributaire, again": {"attributaire", true, 1, 0},
		"another":             {"beta", false, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, mailbox.Config{})
			id := w.add(person{
				username: "anne.attr", primary: "anne.attr-attr@exemple.org", secondary: "anne@ailleurs.fr", redirection: true, kind: c.kind,
				status: member.StatusRedirectionPending, since: w.clock.Now().Add(-time.Hour),
			})
			if c.before {
				w.exec(`INSERT INTO audit_event (at, actor, code, member_id, after) VALUES ($1, 'system', $2, $3, '{"status": "EMAIL_REDIRECTION_ACTIVE"}')`,
					today.Add(-90).At(9, 0), member.CodeStatusChanged, id)
			}
			w.contacts.blocked = map[string]string{"anne.attr-attr@exemple.org": "hardBounce"}
			a := w.one(redirectionActivation)
			_, err := w.apply(a)
			refused(t, err, fault.Unavailable) // OVH does not show it
			w.expect(id, member.StatusRedirectionPending, "anne.attr-attr@exemple.org")
			w.ovh.AddRedirection("anne.attr-attr@exemple.org", "anne@ailleurs.fr")
			if _, err := w.apply(a); err != nil {
				t.Fatal(err)
			}
			w.expect(id, member.StatusRedirectionActive, "anne.attr-attr@exemple.org")
			if n, o := len(w.contacts.members[mailbox.Newsletter]), len(w.contacts.members[mailbox.Onboarding]); n != c.newsletter || o != c.onboarding {
				t.Errorf("on %d newsletter and %d onboarding lists, want %d and %d", n, o, c.newsletter, c.onboarding)
			}
			if len(w.contacts.blocked) != 0 || w.events(id, "MEMBER_UNBLOCK_EMAIL") != 1 {
				t.Error("still blocked, or not told")
			}
			if outcome, err := w.apply(a); err != nil || outcome.Moot == "" {
				t.Errorf("again: %+v, %v", outcome, err)
			}
		})
	}
}

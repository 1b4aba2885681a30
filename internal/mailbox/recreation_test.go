package mailbox_test

import (
	"strings"
	"testing"

	"github.com/betagouv/espace-membre/internal/mailbox"
	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/job"
)

const recreation = "recreateEmailIfUserActive"

func TestRecreationIsOffByDefault(t *testing.T) {
	w := newWorld(t, mailbox.Config{})
	if w.job(recreation).Default != job.Off || w.job(erasure).Default != job.Off {
		t.Error("a job that the community keeps off is on")
	}
}

func TestPlanOfRecreation(t *testing.T) {
	w := newWorld(t, mailbox.Config{})
	for name, p := range map[string]person{
		"anne.back":    {secondary: "anne@ailleurs.fr"},
		"bea.lastday":  {secondary: "bea@ailleurs.fr", end: "2024-12-19"},
		"cleo.gone":    {secondary: "cleo@ailleurs.fr", end: "2024-12-18"},
		"dan.nowhere":  {},
		"eli.attr":     {secondary: "eli@ailleurs.fr", redirection: true},
		"fay.other":    {secondary: "fay@ailleurs.fr", primary: "fay@ministere.fr"},
		"gil.kept":     {secondary: "gil@ailleurs.fr", primary: "gil.kept@exemple.org"},
		"hal.nobody":   {secondary: "hal@ailleurs.fr", end: "none"},
		"ida.unset":    {secondary: "ida@ailleurs.fr", status: member.StatusUnset},
		"jo.suspended": {secondary: "jo@ailleurs.fr", primary: "jo.suspended@exemple.org", status: member.StatusSuspended},
	} {
		p.username = name
		if p.status == "" {
			p.status = member.StatusDeleted
		}
		w.add(p)
	}
	w.goldenPlan(recreation,
		"population 5",
		"state recréer anne.back : de retour, adresse supprimée à recréer (offre MX Plan)",
		"state recréer bea.lastday : de retour, adresse supprimée à recréer (offre MX Plan)",
		"state recréer gil.kept : de retour, adresse supprimée à recréer (offre MX Plan)",
		"laisser dan.nowhere : pas d’adresse secondaire où prévenir",
		"laisser fay.other : a déjà une adresse principale")
	w.goldenPlan(redirection,
		"population 1",
		"state rediriger eli.attr : de retour, redirection « attributaire » à recréer")
}

func TestMailboxIsRecreated(t *testing.T) {
	w := newWorld(t, mailbox.Config{DefaultPlan: mailbox.PlanPro})
	w.ovh.AddPlaceholders("EMAIL_PLAN_PRO", 1)
	id := w.add(person{username: "anne.back", fullname: "Anne Back", secondary: "anne@ailleurs.fr", status: member.StatusDeleted})
	a := w.one(recreation)
	if _, err := w.apply(a); err != nil {
		t.Fatal(err)
	}
	w.expect(id, member.StatusRecreationPending, "anne.back@exemple.org")
	if w.events(id, "MEMBER_EMAIL_RECREATED") != 1 || w.events(id, "MEMBER_EMAIL_CREATED") != 0 {
		t.Error("not told as a recreation")
	}
	if !strings.Contains(w.ovhState(), `"anne.back@exemple.org"`) {
		t.Errorf("OVH holds %s", w.ovhState())
	}
	if outcome, err := w.apply(a); err != nil || outcome.Moot == "" {
		t.Errorf("again: %+v, %v", outcome, err)
	}
}

func TestAttributaireGetsTheRedirectionBack(t *testing.T) {
	w := newWorld(t, mailbox.Config{})
	id := w.add(person{username: "eli.attr", secondary: "eli@ailleurs.fr", status: member.StatusDeleted, redirection: true})
	if _, err := w.apply(w.one(redirection)); err != nil {
		t.Fatal(err)
	}
	w.expect(id, member.StatusRedirectionPending, "eli.attr-attr@exemple.org")
	if !strings.Contains(w.ovhState(), `"to":"eli@ailleurs.fr"`) || w.events(id, "MEMBER_REDIRECTION_CREATED") != 1 {
		t.Errorf("OVH holds %s", w.ovhState())
	}
}

package mailbox_test

import (
	"strings"
	"testing"

	"github.com/betagouv/espace-membre/internal/mailbox"
	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/fault"
)

func TestPlanOfSuspension(t *testing.T) {
	w := newWorld(t, mailbox.Config{})
	for name, p := range map[string]person{
		"anne.basic":    {status: member.StatusActive, end: "2024-12-14"},
		"bea.pro":       {status: member.StatusPasswordPending, end: "2024-12-01"},
		"cleo.never":    {status: member.StatusCreationPending, end: "2024-12-01"},
		"dan.absent":    {status: member.StatusActive, end: "2024-12-01"},
		"eli.grace":     {status: member.StatusActive, end: "2024-12-15"},
		"fay.stays":     {status: member.StatusActive, end: "2024-12-19"},
		"gil.foreign":   {status: member.StatusActive, end: "2024-12-01", primary: "gil@ministere.fr"},
		"hal.lookalike": {status: member.StatusActive, end: "2024-12-01", primary: "hal@faux-exemple.org"},
		"ida.nomission": {status: member.StatusActive, end: "none"},
		"jo.suspended":  {status: member.StatusSuspended, end: "2024-12-01"},
		"kim.attr":      {status: member.StatusRedirectionActive, end: "2024-12-01", redirection: true},
	} {
		p.username = name
		if p.primary == "" {
			p.primary = name + "@exemple.org"
		}
		w.add(p)
	}
	for _, name := range []string{"anne.basic", "cleo.never", "eli.grace", "fay.stays"} {
		w.ovh.AddMailbox("EMAIL_PLAN_BASIC", name)
	}
	w.ovh.AddMailbox("EMAIL_PLAN_PRO", "bea.pro")
	w.goldenPlan(suspension,
		"population 11",
		"state suspendre anne.basic : mission terminée le 14 décembre 2024, mot de passe à changer (offre MX Plan)",
		"state suspendre bea.pro : mission terminée le 1er décembre 2024, mot de passe à changer (offre Pro)",
		"state suspendre cleo.never : mission terminée le 1er décembre 2024, mot de passe à changer (offre MX Plan)",
		"state suspendre dan.absent : mission terminée le 1er décembre 2024, mot de passe à changer ; boîte absente chez OVH, à noter suspendue",
		"laisser eli.grace : pas avant le 20 décembre 2024, 5 jours après la fin de mission",
		"laisser gil.foreign : adresse extérieure : setEmailExpired s’en charge",
		"laisser hal.lookalike : adresse extérieure : setEmailExpired s’en charge",
		"laisser ida.nomission : aucune mission : rien ne dit depuis quand")
}

func TestMailboxIsLockedInItsPlan(t *testing.T) {
	for _, plan := range []string{"EMAIL_PLAN_BASIC", "EMAIL_PLAN_PRO", "EMAIL_PLAN_EXCHANGE"} {
		t.Run(plan, func(t *testing.T) {
			w := newWorld(t, mailbox.Config{})
			id := w.add(person{
				username: "anne.leaves", primary: "anne.leaves@exemple.org", secondary: "anne@ailleurs.fr", status: member.StatusPasswordPending, end: "2024-12-01",
			})
			w.ovh.AddMailbox(plan, "anne.leaves")
			box := mailbox.Box{Local: "anne.leaves", Plan: mailbox.Plan(plan)}
			if err := w.provider.SetPassword(t.Context(), box, "known-to-anne"); err != nil {
				t.Fatal(err)
			}
			a := w.one(suspension)
			if _, err := w.apply(a); err != nil {
				t.Fatal(err)
			}
			w.expect(id, member.StatusSuspended, "anne.leaves@exemple.org")
			if w.ovh.Accepts("anne.leaves", "known-to-anne") {
				t.Error("the mailbox still opens")
			}
			if w.events(id, "MEMBER_EMAIL_SUSPENDED") != 1 || w.before(id, "MEMBER_EMAIL_SUSPENDED", "value") != "anne.leaves@exemple.org" {
				t.Error("the suspension is not told")
			}
			if len(w.letters.keys) != 0 {
				t.Error("a letter left: the new password is nobody's")
			}
			if outcome, err := w.apply(a); err != nil || outcome.Moot != "l’adresse a changé d’état" {
				t.Errorf("again: %+v, %v", outcome, err)
			}
			w.goldenPlan(suspension, "population 1")
		})
	}
}

func TestMailboxThatIsGoneIsSuspendedAllTheSame(t *testing.T) {
	w := newWorld(t, mailbox.Config{})
	id := w.add(person{username: "anne.leaves", primary: "anne.leaves@exemple.org", status: member.StatusActive, end: "2024-12-01"})
	w.add(person{username: "bea.stays", primary: "bea.stays@exemple.org", status: member.StatusActive})
	w.ovh.AddMailbox("EMAIL_PLAN_BASIC", "bea.stays")
	if _, err := w.apply(w.one(suspension)); err != nil {
		t.Fatal(err)
	}
	w.expect(id, member.StatusSuspended, "anne.leaves@exemple.org")
	if reason := w.reason(id, "MEMBER_EMAIL_SUSPENDED"); !strings.Contains(reason, "n’existe pas chez OVH") {
		t.Errorf("told %q", reason)
	}
}

func TestSuspensionWaitsForOVH(t *testing.T) {
	w := newWorld(t, mailbox.Config{})
	id := w.add(person{username: "anne.leaves", primary: "anne.leaves@exemple.org", status: member.StatusActive, end: "2024-12-01"})
	w.ovh.AddMailbox("EMAIL_PLAN_BASIC", "anne.leaves")
	a := w.one(suspension)
	w.down()
	_, err := w.apply(a)
	refused(t, err, fault.Unavailable)
	w.expect(id, member.StatusActive, "anne.leaves@exemple.org")
}

package mailbox_test

import (
	"strings"
	"testing"

	"github.com/betagouv/espace-membre/internal/mailbox"
	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/fault"
)

var longAgo = clock.MustDay("2024-08-01").At(12, 0)

func TestPlanOfDeletion(t *testing.T) {
	w := newWorld(t, mailbox.Config{})
	for name, p := range map[string]person{
		"anne.basic":  {},
		"bea.pro":     {},
		"cleo.ex":     {},
		"dan.absent":  {},
		"eli.recent":  {since: clock.MustDay("2024-11-20").At(14, 0)},
		"fay.back":    {end: "2025-06-30"},
		"gil.foreign": {primary: "gil@ministere.fr"},
		"hal.active":  {status: member.StatusActive},
	} {
		p.username = name
		if p.primary == "" {
			p.primary = name + "@exemple.org"
		}
		if p.status == "" {
			p.status = member.StatusSuspended
		}
		if p.since.IsZero() {
			p.since = longAgo
		}
		if p.end == "" {
			p.end = "2024-06-30"
		}
		w.add(p)
	}
	w.ovh.AddMailbox("EMAIL_PLAN_BASIC", "anne.basic")
	w.ovh.AddMailbox("EMAIL_PLAN_PRO", "bea.pro")
	w.ovh.AddMailbox("EMAIL_PLAN_EXCHANGE", "cleo.ex")
	w.ovh.AddMailbox("EMAIL_PLAN_BASIC", "eli.recent")
	w.goldenPlan(deletion,
		"population 8",
		"state supprimer anne.basic : adresse suspendue depuis le 1er août 2024, boîte à supprimer (offre MX Plan)",
		"state supprimer bea.pro : adresse suspendue depuis le 1er août 2024, boîte à supprimer (offre Pro)",
		"state supprimer cleo.ex : adresse suspendue depuis le 1er août 2024, boîte à supprimer (offre Exchange)",
		"state supprimer dan.absent : adresse suspendue depuis le 1er août 2024, boîte à supprimer ; boîte déjà absente chez OVH, à noter supprimée",
		"laisser eli.recent : pas avant le 20 décembre 2024, 30 jours après le changement d’état",
		"laisser gil.foreign : adresse extérieure : setEmailExpired s’en charge")
}

func TestMailboxIsDeletedInItsPlanAndItsLicenceFreed(t *testing.T) {
	for plan, free := range map[mailbox.Plan]int{mailbox.PlanBasic: -1, mailbox.PlanPro: 1, mailbox.PlanExchange: 1} {
		t.Run(string(plan), func(t *testing.T) {
			w := newWorld(t, mailbox.Config{})
			id := w.add(person{username: "anne.leaves", primary: "anne.leaves@exemple.org", secondary: "anne@ailleurs.fr", status: member.StatusSuspended, end: "2024-06-30", since: longAgo})
			w.ovh.AddMailbox(string(plan), "anne.leaves")
			a := w.one(deletion)
			if _, err := w.apply(a); err != nil {
				t.Fatal(err)
			}
			w.expect(id, member.StatusDeleted, "")
			w.dated(id)
			if got := w.before(id, "MEMBER_EMAIL_DELETED", "value"); got != "anne.leaves@exemple.org" {
				t.Errorf("the former address is not kept: %q", got)
			}
			if _, err := w.provider.Find(t.Context(), "anne.leaves"); !fault.Is(err, fault.NotFound) {
				t.Errorf("still at OVH: %v", err)
			}
			w.clock.Advance(w.delay())
			if free >= 0 {
				if n, err := w.provider.Free(t.Context(), plan); err != nil || n != free {
					t.Errorf("%d accounts free, %v; want %d", n, err, free)
				}
			}
			if outcome, err := w.apply(a); err != nil || outcome.Moot == "" {
				t.Errorf("again: %+v, %v", outcome, err)
			}
		})
	}
}

func TestMailboxAlreadyGoneIsDeleted(t *testing.T) {
	w := newWorld(t, mailbox.Config{})
	id := w.add(person{username: "anne.leaves", primary: "anne.leaves@exemple.org", status: member.StatusSuspended, end: "2024-06-30", since: longAgo})
	w.add(person{username: "bea.stays", primary: "bea.stays@exemple.org", status: member.StatusActive})
	w.ovh.AddMailbox("EMAIL_PLAN_BASIC", "bea.stays")
	a := w.one(deletion)
	before := w.ovhState()
	if _, err := w.apply(a); err != nil {
		t.Fatal(err)
	}
	w.expect(id, member.StatusDeleted, "")
	if reason := w.reason(id, "MEMBER_EMAIL_DELETED"); !strings.Contains(reason, "déjà absente") || w.ovhState() != before {
		t.Errorf("told %q", reason)
	}
}

// Killed between OVH's deletion and our record: the next attempt finds nothing there, and ends the same.
func TestDeletionInterruptedEndsTheSame(t *testing.T) {
	w := newWorld(t, mailbox.Config{})
	id := w.add(person{username: "anne.leaves", primary: "anne.leaves@exemple.org", status: member.StatusSuspended, end: "2024-06-30", since: longAgo})
	w.ovh.AddMailbox("EMAIL_PLAN_PRO", "anne.leaves")
	a := w.one(deletion)
	if _, err := w.job(deletion).Apply(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	w.expect(id, member.StatusSuspended, "anne.leaves@exemple.org")
	if _, err := w.apply(a); err != nil {
		t.Fatal(err)
	}
	w.expect(id, member.StatusDeleted, "")
}

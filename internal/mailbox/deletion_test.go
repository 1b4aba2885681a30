package mailbox_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/betagouv/espace-membre/internal/mailbox"
	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/platform/postgres"
	"github.com/betagouv/espace-membre/internal/platform/worker"
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

// A usual month end passes at each step of a departure: those whom the suspension let go
// together are not held by the deletion. One person more than the ceiling is.
func TestUsualMonthEndIsNotHeld(t *testing.T) {
	for name, leaving := range map[string]int{"usual": 49, "end of a year": 50} { // and anne
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLife(t, "EMAIL_PLAN_BASIC", person{primary: "anne.leaves@exemple.org", status: member.StatusActive})
			l.exec(`INSERT INTO member (username, fullname, primary_email, primary_email_status, primary_email_status_changed_at, created_at, updated_at)
				SELECT 'm.' || n, 'M', 'm.' || n || '@exemple.org', CASE WHEN n <= $2 THEN 'EMAIL_ACTIVE' ELSE 'EMAIL_UNSET' END, $1, $1, $1
				FROM generate_series(1, 1100) n`, lastDay.Add(-90).At(9, 0), leaving)
			l.exec(`INSERT INTO mission (member_id, start_day, end_day)
				SELECT id, '2023-01-01', CASE WHEN primary_email_status = 'EMAIL_ACTIVE' THEN $1::date END
				FROM member WHERE username LIKE 'm.%'`, lastDay)
			for i := range leaving {
				l.ovh.AddMailbox("EMAIL_PLAN_BASIC", fmt.Sprintf("m.%d", i+1))
			}
			want := map[string]int{"usual": 0, "end of a year": 51}[name]
			for _, step := range []struct {
				job         string
				after, hour int
				state       member.Status
			}{{suspension, 5, 14, member.StatusSuspended}, {deletion, 35, 15, member.StatusDeleted}} {
				l.clock.Set(lastDay.Add(step.after).At(step.hour-1, 59))
				l.scheduled()
				l.clock.Set(lastDay.Add(step.after).At(step.hour, 0))
				l.scheduled()
				if got := l.count(`SELECT count(*) FROM job_action WHERE state = 'held' AND job = $1`, step.job); got != want {
					t.Fatalf("%s holds %d, want %d", step.job, got, want)
				}
				if want > 0 { // an administrator looks, and agrees
					l.run(step.job)
				}
				if got := l.count(`SELECT count(*) FROM member WHERE primary_email_status = $1`, step.state); got != leaving+1 {
					t.Fatalf("%d are %s after %s, want %d", got, step.state, step.job, leaving+1)
				}
			}
		})
	}
}

// scheduled runs what is due and applies it, as a worker does: nobody is there to confirm.
func (l *life) scheduled() {
	l.t.Helper()
	if _, err := l.worker.RunDue(l.t.Context()); err != nil {
		l.t.Fatal(err)
	}
	if _, err := l.worker.Drain(l.t.Context(), worker.DrainOptions{}); err != nil {
		l.t.Fatal(err)
	}
}

func (l *life) count(sql string, args ...any) int {
	l.t.Helper()
	n, err := postgres.Scalar[int](l.t.Context(), l.pool, sql, args...)
	if err != nil {
		l.t.Fatal(err)
	}
	return n
}

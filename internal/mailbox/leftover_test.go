package mailbox_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/betagouv/espace-membre/internal/mailbox"
	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/platform/job"
)

// leaves are the people whom imported databases show with a mailbox that their primary address
// does not tell, and why it is closed.
var leaves = []struct {
	person
	why string
}{
	{person{username: "anne.active", status: member.StatusActive, primary: "anne@ministere.fr"}, "adresse principale extérieure"},
	{person{username: "bea.expired", status: member.StatusExpired, primary: "bea@ministere.fr"}, "adresse principale extérieure"},
	{person{username: "cleo.unset", status: member.StatusUnset}, "sans adresse principale"},
	{person{username: "dan.deleted", status: member.StatusDeleted}, "sans adresse principale"},
	{person{username: "eli.kept", status: member.StatusDeleted, primary: "eli.kept@exemple.org"}, "adresse principale déjà close"},
	{person{username: "fay.attr", status: member.StatusRedirectionActive, primary: "fay.attr-attr@exemple.org", redirection: true}, "l’adresse principale est une redirection"},
	{person{username: "gil.renamed", status: member.StatusSuspended, primary: "gil@exemple.org"}, "autre adresse principale"},
	{person{username: "hal.waiting", status: member.StatusVerificationWaiting}, "sans adresse principale"},
	{person{username: "ida.outside", status: member.StatusSuspended, primary: "ida@ministere.fr"}, "adresse principale extérieure"},
}

func TestPlanOfMailboxesLeftBehind(t *testing.T) {
	w := newWorld(t, mailbox.Config{})
	want := []string{"population 16"}
	for _, l := range leaves {
		l.end = "2024-12-14"
		w.add(l.person)
		w.ovh.AddMailbox("EMAIL_PLAN_BASIC", l.username)
		want = append(want, "state suspendre "+l.username+" : mission terminée le 14 décembre 2024, boîte restante ("+l.why+"), mot de passe à changer (offre MX Plan)")
	}
	for name, p := range map[string]person{
		"keep.active":    {primary: "keep.active@ministere.fr", status: member.StatusActive},                         // somebody active
		"keep.nobox":     {primary: "keep.nobox@ministere.fr", status: member.StatusExpired, end: "2024-12-01"},      // nothing at OVH
		"keep.suspended": {primary: "keep.suspended@exemple.org", status: member.StatusSuspended, end: "2024-12-01"}, // the ordinary way
		"lea.grace":      {primary: "lea@ministere.fr", status: member.StatusExpired, end: "2024-12-15"},
		"lou.nomission":  {primary: "lou@ministere.fr", status: member.StatusExpired, end: "none"},
		"max.shared":     {primary: "max@ministere.fr", status: member.StatusExpired, end: "2024-12-01"},
		"zoe.holder":     {primary: "max.shared@exemple.org", status: member.StatusActive},
	} {
		p.username = name
		w.add(p)
		if name != "keep.nobox" {
			w.ovh.AddMailbox("EMAIL_PLAN_BASIC", name)
		}
	}
	w.ovh.AddMailbox("EMAIL_PLAN_BASIC", "nobody.knows") // an orphan: no rule says when it may go
	w.goldenPlan(suspension, append(want,
		"laisser anne.active : adresse extérieure : setEmailExpired s’en charge",
		"laisser lea.grace : boîte restante : pas avant le 20 décembre 2024, 5 jours après la fin de mission",
		"laisser lou.nomission : boîte restante : aucune mission : rien ne dit depuis quand",
		"laisser max.shared : boîte restante : son adresse est dans la fiche de zoe.holder")...)
	for _, a := range w.plan(suspension).Actions {
		if !a.Destructive || a.Mode != job.State {
			t.Errorf("%s escapes the ceilings", a.Label)
		}
	}
}

// behind adds somebody who left on a day and whose address is a ministry's, with a mailbox of a
// plan whose password is known.
func (w *world) behind(plan mailbox.Plan, end string) uuid.UUID {
	w.t.Helper()
	id := w.add(person{
		username: "anne.leaves", primary: "anne@ministere.fr", secondary: "anne@ailleurs.fr", status: member.StatusExpired, end: end, since: longAgo,
	})
	w.ovh.AddMailbox(string(plan), "anne.leaves")
	w.opens(plan)
	return id
}

// opens gives the mailbox a password that its owner knows.
func (w *world) opens(plan mailbox.Plan) {
	w.t.Helper()
	if err := w.provider.SetPassword(w.t.Context(), mailbox.Box{Local: "anne.leaves", Plan: plan}, "known-to-anne"); err != nil {
		w.t.Fatal(err)
	}
}

// done plans a job that must want one action, applies it, and says that it was.
func (w *world) done(name string) job.Action {
	w.t.Helper()
	a := w.one(name)
	a.Attempt = 1
	if outcome, err := w.apply(a); err != nil || outcome.Moot != "" {
		w.t.Fatalf("%s: %+v, %v", name, outcome, err)
	}
	return a
}

func TestMailboxLeftBehindIsLockedThenDeletedInItsPlan(t *testing.T) {
	for plan, free := range map[mailbox.Plan]int{mailbox.PlanBasic: -1, mailbox.PlanPro: 1, mailbox.PlanExchange: 1} {
		t.Run(string(plan), func(t *testing.T) {
			w := newWorld(t, mailbox.Config{})
			id := w.behind(plan, "2024-12-14")
			w.goldenPlan(deletion, "population 1", "laisser anne.leaves : boîte restante : pas encore verrouillée, reinitPasswordEmail s’en charge")
			lock := w.done(suspension)
			if w.ovh.Accepts("anne.leaves", "known-to-anne") {
				t.Error("the mailbox still opens")
			}
			w.expect(id, member.StatusExpired, "anne@ministere.fr") // the address itself is none of its business
			if got := w.before(id, "MEMBER_EMAIL_SUSPENDED", "value"); got != "anne.leaves@exemple.org" || !strings.Contains(w.reason(id, "MEMBER_EMAIL_SUSPENDED"), "boîte restante verrouillée") {
				t.Errorf("the lock is not told: %q", got)
			}
			w.goldenPlan(suspension, "population 1")
			if outcome, err := w.apply(lock); err != nil || outcome.Moot == "" {
				t.Errorf("locked twice: %+v, %v", outcome, err)
			}
			w.clock.Set(today.Add(29).At(23, 59))
			w.goldenPlan(deletion, "population 1", "laisser anne.leaves : boîte restante : pas avant le 18 janvier 2025, 30 jours après son verrouillage")
			w.clock.Set(today.Add(30).At(0, 0))
			if why := w.one(deletion).Reason; !strings.HasPrefix(why, "boîte restante verrouillée depuis le 19 décembre 2024, à supprimer (offre ") {
				t.Errorf("reason %q", why)
			}
			gone := w.done(deletion)
			if _, err := w.provider.Find(t.Context(), "anne.leaves"); !fault.Is(err, fault.NotFound) {
				t.Errorf("still at OVH: %v", err)
			}
			if w.before(id, "MEMBER_EMAIL_DELETED", "value") != "anne.leaves@exemple.org" {
				t.Error("the deletion is not told")
			}
			w.clock.Advance(w.delay())
			if n, err := w.provider.Free(t.Context(), plan); free >= 0 && (err != nil || n != free) {
				t.Errorf("%d accounts free, %v; want %d", n, err, free)
			}
			if outcome, err := w.apply(gone); err != nil || outcome.Moot == "" {
				t.Errorf("deleted twice: %+v, %v", outcome, err)
			}
		})
	}
}

// Killed between OVH and our record, each step ends the same at its next attempt.
func TestLeftoverInterruptedEndsTheSame(t *testing.T) {
	w := newWorld(t, mailbox.Config{})
	id := w.behind(mailbox.PlanPro, "2024-12-14")
	w.twice(id, suspension, "MEMBER_EMAIL_SUSPENDED")
	w.clock.Set(today.Add(30).At(15, 0))
	w.twice(id, deletion, "MEMBER_EMAIL_DELETED")
}

// twice applies an action without recording it, then as the engine tries it again.
func (w *world) twice(id uuid.UUID, name, code string) {
	w.t.Helper()
	a := w.one(name)
	a.Attempt = 1
	if _, err := w.job(name).Apply(w.t.Context(), a); err != nil || w.events(id, code) != 0 {
		w.t.Fatalf("%s: %v, %d events", name, err, w.events(id, code))
	}
	a.Attempt = 2
	if outcome, err := w.apply(a); err != nil || outcome.Moot != "" || w.events(id, code) != 1 {
		w.t.Errorf("%s again: %+v, %v, %d events", name, outcome, err, w.events(id, code))
	}
}

// The five days, then the thirty, are days of Paris on the nights and months that programs get wrong.
func TestMailboxLeftBehindFallsDueToTheDay(t *testing.T) {
	for _, end := range lastDays {
		t.Run(end, func(t *testing.T) {
			w := newWorld(t, mailbox.Config{})
			last := clock.MustDay(end)
			w.behind(mailbox.PlanBasic, end)
			for _, after := range []int{0, 4} {
				w.clock.Set(last.Add(after).At(23, 59))
				if plan := w.plan(suspension); len(plan.Actions) != 0 {
					t.Errorf("J+%d: %v", after, told(plan))
				}
			}
			w.clock.Set(last.Add(5).At(0, 0))
			if w.done(suspension); w.ovh.Accepts("anne.leaves", "known-to-anne") {
				t.Error("J+5: not locked")
			}
			w.clock.Set(last.Add(34).At(23, 59))
			if plan := w.plan(deletion); len(plan.Actions) != 0 {
				t.Errorf("J+34: %v", told(plan))
			}
			w.clock.Set(last.Add(35).At(0, 0))
			w.done(deletion)
			if _, err := w.provider.Find(t.Context(), "anne.leaves"); !fault.Is(err, fault.NotFound) {
				t.Errorf("J+35: %v", err)
			}
		})
	}
}

func TestMailboxLeftBehindWaitsWhileTheDepartureIsHeld(t *testing.T) {
	w := newWorld(t, mailbox.Config{})
	id := w.behind(mailbox.PlanBasic, "2024-12-01")
	for _, c := range []struct {
		job  string
		step mailbox.DepartureStep
	}{{suspension, mailbox.StepSuspension}, {deletion, mailbox.StepDeletion}} {
		a := w.one(c.job)
		w.holds[id] = c.step
		w.goldenPlan(c.job, "population 1", "laisser anne.leaves : étape du départ reportée au 1er mars 2025 par admin.member")
		before := w.ovhState()
		if outcome, err := w.apply(a); err != nil || !strings.Contains(outcome.Moot, "reportée") || w.ovhState() != before {
			t.Errorf("%s planned before the hold: %+v, %v", c.job, outcome, err)
		}
		delete(w.holds, id)
		if c.job == suspension {
			w.done(suspension)
			w.clock.Set(today.Add(40).At(15, 0))
		}
	}
}

// Back with the address of a ministry, somebody keeps the mailbox, locked; gone again, it is
// locked anew and its thirty days begin again.
func TestReturnKeepsTheMailboxLeftBehind(t *testing.T) {
	w := newWorld(t, mailbox.Config{})
	id := w.behind(mailbox.PlanBasic, "2024-12-01")
	lock := w.one(suspension)
	w.done(suspension)
	w.clock.Set(today.Add(35).At(15, 0))
	gone := w.one(deletion)
	w.exec(`UPDATE mission SET end_day = '2025-06-30'`)
	before := w.ovhState()
	for _, a := range []job.Action{lock, gone} {
		if outcome, err := w.apply(a); err != nil || outcome.Moot != "de nouveau une mission en cours ou à venir" || w.ovhState() != before {
			t.Errorf("%s: %+v, %v", a.Job, outcome, err)
		}
	}
	w.done(activation)
	w.expect(id, member.StatusActive, "anne@ministere.fr")
	w.goldenPlan(suspension, "population 1")
	w.goldenPlan(deletion, "population 1")
	if w.ovh.Accepts("anne.leaves", "known-to-anne") {
		t.Error("the mailbox that nobody asked for is open again")
	}
	w.exec(`UPDATE member SET primary_email_status = 'EMAIL_EXPIRED'`)
	w.clock.Set(clock.MustDay("2025-07-05").At(14, 0))
	w.opens(mailbox.PlanBasic)
	w.goldenPlan(deletion, "population 1", "laisser anne.leaves : boîte restante : pas encore verrouillée, reinitPasswordEmail s’en charge")
	if w.done(suspension); w.ovh.Accepts("anne.leaves", "known-to-anne") {
		t.Error("gone again, the mailbox still opens")
	}
	w.goldenPlan(deletion, "population 1", "laisser anne.leaves : boîte restante : pas avant le 4 août 2025, 30 jours après son verrouillage")
}

// Whoever gets username@domain back finds the mailbox there, with a password to choose.
func TestReturnAdoptsTheMailboxLeftBehind(t *testing.T) {
	w := newWorld(t, mailbox.Config{})
	id := w.add(person{username: "anne.leaves", secondary: "anne@ailleurs.fr", status: member.StatusDeleted, end: "2024-12-01", since: longAgo})
	w.ovh.AddMailbox("EMAIL_PLAN_PRO", "anne.leaves")
	w.done(suspension)
	w.exec(`UPDATE mission SET end_day = NULL`)
	w.done(recreation)
	w.expect(id, member.StatusRecreationPending, "anne.leaves@exemple.org")
	w.clock.Advance(6 * time.Minute)
	for _, a := range w.plan(activation).Actions {
		if _, err := w.apply(a); err != nil {
			t.Fatal(err)
		}
	}
	w.expect(id, member.StatusPasswordPending, "anne.leaves@exemple.org")
	box, err := w.provider.Find(t.Context(), "anne.leaves")
	if err != nil || box.Plan != mailbox.PlanPro || len(w.letters.sent) != 1 {
		t.Errorf("%+v, %v, %d letters", box, err, len(w.letters.sent))
	}
}

// Without OVH's list, or with one that is not to be believed, the plan says so.
func TestMailboxesLeftBehindNeedOVHsList(t *testing.T) {
	for _, name := range []string{suspension, deletion} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, mailbox.Config{})
			w.behind(mailbox.PlanBasic, "2024-12-01")
			for _, stays := range []string{"bea.stays", "cleo.stays", "dan.stays"} {
				w.add(person{username: stays, primary: stays + "@exemple.org", status: member.StatusActive})
			}
			if name == deletion {
				w.done(suspension)
				w.clock.Set(today.Add(30).At(15, 0))
			}
			w.answering(200, `["anne.leaves"]`)
			if plan := w.plan(name); !strings.Contains(plan.Doubt, "tronquée") || len(plan.Actions) != 1 {
				t.Errorf("a short list: doubt %q, %v", plan.Doubt, told(plan))
			}
			w.answering(200, `[]`)
			if plan := w.plan(name); !strings.Contains(plan.Doubt, "aucune boîte") || len(plan.Actions) != 0 {
				t.Errorf("an empty list: doubt %q, %v", plan.Doubt, told(plan))
			}
			w.answering(500, "")
			_, err := w.job(name).Plan(t.Context(), clock.Today(w.clock))
			refused(t, err, fault.Unavailable)
		})
	}
}

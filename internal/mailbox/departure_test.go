package mailbox_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/betagouv/espace-membre/internal/mailbox"
	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/platform/job"
)

const (
	removal    = "deleteRedirectionsAfterQuitting"
	suspension = "reinitPasswordEmail"
	expiry     = "setEmailExpired"
	deletion   = "deleteOVHEmailAcounts"
	erasure    = "deleteSecondaryEmailsForUsers"
)

// lastDays are ends of missions whose consequences fall on days that programs get wrong: month
// ends, a leap day, the nights when the hour changes, the turn of the year.
var lastDays = []string{
	"2024-12-10", "2024-01-26", "2024-02-24", "2024-02-28", "2024-03-26", "2024-03-30", "2024-10-22", "2024-10-26", "2024-12-27", "2024-12-30", "2023-02-23",
}

// steps are the departure jobs that count from the end of the mission.
var steps = []struct {
	job, primary string
	after        int
	status       member.Status
}{
	{removal, "anne.leaves@exemple.org", 1, member.StatusActive},
	{suspension, "anne.leaves@exemple.org", 5, member.StatusActive},
	{expiry, "anne@ministere.fr", 5, member.StatusActive},
}

func TestDepartureStepsFallDueToTheDay(t *testing.T) {
	for _, step := range steps {
		for _, end := range lastDays {
			t.Run(step.job+"/"+end, func(t *testing.T) {
				w := newWorld(t, mailbox.Config{})
				w.ovh.AddMailbox("EMAIL_PLAN_BASIC", "anne.leaves")
				last := clock.MustDay(end)
				id := w.add(person{username: "anne.leaves", primary: step.primary, status: step.status, since: last.Add(-90).At(12, 0), end: end})
				w.clock.Set(last.At(23, 59)) // still a member on the last day
				if plan := w.plan(step.job); len(plan.Actions)+len(plan.Skipped) != 0 {
					t.Errorf("on the last day: %v", told(plan))
				}
				due := last.Add(step.after)
				w.clock.Set(due.Add(-1).At(23, 59))
				if plan := w.plan(step.job); len(plan.Actions) != 0 {
					t.Errorf("the day before: %v", told(plan))
				}
				for _, late := range []int{0, 1, 100} { // no missed night makes it never
					w.clock.Set(due.Add(late).At(0, 0))
					if a := w.one(step.job); a.Key != step.job+"/"+id.String()+"/"+end || !a.Destructive || a.Mode != job.State {
						t.Errorf("%d days late: %+v", late, a)
					}
				}
			})
		}
	}
}

// The steps that also count from a state: 30 days of Paris, whatever the hour of the change.
func TestStatesMustLastThirtyDays(t *testing.T) {
	for _, c := range []struct {
		job    string
		status member.Status
	}{{deletion, member.StatusSuspended}, {erasure, member.StatusDeleted}, {erasure, member.StatusExpired}} {
		for _, since := range []string{"2024-11-19", "2024-01-30", "2024-01-31", "2024-03-01", "2024-09-27", "2024-12-02"} {
			t.Run(c.job+"/"+string(c.status)+"/"+since, func(t *testing.T) {
				w := newWorld(t, mailbox.Config{})
				w.ovh.AddMailbox("EMAIL_PLAN_BASIC", "anne.leaves")
				day := clock.MustDay(since)
				p := person{username: "anne.leaves", secondary: "anne@ailleurs.fr", status: c.status, since: day.At(23, 30), end: day.Add(-60).String()}
				if c.status == member.StatusSuspended {
					p.primary = "anne.leaves@exemple.org"
				}
				id := w.add(p)
				w.clock.Set(day.Add(29).At(23, 59))
				w.goldenPlan(c.job, "population 1", "laisser anne.leaves : pas avant le "+day.Add(30).French()+", 30 jours après le changement d’état")
				for _, late := range []int{0, 1, 100} {
					w.clock.Set(day.Add(30+late).At(0, 0))
					want := c.job + "/" + id.String() + "/" + day.At(23, 30).UTC().Format("2006-01-02T15:04:05.000000Z")
					if a := w.one(c.job); a.Key != want || !a.Destructive {
						t.Errorf("%d days late: %+v", late, a)
					}
				}
			})
		}
	}
}

func TestHeldDepartureWaits(t *testing.T) {
	for _, c := range []struct {
		job  string
		step mailbox.DepartureStep
		who  person
	}{
		{removal, mailbox.StepRedirections, person{primary: "anne.leaves@exemple.org", status: member.StatusActive}},
		{suspension, mailbox.StepSuspension, person{primary: "anne.leaves@exemple.org", status: member.StatusActive}},
		{expiry, mailbox.StepExpiry, person{primary: "anne@ministere.fr", status: member.StatusActive}},
		{deletion, mailbox.StepDeletion, person{primary: "anne.leaves@exemple.org", status: member.StatusSuspended}},
		{erasure, mailbox.StepSecondary, person{secondary: "anne@ailleurs.fr", status: member.StatusDeleted}},
	} {
		t.Run(c.job, func(t *testing.T) {
			w := newWorld(t, mailbox.Config{})
			w.ovh.AddMailbox("EMAIL_PLAN_BASIC", "anne.leaves")
			c.who.username, c.who.end, c.who.since = "anne.leaves", "2024-06-30", clock.MustDay("2024-08-01").At(12, 0)
			id := w.add(c.who)
			a := w.one(c.job)
			w.holds[id] = c.step
			w.goldenPlan(c.job, "population 1", "laisser anne.leaves : étape du départ reportée au 1er mars 2025 par admin.member")
			before := w.ovhState()
			if outcome, err := w.apply(a); err != nil || !strings.Contains(outcome.Moot, "reportée") || w.ovhState() != before {
				t.Errorf("an action planned before the hold: %+v, %v", outcome, err)
			}
		})
	}
}

// Whoever comes back between the plan and the action keeps everything.
func TestReturnStopsEveryStep(t *testing.T) {
	for _, c := range []struct {
		job string
		who person
	}{
		{removal, person{primary: "anne.leaves@exemple.org", status: member.StatusActive}},
		{suspension, person{primary: "anne.leaves@exemple.org", status: member.StatusActive}},
		{expiry, person{primary: "anne@ministere.fr", status: member.StatusActive}},
		{deletion, person{primary: "anne.leaves@exemple.org", status: member.StatusSuspended}},
		{erasure, person{secondary: "anne@ailleurs.fr", status: member.StatusDeleted}},
	} {
		t.Run(c.job, func(t *testing.T) {
			w := newWorld(t, mailbox.Config{})
			w.ovh.AddMailbox("EMAIL_PLAN_BASIC", "anne.leaves")
			w.ovh.AddRedirection("anne.leaves@exemple.org", "anne@maison.fr")
			c.who.username, c.who.end, c.who.since = "anne.leaves", "2024-06-30", clock.MustDay("2024-08-01").At(12, 0)
			id := w.add(c.who)
			a := w.one(c.job)
			w.mission(id, "2025-02-01", "") // even one that has not begun
			before := w.ovhState()
			if outcome, err := w.apply(a); err != nil || outcome.Moot != "de nouveau une mission en cours ou à venir" || w.ovhState() != before {
				t.Errorf("%+v, %v", outcome, err)
			}
			w.goldenPlan(c.job, "population 1")
			w.exec(`DELETE FROM member WHERE id = $1`, id)
			if outcome, err := w.apply(a); err != nil || outcome.Moot != "la fiche n’existe plus" {
				t.Errorf("without the member: %+v, %v", outcome, err)
			}
		})
	}
}

// answering makes OVH answer something else to the listing of MX mailboxes.
func (w *world) answering(status int, body string) {
	w.listed = func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
			if r.Method != http.MethodGet || !strings.HasSuffix(r.URL.Path, "/exemple.org/account") {
				next.ServeHTTP(out, r)
				return
			}
			out.WriteHeader(status)
			_, _ = out.Write([]byte(body))
		})
	}
}

// What destroys mailboxes believes neither an empty nor a short list, and fails on none.
func TestListingsThatAreNotBelieved(t *testing.T) {
	for _, c := range []struct {
		job    string
		status member.Status
	}{{suspension, member.StatusActive}, {deletion, member.StatusSuspended}} {
		t.Run(c.job, func(t *testing.T) {
			w := newWorld(t, mailbox.Config{})
			for _, name := range []string{"anne.leaves", "bea.stays", "cleo.stays", "dan.stays"} {
				p := person{username: name, primary: name + "@exemple.org", status: member.StatusActive}
				if name == "anne.leaves" {
					p.status, p.end, p.since = c.status, "2024-06-30", clock.MustDay("2024-08-01").At(12, 0)
				}
				w.add(p)
				w.ovh.AddMailbox("EMAIL_PLAN_BASIC", name)
			}
			if plan := w.plan(c.job); plan.Doubt != "" || len(plan.Actions) != 1 {
				t.Errorf("a whole list: doubt %q, %v", plan.Doubt, told(plan))
			}
			w.answering(200, `["anne.leaves","bea.stays"]`)
			if plan := w.plan(c.job); plan.Doubt != "" {
				t.Errorf("half of the mailboxes: doubt %q", plan.Doubt)
			}
			for body, want := range map[string]string{`[]`: "aucune boîte", `["anne.leaves"]`: "tronquée"} {
				w.answering(200, body)
				if plan := w.plan(c.job); !strings.Contains(plan.Doubt, want) || len(plan.Actions) != 1 {
					t.Errorf("%s: doubt %q, %v; want %q", body, plan.Doubt, told(plan), want)
				}
			}
			w.answering(500, "")
			_, err := w.job(c.job).Plan(t.Context(), today)
			refused(t, err, fault.Unavailable)
			w.exec(`UPDATE mission SET end_day = NULL`)
			if _, err := w.job(c.job).Plan(t.Context(), today); err != nil { // nobody leaves: OVH is not asked
				t.Error(err)
			}
		})
	}
}

// before gives what the history kept of an event.
func (w *world) before(id uuid.UUID, code, field string) (value string) {
	w.t.Helper()
	err := w.tx.QueryRow(w.t.Context(), `
		SELECT coalesce(before ->> $3, '') FROM audit_event WHERE member_id = $1 AND code = $2`, id, code, field).Scan(&value)
	if err != nil {
		w.t.Errorf("event %s: %v", code, err)
	}
	return value
}

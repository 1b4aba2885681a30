package mailbox_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/betagouv/espace-membre/internal/mailbox"
	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/platform/job"
)

func TestPlanOfRemoval(t *testing.T) {
	w := newWorld(t, mailbox.Config{})
	w.down() // OVH is asked member by member, when the actions are applied
	w.add(person{username: "anne.leaves", primary: "anne.leaves@exemple.org", status: member.StatusActive, end: "2024-12-18"})
	w.add(person{username: "bea.attr", primary: "bea.attr-attr@exemple.org", status: member.StatusRedirectionActive, end: "2024-12-01", redirection: true})
	w.add(person{username: "cleo.longago", status: member.StatusDeleted, end: "2022-01-31"})
	w.add(person{username: "dan.lastday", primary: "dan@ministere.fr", status: member.StatusActive, end: "2024-12-19"})
	w.add(person{username: "eli.nomission", end: "none"})
	w.goldenPlan(removal,
		"population 5",
		"state retirer anne.leaves : mission terminée le 18 décembre 2024, redirections à retirer",
		"state retirer bea.attr : mission terminée le 1er décembre 2024, redirection « attributaire » à supprimer",
		"state retirer cleo.longago : mission terminée le 31 janvier 2022, redirections à retirer",
		"laisser eli.nomission : aucune mission : rien ne dit depuis quand")
}

// ledger writes in the ledger that an action is done, as the worker does.
func (w *world) ledger(a job.Action) {
	w.t.Helper()
	w.exec(`INSERT INTO job_action (key, round, mode, job, actor, verb, subject, reason, queue, state, not_before, created_at, closed_at)
		VALUES ($1, 1 + (SELECT count(*) FROM job_action WHERE key = $1), 'state', $2, 'system', $3, $4, '', 'ovh', 'done', $5, $5, $5)`,
		a.Key, a.Job, a.Verb, a.Subject, w.clock.Now())
}

func TestRedirectionsAreRemovedButTheOneToTheDeparturesAddress(t *testing.T) {
	w := newWorld(t, mailbox.Config{})
	id := w.add(person{username: "anne.leaves", primary: "anne.leaves@exemple.org", secondary: "anne@ailleurs.fr", status: member.StatusActive, end: "2024-12-01"})
	for to, from := range map[string]string{
		"anne@ailleurs.fr": "anne.leaves@exemple.org", "anne@travail.fr": "anne.leaves@exemple.org", "depart@exemple.org": "anne.leaves@exemple.org",
		"autre@ailleurs.fr": "anne.leaves-attr@exemple.org", "somebody@ailleurs.fr": "somebody@exemple.org",
	} {
		w.ovh.AddRedirection(from, to)
	}
	a := w.one(removal)
	if outcome, err := w.apply(a); err != nil || outcome.Moot != "" {
		t.Fatalf("%+v, %v", outcome, err)
	}
	state := w.ovhState()
	for to, kept := range map[string]bool{
		"anne@ailleurs.fr": false, "anne@travail.fr": false, "autre@ailleurs.fr": false, "depart@exemple.org": true, "somebody@ailleurs.fr": true,
	} {
		if strings.Contains(state, `"`+to+`"`) != kept {
			t.Errorf("redirection to %s: kept is not %v", to, kept)
		}
	}
	w.expect(id, member.StatusActive, "anne.leaves@exemple.org")
	if told := w.removed(id); len(told) != 3 || strings.Contains(strings.Join(told, " "), "anne@ailleurs.fr") {
		t.Errorf("told %v, want three, and not the private address", told)
	}
	w.ledger(a)
	w.goldenPlan(removal, "population 1")
	w.exec(`UPDATE mission SET end_day = '2024-12-05'`) // an end of its own
	if key := w.one(removal).Key; !strings.HasSuffix(key, "/2024-12-05") {
		t.Errorf("key %s", key)
	}
}

// removed gives where the redirections led whose removal is told.
func (w *world) removed(id uuid.UUID) (to []string) {
	w.t.Helper()
	rows, err := w.tx.Query(w.t.Context(), `
		SELECT before ->> 'to' FROM audit_event WHERE member_id = $1 AND code = 'MEMBER_REDIRECTION_DELETED' ORDER BY 1`, id)
	if err != nil {
		w.t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var one string
		if err := rows.Scan(&one); err != nil {
			w.t.Fatal(err)
		}
		to = append(to, one)
	}
	return to
}

// A redirection made after the cleaning, by a person who thought well, is cleaned in turn.
func TestRedirectionMadeSinceIsRemovedInTurn(t *testing.T) {
	w := newWorld(t, mailbox.Config{})
	id := w.add(person{username: "anne.leaves", primary: "anne.leaves@exemple.org", status: member.StatusActive, end: "2024-12-01"})
	w.ledger(w.one(removal))
	w.goldenPlan(removal, "population 1")
	w.clock.Advance(1)
	w.exec(`INSERT INTO audit_event (at, actor, code, member_id) VALUES ($1, 'admin.member', 'MEMBER_REDIRECTION_CREATED', $2)`, w.clock.Now(), id)
	w.one(removal)
}

func TestAttributaireLosesTheRedirectionAndTheAddress(t *testing.T) {
	for _, status := range []member.Status{member.StatusRedirectionActive, member.StatusRedirectionPending} {
		t.Run(string(status), func(t *testing.T) {
			w := newWorld(t, mailbox.Config{})
			id := w.add(person{username: "bea.attr", primary: "bea.attr-attr@exemple.org", secondary: "bea@ailleurs.fr", status: status, end: "2024-12-01", redirection: true})
			w.ovh.AddRedirection("bea.attr-attr@exemple.org", "bea@ailleurs.fr")
			a := w.one(removal)
			if _, err := w.apply(a); err != nil {
				t.Fatal(err)
			}
			w.expect(id, member.StatusDeleted, "")
			w.dated(id)
			if strings.Contains(w.ovhState(), "bea@ailleurs.fr") || w.before(id, "MEMBER_EMAIL_DELETED", "value") != "bea.attr-attr@exemple.org" {
				t.Errorf("OVH holds %s", w.ovhState())
			}
			if outcome, err := w.apply(a); err != nil || outcome.Moot != "" {
				t.Errorf("again, for redirections of the other address: %+v, %v", outcome, err)
			}
		})
	}
}

// Killed once OVH has removed a redirection, before anything else could be written: the trace is
// there, and a return gives the redirection back.
func TestRemovalKilledAtOVHIsGivenBack(t *testing.T) {
	w := newWorld(t, mailbox.Config{})
	id := w.add(person{username: "anne.leaves", primary: "anne.leaves@exemple.org", status: member.StatusActive, end: "2024-12-01"})
	w.ovh.AddRedirection("anne.leaves@exemple.org", "anne@travail.fr")
	ctx, kill := context.WithCancel(t.Context())
	defer kill()
	w.listed = func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
			next.ServeHTTP(out, r)
			if r.Method == http.MethodDelete {
				kill()
			}
		})
	}
	a := w.one(removal)
	if _, err := w.job(removal).Apply(ctx, a); err == nil || strings.Contains(w.ovhState(), "anne@travail.fr") {
		t.Fatalf("nothing was interrupted: %v, %s", err, w.ovhState())
	}
	w.listed = func(next http.Handler) http.Handler { return next }
	w.exec(`UPDATE mission SET end_day = NULL`)
	if outcome, err := w.apply(w.one(redirection)); err != nil || outcome.Moot != "" || !strings.Contains(w.ovhState(), "anne@travail.fr") {
		t.Errorf("not given back: %+v, %v, %s", outcome, err, w.ovhState())
	}
	w.exec(`UPDATE mission SET end_day = '2024-12-10'`) // and gone again: told again
	w.listed = func(next http.Handler) http.Handler { return next }
	if _, err := w.apply(w.one(removal)); err != nil || len(w.removed(id)) != 2 {
		t.Errorf("the second departure is not told: %v, %v", w.removed(id), err)
	}
}

// A deletion refused half-way keeps what was told, and the next attempt ends the work.
func TestRemovalRefusedHalfWayGoesOn(t *testing.T) {
	w := newWorld(t, mailbox.Config{})
	id := w.add(person{username: "anne.leaves", primary: "anne.leaves@exemple.org", status: member.StatusActive, end: "2024-12-01"})
	w.ovh.AddRedirection("anne.leaves@exemple.org", "a@ailleurs.fr")
	w.ovh.AddRedirection("anne.leaves@exemple.org", "b@ailleurs.fr")
	deletions := 0
	w.listed = func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodDelete {
				if deletions++; deletions > 1 {
					out.WriteHeader(http.StatusBadGateway)
					return
				}
			}
			next.ServeHTTP(out, r)
		})
	}
	a := w.one(removal)
	_, err := w.apply(a)
	refused(t, err, fault.Unavailable)
	if told := w.removed(id); len(told) != 2 {
		t.Errorf("told %v, want the one that is gone and the one that was about to go", told)
	}
	w.listed = func(next http.Handler) http.Handler { return next }
	if _, err := w.apply(a); err != nil {
		t.Fatal(err)
	}
	if told := w.removed(id); len(told) != 2 {
		t.Errorf("told %v, want both, once each", told)
	}
}

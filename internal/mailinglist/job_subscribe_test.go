package mailinglist_test

import (
	"testing"

	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/platform/job"
	"github.com/betagouv/espace-membre/internal/sandbox/simkit"
)

func TestPlanOfSubscriptions(t *testing.T) {
	w := newWorld(t)
	w.add(person{username: "anne.absent"})
	w.add(person{username: "bea.there"})
	w.add(person{username: "cleo.refused", refused: true})
	w.add(person{username: "dan.gone", end: "2024-12-18"})
	w.add(person{username: "eli.lastday", end: "2024-12-19"})
	w.add(person{username: "fay.pending", primary: "fay.pending@exemple.org", status: member.StatusCreationPending})
	w.add(person{username: "gil.without", status: member.StatusCreationWaiting})
	w.add(person{username: "hal.suspended", primary: "hal.suspended@exemple.org", status: member.StatusSuspended})
	w.add(person{username: "ida.elsewhere", primary: "ida@ministere.gouv.fr"})
	w.add(person{username: "jo.nomission", end: "none"})
	w.add(person{username: "kim.redirected", primary: "kim.redirected-attr@exemple.org", status: member.StatusRedirectionActive})
	w.add(person{username: "lea.password", primary: "lea.password@exemple.org", status: member.StatusPasswordPending})
	w.ovh.AddList("incubateur", "Bea.There@exemple.org", "personne@ailleurs.fr")
	w.expectPlan(subscribe,
		"population 10",
		"inscrire anne.absent : adresse en service, absente de la liste « incubateur »",
		"inscrire eli.lastday : adresse en service, absente de la liste « incubateur »",
		"inscrire ida.elsewhere : adresse en service, absente de la liste « incubateur »",
		"inscrire kim.redirected : adresse en service, absente de la liste « incubateur »",
		"inscrire lea.password : adresse en service, absente de la liste « incubateur »",
		"laisser cleo.refused : ne souhaite pas recevoir cette liste",
		"laisser fay.pending : adresse principale pas en service (EMAIL_CREATION_PENDING)",
		"laisser gil.without : pas d’adresse principale",
		"laisser hal.suspended : adresse principale pas en service (EMAIL_SUSPENDED)")
}

func TestSubscribedOnceThenAgainWhenAbsent(t *testing.T) {
	w := newWorld(t)
	id := w.add(person{username: "anne.absent"})
	w.ovh.AddList("incubateur")
	plan := w.plan(subscribe)
	if len(plan.Actions) != 1 || plan.Actions[0].Key != job.Key(subscribe, id, "incubateur") || plan.Actions[0].Mode != job.State || plan.Actions[0].Destructive {
		t.Fatalf("%+v", plan.Actions)
	}
	w.apply(plan.Actions[0])
	w.expect("list", w.on("incubateur"), "anne.absent@exemple.org")
	w.apply(plan.Actions[0]) // killed before the record, and begun again
	w.expect("list", w.on("incubateur"), "anne.absent@exemple.org")
	w.expectPlan(subscribe, "population 1")
	if n := w.one(`SELECT count(*)::text FROM audit_event WHERE member_id = $1 AND code = 'MEMBER_LIST_JOINED' AND actor = 'system'`, id); n != "2" {
		t.Errorf("%s events", n)
	}
	w.ovh.AddList("autre")
	if err := w.ovh.Restore([]byte(`{"lists":{"incubateur":{"subscribers":{}}}}`)); err != nil { // left by hand
		t.Fatal(err)
	}
	w.expectPlan(subscribe, "population 1", "inscrire anne.absent : adresse en service, absente de la liste « incubateur »")
}

func TestSubscriptionThatIsNotDueAnyMore(t *testing.T) {
	for name, change := range map[string]func(w *world){
		"gone": func(w *world) { w.exec(`UPDATE mission SET end_day = '2024-12-18'`) },
		"refused": func(w *world) {
			w.exec(`INSERT INTO list_refusal SELECT id, 'incubateur', $1, 'link' FROM member`, w.clock.Now())
		},
		"suspended":     func(w *world) { w.exec(`UPDATE member SET primary_email_status = 'EMAIL_SUSPENDED'`) },
		"without":       func(w *world) { w.exec(`UPDATE member SET primary_email = NULL`) },
		"record erased": func(w *world) { w.exec(`DELETE FROM member`) },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.add(person{username: "anne.absent"})
			w.ovh.AddList("incubateur")
			a := w.plan(subscribe).Actions[0]
			change(w)
			if outcome := w.apply(a); outcome.Moot == "" {
				t.Errorf("done: %+v", outcome)
			}
			w.expect("list", w.on("incubateur"))
		})
	}
}

func TestAddressChangedMeanwhileIsTheOneSubscribed(t *testing.T) {
	w := newWorld(t)
	w.add(person{username: "anne.absent"})
	w.ovh.AddList("incubateur")
	a := w.plan(subscribe).Actions[0]
	w.exec(`UPDATE member SET primary_email = 'anne@ministere.gouv.fr'`)
	w.apply(a)
	w.expect("list", w.on("incubateur"), "anne@ministere.gouv.fr")
}

func TestVendorIsAskedOnceWhenNothingIsToBeDone(t *testing.T) {
	w := newWorld(t)
	w.ovh.AddList("incubateur", "anne.there@exemple.org")
	w.plan(subscribe)
	w.plan(unsubscribe)
	w.plan(departure)
	w.plan(unblock)
	if calls := append(w.calls("ovh"), w.calls("brevo")...); len(calls) != 0 {
		t.Errorf("nobody here, and asked %v", calls)
	}
	w.add(person{username: "anne.there"})
	w.expectPlan(subscribe, "population 1")
	w.expect("calls", w.calls("ovh"), "GET /1.0/email/domain/exemple.org/mailingList/incubateur/subscriber")
	w.add(person{username: "bea.gone", end: "2024-12-01"})
	w.expectPlan(unsubscribe, "population 1")
	if calls := w.calls("ovh"); len(calls) != 2 {
		t.Errorf("asked %v", calls)
	}
}

func TestListsThatCannotBeRead(t *testing.T) {
	for _, name := range []string{subscribe, unsubscribe} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.add(person{username: "anne.absent"})
			w.add(person{username: "bea.gone", end: "2024-12-01"})
			_, err := w.job(name).Plan(t.Context(), today)
			refused(t, err, fault.NotFound)
			if public := fault.Public(err); public != "La liste « incubateur » n’existe pas chez OVH : crée-la, ou vérifie INCUBATEUR_MAILING_LIST_NAME." {
				t.Errorf("told %q", public)
			}
			w.ovh.AddList("incubateur")
			w.faults.Add(simkit.Fault{Vendor: "ovh", Kind: simkit.Truncate, When: simkit.After, Rate: 1, Path: "mailingList"})
			if _, err := w.job(name).Plan(t.Context(), today); !fault.Is(err, fault.Unavailable) {
				t.Errorf("a listing cut in the middle: %v", err)
			}
		})
	}
}

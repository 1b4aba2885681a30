package mailinglist_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/job"
	"github.com/betagouv/espace-membre/internal/sandbox/simkit"
)

func (w *world) remember(username, code, before, after string) {
	w.t.Helper()
	w.exec(`INSERT INTO audit_event (at, actor, code, member_id, subject, before, after)
		SELECT $2, 'system', $3, id, username, NULLIF($4, '')::jsonb, NULLIF($5, '')::jsonb
		FROM member
		WHERE username = $1`, username, w.clock.Now(), code, before, after)
}

func TestPlanOfUnsubscriptions(t *testing.T) {
	w := newWorld(t)
	w.add(person{username: "anne.gone", end: "2024-12-18"})
	w.add(person{username: "bea.deleted", end: "2024-11-01", status: member.StatusDeleted})
	w.add(person{username: "cleo.renamed", end: "2024-11-02", primary: "cleo@ministere.gouv.fr"})
	w.remember("cleo.renamed", "MEMBER_EMAIL_STATUS_UPDATED", `{"primary_email":"cleo.ancienne@ailleurs.fr"}`, `{"primary_email":"cleo@ministere.gouv.fr"}`)
	w.add(person{username: "dan.secondary", end: "2024-11-03", status: member.StatusDeleted, secondary: "dan@perso.fr"})
	w.add(person{username: "eli.lastday", end: "2024-12-19"})
	w.add(person{username: "fay.nomission", end: "none"})
	w.add(person{username: "gil.attributaire", end: "2024-11-04", status: member.StatusDeleted})
	w.add(person{username: "hal.refused", refused: true})
	w.add(person{username: "ida.absent", end: "2024-11-05"})
	w.add(person{username: "jo.refusedandgone", refused: true, end: "2024-11-06"})
	w.ovh.AddList("incubateur",
		"Anne.Gone@exemple.org", "bea.deleted@exemple.org", "cleo.ancienne@ailleurs.fr", "dan@perso.fr", "eli.lastday@exemple.org", "fay.nomission@exemple.org",
		"gil.attributaire-attr@exemple.org", "hal.refused@exemple.org", "jo.refusedandgone@exemple.org", "inconnue@ailleurs.fr", "contact@exemple.org")
	w.expectPlan(unsubscribe,
		"population 11",
		"désinscrire anne.gone (destructive) : mission terminée le 18 décembre 2024",
		"désinscrire bea.deleted (destructive) : mission terminée le 1er novembre 2024",
		"désinscrire cleo.renamed (destructive) : mission terminée le 2 novembre 2024",
		"désinscrire dan.secondary (destructive) : mission terminée le 3 novembre 2024",
		"désinscrire gil.attributaire (destructive) : mission terminée le 4 novembre 2024",
		"désinscrire hal.refused : ne souhaite plus recevoir cette liste",
		"désinscrire jo.refusedandgone : ne souhaite plus recevoir cette liste",
		"laisser fay.nomission : aucune mission : pas de date de départ")
	if w.applyAll(unsubscribe) != 7 {
		t.Error("not everything was applied")
	}
	w.expect("list", w.on("incubateur"), "contact@exemple.org", "eli.lastday@exemple.org", "fay.nomission@exemple.org", "inconnue@ailleurs.fr")
	w.expectPlan(unsubscribe, "population 4", "laisser fay.nomission : aucune mission : pas de date de départ")
}

// An address that somebody holds now is theirs, whoever held it before.
func TestAddressOfSomebodyElseIsLeftAlone(t *testing.T) {
	w := newWorld(t)
	w.add(person{username: "anne.gone", end: "2024-11-01", status: member.StatusDeleted})
	w.remember("anne.gone", "MEMBER_EMAIL_STATUS_UPDATED", `{"primary_email":"partagee@ministere.gouv.fr"}`, "")
	w.add(person{username: "bea.there", primary: "partagee@ministere.gouv.fr", secondary: "anne.gone@exemple.org"})
	w.ovh.AddList("incubateur", "partagee@ministere.gouv.fr", "anne.gone@exemple.org")
	w.expectPlan(unsubscribe, "population 2")
	w.exec(`DELETE FROM member WHERE username = 'bea.there'`)
	w.expectPlan(unsubscribe, "population 2", "désinscrire anne.gone (destructive) : mission terminée le 1er novembre 2024")
}

// What an event says of other people's addresses (a redirection, say) makes them nobody's.
func TestOnlyEventsAboutOnesOwnAddressesCount(t *testing.T) {
	w := newWorld(t)
	w.add(person{username: "anne.gone", end: "2024-11-01", status: member.StatusDeleted})
	w.remember("anne.gone", "MEMBER_REDIRECTION_CREATED", "", `{"value":"autre@ailleurs.fr"}`)
	w.remember("anne.gone", "MEMBER_PRIMARY_EMAIL_UPDATED", `{"value":"Une@Ailleurs.fr"}`, `{"value":"deux@ailleurs.fr"}`)
	w.remember("anne.gone", "MEMBER_SECONDARY_EMAIL_UPDATED", "", `{"value":"trois@ailleurs.fr","old_value":"quatre@ailleurs.fr"}`)
	w.remember("anne.gone", "MEMBER_BASE_INFO_UPDATED", `["cinq@ailleurs.fr"]`, `"six@ailleurs.fr"`)
	w.ovh.AddList("incubateur", "autre@ailleurs.fr", "une@ailleurs.fr", "deux@ailleurs.fr", "trois@ailleurs.fr", "quatre@ailleurs.fr", "cinq@ailleurs.fr", "six@ailleurs.fr")
	w.applyAll(unsubscribe)
	w.expect("list", w.on("incubateur"), "autre@ailleurs.fr", "cinq@ailleurs.fr", "six@ailleurs.fr")
}

func TestUnsubscriptionKeyAndCeiling(t *testing.T) {
	w := newWorld(t)
	id := w.add(person{username: "anne.gone", end: "2024-12-18"})
	w.ovh.AddList("incubateur", "anne.gone@exemple.org")
	a := w.plan(unsubscribe).Actions[0]
	if a.Key != job.Key(unsubscribe, id, "2024-12-18") || a.Mode != job.State || strings.Contains(string(a.Args), "@") {
		t.Errorf("%+v", a)
	}
	if c := w.job(unsubscribe).Ceiling; c.Count != 50 || c.Share != 0.1 {
		t.Errorf("ceiling %+v", c)
	}
	w.apply(a)
	w.apply(a) // killed before the record
	if n := w.one(`SELECT count(*)::text FROM audit_event WHERE member_id = $1 AND code = 'MEMBER_LIST_LEFT'`, id); n != "1" {
		t.Errorf("%s events, want 1: the second time nothing was removed", n)
	}
}

func TestReturnMeanwhileKeepsTheSubscription(t *testing.T) {
	w := newWorld(t)
	w.add(person{username: "anne.gone", end: "2024-12-18"})
	w.ovh.AddList("incubateur", "anne.gone@exemple.org")
	a := w.plan(unsubscribe).Actions[0]
	w.exec(`UPDATE mission SET end_day = NULL`)
	if outcome := w.apply(a); outcome.Moot == "" {
		t.Errorf("%+v", outcome)
	}
	w.expect("list", w.on("incubateur"), "anne.gone@exemple.org")
}

func TestEmptyOrShortenedListIsDoubted(t *testing.T) {
	w := newWorld(t)
	w.add(person{username: "anne.gone", end: "2024-12-18"})
	w.ovh.AddList("incubateur")
	w.expectPlan(unsubscribe, "population 0", "doute : la liste « incubateur » paraît vide")
	w.ovh.AddList("incubateur", "anne.gone@exemple.org")
	for i := range 17 {
		w.ovh.AddList("incubateur", fmt.Sprintf("m%d@exemple.org", i))
	}
	w.expectPlan(unsubscribe, "population 18", "désinscrire anne.gone (destructive) : mission terminée le 18 décembre 2024")
	short := newShortHost(w, 20)
	plan, err := short.Plan(t.Context(), today)
	if err != nil || plan.Doubt != "" {
		t.Errorf("18 of 20 shown: %q, %v", plan.Doubt, err)
	}
	plan, err = newShortHost(w, 21).Plan(t.Context(), today)
	if err != nil || plan.Doubt != "la liste « incubateur » annonce 21 inscrits et n’en montre que 18" || len(plan.Actions) != 1 {
		t.Errorf("18 of 21 shown: %q, %d actions, %v", plan.Doubt, len(plan.Actions), err)
	}
}

func TestOpenEndedMissionWinsOverADatedOne(t *testing.T) {
	w := newWorld(t)
	id := w.add(person{username: "anne.stays", end: "2024-11-01"})
	w.exec(`INSERT INTO mission (member_id, start_day) VALUES ($1, '2019-01-01')`, id)
	w.add(person{username: "bea.gone", end: "2024-11-01"})
	w.ovh.AddList("incubateur", "anne.stays@exemple.org")
	w.expectPlan(unsubscribe, "population 1")
}

// OVH down in the middle: the next attempt ends the work.
func TestUnsubscriptionIsFinishedLater(t *testing.T) {
	w := newWorld(t)
	w.add(person{username: "anne.gone", end: "2024-12-18", secondary: "anne@perso.fr"})
	w.ovh.AddList("incubateur", "anne.gone@exemple.org", "anne@perso.fr")
	a := w.plan(unsubscribe).Actions[0]
	w.faults.Add(simkit.Fault{Vendor: "ovh", Kind: simkit.Error, Status: 503, When: simkit.Before, Rate: 1, Method: "DELETE", Path: "perso"})
	if _, err := w.try(a); err == nil {
		t.Fatal("done although OVH failed")
	}
	w.expect("list", w.on("incubateur"), "anne@perso.fr")
	w.faults.Clear("")
	w.apply(a)
	w.expect("list", w.on("incubateur"))
}

package mailinglist_test

import (
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/betagouv/espace-membre/internal/integration/brevo"
	"github.com/betagouv/espace-membre/internal/mailinglist"
	"github.com/betagouv/espace-membre/internal/mailinglist/mailinglistbrevo"
	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/platform/job"
	"github.com/betagouv/espace-membre/internal/sandbox/simkit"
)

// crowd puts people who stay on the lists, so that no listing looks empty.
func (w *world) crowd() {
	w.ovh.AddList("incubateur", "reste@exemple.org")
	w.ovh.AddList("produit-a", "reste@exemple.org")
	w.brevo.AddContact("reste@exemple.org", nil, 332, 333)
}

func TestPlanOfDepartures(t *testing.T) {
	w := newWorld(t)
	w.crowd()
	w.add(person{username: "anne.everywhere", end: "2024-11-19", status: member.StatusDeleted, secondary: "anne@perso.fr"})
	w.remember("anne.everywhere", "MEMBER_EMAIL_STATUS_UPDATED", `{"primary_email":"anne@ministere.gouv.fr"}`, "")
	w.brevo.AddContact("anne@perso.fr", nil, 332)
	w.brevo.AddContact("anne.everywhere@exemple.org", nil, 333)
	w.ovh.AddList("produit-a", "anne@ministere.gouv.fr")
	w.add(person{username: "bea.newsletter", end: "2023-01-01", status: member.StatusDeleted})
	w.brevo.AddContact("bea.newsletter@exemple.org", nil, 332, 7)
	w.add(person{username: "cleo.nowhere", end: "2020-05-05", status: member.StatusDeleted})
	w.add(person{username: "dan.nowhere", end: "2020-05-06", status: member.StatusDeleted})
	w.add(person{username: "eli.recent", end: "2024-11-20"})
	w.brevo.AddContact("eli.recent@exemple.org", nil, 332)
	w.add(person{username: "fay.nomission", end: "none"})
	w.add(person{username: "gil.there"})
	w.expectPlan(departure,
		"population 7",
		"retirer anne.everywhere (destructive) : mission terminée le 19 novembre 2024, encore sur Brevo NEWSLETTER, Brevo ONBOARDING, la liste « produit-a »",
		"retirer bea.newsletter (destructive) : mission terminée le 1er janvier 2023, encore sur Brevo NEWSLETTER",
		"noter 2 personnes : mission terminée depuis 30 jours ou plus, sur aucune liste : rien à retirer",
		"laisser fay.nomission : aucune mission : pas de date de départ")
	plan := w.plan(departure)
	for _, a := range plan.Actions {
		if strings.Contains(string(a.Args), "@") {
			t.Errorf("the ledger would hold an address: %s", a.Args)
		}
	}
	w.applyAll(departure)
	w.expect("newsletter", w.contacts(332), "eli.recent@exemple.org", "reste@exemple.org")
	w.expect("onboarding", w.contacts(333), "reste@exemple.org")
	w.expect("reminders, none of ours", w.contacts(7), "bea.newsletter@exemple.org")
	w.expect("product", w.on("produit-a"), "reste@exemple.org")
	before, asked := len(w.calls("ovh")), len(w.calls("brevo"))
	w.expectPlan(departure, "population 7", "laisser fay.nomission : aucune mission : pas de date de départ")
	if after, again := len(w.calls("ovh")), len(w.calls("brevo")); after != before || again != asked+2 {
		t.Errorf("nothing is due, and OVH was asked %d times, Brevo %d: want its two lists only", after-before, again-asked)
	}
}

func TestDepartureIsDoneOnceForEachEnd(t *testing.T) {
	w := newWorld(t)
	w.crowd()
	id := w.add(person{username: "anne.gone", end: "2024-11-01"})
	w.brevo.AddContact("anne.gone@exemple.org", nil, 332)
	a := w.plan(departure).Actions[0]
	if a.Key != job.Key(departure, id, "2024-11-01") || a.Mode != job.State || !a.Destructive {
		t.Errorf("%+v", a)
	}
	w.apply(a)
	w.apply(a) // killed before the record, and begun again
	w.brevo.AddContact("anne.gone@exemple.org", nil, 332)
	w.expectPlan(departure, "population 1") // by hand, since: their own affair
	w.exec(`INSERT INTO mission (member_id, start_day, end_day) VALUES ($1, '2024-11-10', '2024-11-15')`, id)
	w.expectPlan(departure, "population 1", "retirer anne.gone (destructive) : mission terminée le 15 novembre 2024, encore sur Brevo NEWSLETTER")
	if n := w.one(`SELECT count(*)::text FROM audit_event WHERE member_id = $1 AND code = 'MEMBER_LISTS_LEFT'`, id); n != "2" {
		t.Errorf("%s events", n)
	}
	if n := w.one(`SELECT string_agg(end_day::text, ',') FROM list_departure WHERE member_id = $1`, id); n != "2024-11-01" {
		t.Errorf("departures noted: %s", n)
	}
}

func TestReturnMeanwhileKeepsTheLists(t *testing.T) {
	for name, change := range map[string]string{
		"back": `UPDATE mission SET end_day = NULL`, "longer": `UPDATE mission SET end_day = '2024-11-10'`, "not yet": `UPDATE mission SET end_day = '2024-11-20'`,
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.crowd()
			w.add(person{username: "anne.gone", end: "2024-11-01"})
			w.brevo.AddContact("anne.gone@exemple.org", nil, 332)
			a := w.plan(departure).Actions[0]
			w.exec(change)
			if outcome := w.apply(a); outcome.Moot == "" {
				t.Errorf("%+v", outcome)
			}
			w.expect("newsletter", w.contacts(332), "anne.gone@exemple.org", "reste@exemple.org")
		})
	}
}

func TestListingsThatLookWrongAreDoubted(t *testing.T) {
	for name, c := range map[string]struct {
		prepare func(w *world)
		doubt   string
	}{
		"empty newsletter": {func(w *world) { w.ovh.AddList("incubateur", "anne.gone@exemple.org") }, "la liste Brevo NEWSLETTER paraît vide"},
		"no list at OVH":   {func(w *world) { w.brevo.AddContact("anne.gone@exemple.org", nil, 332) }, "OVH ne montre aucune liste de diffusion"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.add(person{username: "anne.gone", end: "2024-11-01"})
			w.add(person{username: "bea.nowhere", end: "2024-11-01"})
			c.prepare(w)
			plan := w.plan(departure)
			if plan.Doubt != c.doubt || len(plan.Actions) != 1 || !plan.Actions[0].Destructive {
				t.Errorf("doubt %q, %+v: nobody may be noted as absent", plan.Doubt, plan.Actions)
			}
		})
	}
}

func TestDepartureWaitsForBothVendors(t *testing.T) {
	w := newWorld(t)
	w.crowd()
	id := w.add(person{username: "anne.gone", end: "2024-11-01"})
	w.brevo.AddContact("anne.gone@exemple.org", nil, 332)
	w.ovh.AddList("incubateur", "anne.gone@exemple.org")
	a := w.plan(departure).Actions[0]
	w.faults.Add(simkit.Fault{Vendor: "brevo", Kind: simkit.Error, Status: 503, When: simkit.Before, Rate: 1})
	_, err := w.try(a)
	refused(t, err, fault.Unavailable)
	if _, err := w.job(departure).Plan(t.Context(), today); !fault.Is(err, fault.Unavailable) {
		t.Errorf("planned although Brevo is down: %v", err)
	}
	w.faults.Clear("")
	w.expectPlan(departure, "population 1", "retirer anne.gone (destructive) : mission terminée le 1er novembre 2024, encore sur Brevo NEWSLETTER")
	w.apply(a)
	w.expect("newsletter", w.contacts(332), "reste@exemple.org")
	w.expect("incubateur", w.on("incubateur"), "reste@exemple.org")
	if n := w.one(`SELECT count(*)::text FROM list_departure WHERE member_id = $1`, id); n != "1" {
		t.Errorf("%s departures", n)
	}
}

// Without OVH, the contact lists are cleaned all the same.
func TestDepartureWithoutOVH(t *testing.T) {
	w := newWorld(t)
	w.brevo.AddContact("reste@exemple.org", nil, 332)
	w.add(person{username: "anne.gone", end: "2024-11-01"})
	w.brevo.AddContact("anne.gone@exemple.org", nil, 332)
	client := brevo.New(brevo.Config{APIKey: "key", BaseURL: w.brevoURL(), PerSecond: 1000})
	w.room = mailinglist.New(w.db, w.clock, mailinglist.Ports{Contacts: mailinglistbrevo.New(client, mailinglistbrevo.Config{
		Lists: map[mailinglist.ContactList]int{mailinglist.Newsletter: 332, mailinglist.Onboarding: 333},
	})}, mailinglist.Config{Domain: domain})
	if w.applyAll(departure) != 1 {
		t.Error("nothing was done")
	}
	w.expect("newsletter", w.contacts(332), "reste@exemple.org")
}

func TestPeopleErasedSinceAreNotNoted(t *testing.T) {
	w := newWorld(t)
	w.crowd()
	w.add(person{username: "anne.nowhere", end: "2024-11-01", status: member.StatusDeleted})
	w.add(person{username: "bea.nowhere", end: "2024-11-01", status: member.StatusDeleted})
	a := w.plan(departure).Actions[0]
	if a.Subject != uuid.Nil || a.Destructive {
		t.Errorf("%+v", a)
	}
	w.exec(`DELETE FROM member WHERE username = 'anne.nowhere'`)
	w.apply(a)
	w.apply(a)
	if n := w.one(`SELECT count(*)::text FROM list_departure`); n != "1" {
		t.Errorf("%s departures", n)
	}
}

package mailbox_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/betagouv/espace-membre/internal/mailbox"
	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/platform/job"
)

const (
	creation    = "emailCreationJob"
	redirection = "redirectionCreationJob"
)

// told renders a plan as people read it.
func told(p job.Plan) []string {
	lines := []string{fmt.Sprintf("population %d", p.Population)}
	for _, a := range p.Actions {
		lines = append(lines, fmt.Sprintf("%s %s %s : %s", a.Mode, a.Verb, a.Label, a.Reason))
	}
	for _, s := range p.Skipped {
		lines = append(lines, "laisser "+s.Label+" : "+s.Reason)
	}
	return lines
}

func (w *world) goldenPlan(name string, want ...string) {
	w.t.Helper()
	if diff := cmp.Diff(want, told(w.plan(name))); diff != "" {
		w.t.Errorf("plan of %s (-want +got):\n%s", name, diff)
	}
}

func TestPlansOfCreation(t *testing.T) {
	w := newWorld(t, mailbox.Config{})
	w.add(person{username: "anne.due", secondary: "anne@ailleurs.fr"})
	w.add(person{username: "bea.redirection", secondary: "bea@ailleurs.fr", redirection: true})
	w.add(person{username: "cleo.nowhere"})
	w.add(person{username: "dan.gone", secondary: "dan@ailleurs.fr", end: "2024-12-18"})
	w.add(person{username: "eli.lastday", secondary: "eli@ailleurs.fr", end: "2024-12-19"})
	w.add(person{username: "fay.nomission", secondary: "fay@ailleurs.fr", end: "none"})
	w.add(person{username: "gil.has", primary: "gil@ministere.fr", secondary: "gil@ailleurs.fr"})
	w.add(person{username: "hal.taken", secondary: "hal@ailleurs.fr"})
	w.add(person{username: "ida.thief", primary: "hal.taken@exemple.org", status: member.StatusActive})
	w.add(person{username: "jo.unverified", secondary: "jo@ailleurs.fr", status: member.StatusVerificationWaiting})
	w.goldenPlan(creation,
		"population 7",
		"state créer anne.due : fiche vérifiée, adresse à créer (offre MX Plan)",
		"state créer eli.lastday : fiche vérifiée, adresse à créer (offre MX Plan)",
		"laisser cleo.nowhere : pas d’adresse secondaire où prévenir",
		"laisser dan.gone : aucune mission en cours ou à venir",
		"laisser fay.nomission : aucune mission",
		"laisser gil.has : a déjà une adresse principale",
		"laisser hal.taken : l’adresse à créer est déjà dans la fiche de ida.thief")
	w.goldenPlan(redirection,
		"population 1",
		"state rediriger bea.redirection : fiche vérifiée, redirection « attributaire » à créer")
}

func TestKeyIsMadeOfTheMemberAndTheStatusDate(t *testing.T) {
	w := newWorld(t, mailbox.Config{})
	id := w.add(person{username: "anne.due", secondary: "anne@ailleurs.fr", since: today.At(9, 30)})
	want := creation + "/" + id.String() + "/2024-12-19T08:30:00.000000Z"
	if got := w.one(creation).Key; got != want {
		t.Errorf("key %s, want %s", got, want)
	}
}

func TestMailboxIsCreatedOnce(t *testing.T) {
	w := newWorld(t, mailbox.Config{})
	id := w.add(person{username: "anne.due", secondary: "anne@ailleurs.fr"})
	a := w.one(creation)
	if _, err := w.apply(a); err != nil {
		t.Fatal(err)
	}
	w.expect(id, member.StatusCreationPending, "anne.due@exemple.org")
	if n := w.events(id, "MEMBER_EMAIL_CREATED"); n != 1 {
		t.Errorf("%d creation events, want 1", n)
	}
	if !strings.Contains(w.ovhState(), `"anne.due"`) {
		t.Errorf("not at OVH: %s", w.ovhState())
	}
	if again, err := w.apply(a); err != nil || again.Moot == "" {
		t.Errorf("the same action again: %+v, %v; want nothing to do", again, err)
	}
	w.goldenPlan(creation, "population 0")
}

func (w *world) ovhState() string {
	w.t.Helper()
	text, err := json.Marshal(w.ovh.State())
	if err != nil {
		w.t.Fatal(err)
	}
	return string(text)
}

func TestExistingMailboxIsAdopted(t *testing.T) {
	w := newWorld(t, mailbox.Config{DefaultPlan: mailbox.PlanPro})
	id := w.add(person{username: "anne.due", secondary: "anne@ailleurs.fr"})
	w.ovh.AddMailbox("EMAIL_PLAN_BASIC", "anne.due")
	before := w.ovhState()
	if _, err := w.apply(w.one(creation)); err != nil {
		t.Fatal(err)
	}
	w.expect(id, member.StatusCreationPending, "anne.due@exemple.org")
	if w.ovhState() != before {
		t.Errorf("OVH was changed: %s", w.ovhState())
	}
}

// An order whose answer was lost is refused as already there, while the mailbox is not shown
// yet: the action fails, is tried again, and adopts the mailbox when OVH shows it.
func TestOrderWhoseAnswerWasLostIsAdoptedLater(t *testing.T) {
	w := newWorld(t, mailbox.Config{})
	id := w.add(person{username: "anne.due", secondary: "anne@ailleurs.fr"})
	a := w.one(creation)
	if _, err := w.job(creation).Apply(t.Context(), a); err != nil { // killed before the record
		t.Fatal(err)
	}
	_, err := w.apply(a)
	refused(t, err, fault.Conflict)
	w.clock.Advance(6 * time.Minute)
	if _, err := w.apply(a); err != nil {
		t.Fatal(err)
	}
	w.expect(id, member.StatusCreationPending, "anne.due@exemple.org")
}

func TestPlanIsChosenByConfiguration(t *testing.T) {
	for name, c := range map[string]struct {
		incubator, plan string
		config          mailbox.Config
		want            string
	}{
		"nothing said":         {"inc", "", mailbox.Config{}, "mx"},
		"default of settings":  {"inc", "", mailbox.Config{DefaultPlan: mailbox.PlanPro}, "pro"},
		"incubator's plan":     {"inc", "EMAIL_PLAN_EXCHANGE", mailbox.Config{}, "exchange"},
		"incubator of setting": {"gip", "", mailbox.Config{ExchangeIncubators: []string{"gip"}}, "exchange"},
		"incubator wins":       {"gip", "EMAIL_PLAN_BASIC", mailbox.Config{DefaultPlan: mailbox.PlanPro, ExchangeIncubators: []string{"gip"}}, "mx"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, c.config)
			w.ovh.AddPlaceholders("EMAIL_PLAN_PRO", 1)
			w.ovh.AddPlaceholders("EMAIL_PLAN_EXCHANGE", 1)
			id := w.add(person{username: "anne.due", fullname: "Anne Due de Test", secondary: "anne@ailleurs.fr", end: "none"})
			w.serve(w.mission(id, "2022-01-01", "2023-01-01"), "former", "EMAIL_PLAN_PRO") // not the latest mission
			w.serve(w.mission(id, "2024-01-01", ""), c.incubator, c.plan)
			if _, err := w.apply(w.one(creation)); err != nil {
				t.Fatal(err)
			}
			var state map[string]map[string]any
			_ = json.Unmarshal([]byte(w.ovhState()), &state) // "next" is a number
			key := "anne.due@exemple.org"
			if c.want == "mx" {
				key = "anne.due"
			}
			if _, ok := state[c.want][key]; !ok {
				t.Errorf("not in %s: %s", c.want, w.ovhState())
			}
		})
	}
}

func TestNoFreeAccountIsToldToAdministrators(t *testing.T) {
	w := newWorld(t, mailbox.Config{DefaultPlan: mailbox.PlanPro})
	id := w.add(person{username: "anne.due", secondary: "anne@ailleurs.fr"})
	w.add(person{username: "bea.due", secondary: "bea@ailleurs.fr"})
	w.add(person{username: "cleo.adopted", secondary: "cleo@ailleurs.fr"})
	w.ovh.AddMailbox("EMAIL_PLAN_PRO", "cleo.adopted")
	w.goldenPlan(creation,
		"population 3",
		"state créer cleo.adopted : fiche vérifiée, adresse à créer (offre Pro)",
		"laisser anne.due : il ne reste aucun compte libre chez OVH (offre Pro) : commandes-en",
		"laisser bea.due : il ne reste aucun compte libre chez OVH (offre Pro) : commandes-en")
	w.ovh.AddPlaceholders("EMAIL_PLAN_PRO", 1)
	w.goldenPlan(creation,
		"population 3",
		"state créer anne.due : fiche vérifiée, adresse à créer (offre Pro)",
		"state créer cleo.adopted : fiche vérifiée, adresse à créer (offre Pro)",
		"laisser bea.due : il ne reste aucun compte libre chez OVH (offre Pro) : commandes-en")
	a := w.plan(creation).Actions[0]
	if err := w.provider.Create(t.Context(), mailbox.NewBox{Local: "somebody", Plan: mailbox.PlanPro}); err != nil {
		t.Fatal(err)
	}
	_, err := w.apply(a) // taken since the plan
	refused(t, err, fault.Conflict)
	if !strings.Contains(fault.Public(err), "aucun compte Pro libre") {
		t.Errorf("told %q", fault.Public(err))
	}
	w.expect(id, member.StatusCreationWaiting, "")
}

func TestAddressTakenMeanwhileIsToldClearly(t *testing.T) {
	w := newWorld(t, mailbox.Config{})
	id := w.add(person{username: "hal.taken", secondary: "hal@ailleurs.fr"})
	a := w.one(creation)
	w.add(person{username: "ida.thief", secondary: "hal.taken@exemple.org", status: member.StatusActive})
	_, err := w.apply(a)
	refused(t, err, fault.Conflict)
	if public := fault.Public(err); !strings.Contains(public, "ida.thief") || strings.Contains(err.Error(), "@") {
		t.Errorf("told %q (%v)", public, err)
	}
	w.expect(id, member.StatusCreationWaiting, "")
}

func TestMemberWhoLeftMeanwhileGetsNothing(t *testing.T) {
	w := newWorld(t, mailbox.Config{})
	w.add(person{username: "anne.due", secondary: "anne@ailleurs.fr", end: "2024-12-19"})
	a := w.one(creation)
	w.clock.Set(today.At(23, 59))
	if outcome, err := w.job(creation).Apply(t.Context(), a); err != nil || outcome.Moot != "" {
		t.Errorf("on the last day: %+v, %v", outcome, err)
	}
	w.clock.Set(today.Add(1).At(0, 0))
	if outcome, err := w.apply(a); err != nil || outcome.Moot == "" {
		t.Errorf("the day after: %+v, %v; want nothing to do", outcome, err)
	}
}

func TestRedirectionIsCreatedOnce(t *testing.T) {
	w := newWorld(t, mailbox.Config{})
	id := w.add(person{username: "bea.attr", secondary: "bea@ailleurs.fr", redirection: true})
	if _, err := w.apply(w.one(redirection)); err != nil {
		t.Fatal(err)
	}
	w.expect(id, member.StatusRedirectionPending, "bea.attr-attr@exemple.org")
	if state := w.ovhState(); !strings.Contains(state, `"from":"bea.attr-attr@exemple.org","to":"bea@ailleurs.fr"`) || strings.Contains(state, `"mx":{"`) {
		t.Errorf("OVH holds %s", state)
	}
	if n := w.events(id, "MEMBER_REDIRECTION_CREATED"); n != 1 {
		t.Errorf("%d events, want 1", n)
	}
}

func TestExistingRedirections(t *testing.T) {
	w := newWorld(t, mailbox.Config{})
	same := w.add(person{username: "bea.same", secondary: "bea@ailleurs.fr", redirection: true})
	w.ovh.AddRedirection("bea.same-attr@exemple.org", "bea@ailleurs.fr")
	if _, err := w.apply(w.one(redirection)); err != nil {
		t.Fatalf("not adopted: %v", err)
	}
	w.expect(same, member.StatusRedirectionPending, "bea.same-attr@exemple.org")
	other := w.add(person{username: "cleo.other", secondary: "cleo@ailleurs.fr", redirection: true})
	w.ovh.AddRedirection("cleo.other-attr@exemple.org", "old@ailleurs.fr")
	_, err := w.apply(w.one(redirection))
	refused(t, err, fault.Conflict)
	w.expect(other, member.StatusCreationWaiting, "")
}

// Each way to order a mailbox removes what the portal had made of its address, and nothing else.
func TestMailboxOrderedIsNotEmptiedByWhatThePortalMade(t *testing.T) {
	for name, p := range map[string]person{
		"emailCreationJob": {status: member.StatusCreationWaiting},
		recreation:         {status: member.StatusDeleted},
		activation:         {status: member.StatusSuspended, primary: "anne.new@exemple.org"}, // whose mailbox has disappeared
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, mailbox.Config{})
			p.username, p.secondary = "anne.new", "anne@ailleurs.fr"
			id := w.add(p)
			for _, to := range []string{"depart@exemple.org", "anne@ministere.fr", "anne@maison.fr"} {
				w.ovh.AddRedirection("anne.new@exemple.org", to)
			}
			for cause, to := range map[string]string{"replaced": "anne@ministere.fr", "": "anne@maison.fr"} {
				w.exec(`INSERT INTO audit_event (at, actor, code, member_id, after)
					VALUES ($1, 'anne.new', 'MEMBER_REDIRECTION_CREATED', $2, jsonb_build_object('from', 'anne.new@exemple.org', 'to', $3::text, 'cause', $4::text))`,
					w.clock.Now(), id, to, cause)
			}
			a := w.plan(name).Actions[0]
			if outcome, err := w.apply(a); err != nil || outcome.Moot != "" {
				t.Fatalf("%+v, %v", outcome, err)
			}
			list, err := w.provider.Redirections(t.Context(), "anne.new@exemple.org")
			if err != nil || len(list) != 1 || list[0].To != "anne@maison.fr" {
				t.Errorf("redirections %+v, %v", list, err)
			}
		})
	}
}

package mailinglist_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/actor"
	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/platform/job"
	"github.com/betagouv/espace-membre/internal/sandbox/simkit"
)

const (
	formerReason  = "ancienne adresse encore inscrite, qui n’est plus dans la fiche"
	formerReasons = "anciennes adresses encore inscrites, qui ne sont plus dans la fiche"
	spareReason   = "deux adresses inscrites : la liste ne va qu’à l’adresse de contact choisie"
)

// Members in activity receive the list once, by the address that they prefer.
func TestMembersReceiveTheListOnce(t *testing.T) {
	const own, perso, gouv = "anne.due@exemple.org", "anne@perso.fr", "anne@ministere.gouv.fr"
	for name, c := range map[string]struct {
		who     person
		former  []string // that the history remembers
		before  []string
		joins   string // reason; "": nothing
		leaves  string
		wantEnd []string
	}{
		"nothing to change":        {who: person{secondary: perso}, before: []string{own}, wantEnd: []string{own}},
		"prefers the private one":  {who: person{secondary: perso, prefers: "secondary"}, joins: "adresse de contact choisie", wantEnd: []string{perso}},
		"preference just changed":  {who: person{secondary: perso, prefers: "secondary"}, before: []string{own}, joins: "adresse de contact choisie", leaves: spareReason, wantEnd: []string{perso}},
		"preference changed back":  {who: person{secondary: perso}, before: []string{perso}, joins: "adresse en service", leaves: spareReason, wantEnd: []string{own}},
		"both subscribed":          {who: person{secondary: perso}, before: []string{own, perso}, leaves: spareReason, wantEnd: []string{own}},
		"private one not given":    {who: person{prefers: "secondary"}, joins: "adresse en service", wantEnd: []string{own}},
		"replaced primary":         {who: person{primary: own, secondary: perso}, former: []string{gouv}, before: []string{gouv}, joins: "adresse en service", leaves: formerReason, wantEnd: []string{own}},
		"replaced by a ministry's": {who: person{primary: gouv}, before: []string{own}, joins: "adresse en service", leaves: formerReason, wantEnd: []string{gouv}},
		"two replaced": {
			who: person{primary: gouv}, former: []string{"anne@avant.fr"}, before: []string{own, "anne@avant.fr", gouv}, leaves: formerReasons, wantEnd: []string{gouv},
		},
		"mailbox deleted by its owner": {who: person{status: member.StatusDeleted, secondary: perso}, before: []string{own}, leaves: formerReason},
		"mailbox deleted, private one preferred": {
			who: person{status: member.StatusDeleted, secondary: perso, prefers: "secondary"}, before: []string{own}, joins: "adresse de contact choisie", leaves: formerReason, wantEnd: []string{perso},
		},
		"suspended, come back": {who: person{primary: own, status: member.StatusSuspended, secondary: perso}, before: []string{own}, wantEnd: []string{own}},
		"record not checked":   {who: person{status: member.StatusVerificationWaiting, secondary: perso, prefers: "secondary"}},
		"refuses": {
			who: person{secondary: perso, refused: true}, former: []string{gouv}, before: []string{own, perso, gouv}, leaves: "ne souhaite plus recevoir cette liste",
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.crowd()
			c.who.username = "anne.due"
			w.add(c.who)
			for _, address := range c.former {
				w.remember("anne.due", "MEMBER_EMAIL_STATUS_UPDATED", `{"primary_email":"`+address+`"}`, "")
			}
			w.ovh.AddList("incubateur", c.before...)
			w.expectReason(subscribe, joined(c.joins))
			w.applyAll(subscribe)
			w.expectReason(unsubscribe, c.leaves)
			w.applyAll(unsubscribe)
			want := append([]string{"reste@exemple.org"}, c.wantEnd...)
			slices.Sort(want)
			w.expect("incubateur", w.on("incubateur"), want...)
			w.expectReason(subscribe, "")
			w.expectReason(unsubscribe, "")
		})
	}
}

func joined(reason string) string {
	if reason == "" {
		return ""
	}
	return reason + ", absente de la liste « incubateur »"
}

// expectReason checks the reason of the only action of a plan; "" for none.
func (w *world) expectReason(name, want string) {
	w.t.Helper()
	got := ""
	for _, a := range w.plan(name).Actions {
		got += a.Reason
	}
	if got != want {
		w.t.Errorf("%s: %q, want %q", name, got, want)
	}
}

// The one who prefers another address is never without: the former leaves once the new is there.
func TestThePreferredAddressIsSubscribedBeforeTheOtherLeaves(t *testing.T) {
	w := newWorld(t)
	w.crowd()
	id := w.add(person{username: "anne.due", secondary: "anne@perso.fr"})
	w.ovh.AddList("incubateur", "anne.due@exemple.org")
	r := w.people()
	who := actor.Actor{ID: id, Username: "anne.due", Standing: actor.Active}
	if changed, err := r.room.ChoosePreference(t.Context(), who, id, member.Secondary); err != nil || !changed {
		t.Fatal(changed, err)
	}
	w.expectReason(unsubscribe, "")
	w.applyAll(subscribe)
	a := w.plan(unsubscribe).Actions[0]
	if a.Destructive || a.Key != job.Key(unsubscribe, id, "adresses-en-trop") {
		t.Errorf("%+v", a)
	}
	w.apply(a)
	w.expect("incubateur", w.on("incubateur"), "anne@perso.fr", "reste@exemple.org")
}

// What only the history says to be theirs is limited, told to the person, and finished later if OVH
// fails in the middle.
func TestReplacedAddressesLeaveTheList(t *testing.T) {
	w := newWorld(t)
	w.crowd()
	id := w.add(person{username: "anne.due", primary: "anne@un.gouv.fr", secondary: "anne@perso.fr"})
	r := w.people()
	w.ovh.AddList("incubateur", "anne@un.gouv.fr", "anne@perso.fr")
	r.change(id, "anne.due", member.Primary, "anne@deux.gouv.fr")
	r.change(id, "anne.due", member.Secondary, "anne@autre.fr")
	w.applyAll(subscribe)
	a := w.plan(unsubscribe).Actions[0]
	if !a.Destructive || a.Reason != formerReasons {
		t.Errorf("%+v", a)
	}
	w.faults.Add(simkit.Fault{Vendor: "ovh", Kind: simkit.Error, Status: 503, When: simkit.Before, Rate: 1, Method: "DELETE", Path: "perso"})
	_, err := w.try(a)
	refused(t, err, fault.Unavailable)
	w.faults.Clear("")
	w.apply(a)
	w.apply(a) // killed before the record, and begun again
	w.expect("incubateur", w.on("incubateur"), "anne@deux.gouv.fr", "reste@exemple.org")
	if n := w.one(`SELECT count(*)::text FROM audit_event WHERE member_id = $1 AND code = 'MEMBER_LIST_LEFT'`, id); n != "1" {
		t.Errorf("%s events, want 1", n)
	}
}

func TestFormerAddressOfSomebodyElseStaysOnTheList(t *testing.T) {
	w := newWorld(t)
	w.add(person{username: "anne.due"})
	w.remember("anne.due", "MEMBER_EMAIL_STATUS_UPDATED", `{"primary_email":"partagee@ministere.gouv.fr"}`, "")
	w.remember("anne.due", "MEMBER_EMAIL_STATUS_UPDATED", `{"primary_email":"cleo.away@exemple.org"}`, "")
	w.add(person{username: "bea.there", primary: "partagee@ministere.gouv.fr"})
	w.add(person{username: "cleo.away", status: member.StatusCreationWaiting})
	w.ovh.AddList("incubateur", "anne.due@exemple.org", "partagee@ministere.gouv.fr", "inconnue@ailleurs.fr")
	w.expectPlan(unsubscribe, "population 3")
}

func TestSurplusThatIsNotOneAnyMore(t *testing.T) {
	for name, c := range map[string]struct {
		change func(w *world)
		moot   string
	}{
		"left": {func(w *world) { w.exec(`UPDATE mission SET end_day = '2024-12-18'`) }, "plus aucune mission en cours ou à venir : désinscription du départ"},
		"refused": {func(w *world) {
			w.exec(`INSERT INTO list_refusal SELECT id, 'incubateur', $1, 'link' FROM member`, w.clock.Now())
		}, "ne souhaite plus recevoir cette liste : désinscription de toutes ses adresses"},
		"taken back": {func(w *world) {
			w.exec(`UPDATE member SET secondary_email = 'anne@avant.fr', communication_email = 'secondary'`)
		}, ""},
		"somebody else's": {func(w *world) { w.add(person{username: "bea.there", primary: "anne@avant.fr"}) }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.add(person{username: "anne.due", primary: "anne@deux.gouv.fr"})
			w.remember("anne.due", "MEMBER_EMAIL_STATUS_UPDATED", `{"primary_email":"anne@avant.fr"}`, "")
			w.ovh.AddList("incubateur", "anne@avant.fr")
			a := w.plan(unsubscribe).Actions[0]
			c.change(w)
			if outcome := w.apply(a); outcome.Moot != c.moot {
				t.Errorf("moot %q, want %q", outcome.Moot, c.moot)
			}
			w.expect("incubateur", w.on("incubateur"), "anne@avant.fr")
		})
	}
}

// Three thousand members and their history: each plan takes a fraction of a second alone. The bound
// leaves room for a machine that does much else, and none for work in the square of the members.
func TestPlansAreFast(t *testing.T) {
	w := newWorld(t)
	w.exec(`INSERT INTO member (username, fullname, primary_email, secondary_email, primary_email_status, primary_email_status_changed_at, created_at, updated_at)
		SELECT 'm.' || n, 'M', 'm.' || n || '@exemple.org', 'm.' || n || '@ailleurs.fr', 'EMAIL_ACTIVE', $1, $1, $1 FROM generate_series(1, 3000) n`, w.clock.Now())
	w.exec(`INSERT INTO mission (member_id, start_day, end_day)
		SELECT id, '2023-01-01', CASE WHEN right(username, 1) = '0' THEN date '2024-12-18' WHEN right(username, 1) < '6' THEN date '2024-06-01' END FROM member`)
	w.exec(`INSERT INTO audit_event (at, actor, code, member_id, subject, before, after)
		SELECT $1, 'system', 'MEMBER_EMAIL_STATUS_UPDATED', id, username, jsonb_build_object('primary_email', username || '.' || n % 4 || '@avant.fr'), '{"status": "EMAIL_ACTIVE"}'
		FROM member, generate_series(1, 8) n`, today.Add(-60).At(9, 0))
	w.exec(`ANALYZE member, mission, member_address, audit_event`)
	w.ovh.AddList("incubateur", "reste@exemple.org")
	w.brevo.AddContact("reste@exemple.org", nil, 332, 333)
	for i := range 1500 {
		address := fmt.Sprintf("m.%d@exemple.org", i)
		if i%3 == 0 {
			address = fmt.Sprintf("m.%d.3@avant.fr", i)
		}
		w.ovh.AddList("incubateur", address)
		w.brevo.AddContact(address, nil, 332)
	}
	for _, name := range []string{subscribe, unsubscribe, departure, unblock} {
		start := time.Now()
		plan := w.plan(name)
		if took := time.Since(start); took > 8*time.Second {
			t.Errorf("%s took %s for %d considered and %d actions", name, took, plan.Population, len(plan.Actions))
		}
		if len(plan.Actions) == 0 && name != unblock {
			t.Errorf("%s wants nothing", name)
		}
		t.Logf("%s: %s, %d considered, %d actions", name, time.Since(start).Round(time.Millisecond), plan.Population, len(plan.Actions))
	}
}

package mailinglist_test

import (
	"strings"
	"testing"

	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/job"
)

func TestPlanOfUnblocks(t *testing.T) {
	w := newWorld(t)
	for _, p := range []person{
		{username: "anne.bounced"}, {username: "bea.admin"}, {username: "cleo.spam"}, {username: "dan.unsubscribed"}, {username: "eli.campaign"},
		{username: "fay.left"}, {username: "gil.nobody"}, {username: "hal.both"}, {username: "ida.mixed"}, {username: "kim.api"}, {username: "lea.newsonly"},
		{username: "mia.gone", end: "2024-12-18"}, {username: "noe.lastday", end: "2024-12-19"},
		{username: "oda.suspended", primary: "oda.suspended@exemple.org", status: member.StatusSuspended}, {username: "pia.elsewhere", primary: "pia@ministere.gouv.fr"},
	} {
		w.add(p)
	}
	block := func(username, reason string) { w.brevo.AddBlock(username+"@exemple.org", "espace@exemple.org", reason) }
	campaign := func(username, reason string) {
		w.brevo.AddContact(username+"@exemple.org", nil, 332)
		w.brevo.Blacklist(username+"@exemple.org", reason)
	}
	block("Anne.Bounced", "hardBounce")
	block("bea.admin", "adminBlocked")
	block("cleo.spam", "contactFlaggedAsSpam")
	block("dan.unsubscribed", "unsubscribedViaEmail")
	block("kim.api", "unsubscribedViaApi")
	campaign("eli.campaign", "hardBounce")
	campaign("fay.left", "unsubscribedViaEmail")
	block("hal.both", "hardBounce")
	w.brevo.AddBlock("hal.both@exemple.org", "autre@exemple.org", "unsubscribedViaMA")
	block("ida.mixed", "hardBounce")
	campaign("ida.mixed", "contactFlaggedAsSpam")
	block("lea.newsonly", "hardBounce")
	campaign("lea.newsonly", "unsubscribedViaEmail")
	for _, u := range []string{"mia.gone", "noe.lastday", "oda.suspended"} {
		block(u, "hardBounce")
	}
	w.brevo.AddBlock("pia@ministere.gouv.fr", "espace@exemple.org", "hardBounce")
	w.brevo.AddBlock("inconnue@ailleurs.fr", "espace@exemple.org", "hardBounce")
	const kept = " : ne veut plus recevoir, ou motif inconnu : on n’y touche pas"
	w.expectPlan(unblock,
		"population 12",
		"débloquer anne.bounced : mails bloqués chez Brevo le 19 décembre 2024 (boîte introuvable ce jour-là)",
		"débloquer bea.admin : mails bloqués chez Brevo le 19 décembre 2024 (bloquée par un administrateur)",
		"débloquer eli.campaign : campagnes bloquées chez Brevo (boîte introuvable ce jour-là)",
		"débloquer lea.newsonly : mails bloqués chez Brevo le 19 décembre 2024 (boîte introuvable ce jour-là)",
		"débloquer noe.lastday : mails bloqués chez Brevo le 19 décembre 2024 (boîte introuvable ce jour-là)",
		"laisser cleo.spam"+kept, "laisser dan.unsubscribed"+kept, "laisser fay.left"+kept, "laisser hal.both"+kept, "laisser ida.mixed"+kept,
		"laisser kim.api"+kept, "laisser lea.newsonly"+kept)
}

// Each source has its own remedy: the block list for transactional mails, the contact for campaigns.
func TestEachBlockIsLiftedAtItsSource(t *testing.T) {
	w := newWorld(t)
	id := w.add(person{username: "anne.blocked"})
	w.brevo.AddContact("anne.blocked@exemple.org", nil, 332)
	w.brevo.Blacklist("anne.blocked@exemple.org", "hardBounce")
	w.brevo.AddBlock("anne.blocked@exemple.org", "espace@exemple.org", "hardBounce")
	plan := w.plan(unblock)
	if len(plan.Actions) != 2 {
		t.Fatalf("%+v", plan.Actions)
	}
	for i, want := range []string{job.Key(unblock, id, "transactional/2024-12-19T09:00:00Z"), job.Key(unblock, id, "campaigns/1")} {
		if got := plan.Actions[i].Key; got != want || strings.Contains(got, "@") {
			t.Errorf("key %s, want %s", got, want)
		}
	}
	before := len(w.calls("brevo"))
	w.apply(plan.Actions[0])
	w.apply(plan.Actions[1])
	var changes []string
	for _, c := range w.calls("brevo")[before:] {
		if !strings.HasPrefix(c, "GET") {
			changes = append(changes, c)
		}
	}
	w.expect("changes", changes, "DELETE /v3/smtp/blockedContacts/anne.blocked%40exemple.org", "PUT /v3/contacts/anne.blocked%40exemple.org")
	w.expectPlan(unblock, "population 1")
	if n := w.one(`SELECT count(*)::text FROM audit_event WHERE member_id = $1 AND code = 'MEMBER_UNBLOCK_EMAIL' AND after->>'email' = 'anne.blocked@exemple.org'`, id); n != "2" {
		t.Errorf("%s events", n)
	}
	for _, a := range plan.Actions {
		if outcome := w.apply(a); outcome.Moot == "" {
			t.Errorf("again: %+v", outcome)
		}
	}
}

func TestWishStatedMeanwhileIsKept(t *testing.T) {
	w := newWorld(t)
	w.add(person{username: "anne.blocked"})
	w.brevo.AddContact("anne.blocked@exemple.org", nil, 332)
	w.brevo.Blacklist("anne.blocked@exemple.org", "hardBounce")
	w.brevo.AddBlock("anne.blocked@exemple.org", "espace@exemple.org", "hardBounce")
	plan := w.plan(unblock)
	w.brevo.AddBlock("anne.blocked@exemple.org", "autre@exemple.org", "contactFlaggedAsSpam")
	w.brevo.Unsubscribe("anne.blocked@exemple.org", 332)
	for _, a := range plan.Actions {
		if outcome := w.apply(a); outcome.Moot == "" {
			t.Errorf("lifted %s", a.Reason)
		}
	}
}

func TestAddressOutOfServiceMeanwhileStaysBlocked(t *testing.T) {
	w := newWorld(t)
	w.add(person{username: "anne.blocked"})
	w.brevo.AddBlock("anne.blocked@exemple.org", "espace@exemple.org", "hardBounce")
	w.brevo.AddContact("autre@exemple.org", nil, 332)
	a := w.plan(unblock).Actions[0]
	w.exec(`UPDATE mission SET end_day = '2024-12-18'`)
	if outcome := w.apply(a); outcome.Moot == "" {
		t.Errorf("%+v", outcome)
	}
}

package mailbox_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/betagouv/espace-membre/internal/mailbox"
	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/actor"
)

// serve links the mission of a member to a product of an incubator with a plan.
func (w *selfWorld) serve(who actor.Actor, plan mailbox.Plan) {
	w.t.Helper()
	incubator, product := uuid.New(), uuid.New()
	w.exec(`INSERT INTO incubator (id, slug, title, mailbox_plan, created_at, updated_at) VALUES ($1, $3, $3, $2, '2024-01-01', '2024-01-01')`, incubator, plan, incubator.String())
	w.exec(`INSERT INTO startup (id, slug, name, incubator_id, created_at, updated_at) VALUES ($1, $3, $3, $2, '2024-01-01', '2024-01-01')`, product, incubator, product.String())
	w.exec(`INSERT INTO mission_startup (mission_id, startup_id) SELECT id, $2 FROM mission WHERE member_id = $1`, who.ID, product)
}

func TestMailboxIsMadeInThePlanOfItsIncubator(t *testing.T) {
	w := newSelfWorld(t, mailbox.Config{})
	w.ovh.AddPlaceholders("EMAIL_PLAN_PRO", 1)
	w.ovh.AddPlaceholders("EMAIL_PLAN_EXCHANGE", 1)
	for _, plan := range []mailbox.Plan{mailbox.PlanBasic, mailbox.PlanPro, mailbox.PlanExchange} {
		who := w.add(person{username: "due." + strings.ToLower(string(plan[11:])), secondary: strings.ToLower(string(plan)) + "@ailleurs.fr", status: member.StatusUnset})
		w.serve(who, plan)
		d := own(who)
		w.ok(w.self.CreateMailbox(t.Context(), d))
		if len(w.door.called()) != 0 {
			t.Error("the page called OVH")
		}
		w.expect(who, member.StatusUnset, "")
		w.drain()
		w.ends(d, mailbox.Done, "dans quelques minutes")
		w.expect(who, member.StatusCreationPending, who.Username+"@exemple.org")
		out, err := w.self.Outside(t.Context(), w.account(who, who))
		w.ok(err)
		if !out.HasBox || out.Box.Plan != plan {
			t.Errorf("%s was made as %s", plan, out.Box.Plan)
		}
		if _, after := w.event(who, "MEMBER_EMAIL_CREATED"); !strings.Contains(after, who.Username+"@exemple.org") {
			t.Errorf("the history says %s", after)
		}
		w.door.called()
	}
	if len(w.channel.told) != 3 || !strings.Contains(w.channel.told[1], "offre Pro") {
		t.Errorf("told %q", w.channel.told)
	}
}

func TestNoFreeAccountIsToldAndNotTriedAgain(t *testing.T) {
	w := newSelfWorld(t, mailbox.Config{})
	who := w.add(person{username: "anne.due", secondary: "anne@ailleurs.fr", status: member.StatusUnset})
	w.serve(who, mailbox.PlanExchange)
	d := own(who)
	w.ok(w.self.CreateMailbox(t.Context(), d))
	if n := w.drain(); n != 1 {
		t.Errorf("%d attempts", n)
	}
	w.ends(d, mailbox.Refused, "Il ne reste aucun compte libre (offre Exchange)")
	if len(w.channel.told) != 1 || !strings.Contains(w.channel.told[0], "aucun compte libre") {
		t.Errorf("administrators were told %q", w.channel.told)
	}
	w.clock.Advance(48 * time.Hour)
	if n := w.drain(); n != 0 {
		t.Errorf("%d attempts afterwards", n)
	}
	w.expect(who, member.StatusUnset, "")
	w.ovh.AddPlaceholders("EMAIL_PLAN_EXCHANGE", 1)
	again := own(who)
	w.ok(w.self.CreateMailbox(t.Context(), again))
	w.drain()
	w.ends(again, mailbox.Done, "")
}

// The chat is best effort: it is by mail that administrators learn that one must be ordered.
func TestNoFreeAccountIsWrittenToAdministrators(t *testing.T) {
	w := newSelfWorld(t, mailbox.Config{})
	w.channel.absent = true
	w.add(person{username: "admin.member"})
	w.exec(`UPDATE member SET secondary_email = 'admin@ailleurs.fr', communication_email = 'secondary' WHERE username = 'admin.member'`)
	for day := range 2 {
		for _, n := range []string{"a", "b"} {
			n += strconv.Itoa(day)
			who := w.add(person{username: "due." + n, secondary: n + "@ailleurs.fr", status: member.StatusUnset})
			w.serve(who, mailbox.PlanExchange)
			d := own(who)
			w.ok(w.self.CreateMailbox(t.Context(), d))
			w.drain()
			w.ends(d, mailbox.Refused, "aucun compte libre")
		}
		w.clock.Advance(24 * time.Hour)
	}
	letter := func(who string) notice {
		return notice{"admin@ailleurs.fr", mailbox.Notice{
			Subject: mailbox.NoneFree, Fullname: "admin.member", By: who, For: who, Plan: mailbox.PlanExchange,
		}}
	}
	want := []notice{letter("due.a0"), letter("due.a1")}
	if diff := cmp.Diff(want, w.notices.sent, cmp.AllowUnexported(notice{})); diff != "" {
		t.Errorf("letters (-want +got):\n%s", diff)
	}
}

func TestWhoMayAskForAMailbox(t *testing.T) {
	w := newSelfWorld(t, mailbox.Config{})
	colleague, admin := w.add(person{username: "bea.ami"}), w.add(person{username: "admin.member"})
	gone := w.add(person{username: "gone.away", end: "2024-12-10", secondary: "gone@ailleurs.fr", status: member.StatusDeleted})
	grace := w.add(person{username: "just.left", end: "2024-12-18"})
	grace.Standing = actor.Grace
	due := func(n string) actor.Actor {
		return w.add(person{username: "due." + n, secondary: n + "@ailleurs.fr", status: member.StatusUnset})
	}
	forbidden(t, "somebody gone, for another", w.self.CreateMailbox(t.Context(), about(gone, due("a"))))
	forbidden(t, "somebody in grace, for another", w.self.CreateMailbox(t.Context(), about(grace, due("b"))))
	forbidden(t, "somebody gone, for themself", w.self.CreateMailbox(t.Context(), own(gone)))
	forbidden(t, "a colleague, for somebody gone", w.self.CreateMailbox(t.Context(), about(colleague, gone)))
	forbidden(t, "an administrator, for somebody gone", w.self.CreateMailbox(t.Context(), about(admin, gone)))
	for _, d := range []mailbox.Demand{about(colleague, due("c")), about(admin, due("d")), own(due("e"))} {
		w.ok(w.self.CreateMailbox(t.Context(), d))
		w.drain()
		w.ends(d, mailbox.Done, "")
	}
}

func TestWhenNoMailboxCanBeMade(t *testing.T) {
	w := newSelfWorld(t, mailbox.Config{})
	second := "@ailleurs.fr"
	for _, c := range []struct {
		p    person
		says string
	}{
		{person{username: "is.active", secondary: "a" + second}, "déjà une adresse"},
		{person{username: "is.pending", secondary: "b" + second, status: member.StatusCreationPending}, "en cours"},
		{person{username: "is.suspended", secondary: "c" + second, status: member.StatusSuspended}, "mot de passe la réactive"},
		{person{username: "is.attr", secondary: "d" + second, status: member.StatusUnset, redirection: true}, "redirection"},
		{person{username: "is.unverified", secondary: "e" + second, status: member.StatusVerificationWaiting, primary: "x@ministere.fr"}, "vérifiée"},
		{person{username: "is.alone", status: member.StatusUnset}, "adresse secondaire"},
	} {
		conflict(t, w.self.CreateMailbox(t.Context(), own(w.add(c.p))), c.says)
	}
	w.add(person{username: "holder.member", primary: "is.taken@exemple.org"})
	conflict(t, w.self.CreateMailbox(t.Context(), own(w.add(person{username: "is.taken", secondary: "f" + second, status: member.StatusUnset}))), "holder.member")
}

func TestDeletedMailboxIsMadeAgain(t *testing.T) {
	w := newSelfWorld(t, mailbox.Config{})
	for _, status := range []member.Status{member.StatusDeleted, member.StatusExpired} {
		p := person{username: "back." + strings.ToLower(string(status[6:])), secondary: string(status[6:7]) + "@ailleurs.fr", status: status}
		p.secondary = strings.ToLower(p.secondary)
		if status == member.StatusExpired {
			p.primary = "old@ministere.fr"
		}
		who := w.add(p)
		d := own(who)
		w.ok(w.self.CreateMailbox(t.Context(), d))
		w.drain()
		w.ends(d, mailbox.Done, "")
		w.expect(who, member.StatusRecreationPending, who.Username+"@exemple.org")
		w.event(who, "MEMBER_EMAIL_RECREATED")
	}
}

func TestMailboxThatExistsIsAdopted(t *testing.T) {
	w := newSelfWorld(t, mailbox.Config{})
	who := w.add(person{username: "anne.due", secondary: "anne@ailleurs.fr", status: member.StatusUnset})
	w.ovh.AddMailbox("EMAIL_PLAN_PRO", "anne.due")
	d := own(who)
	w.ok(w.self.CreateMailbox(t.Context(), d))
	w.drain()
	w.ends(d, mailbox.Done, "")
	w.expect(who, member.StatusCreationPending, "anne.due@exemple.org")
	if got := w.door.called(); len(got) != 0 {
		t.Errorf("OVH was asked %v", got)
	}
}

// An address of another administration is how its owner logs in: only they, or an administrator,
// may ask for the mailbox that replaces it.
func TestColleaguesDoNotReplaceAnAddress(t *testing.T) {
	w := newSelfWorld(t, mailbox.Config{})
	colleague, admin := w.add(person{username: "bea.ami"}), w.add(person{username: "admin.member"})
	for i, c := range []struct {
		by      *actor.Actor // nil: the person
		primary bool
		may     bool
	}{{nil, true, true}, {&admin, true, true}, {&colleague, true, false}, {nil, false, true}, {&admin, false, true}, {&colleague, false, true}} {
		n := string(rune('a' + i))
		p := person{username: "an.agent" + n, secondary: n + "@ailleurs.fr", status: member.StatusUnset}
		if c.primary {
			p.primary, p.status = n+"@ministere.fr", member.StatusActive
		}
		who := w.add(p)
		by := who
		if c.by != nil {
			by = *c.by
		}
		if why := w.account(by, who).WhyNot(mailbox.ToCreate); (why == "") != c.may {
			t.Errorf("%s for %s, address in place %t: the page says %q", by.Username, who.Username, c.primary, why)
		}
		d := about(by, who)
		err := w.self.CreateMailbox(t.Context(), d)
		if !c.may {
			forbidden(t, by.Username, err)
			w.expect(who, p.status, p.primary)
			continue
		}
		w.ok(err)
		w.drain()
		w.ends(d, mailbox.Done, "")
	}
}

// The right is asked again when the demand is performed: an address may have come meanwhile.
func TestAnAddressThatCameMeanwhileIsKept(t *testing.T) {
	w := newSelfWorld(t, mailbox.Config{})
	colleague := w.add(person{username: "bea.ami"})
	who := w.add(person{username: "an.agent", secondary: "a@ailleurs.fr", status: member.StatusUnset})
	d := about(colleague, who)
	w.ok(w.self.CreateMailbox(t.Context(), d))
	w.exec(`UPDATE member SET primary_email = 'an.agent@ministere.fr', primary_email_status = 'EMAIL_ACTIVE' WHERE id = $1`, who.ID)
	w.drain()
	w.ends(d, mailbox.Refused, "pas le droit")
	w.expect(who, member.StatusActive, "an.agent@ministere.fr")
}

func TestTheReplacedAddressIsTold(t *testing.T) {
	w := newSelfWorld(t, mailbox.Config{})
	admin := w.add(person{username: "admin.member"})
	alone := w.add(person{username: "an.agent", primary: "an.agent@ministere.fr"})
	both := w.add(person{username: "an.other", primary: "an.other@ministere.fr", secondary: "other@ailleurs.fr"})
	d := own(alone)
	w.ok(w.self.CreateMailbox(t.Context(), d))
	w.ok(w.self.CreateMailbox(t.Context(), d))
	w.ok(w.self.CreateMailbox(t.Context(), about(admin, both)))
	w.drain()
	w.drain()
	letter := func(who actor.Actor, by string, kept bool) notice {
		return notice{who.Username + "@ministere.fr", mailbox.Notice{
			Subject: mailbox.Superseded, Fullname: who.Username, Address: who.Username + "@exemple.org", By: by, Kept: kept,
		}}
	}
	want := []notice{letter(alone, "an.agent", true), letter(both, "admin.member", false)}
	if diff := cmp.Diff(want, w.notices.sent, cmp.AllowUnexported(notice{})); diff != "" {
		t.Errorf("letters (-want +got):\n%s", diff)
	}
	if n := w.count(`SELECT count(*) FROM job_action WHERE job = 'sendMailboxNotice' AND args::text LIKE '%ministere%'`); n != 0 {
		t.Error("the ledger shows the former address")
	}
}

// The address of an administration that a mailbox replaces stays a way to log in.
func TestMailboxInPlaceOfAPublicAddress(t *testing.T) {
	w := newSelfWorld(t, mailbox.Config{})
	alone := w.add(person{username: "an.agent", primary: "an.agent@ministere.fr"})
	both := w.add(person{username: "an.other", primary: "an.other@ministere.fr", secondary: "other@ailleurs.fr"})
	for who, secondary := range map[actor.Actor]string{alone: "an.agent@ministere.fr", both: "other@ailleurs.fr"} {
		a := w.account(who, who)
		if !a.Foreign || a.WhyNot(mailbox.ToCreate) != "" {
			t.Errorf("the page cannot say what will happen: %+v", a)
		}
		d := own(who)
		w.ok(w.self.CreateMailbox(t.Context(), d))
		w.drain()
		w.ends(d, mailbox.Done, "")
		w.expect(who, member.StatusCreationPending, who.Username+"@exemple.org")
		m, err := member.ByID(t.Context(), w.pool, who.ID)
		w.ok(err)
		if m.SecondaryEmail != secondary {
			t.Errorf("%s keeps %q, want %q", who.Username, m.SecondaryEmail, secondary)
		}
		if before, _ := w.event(who, "MEMBER_EMAIL_CREATED"); !strings.Contains(before, "@ministere.fr") {
			t.Errorf("the history forgets the former address: %s", before)
		}
		if moved := who.Username + "@ministere.fr → " + who.Username + "@exemple.org par " + who.Username; !slices.Contains(w.moved, moved) {
			t.Errorf("the other rooms are told %q, want %q", w.moved, moved)
		}
	}
}

package mailbox_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/betagouv/espace-membre/internal/mailbox"
	"github.com/betagouv/espace-membre/internal/platform/actor"
	"github.com/betagouv/espace-membre/internal/platform/fault"
)

// lead fails the test unless an address leads exactly there; "copie" is its own mailbox.
func (w *selfWorld) lead(from string, want ...string) {
	w.t.Helper()
	if got := w.redirections(from); !slices.Equal(got, want) {
		w.t.Errorf("%s leads to %q, want %q", from, got, want)
	}
}

// redirected asks a redirection, has it done and tells how it ended.
func (w *selfWorld) redirected(who actor.Actor, to string, keepCopy bool, progress mailbox.Progress, says string) {
	w.t.Helper()
	d := own(who)
	w.ok(w.self.CreateRedirection(w.t.Context(), d, to, keepCopy))
	w.drain()
	w.ends(d, progress, says)
}

// unredirected asks that a redirection be removed as the page does; to "" is the copy.
func (w *selfWorld) unredirected(who actor.Actor, to string) {
	w.t.Helper()
	w.clock.Advance(time.Minute)
	out, err := w.self.Outside(w.t.Context(), w.account(who, who))
	w.ok(err)
	id := out.CopyID
	for _, r := range out.Redirections {
		if r.To == to {
			id = r.ID
		}
	}
	d := own(who)
	w.ok(w.self.DeleteRedirection(w.t.Context(), d, id, to))
	w.drain()
	w.ends(d, mailbox.Done, "")
}

// The vendor keeps one copy for all the redirections of a mailbox: asked without, it goes.
func TestCopyIsWhatWasAskedLast(t *testing.T) {
	const anne = "anne.due@exemple.org"
	w := newSelfWorld(t, mailbox.Config{})
	who := w.withBox("anne.due", mailbox.PlanBasic)
	w.redirected(who, "a@ailleurs.fr", true, mailbox.Done, "copie reste")
	w.lead(anne, "a@ailleurs.fr", "copie")
	w.redirected(who, "b@ailleurs.fr", true, mailbox.Done, "copie reste")
	w.redirected(who, "c@ailleurs.fr", false, mailbox.Done, "sans copie")
	w.lead(anne, "a@ailleurs.fr", "b@ailleurs.fr", "c@ailleurs.fr")
	w.redirected(who, "a@ailleurs.fr", false, mailbox.Refused, "existe déjà, sans copie")

	// the advice works
	w.redirected(who, "a@ailleurs.fr", true, mailbox.Refused, "supprime-la puis recrée-la")
	w.unredirected(who, "a@ailleurs.fr")
	w.redirected(who, "a@ailleurs.fr", true, mailbox.Done, "copie reste")
	w.lead(anne, "a@ailleurs.fr", "b@ailleurs.fr", "c@ailleurs.fr", "copie")
	w.redirected(who, "a@ailleurs.fr", true, mailbox.Refused, "une copie reste")
	w.redirected(who, "a@ailleurs.fr", false, mailbox.Done, "sans copie")
	w.lead(anne, "a@ailleurs.fr", "b@ailleurs.fr", "c@ailleurs.fr")
}

func TestCopyGoesAloneOrWithTheLastRedirection(t *testing.T) {
	const anne = "anne.due@exemple.org"
	w := newSelfWorld(t, mailbox.Config{})
	who := w.withBox("anne.due", mailbox.PlanBasic)
	w.redirected(who, "a@ailleurs.fr", true, mailbox.Done, "")
	w.redirected(who, "b@ailleurs.fr", true, mailbox.Done, "")
	w.unredirected(who, "a@ailleurs.fr")
	w.lead(anne, "b@ailleurs.fr", "copie")
	w.unredirected(who, "b@ailleurs.fr")
	w.lead(anne)
	w.redirected(who, "a@ailleurs.fr", true, mailbox.Done, "")
	w.unredirected(who, "")
	w.lead(anne, "a@ailleurs.fr")
	if n := w.count(`SELECT count(*) FROM audit_event WHERE code = 'MEMBER_REDIRECTION_DELETED' AND before ->> 'value' = 'copie dans la boîte'`); n != 1 {
		t.Errorf("%d events tell that no copy is kept any more", n)
	}
	a := w.account(who, who)
	if a.Requests[0].Title != "Ne plus garder de copie dans la boîte" {
		t.Errorf("the page tells %q", a.Requests[0].Title)
	}
}

func TestRedirectionIsToldAndItsTargetIsNot(t *testing.T) {
	w := newSelfWorld(t, mailbox.Config{})
	who := w.withBox("anne.due", mailbox.PlanBasic)
	first, second := own(who), own(who)
	w.ok(w.self.CreateRedirection(t.Context(), first, " Anne+Perso@Ailleurs.fr ", true))
	if len(w.door.called()) != 0 {
		t.Error("the page called OVH")
	}
	w.drain()
	w.ends(first, mailbox.Done, "copie reste")
	w.ok(w.self.CreateRedirection(t.Context(), second, "autre@ailleurs.fr", true))
	w.drain()
	w.ends(second, mailbox.Done, "copie reste")
	w.lead("anne.due@exemple.org", "anne+perso@ailleurs.fr", "autre@ailleurs.fr", "copie")
	if n := w.count(`SELECT count(*) FROM audit_event WHERE code = 'MEMBER_REDIRECTION_CREATED' AND after ->> 'value' LIKE '%@ailleurs.fr'`); n != 2 {
		t.Errorf("%d events", n)
	}
	if len(w.channel.told) != 2 || strings.Contains(strings.Join(w.channel.told, ""), "ailleurs.fr") {
		t.Errorf("told %q", w.channel.told)
	}
}

func TestTargetOfARedirection(t *testing.T) {
	w := newSelfWorld(t, mailbox.Config{})
	who := w.withBox("anne.due", mailbox.PlanBasic)
	for target, says := range map[string]string{
		"": "Saisis", "   ": "Saisis", "pas une adresse": "format", "a@b": "format", "a@b..fr": "format", "a@-b.fr": "format",
		"Anne <anne@ailleurs.fr>": "format", "anne@ailleurs.fr, bea@ailleurs.fr": "format", "anne@ailleurs.fr\nBcc: x@y.fr": "format",
		"anne@аilleurs.fr": "format", "аnne@ailleurs.fr": "format", "anne@ailleurs.fr\x00": "format", "\xff@ailleurs.fr": "format",
		`"<script>"@ailleurs.fr`: "format", strings.Repeat("a", 65) + "@ailleurs.fr": "format", strings.Repeat("a", 10<<20) + "@ailleurs.fr": "format",
		"anne.due@exemple.org": "elle-même", "ANNE.DUE@exemple.org": "elle-même", "anne.due-attr@exemple.org": "elle-même",
	} {
		err := w.self.CreateRedirection(t.Context(), own(who), target, true)
		if message := fault.FieldMessages(err)[mailbox.TargetField]; !fault.Is(err, fault.Invalid) || !strings.Contains(message, says) {
			t.Errorf("%.40q: %v (%q), want %q", target, err, message, says)
		}
	}
	if n := w.count(`SELECT count(*) FROM job_action`); n != 0 {
		t.Errorf("%d actions recorded by refusals", n)
	}
}

func TestRedirectionThatWouldLoop(t *testing.T) {
	w := newSelfWorld(t, mailbox.Config{})
	who := w.withBox("anne.due", mailbox.PlanBasic)
	w.ovh.AddRedirection("bea.ami@exemple.org", "cleo.ami@exemple.org")
	w.ovh.AddRedirection("cleo.ami@exemple.org", "anne.due@exemple.org")
	w.ovh.AddRedirection("dan.ami@exemple.org", "dan@ailleurs.fr")
	for target, progress := range map[string]mailbox.Progress{
		"cleo.ami@exemple.org": mailbox.Refused, "bea.ami@exemple.org": mailbox.Refused, "dan.ami@exemple.org": mailbox.Done,
	} {
		d, says := own(who), ""
		if progress == mailbox.Refused {
			says = "tourneraient en rond"
		}
		w.ok(w.self.CreateRedirection(t.Context(), d, target, false))
		w.drain()
		w.ends(d, progress, says)
	}
	if got := w.redirections("anne.due@exemple.org"); !slices.Equal(got, []string{"dan.ami@exemple.org"}) {
		t.Errorf("redirections %q", got)
	}
}

func TestRedirectionsExistForOnePlanOnly(t *testing.T) {
	w := newSelfWorld(t, mailbox.Config{})
	for _, plan := range []mailbox.Plan{mailbox.PlanPro, mailbox.PlanExchange} {
		who := w.withBox("owner."+strings.ToLower(string(plan[11:])), plan)
		redirect, reply := own(who), own(who)
		w.ok(w.self.CreateRedirection(t.Context(), redirect, "x@ailleurs.fr", false))
		w.ok(w.self.SetReply(t.Context(), reply, mailbox.Absence{Text: "Absente", From: today, To: today}, mailbox.Absence{}.From))
		w.drain()
		w.ends(redirect, mailbox.Refused, "MX Plan")
		w.ends(reply, mailbox.Refused, "MX Plan")
	}
	if got := w.door.called(); len(got) != 0 {
		t.Errorf("OVH was asked %v", got)
	}
}

func TestOnlyTheOwnerRedirects(t *testing.T) {
	w := newSelfWorld(t, mailbox.Config{})
	anne, admin, bea := w.withBox("anne.due", mailbox.PlanBasic), w.add(person{username: "admin.member"}), w.withBox("bea.ami", mailbox.PlanBasic)
	w.ovh.AddRedirection("anne.due@exemple.org", "anne@ailleurs.fr")
	id := ""
	for key := range w.kept().Redirections {
		id = key
	}
	forbidden(t, "an administrator", w.self.CreateRedirection(t.Context(), about(admin, anne), "x@ailleurs.fr", true))
	forbidden(t, "a colleague", w.self.CreateRedirection(t.Context(), about(bea, anne), "x@ailleurs.fr", true))
	forbidden(t, "a colleague", w.self.DeleteRedirection(t.Context(), about(bea, anne), id, ""))
	stolen := own(bea) // somebody else's number in one's own form
	w.ok(w.self.DeleteRedirection(t.Context(), stolen, id, "anne@ailleurs.fr"))
	w.drain()
	w.ends(stolen, mailbox.Refused, "n’existe pas")
	if got := w.redirections("anne.due@exemple.org"); len(got) != 1 {
		t.Fatal("removed by somebody else")
	}
	mine := own(anne)
	w.ok(w.self.DeleteRedirection(t.Context(), mine, id, "menteur@ailleurs.fr"))
	w.drain()
	w.ends(mine, mailbox.Done, "")
	if before, _ := w.event(anne, "MEMBER_REDIRECTION_DELETED"); !strings.Contains(before, "anne@ailleurs.fr") {
		t.Errorf("the history says %s", before)
	}
	if got := w.redirections("anne.due@exemple.org"); len(got) != 0 {
		t.Errorf("still %q", got)
	}
}

// A demand made while OVH is down is done once, when it returns.
func TestRedirectionAskedWhileOVHIsDown(t *testing.T) {
	w := newSelfWorld(t, mailbox.Config{})
	who := w.withBox("anne.due", mailbox.PlanBasic)
	w.door.down.Store(true)
	d := own(who)
	for range 2 {
		w.ok(w.self.CreateRedirection(t.Context(), d, "anne@ailleurs.fr", true))
	}
	for range 5 {
		w.drain()
		w.clock.Advance(20 * time.Minute)
	}
	w.ends(d, mailbox.Ongoing, "ne répond pas")
	w.door.down.Store(false)
	w.clock.Advance(time.Hour)
	for range 3 {
		w.drain()
		w.clock.Advance(2 * time.Hour)
	}
	w.ends(d, mailbox.Done, "copie reste")
	if got := w.door.called(); len(got) != 1 {
		t.Errorf("calls %v, want one", got)
	}
}

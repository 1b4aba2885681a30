package mailbox_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/betagouv/espace-membre/internal/mailbox"
	"github.com/betagouv/espace-membre/internal/platform/fault"
)

func TestRedirectionKeepsACopyWhenAsked(t *testing.T) {
	w := newSelfWorld(t, mailbox.Config{})
	who := w.withBox("anne.due", mailbox.PlanBasic)
	with, without := own(who), own(who)
	w.ok(w.self.CreateRedirection(t.Context(), with, " Anne+Perso@Ailleurs.fr ", true))
	w.ok(w.self.CreateRedirection(t.Context(), without, "autre@ailleurs.fr", false))
	if len(w.door.called()) != 0 {
		t.Error("the page called OVH")
	}
	w.drain()
	w.ends(with, mailbox.Done, "copie reste")
	w.ends(without, mailbox.Done, "sans copie")
	got := w.redirections("anne.due@exemple.org")
	slices.Sort(got)
	if want := []string{"anne+perso@ailleurs.fr+copie", "autre@ailleurs.fr"}; !slices.Equal(got, want) {
		t.Errorf("redirections %q, want %q", got, want)
	}
	if n := w.count(`SELECT count(*) FROM audit_event WHERE code = 'MEMBER_REDIRECTION_CREATED' AND after ->> 'value' LIKE '%@ailleurs.fr'`); n != 2 {
		t.Errorf("%d events", n)
	}
	if len(w.channel.told) != 2 || strings.Contains(strings.Join(w.channel.told, ""), "ailleurs.fr") {
		t.Errorf("told %q", w.channel.told)
	}
	again := own(who)
	w.ok(w.self.CreateRedirection(t.Context(), again, "autre@ailleurs.fr", true))
	w.drain()
	w.ends(again, mailbox.Refused, "existe déjà")
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

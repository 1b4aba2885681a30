package mailbox_test

import (
	"strings"
	"testing"
	"time"

	"github.com/betagouv/espace-membre/internal/mailbox"
	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/actor"
	"github.com/betagouv/espace-membre/internal/platform/fault"
)

func TestUpgradeNeedsAFreeAccount(t *testing.T) {
	w := newSelfWorld(t, mailbox.Config{})
	admin, anne := w.add(person{username: "admin.member"}), w.withBox("anne.due", mailbox.PlanBasic)
	d := about(admin, anne)
	w.ok(w.self.UpgradeMailbox(t.Context(), d, goodSecret))
	if n := w.drain(); n != 1 {
		t.Errorf("%d attempts", n)
	}
	w.ends(d, mailbox.Refused, "Il ne reste aucun compte libre (offre Pro)")
	w.clock.Advance(48 * time.Hour)
	if n := w.drain(); n != 0 {
		t.Errorf("%d attempts afterwards", n)
	}
	if len(w.channel.told) != 1 || !strings.Contains(w.channel.told[0], "aucun compte libre") {
		t.Errorf("administrators were told %q", w.channel.told)
	}
	w.secretIsGone()
}

func TestUpgradeWithAPasswordOrWithout(t *testing.T) {
	w := newSelfWorld(t, mailbox.Config{})
	w.ovh.AddPlaceholders("EMAIL_PLAN_PRO", 2)
	admin := w.add(person{username: "admin.member"})
	for username, c := range map[string]struct {
		password string
		status   member.Status
	}{"with.one": {goodSecret, member.StatusActive}, "with.none": {"", member.StatusPasswordPending}} {
		who := w.withBox(username, mailbox.PlanBasic)
		d := about(admin, who)
		w.ok(w.self.UpgradeMailbox(t.Context(), d, c.password))
		w.drain()
		w.ends(d, mailbox.Done, "offre Pro")
		w.expect(who, c.status, username+"@exemple.org")
		if _, after := w.event(who, "MEMBER_EMAIL_UPGRADED"); !strings.Contains(after, "EMAIL_PLAN_PRO") {
			t.Errorf("the history says %s", after)
		}
		again := about(admin, who)
		w.ok(w.self.UpgradeMailbox(t.Context(), again, goodSecret))
		w.drain()
		w.ends(again, mailbox.Refused, "offre Pro")
	}
	if !w.ovh.Accepts("with.one", goodSecret) || len(w.kept().MX) != 0 {
		t.Error("not moved")
	}
	w.secretIsGone()
}

func TestWhoMayUpgrade(t *testing.T) {
	w := newSelfWorld(t, mailbox.Config{})
	admin, anne, bea := w.add(person{username: "admin.member"}), w.withBox("anne.due", mailbox.PlanBasic), w.add(person{username: "bea.ami"})
	forbidden(t, "the owner", w.self.UpgradeMailbox(t.Context(), own(anne), goodSecret))
	forbidden(t, "a colleague", w.self.UpgradeMailbox(t.Context(), about(bea, anne), goodSecret))
	refused(t, w.self.UpgradeMailbox(t.Context(), about(admin, anne), "court"), fault.Invalid)
	w.exec(`UPDATE mission SET end_day = '2024-12-18' WHERE member_id = $1`, anne.ID)
	forbidden(t, "an administrator, for somebody gone", w.self.UpgradeMailbox(t.Context(), about(admin, anne), goodSecret))
}

func TestUnblocking(t *testing.T) {
	w := newSelfWorld(t, mailbox.Config{})
	admin := w.add(person{username: "admin.member"})
	for reason, c := range map[string]unblocking{
		"hardBounce":           {false, mailbox.Done, "arrivent de nouveau"},
		"adminBlocked":         {false, mailbox.Done, ""},
		"unsubscribedViaEmail": {false, mailbox.Refused, "désinscription par le lien d’un mail"},
		"contactFlaggedAsSpam": {true, mailbox.Done, ""},
	} {
		w.unblocks(admin, reason, c)
	}
}

// A reason that Brevo's description does not know is not taken for a harmless one.
func TestUnblockingAReasonNobodyDescribed(t *testing.T) {
	w := newSelfWorld(t, mailbox.Config{})
	w.mails = w.brevo
	w.unblocks(w.add(person{username: "admin.member"}), "somethingNew", unblocking{false, mailbox.Refused, "confirmer"})
}

// unblocking is a demand to unblock an address, and how it ends.
type unblocking struct {
	confirmed bool
	progress  mailbox.Progress
	says      string
}

func (w *selfWorld) unblocks(admin actor.Actor, reason string, c unblocking) {
	w.t.Helper()
	who := w.add(person{username: strings.ToLower(reason), secondary: strings.ToLower(reason) + "@ailleurs.fr"})
	w.brevo.AddBlock(who.Username+"@ailleurs.fr", "espace@exemple.org", reason)
	w.clock.Advance(time.Hour) // what pages know of the blocks is a few minutes old
	a := w.account(admin, who)
	before, err := w.self.Reaches(w.t.Context(), admin, a)
	w.ok(err)
	if len(before) != 2 || !before[0].Open() || before[1].Open() || before[1].Block.Reason != reason {
		w.t.Fatalf("%s is shown as %+v", reason, before)
	}
	d := about(admin, who)
	w.ok(w.self.UnblockAddress(w.t.Context(), d, mailbox.Secondary, c.confirmed))
	w.clock.Advance(time.Second)
	w.drain()
	w.ends(d, c.progress, c.says)
	w.clock.Advance(time.Second)
	after, err := w.self.Reaches(w.t.Context(), admin, w.account(admin, who))
	w.ok(err)
	if lifted := after[1].Open(); lifted != (c.progress == mailbox.Done) {
		w.t.Errorf("%s: lifted %v", reason, lifted)
	}
	if c.progress == mailbox.Done {
		w.event(who, "MEMBER_UNBLOCK_EMAIL")
	}
}

func TestRefusalOfCampaignsIsAWish(t *testing.T) {
	w := newSelfWorld(t, mailbox.Config{})
	admin, anne := w.add(person{username: "admin.member"}), w.add(person{username: "anne.due"})
	w.brevo.Unsubscribe("anne.due@exemple.org")
	for confirmed, progress := range map[bool]mailbox.Progress{false: mailbox.Refused, true: mailbox.Done} {
		d := about(admin, anne)
		w.brevo.Unsubscribe("anne.due@exemple.org")
		w.ok(w.self.UnblockAddress(t.Context(), d, mailbox.Primary, confirmed))
		w.drain()
		w.ends(d, progress, "")
	}
	open := about(admin, w.add(person{username: "bea.ami"}))
	w.ok(w.self.UnblockAddress(t.Context(), open, mailbox.Primary, false))
	w.drain()
	w.ends(open, mailbox.Refused, "n’est pas bloquée")
	conflict(t, w.self.UnblockAddress(t.Context(), about(admin, anne), mailbox.Secondary, true), "n’existe")
	conflict(t, w.self.UnblockAddress(t.Context(), about(admin, anne), "autre", true), "n’existe")
	forbidden(t, "the owner", w.self.UnblockAddress(t.Context(), own(anne), mailbox.Primary, true))
	_, err := w.self.Reaches(t.Context(), anne, w.account(anne, anne))
	forbidden(t, "the owner", err)
}

func TestWhatEachViewerSees(t *testing.T) {
	w := newSelfWorld(t, mailbox.Config{})
	anne, admin, bea := w.withBox("anne.due", mailbox.PlanBasic), w.add(person{username: "admin.member"}), w.add(person{username: "bea.ami"})
	gone := w.add(person{username: "gone.away", end: "2024-12-10"})
	w.ok(w.self.CreateRedirection(t.Context(), own(anne), "x@ailleurs.fr", true))
	for _, c := range []struct {
		viewer                 actor.Actor
		private, use, del, own bool
		requests               int
	}{
		{anne, true, true, true, true, 1}, {admin, true, false, true, false, 1}, {bea, false, false, false, false, 0},
	} {
		a := w.account(c.viewer, anne)
		if a.Private != c.private || (a.Secondary != "") != c.private || a.MayUse != c.use || a.MayDelete != c.del || a.Own != c.own || len(a.Requests) != c.requests {
			t.Errorf("%s sees %+v", c.viewer.Username, a)
		}
	}
	_, err := w.self.Account(t.Context(), gone, anne.ID)
	forbidden(t, "somebody gone", err)
	w.ok(func() error { _, err := w.self.Account(t.Context(), gone, gone.ID); return err }())
	_, err = w.account(anne, anne).Request("autre")
	refused(t, err, fault.NotFound)
}

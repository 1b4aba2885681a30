package mailbox_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/betagouv/espace-membre/internal/mailbox"
)

func TestOwnerIsWarnedOfADeletionAtBothAddresses(t *testing.T) {
	w := newSelfWorld(t, mailbox.Config{})
	who := w.withBox("anne.due", mailbox.PlanBasic)
	d := own(who)
	w.ok(w.self.DeleteMailbox(t.Context(), d))
	w.ok(w.self.DeleteMailbox(t.Context(), d))
	w.drain()
	letter := mailbox.Notice{
		Subject: mailbox.DeletionAsked, Fullname: "anne.due", Address: "anne.due@exemple.org", By: "anne.due", Due: today.Add(1).At(10, 0),
	}
	want := []notice{{"anne.due@exemple.org", letter}, {"anne.due@ailleurs.fr", letter}}
	if diff := cmp.Diff(want, w.notices.sent, cmp.AllowUnexported(notice{}), cmp.Comparer(time.Time.Equal)); diff != "" {
		t.Errorf("letters (-want +got):\n%s", diff)
	}
	if a := w.account(who, who); len(a.Requests) != 1 {
		t.Errorf("the page tells %d demands, want the deletion only", len(a.Requests))
	}
}

func TestOwnerIsToldToChooseAPasswordAfterAnUpgrade(t *testing.T) {
	w := newSelfWorld(t, mailbox.Config{})
	w.ovh.AddPlaceholders("EMAIL_PLAN_PRO", 2)
	admin := w.add(person{username: "admin.member"})
	drawn, given := w.withBox("drawn.member", mailbox.PlanBasic), w.withBox("given.member", mailbox.PlanBasic)
	w.ok(w.self.UpgradeMailbox(t.Context(), about(admin, drawn), ""))
	w.ok(w.self.UpgradeMailbox(t.Context(), about(admin, given), goodSecret))
	w.drain()
	want := []notice{{"drawn.member@ailleurs.fr", mailbox.Notice{
		Subject: mailbox.Upgraded, Fullname: "drawn.member", Address: "drawn.member@exemple.org", By: "admin.member",
	}}}
	if diff := cmp.Diff(want, w.notices.sent, cmp.AllowUnexported(notice{})); diff != "" {
		t.Errorf("letters (-want +got):\n%s", diff)
	}
}

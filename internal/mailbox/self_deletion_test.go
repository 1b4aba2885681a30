package mailbox_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/betagouv/espace-membre/internal/mailbox"
	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/actor"
)

const aDay = 24 * time.Hour

func TestMailboxIsDeletedADayLater(t *testing.T) {
	w := newSelfWorld(t, mailbox.Config{})
	for _, plan := range []mailbox.Plan{mailbox.PlanBasic, mailbox.PlanPro, mailbox.PlanExchange} {
		who := w.withBox("leaves."+strings.ToLower(string(plan[11:])), plan)
		address := who.Username + "@exemple.org"
		w.ovh.AddRedirection(address, "x@ailleurs.fr")
		d := own(who)
		w.ok(w.self.DeleteMailbox(t.Context(), d))
		w.drain()
		w.clock.Advance(aDay - time.Second)
		if w.drain() != 0 || len(w.door.called()) != 0 {
			t.Error("something was done before the day")
		}
		w.ends(d, mailbox.Planned, "20 décembre 2024 à 10 h 00")
		if a := w.account(who, who); a.Deletion == nil || a.Deletion.ID != d.Form {
			t.Errorf("the page does not know: %+v", a.Deletion)
		}
		w.clock.Advance(time.Second)
		w.drain()
		w.ends(d, mailbox.Done, "adresse secondaire")
		w.clock.Set(today.At(10, 0))
		w.expect(who, member.StatusUnset, "")
		if m, err := member.ByID(t.Context(), w.pool, who.ID); err != nil || m.SecondaryEmail != who.Username+"@ailleurs.fr" {
			t.Errorf("secondary address %q (%v)", m.SecondaryEmail, err)
		}
		if got := w.redirections(address); !slices.Equal(got, []string{departures}) {
			t.Errorf("redirections %q", got)
		}
		if before, _ := w.event(who, "MEMBER_EMAIL_DELETED"); !strings.Contains(before, address) {
			t.Errorf("the history forgets the former address: %s", before)
		}
		w.door.called()
		if moved := address + " → " + who.Username + "@ailleurs.fr par " + who.Username; len(w.moved) != 1 || w.moved[0] != moved {
			t.Errorf("the other rooms are told %q, want %q", w.moved, moved)
		}
		w.moved = nil
	}
	kept := w.kept()
	if len(kept.MX) != 0 || kept.Pro["leaves.pro@exemple.org"].Login != "" || kept.Exchange["leaves.exchange@exemple.org"].Login != "" {
		t.Errorf("mailboxes left: %+v %+v %+v", kept.MX, kept.Pro, kept.Exchange)
	}
	if len(w.channel.told) != 3 {
		t.Errorf("told %q", w.channel.told)
	}
}

func TestMindChangedBeforeTheDay(t *testing.T) {
	w := newSelfWorld(t, mailbox.Config{})
	who := w.withBox("anne.due", mailbox.PlanBasic)
	d := own(who)
	w.ok(w.self.DeleteMailbox(t.Context(), d))
	conflict(t, w.self.DeleteMailbox(t.Context(), own(who)), "déjà demandée")
	w.ok(w.self.DeleteMailbox(t.Context(), d)) // the same form again is no second demand
	forbidden(t, "a colleague", w.self.KeepMailbox(t.Context(), about(w.add(person{username: "bea.ami"}), who)))
	w.clock.Advance(aDay - time.Second)
	w.ok(w.self.KeepMailbox(t.Context(), own(who)))
	conflict(t, w.self.KeepMailbox(t.Context(), own(who)), "pas de suppression")
	w.ends(d, mailbox.Refused, "annulée")
	w.clock.Advance(2 * time.Second)
	w.drain()
	w.expect(who, member.StatusActive, "anne.due@exemple.org")
	w.event(who, "MEMBER_EMAIL_DELETION_REQUESTED")
	w.event(who, "MEMBER_EMAIL_DELETION_CANCELLED")
	if len(w.door.called()) != 0 {
		t.Error("OVH was asked to change something")
	}
	again := own(who)
	w.ok(w.self.DeleteMailbox(t.Context(), again))
	w.clock.Advance(aDay)
	conflict(t, w.self.KeepMailbox(t.Context(), own(who)), "trop tard")
	w.drain()
	w.ends(again, mailbox.Done, "")
	w.expect(who, member.StatusUnset, "")
}

func TestWhoMayDeleteAMailbox(t *testing.T) {
	w := newSelfWorld(t, mailbox.Config{})
	anne, admin, bea := w.withBox("anne.due", mailbox.PlanBasic), w.add(person{username: "admin.member"}), w.add(person{username: "bea.ami"})
	forbidden(t, "a colleague", w.self.DeleteMailbox(t.Context(), about(bea, anne)))
	w.ok(w.self.DeleteMailbox(t.Context(), about(admin, anne)))
	gone := w.withBox("gone.away", mailbox.PlanBasic)
	w.exec(`UPDATE mission SET end_day = '2024-12-01' WHERE member_id = $1`, gone.ID)
	gone.Standing = actor.Limited
	forbidden(t, "a colleague", w.self.DeleteMailbox(t.Context(), about(bea, gone)))
	d := own(gone) // their own, even when they have left
	w.ok(w.self.DeleteMailbox(t.Context(), d))
	w.clock.Advance(aDay)
	w.drain()
	w.expect(gone, member.StatusUnset, "")
}

func TestNobodyDeletesTheirOnlyWayIn(t *testing.T) {
	w := newSelfWorld(t, mailbox.Config{})
	alone := w.add(person{username: "is.alone"})
	conflict(t, w.self.DeleteMailbox(t.Context(), own(alone)), "adresse secondaire")
	conflict(t, w.self.DeleteMailbox(t.Context(), own(w.add(person{username: "an.agent", primary: "x@ministere.fr", secondary: "x@ailleurs.fr"}))), "pas de boîte")
	conflict(t, w.self.DeleteMailbox(t.Context(), own(w.add(person{username: "an.attr", secondary: "y@ailleurs.fr", redirection: true, status: member.StatusRedirectionActive}))), "redirection")

	anne := w.withBox("anne.due", mailbox.PlanBasic) // had one when it was asked
	d := own(anne)
	w.ok(w.self.DeleteMailbox(t.Context(), d))
	w.exec(`UPDATE member SET secondary_email = NULL WHERE id = $1`, anne.ID)
	w.clock.Advance(aDay)
	w.drain()
	w.ends(d, mailbox.Refused, "adresse secondaire")
	w.expect(anne, member.StatusActive, "anne.due@exemple.org")
	if a := w.account(anne, anne); a.Deletion != nil {
		t.Error("a deletion still waits")
	}
}

// A deletion cut short by an outage goes on from where it was.
func TestDeletionGoesOnAfterAnOutage(t *testing.T) {
	w := newSelfWorld(t, mailbox.Config{})
	who := w.withBox("anne.due", mailbox.PlanBasic)
	w.ovh.AddRedirection("anne.due@exemple.org", departures) // an earlier attempt got this far
	d := own(who)
	w.ok(w.self.DeleteMailbox(t.Context(), d))
	w.clock.Advance(aDay)
	w.door.down.Store(true)
	w.drain()
	w.ends(d, mailbox.Ongoing, "ne répond pas")
	w.expect(who, member.StatusActive, "anne.due@exemple.org")
	w.door.down.Store(false)
	w.clock.Advance(2 * time.Hour)
	w.drain()
	w.ends(d, mailbox.Done, "")
	if got := w.redirections("anne.due@exemple.org"); len(got) != 1 || len(w.kept().MX) != 0 {
		t.Errorf("redirections %q, mailboxes %v", got, w.kept().MX)
	}
}

func TestMailboxMadeAgainGetsItsMails(t *testing.T) {
	w := newSelfWorld(t, mailbox.Config{})
	who := w.withBox("anne.due", mailbox.PlanBasic)
	w.ok(w.self.DeleteMailbox(t.Context(), own(who)))
	w.clock.Advance(aDay)
	w.drain()
	d := own(who)
	w.ok(w.self.CreateMailbox(t.Context(), d))
	w.drain()
	w.ends(d, mailbox.Done, "")
	if got := w.redirections("anne.due@exemple.org"); len(got) != 0 {
		t.Errorf("mails still go to %q", got)
	}
	w.expect(who, member.StatusCreationPending, "anne.due@exemple.org")
}

package mailbox_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/betagouv/espace-membre/internal/mailbox"
	"github.com/betagouv/espace-membre/internal/platform/actor"
	"github.com/betagouv/espace-membre/internal/platform/postgres"
)

// replace moves the primary address of somebody, as a proved change does, and tells the room.
func (w *selfWorld) replace(who actor.Actor, former, now string) {
	w.t.Helper()
	w.ok(postgres.InTx(w.t.Context(), w.pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(w.t.Context(), `UPDATE member SET primary_email = $2 WHERE id = $1`, who.ID, now); err != nil {
			return err
		}
		return w.self.CloseReplaced(w.t.Context(), tx, mailbox.Replaced{Member: who.ID, Username: who.Username, Former: former, Now: now, Actor: who.Username})
	}))
}

func TestReplacedMailboxIsKeptWhenItsOwnerComesBackToUs(t *testing.T) {
	w := newSelfWorld(t, mailbox.Config{})
	who := w.withBox("anne.due", mailbox.PlanBasic)
	w.replace(who, "anne.due@exemple.org", "anne@ministere.test")
	w.replace(who, "anne@ministere.test", "anne.due@exemple.org") // before anything was done
	w.drain()
	if len(w.kept().MX) != 1 || len(w.redirections("anne.due@exemple.org")) != 0 {
		t.Errorf("the mailbox was closed: %+v", w.kept().MX)
	}
}

func TestReplacedMailboxIsClosedAndItsMailsFollow(t *testing.T) {
	w := newSelfWorld(t, mailbox.Config{})
	for _, plan := range []mailbox.Plan{mailbox.PlanBasic, mailbox.PlanPro, mailbox.PlanExchange} {
		name := "gone." + strings.ToLower(string(plan[11:]))
		who := w.withBox(name, plan)
		w.ovh.AddRedirection(name+"@exemple.org", "x@ailleurs.fr")
		w.replace(who, name+"@exemple.org", name+"@ministere.test")
		w.drain()
		if got := w.redirections(name + "@exemple.org"); !slices.Equal(got, []string{name + "@ministere.test"}) {
			t.Errorf("%s: redirections %q", plan, got)
		}
		if before, _ := w.event(who, "MEMBER_EMAIL_DELETED"); !strings.Contains(before, name+"@exemple.org") {
			t.Errorf("%s: the history forgets the former address: %s", plan, before)
		}
	}
	kept := w.kept()
	if len(kept.MX) != 0 || kept.Pro["gone.pro@exemple.org"].Login != "" || kept.Exchange["gone.exchange@exemple.org"].Login != "" {
		t.Errorf("mailboxes left: %+v %+v %+v", kept.MX, kept.Pro, kept.Exchange)
	}
}

// From us to a ministry and back: what sent the mails after the replaced address must not empty
// the new mailbox; what its owner made stays.
func TestMailboxMadeAgainAfterAReplacementIsNotEmpty(t *testing.T) {
	w := newSelfWorld(t, mailbox.Config{})
	who := w.withBox("anne.back", mailbox.PlanBasic)
	w.replace(who, "anne.back@exemple.org", "anne@premier.test")
	w.drain()
	w.exec(`UPDATE member SET primary_email = 'anne@second.test' WHERE id = $1`, who.ID) // and once more, elsewhere
	w.ovh.AddRedirection("anne.back@exemple.org", "anne@second.test")                    // whose record was lost
	w.ovh.AddRedirection("anne.back@exemple.org", "depart@exemple.org")
	w.ovh.AddRedirection("anne.back@exemple.org", "anne@maison.test") // hers
	d := own(who)
	w.ok(w.self.CreateMailbox(t.Context(), d))
	w.drain()
	w.ends(d, mailbox.Done, "")
	if got := w.redirections("anne.back@exemple.org"); !slices.Equal(got, []string{"anne@maison.test"}) {
		t.Errorf("the new mailbox sends its mails to %q", got)
	}
}

// A redirection that its owner had made to what became the primary address is theirs, and stays. The
// copy went with the mailbox that held it, and is theirs to ask again.
func TestRedirectionOfTheMemberOutlivesAReplacement(t *testing.T) {
	w := newSelfWorld(t, mailbox.Config{})
	who := w.withBox("anne.back", mailbox.PlanBasic)
	d := own(who)
	w.ok(w.self.CreateRedirection(t.Context(), d, "anne@ministere.test", true))
	w.drain()
	w.ends(d, mailbox.Done, "")
	w.replace(who, "anne.back@exemple.org", "anne@ministere.test")
	w.drain()
	again := own(who)
	w.ok(w.self.CreateMailbox(t.Context(), again))
	w.drain()
	w.ends(again, mailbox.Done, "")
	if got := w.redirections("anne.back@exemple.org"); !slices.Equal(got, []string{"anne@ministere.test"}) {
		t.Errorf("redirections %q", got)
	}
}

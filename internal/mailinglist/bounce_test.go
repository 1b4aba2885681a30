package mailinglist_test

import (
	"strings"
	"testing"
	"time"

	"github.com/betagouv/espace-membre/internal/mailinglist"
	"github.com/betagouv/espace-membre/internal/platform/actor"
	"github.com/betagouv/espace-membre/internal/platform/fault"
)

func (w *world) record(u mailinglist.Undelivered) {
	w.t.Helper()
	if err := w.room.Record(w.t.Context(), u); err != nil {
		w.t.Fatal(err)
	}
}

func TestRefusalsAreToldToTheirOwnerAndAdministrators(t *testing.T) {
	w := newWorld(t)
	id := w.add(person{username: "anne.due", secondary: "anne@perso.fr"})
	other := w.add(person{username: "bea.other"})
	w.record(mailinglist.Undelivered{Address: " Anne@Perso.fr ", Kind: mailinglist.Refused, Source: "smtp", Detail: "550 5.1.1", MessageKey: "a", Subject: "Départ"})
	w.clock.Advance(time.Hour)
	w.record(mailinglist.Undelivered{Address: "anne.due@exemple.org", Kind: mailinglist.HardBounce, Source: "brevo", MessageKey: "b"})
	w.record(mailinglist.Undelivered{Address: "inconnue@ailleurs.fr", Kind: mailinglist.Spam, Source: "brevo"})
	admin := actor.Actor{ID: other, Username: "bea.other", Standing: actor.Active, Admin: true}
	for name, who := range map[string]actor.Actor{"self": as("anne.due", id), "administrator": admin} {
		notes, err := w.room.RefusalsOf(t.Context(), who, id)
		if err != nil || len(notes) != 2 || notes[0].Kind != mailinglist.HardBounce || notes[1].Address != "anne@perso.fr" || notes[1].Detail != "550 5.1.1" {
			t.Errorf("%s: %+v, %v", name, notes, err)
		}
	}
	_, err := w.room.RefusalsOf(t.Context(), as("bea.other", other), id)
	refused(t, err, fault.Forbidden)
	_, err = w.room.Refusals(t.Context(), as("anne.due", id), 10)
	refused(t, err, fault.Forbidden)
	all, err := w.room.Refusals(t.Context(), admin, 2)
	if err != nil || len(all) != 2 {
		t.Errorf("%+v, %v", all, err)
	}
	for _, p := range w.requests.Pending() {
		if strings.Contains(string(p.Args)+p.Key+p.Label, "@") {
			t.Errorf("the chat would read an address: %s %s", p.Key, p.Args)
		}
	}
	if n := len(w.requests.Pending()); n != 3 {
		t.Errorf("%d posts", n)
	}
	if events := w.one(`SELECT string_agg(after->>'kind', ',' ORDER BY id) FROM audit_event WHERE code = 'MEMBER_MAIL_UNDELIVERED'`); events != "refused,hard_bounce" {
		t.Errorf("events: %s", events)
	}
	if text := w.one(`SELECT string_agg(audit_event::text, ' ') FROM audit_event WHERE code = 'MEMBER_MAIL_UNDELIVERED'`); strings.Contains(text, "@") {
		t.Errorf("the history holds an address: %s", text)
	}
}

func TestAttemptsAreNotMessages(t *testing.T) {
	w := newWorld(t)
	id := w.add(person{username: "anne.due"})
	times := func() int {
		notes, err := w.room.RefusalsOf(t.Context(), as("anne.due", id), id)
		if err != nil || len(notes) != 1 {
			t.Fatalf("%+v, %v", notes, err)
		}
		return notes[0].Times
	}
	u := mailinglist.Undelivered{Address: "anne.due@exemple.org", Kind: mailinglist.Refused, Source: "smtp", MessageKey: "un"}
	for range 5 {
		w.record(u)
	}
	if got := times(); got != 1 {
		t.Errorf("five attempts of one message count %d", got)
	}
	u.MessageKey = "deux"
	w.record(u)
	if got := times(); got != 2 || len(w.requests.Pending()) != 1 {
		t.Errorf("two messages count %d, told %d times", got, len(w.requests.Pending()))
	}
	if err := w.room.Received(t.Context(), "ANNE.due@exemple.org", false); err != nil {
		t.Fatal(err)
	}
	if notes, err := w.room.RefusalsOf(t.Context(), as("anne.due", id), id); err != nil || len(notes) != 0 {
		t.Errorf("after a message was received: %+v, %v", notes, err)
	}
	w.clock.Advance(time.Minute)
	w.record(u)
	if got := times(); got != 1 || len(w.requests.Pending()) != 2 {
		t.Errorf("a new refusal counts %d, told %d times", got, len(w.requests.Pending()))
	}
}

func TestAcceptanceIsNotDelivery(t *testing.T) {
	w := newWorld(t)
	id := w.add(person{username: "anne.due"})
	for _, kind := range []mailinglist.Kind{mailinglist.HardBounce, mailinglist.SoftBounce, mailinglist.Blocked, mailinglist.InvalidEmail, mailinglist.Error, mailinglist.Spam, mailinglist.Unsubscribed, mailinglist.Refused} {
		w.record(mailinglist.Undelivered{Address: "anne.due@exemple.org", Kind: kind, Source: "brevo"})
	}
	left := func(delivered bool) int {
		if err := w.room.Received(t.Context(), "anne.due@exemple.org", delivered); err != nil {
			t.Fatal(err)
		}
		notes, err := w.room.RefusalsOf(t.Context(), as("anne.due", id), id)
		if err != nil {
			t.Fatal(err)
		}
		return len(notes)
	}
	if n := left(false); n != 7 {
		t.Errorf("accepted: %d left, want all but the immediate refusal", n)
	}
	if n := left(true); n != 2 {
		t.Errorf("delivered: %d left, want the complaint and the wish", n)
	}
}

func TestWhatIsNotARefusal(t *testing.T) {
	w := newWorld(t)
	for _, u := range []mailinglist.Undelivered{{Kind: mailinglist.Refused, Source: "smtp"}, {Address: "a@exemple.org", Source: "smtp"}, {Address: "a@exemple.org", Kind: "opened", Source: "brevo"}, {Address: "a", Kind: mailinglist.Refused, Source: "smtp"}} {
		if err := w.room.Record(t.Context(), u); !fault.Is(err, fault.Invalid) {
			t.Errorf("%+v: %v", u, err)
		}
	}
}

func TestChangedAddressForgetsTheRefusalsOfTheFormer(t *testing.T) {
	w := newWorld(t)
	id := w.add(person{username: "anne.due"})
	w.record(mailinglist.Undelivered{Address: "anne.due@exemple.org", Kind: mailinglist.HardBounce, Source: "brevo"})
	w.exec(`UPDATE member SET primary_email = 'anne@ministere.gouv.fr' WHERE id = $1`, id)
	if notes, err := w.room.RefusalsOf(t.Context(), as("anne.due", id), id); err != nil || len(notes) != 0 {
		t.Errorf("%+v, %v", notes, err)
	}
}

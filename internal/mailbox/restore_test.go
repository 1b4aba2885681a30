package mailbox_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/betagouv/espace-membre/internal/mailbox"
	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/actor"
	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/platform/job"
)

// requested renders what a person asked.
func (w *world) requested() (lines []string) {
	for _, a := range w.asked.actions {
		lines = append(lines, strings.Join([]string{string(a.Mode), a.Job, a.Verb, a.Label, a.Actor, string(a.Queue)}, " "))
	}
	w.asked.actions = nil
	return lines
}

func TestRestoreAsksForWhatTheDepartureTookAway(t *testing.T) {
	for name, c := range map[string]struct {
		who  person
		want []string
	}{
		"suspended": {
			person{status: member.StatusSuspended, primary: "anne.back@exemple.org", secondary: "anne@ailleurs.fr"},
			[]string{"state setEmailAddressesActive rétablir anne.back admin.member urgent", "once setEmailAddressesActive envoyer anne.back admin.member urgent"},
		},
		"expired": {
			person{status: member.StatusExpired, primary: "anne@ministere.fr"},
			[]string{"state setEmailAddressesActive rétablir anne.back admin.member urgent"},
		},
		"deleted": {
			person{status: member.StatusDeleted, secondary: "anne@ailleurs.fr"},
			[]string{"state recreateEmailIfUserActive recréer anne.back admin.member urgent"},
		},
		"deleted redirection": {
			person{status: member.StatusDeleted, secondary: "anne@ailleurs.fr", redirection: true},
			[]string{"state redirectionCreationJob rediriger anne.back admin.member urgent"},
		},
		"deleted, without a secondary address": {person{status: member.StatusDeleted}, nil},
		"active":                               {person{status: member.StatusActive, primary: "anne.back@exemple.org"}, nil},
		"still away":                           {person{status: member.StatusSuspended, primary: "anne.back@exemple.org", end: "2024-12-18"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, mailbox.Config{})
			w.down() // nothing is asked of OVH in a page's transaction
			c.who.username = "anne.back"
			id := w.add(c.who)
			if err := w.room.Restore(t.Context(), w.tx, id, "admin.member"); err != nil {
				t.Fatal(err)
			}
			if got := w.requested(); strings.Join(got, "\n") != strings.Join(c.want, "\n") {
				t.Errorf("asked %q, want %q", got, c.want)
			}
		})
	}
}

func TestRestoreOfNobodyIsNotFound(t *testing.T) {
	w := newWorld(t, mailbox.Config{})
	refused(t, w.room.Restore(t.Context(), w.tx, uuid.New(), "admin.member"), fault.NotFound)
}

func TestOnlyThoseWhoMayRestore(t *testing.T) {
	w := newWorld(t, mailbox.Config{})
	id := w.add(person{username: "anne.back", status: member.StatusSuspended, primary: "anne.back@exemple.org"})
	w.add(person{username: "bea.gone", status: member.StatusSuspended, primary: "bea.gone@exemple.org", end: "2024-12-01"})
	admin := actor.Actor{ID: uuid.New(), Username: "admin.member", Standing: actor.Active, Admin: true}
	for name, who := range map[string]actor.Actor{
		"nobody":            {},
		"limited":           {ID: uuid.New(), Username: "x", Standing: actor.Limited},
		"oneself, limited":  {ID: id, Username: "anne.back", Standing: actor.Limited},
		"unverified member": {ID: uuid.New(), Username: "x", Standing: actor.Unverified},
	} {
		if _, err := w.room.RestoreAddress(t.Context(), who, "anne.back"); !fault.Is(err, fault.Forbidden) {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := w.room.Restorables(t.Context(), who); !fault.Is(err, fault.Forbidden) {
			t.Errorf("%s lists: %v", name, err)
		}
	}
	_, err := w.room.RestoreAddress(t.Context(), admin, "bea.gone")
	refused(t, err, fault.Conflict)
	_, err = w.room.RestoreAddress(t.Context(), admin, "nobody.here")
	refused(t, err, fault.NotFound)
	if len(w.asked.actions) != 0 {
		t.Errorf("asked all the same: %+v", w.asked.actions)
	}
	told, err := w.room.RestoreAddress(t.Context(), admin, "anne.back")
	if err != nil || len(told) != 1 || !strings.Contains(told[0], "adresse suspendue à rouvrir") || len(w.asked.actions) != 1 {
		t.Errorf("told %q, asked %+v, %v", told, w.asked.actions, err)
	}
}

func TestAddressesToRestoreAreListed(t *testing.T) {
	w := newWorld(t, mailbox.Config{})
	w.add(person{username: "anne.back", status: member.StatusSuspended, primary: "anne.back@exemple.org"})
	w.add(person{username: "bea.gone", status: member.StatusSuspended, primary: "bea.gone@exemple.org", end: "2024-12-01"})
	w.add(person{username: "cleo.stuck", status: member.StatusDeleted})
	w.add(person{username: "dan.fine", status: member.StatusActive, primary: "dan.fine@exemple.org"})
	list, err := w.room.Restorables(t.Context(), actor.Actor{ID: uuid.New(), Username: "admin.member", Standing: actor.Active, Admin: true})
	if err != nil || len(list) != 2 {
		t.Fatalf("%+v, %v", list, err)
	}
	if list[0].Username != "anne.back" || len(list[0].Wanted) != 1 || list[0].Why != "" {
		t.Errorf("first: %+v", list[0])
	}
	if list[1].Username != "cleo.stuck" || len(list[1].Wanted) != 0 || list[1].Why != "pas d’adresse secondaire où prévenir" {
		t.Errorf("second: %+v", list[1])
	}
}

func TestRedirectionsTakenAwayComeBack(t *testing.T) {
	w := newWorld(t, mailbox.Config{})
	id := w.add(person{username: "anne.back", primary: "anne.back@exemple.org", secondary: "anne@ailleurs.fr", status: member.StatusActive, end: "2024-12-01"})
	w.ovh.AddRedirection("anne.back@exemple.org", "anne@ailleurs.fr")
	w.ovh.AddRedirection("anne.back@exemple.org", "anne@travail.fr")
	w.ovh.AddRedirection("anne.back@exemple.org", "anne.back@exemple.org") // how OVH keeps a copy
	if _, err := w.apply(w.one(removal)); err != nil {
		t.Fatal(err)
	}
	w.goldenPlan(redirection, "population 0") // away
	w.exec(`UPDATE mission SET end_day = NULL`)
	w.exec(`UPDATE member SET secondary_email = 'anne@nouveau.fr'`)
	w.goldenPlan(redirection,
		"population 2",
		"state rétablir anne.back : de retour, redirection retirée au départ à rétablir",
		"state rétablir anne.back : de retour, redirection retirée au départ à rétablir")
	if err := w.room.Restore(t.Context(), w.tx, id, "admin.member"); err != nil || len(w.asked.actions) != 2 {
		t.Errorf("asked %+v, %v", w.asked.actions, err)
	}
	actions := w.plan(redirection).Actions
	for _, a := range actions {
		if strings.Contains(string(a.Args), "@") {
			t.Errorf("an address stands in the ledger: %s", a.Args)
		}
		if _, err := w.apply(a); err != nil {
			t.Fatal(err)
		}
	}
	state := w.ovhState()
	for _, to := range []string{"anne@nouveau.fr", "anne@travail.fr"} {
		if !strings.Contains(state, `"to":"`+to+`"`) || !strings.Contains(state, `"from":"anne.back@exemple.org","to":"anne.back@exemple.org"`) {
			t.Errorf("no redirection to %s that keeps a copy: %s", to, state)
		}
	}
	w.goldenPlan(redirection, "population 0")
	if outcome, err := w.apply(actions[0]); err != nil || outcome.Moot == "" {
		t.Errorf("again: %+v, %v", outcome, err)
	}
}

// What left from the other addresses of a member comes back too, but the redirection of an
// « attributaire », which follows their status, and an address that somebody else has now.
func TestRedirectionsOfEveryAddressComeBack(t *testing.T) {
	for name, c := range map[string]struct {
		who      person
		back     []string
		mailbox  bool // at the address that is neither the username nor the redirection
		occupied bool // by another member, since
	}{
		"another primary address": {person{primary: "anne@exemple.org", status: member.StatusActive}, []string{"anne", "anne.back", "anne.back-attr"}, true, false},
		"without its mailbox":     {person{primary: "anne@exemple.org", status: member.StatusActive}, []string{"anne", "anne.back", "anne.back-attr"}, false, false},
		"taken by somebody else":  {person{primary: "anne@exemple.org", status: member.StatusActive}, []string{"anne.back", "anne.back-attr"}, false, true},
		"attributaire":            {person{primary: "anne.back-attr@exemple.org", secondary: "a@ailleurs.fr", status: member.StatusRedirectionActive, redirection: true}, []string{"anne.back"}, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, mailbox.Config{})
			c.who.username, c.who.end = "anne.back", "2024-12-01"
			w.add(c.who)
			for _, from := range []string{"anne.back", "anne.back-attr", "anne"} {
				w.ovh.AddRedirection(from+"@exemple.org", from+"@travail.fr")
			}
			if c.mailbox {
				w.ovh.AddMailbox("EMAIL_PLAN_BASIC", "anne")
			}
			if _, err := w.apply(w.one(removal)); err != nil {
				t.Fatal(err)
			}
			w.exec(`UPDATE mission SET end_day = NULL`)
			if c.occupied {
				w.exec(`UPDATE member SET primary_email = 'anne.back@exemple.org'`)
				w.add(person{username: "zoe.new", primary: "anne@exemple.org", status: member.StatusActive})
			}
			for _, a := range w.plan(redirection).Actions {
				if outcome, err := w.apply(a); a.Verb == "rétablir" && (err != nil || outcome.Moot != "") {
					t.Fatalf("%+v, %v", outcome, err)
				}
			}
			state := w.ovhState()
			for _, from := range []string{"anne.back", "anne.back-attr", "anne"} {
				if c.who.redirection && from == "anne" { // never hers
					continue
				}
				if got := strings.Contains(state, `"to":"`+from+`@travail.fr"`); got != slices.Contains(c.back, from) {
					t.Errorf("from %s: back is %v", from, got)
				}
			}
			if kept := strings.Contains(state, `"from":"anne@exemple.org","to":"anne@exemple.org"`); kept != c.mailbox {
				t.Errorf("a copy is kept: %v, with a mailbox: %v", kept, c.mailbox)
			}
		})
	}
}

func TestRedirectionsOfLongAgoStayAway(t *testing.T) {
	w := newWorld(t, mailbox.Config{})
	w.add(person{username: "anne.back", primary: "anne.back@exemple.org", status: member.StatusActive, end: "2024-12-01"})
	w.ovh.AddRedirection("anne.back@exemple.org", "anne@travail.fr")
	w.ovh.AddRedirection("anne.back@exemple.org", "anne.back@exemple.org") // how OVH keeps a copy
	if _, err := w.apply(w.one(removal)); err != nil {
		t.Fatal(err)
	}
	w.exec(`UPDATE mission SET end_day = NULL`)
	w.clock.Set(today.Add(180).At(10, 0))
	if a := w.one(redirection); a.Mode != job.State {
		t.Errorf("%+v", a)
	}
	w.clock.Set(today.Add(181).At(10, 0))
	w.goldenPlan(redirection, "population 0")
}

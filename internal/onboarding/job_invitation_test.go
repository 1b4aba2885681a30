package onboarding_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/onboarding"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/platform/job"
	"github.com/betagouv/espace-membre/internal/sample"
)

var update = flag.Bool("update", false, "rewrite the golden plan")

func TestPlanAtTheBoundaryDays(t *testing.T) {
	w := newWorld(t)
	w.add(newcomer{username: "anne.open", secondary: "anne@ailleurs.fr"})
	w.add(newcomer{username: "bea.tomorrow", secondary: "bea@ailleurs.fr", end: "2024-12-20"})
	w.add(newcomer{username: "cleo.lastday", secondary: "cleo@ailleurs.fr", end: "2024-12-19"})
	w.add(newcomer{username: "dan.yesterday", secondary: "dan@ailleurs.fr", end: "2024-12-18"})
	w.add(newcomer{username: "eli.future", secondary: "eli@ailleurs.fr", start: "2025-03-01", end: "2025-06-30"})
	w.add(newcomer{username: "fay.nomission", secondary: "fay@ailleurs.fr", end: "none"})
	w.add(newcomer{username: "gil.nowhere"})
	w.add(newcomer{username: "hal.verified", secondary: "hal@ailleurs.fr", status: member.StatusCreationWaiting})
	w.add(newcomer{username: "ida.unset", secondary: "ida@ailleurs.fr", status: member.StatusUnset})
	want := []string{
		"population 7",
		"once inviter anne.open : fiche créée, à vérifier par la personne",
		"once inviter bea.tomorrow : fiche créée, à vérifier par la personne",
		"once inviter cleo.lastday : fiche créée, à vérifier par la personne",
		"once inviter eli.future : fiche créée, à vérifier par la personne",
		"laisser dan.yesterday : aucune mission en cours ou à venir",
		"laisser fay.nomission : aucune mission en cours ou à venir",
		"laisser gil.nowhere : pas d’adresse secondaire où écrire",
	}
	if diff := cmp.Diff(want, told(w.plan())); diff != "" {
		t.Errorf("plan (-want +got):\n%s", diff)
	}
}

// TestPlansOnTheSample shows the plan on the made-up community as it is, on two days.
func TestPlansOnTheSample(t *testing.T) {
	w := newWorld(t)
	if _, err := sample.Seed(t.Context(), w.db, sample.Settings{Today: today, Domain: "betagouv.ovh"}); err != nil {
		t.Fatal(err)
	}
	for _, day := range []string{"2024-12-19", "2025-01-20"} {
		plan, err := w.spec().Plan(t.Context(), clock.MustDay(day))
		if err != nil {
			t.Fatal(err)
		}
		golden(t, "sample-"+day+".txt", plan)
	}
}

// TestPlanOnASampleSentBack sends every member of the sample whose address is not made yet back to
// the verification of their record.
func TestPlanOnASampleSentBack(t *testing.T) {
	w := newWorld(t)
	if _, err := sample.Seed(t.Context(), w.db, sample.Settings{Today: today, Domain: "betagouv.ovh"}); err != nil {
		t.Fatal(err)
	}
	w.exec(`UPDATE member SET primary_email_status = $1 WHERE primary_email_status = ANY($2::text[])`,
		member.StatusVerificationWaiting, []string{string(member.StatusUnset), string(member.StatusCreationWaiting), string(member.StatusDeleted)})
	w.exec(`UPDATE member SET secondary_email = NULL WHERE username LIKE '%.neigeval' AND primary_email_status = $1`, member.StatusVerificationWaiting)
	golden(t, "plan.txt", w.plan())
}

func golden(t *testing.T, name string, plan job.Plan) {
	t.Helper()
	got, path := strings.Join(told(plan), "\n")+"\n", filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got; -update writes it again):\n%s", name, diff)
	}
}

// The letter is due until the last day of the last mission, included, counted in days of Paris: on
// the nights when the hour changes, at the end of a month, and on a 29 February.
func TestBoundaryDays(t *testing.T) {
	for _, end := range []string{"2024-12-31", "2025-01-20", "2025-01-31", "2025-03-29", "2025-03-30", "2025-10-25", "2025-10-26", "2028-02-28", "2028-02-29", "2028-03-01"} {
		for _, m := range []struct {
			days, hour, minute int
			due                bool
		}{{-1, 12, 0, true}, {0, 0, 0, true}, {0, 3, 30, true}, {0, 23, 59, true}, {1, 0, 0, false}, {1, 3, 30, false}, {1, 23, 59, false}} {
			at := clock.MustDay(end).Add(m.days).At(m.hour, m.minute)
			t.Run(end+" then "+at.Format(time.RFC3339), func(t *testing.T) {
				w := newWorld(t)
				w.add(newcomer{username: "anne.due", secondary: "anne@ailleurs.fr", start: "2024-12-01", end: end})
				w.clock.Set(at)
				for range 2 { // the second plan has nothing to do
					for _, a := range w.plan().Actions {
						if _, err := w.apply(a); err != nil {
							t.Fatal(err)
						}
					}
				}
				if got := len(w.letters.sent); (got == 1) != m.due || got > 1 {
					t.Errorf("%d letters, want one: %v", got, m.due)
				}
			})
		}
	}
}

func TestKeyIsMadeOfTheMemberAndTheDateOfTheState(t *testing.T) {
	w := newWorld(t)
	id := w.add(newcomer{username: "anne.due", secondary: "anne@ailleurs.fr"})
	want := invitation + "/" + id.String() + "/2024-12-19T08:30:00.000000Z"
	if got := w.one().Key; got != want {
		t.Errorf("key %s, want %s", got, want)
	}
	w.later(72 * time.Hour)
	w.exec(`UPDATE member SET secondary_email = 'autre@ailleurs.fr' WHERE id = $1`, id)
	if got := w.one().Key; got != want {
		t.Errorf("three days later, at another address: key %s, want %s", got, want)
	}
}

func TestInvitationIsSentThenToldInTheHistory(t *testing.T) {
	w := newWorld(t)
	w.add(newcomer{username: "colle.gue", status: member.StatusActive})
	id := w.add(newcomer{username: "anne.due", secondary: "anne+test@ailleurs.fr", creator: "colle.gue"})
	a := w.one()
	if _, err := w.apply(a); err != nil {
		t.Fatal(err)
	}
	want := []onboarding.Invitation{{Key: a.Key, To: "anne+test@ailleurs.fr", Fullname: "Nom de anne.due", Creator: "Nom de colle.gue"}}
	if diff := cmp.Diff(want, w.letters.sent); diff != "" {
		t.Errorf("letters (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"system anne.due "}, w.events(id, "EMAIL_VERIFICATION_WAITING_SENT")); diff != "" {
		t.Errorf("history (-want +got):\n%s", diff)
	}
	again := []string{"population 1", "laisser anne.due : invitation déjà envoyée"}
	if diff := cmp.Diff(again, told(w.plan())); diff != "" {
		t.Errorf("planned again (-want +got):\n%s", diff)
	}
	if outcome, err := w.apply(a); err != nil || outcome.Moot != "invitation déjà envoyée" || len(w.letters.sent) != 1 {
		t.Errorf("applied again: %+v, %v, %d letters", outcome, err, len(w.letters.sent))
	}
}

// An old invitation does not stand for a new arrival.
func TestSomebodySentBackToVerificationIsInvitedAgain(t *testing.T) {
	w := newWorld(t)
	id := w.add(newcomer{username: "anne.back", secondary: "anne@ailleurs.fr"})
	first := w.one()
	if _, err := w.apply(first); err != nil {
		t.Fatal(err)
	}
	w.later(24 * time.Hour)
	w.exec(`UPDATE member SET primary_email_status_changed_at = $2 WHERE id = $1`, id, w.clock.Now())
	second := w.one()
	if second.Key == first.Key {
		t.Error("the second arrival has the key of the first: no letter would leave")
	}
	if _, err := w.apply(second); err != nil || len(w.letters.sent) != 2 {
		t.Errorf("%d letters, %v", len(w.letters.sent), err)
	}
}

func TestFactsAreReadAgainBeforeTheLetterLeaves(t *testing.T) {
	for name, c := range map[string]struct{ change, moot string }{
		"verified":       {`UPDATE member SET primary_email_status = 'EMAIL_CREATION_WAITING' WHERE id = $1`, "la fiche est déjà vérifiée"},
		"mission over":   {`UPDATE mission SET end_day = '2024-12-18' WHERE member_id = $1`, "aucune mission en cours ou à venir"},
		"address erased": {`UPDATE member SET secondary_email = NULL WHERE id = $1`, "pas d’adresse secondaire où écrire"},
		"record erased":  {`DELETE FROM member WHERE id = $1`, "la fiche n’existe plus"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			id := w.add(newcomer{username: "anne.due", secondary: "anne@ailleurs.fr"})
			a := w.one()
			w.exec(c.change, id)
			outcome, err := w.apply(a)
			if err != nil || outcome.Moot != c.moot || len(w.letters.sent) != 0 {
				t.Errorf("%+v, %v, %d letters; want moot: %s", outcome, err, len(w.letters.sent), c.moot)
			}
		})
	}
}

// A plan made for a later day, as the demonstration makes, is judged again as of that day.
func TestALetterOfAPlanForALaterDayIsJudgedOnThatDay(t *testing.T) {
	for day, want := range map[string]string{"2024-12-19": "", "2025-01-20": "aucune mission en cours ou à venir"} {
		t.Run(day, func(t *testing.T) {
			w := newWorld(t)
			id := w.add(newcomer{username: "anne.due", secondary: "anne@ailleurs.fr"})
			plan, err := w.spec().Plan(t.Context(), clock.MustDay(day))
			if err != nil || len(plan.Actions) != 1 {
				t.Fatalf("%+v, %v", plan, err)
			}
			w.exec(`UPDATE mission SET end_day = '2025-01-19' WHERE member_id = $1`, id)
			if outcome, err := w.apply(plan.Actions[0]); err != nil || outcome.Moot != want {
				t.Errorf("%+v, %v; want %q", outcome, err, want)
			}
		})
	}
}

func TestLetterThatDoesNotLeaveIsNotTold(t *testing.T) {
	w := newWorld(t)
	id := w.add(newcomer{username: "anne.due", secondary: "anne@ailleurs.fr"})
	w.letters.fail = fault.New(fault.Unavailable, "", "down")
	if _, err := w.apply(w.one()); !fault.Is(err, fault.Unavailable) {
		t.Errorf("got %v, want unavailable", err)
	}
	if told := w.events(id, "EMAIL_VERIFICATION_WAITING_SENT"); len(told) != 0 {
		t.Errorf("told all the same: %v", told)
	}
	w.one() // still wanted
}

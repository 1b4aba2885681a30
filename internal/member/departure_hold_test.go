package member_test

import (
	"slices"
	"testing"

	"github.com/google/uuid"

	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/audit"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/platform/postgres"
	"github.com/betagouv/espace-membre/internal/testing/pgtest"
)

func TestHoldsByDayAndByStep(t *testing.T) {
	id, other := uuid.New(), uuid.New()
	day := clock.MustDay
	decided := []member.DepartureHold{
		{MemberID: id, Step: member.StepSuspension, Until: day("2025-01-10"), By: "admin.member"},
		{MemberID: other, Step: member.StepEverything, By: "admin.member"},
	}
	for _, c := range []struct {
		who  uuid.UUID
		step member.DepartureStep
		day  string
		want string
	}{
		{id, member.StepSuspension, "2025-01-09", "étape du départ reportée au 10 janvier 2025 par admin.member"},
		{id, member.StepSuspension, "2025-01-10", ""},
		{id, member.StepSuspension, "2025-01-11", ""},
		{id, member.StepDeletion, "2025-01-09", ""},
		{other, member.StepDeletion, "2035-01-01", "étape du départ annulée par admin.member"},
		{uuid.New(), member.StepDeletion, "2025-01-09", ""},
	} {
		hold, held := member.HoldsOn(day(c.day), decided...).Of(c.who, c.step)
		if got := hold.Reason(); held != (c.want != "") || held && got != c.want {
			t.Errorf("%s on %s: %v, %q; want %q", c.step, c.day, held, got, c.want)
		}
	}
	longest := append(slices.Clone(decided), member.DepartureHold{MemberID: id, Step: member.StepEverything, Until: day("2025-01-05"), By: "b"})
	if hold, _ := member.HoldsOn(day("2025-01-01"), longest...).Of(id, member.StepSuspension); hold.Until != day("2025-01-10") {
		t.Errorf("two holds: until %s", hold.Until)
	}
	if got := member.HoldsOn(day("2025-02-01"), longest...).Resumed(id, member.StepSuspension); got != day("2025-01-10") {
		t.Errorf("resumed on %q", got)
	}
	if got := member.HoldsOn(day("2025-02-01"), longest...).Resumed(other, member.StepSuspension); !got.IsZero() {
		t.Errorf("cancelled, and resumed on %q", got)
	}
}

func TestAHoldConcernsOneDeparture(t *testing.T) {
	ctx, tx := t.Context(), pgtest.Tx(t)
	id := insert(t, tx, "anne.part", member.StatusActive)
	if _, err := tx.Exec(ctx, `INSERT INTO mission (member_id, start_day, end_day) VALUES ($1, '2024-01-01', '2024-12-10')`, id); err != nil {
		t.Fatal(err)
	}
	hold := member.DepartureHold{MemberID: id, Step: member.StepDeletion, EndDay: clock.MustDay("2024-12-10"), By: "admin.member", Why: "congé maladie", At: noon}
	if err := member.HoldDeparture(ctx, tx, hold); err != nil {
		t.Fatal(err)
	}
	hold.Until = clock.MustDay("2025-03-01")
	if err := member.HoldDeparture(ctx, tx, hold); err != nil { // in place of the first
		t.Fatal(err)
	}
	for _, c := range []struct {
		end  any
		held bool
	}{{"2024-12-10", true}, {"2024-12-09", true}, {"2024-12-11", false}, {nil, false}} {
		if _, err := tx.Exec(ctx, `UPDATE mission SET end_day = $2 WHERE member_id = $1`, id, c.end); err != nil {
			t.Fatal(err)
		}
		holds, err := member.HeldDepartures(ctx, tx, clock.MustDay("2025-02-28"))
		if err != nil {
			t.Fatal(err)
		}
		got, held, err := member.HeldDeparture(ctx, tx, id, member.StepDeletion, clock.MustDay("2025-02-28"))
		if _, all := holds.Of(id, member.StepDeletion); all != c.held || held != c.held || err != nil || held && got.Why != "congé maladie" {
			t.Errorf("end %v: held %v and %v (%v), want %v", c.end, all, held, err, c.held)
		}
	}
	if _, err := tx.Exec(ctx, `DELETE FROM mission WHERE member_id = $1`, id); err != nil {
		t.Fatal(err)
	}
	if holds, err := member.HeldDepartures(ctx, tx, clock.MustDay("2025-02-28")); err != nil {
		t.Fatal(err)
	} else if _, held := holds.Of(id, member.StepDeletion); held {
		t.Error("held without any mission")
	}
	if err := member.ResumeDeparture(ctx, tx, id, member.StepDeletion, "admin.member", noon); err != nil {
		t.Fatal(err)
	}
	if err := member.ResumeDeparture(ctx, tx, id, member.StepDeletion, "admin.member", noon); !fault.Is(err, fault.NotFound) {
		t.Errorf("resumed twice: %v", err)
	}
	events, err := audit.OfMember(ctx, tx, id, 10)
	if err != nil || len(events) != 3 || events[2].Code != member.CodeDepartureCancelled || events[1].Code != member.CodeDeparturePostponed || events[0].Code != member.CodeDepartureResumed {
		t.Errorf("history %+v, %v", events, err)
	}
}

func TestAHoldOfNobodyOrOfNothingIsRefused(t *testing.T) {
	ctx, tx := t.Context(), pgtest.Tx(t)
	if err := member.HoldDeparture(ctx, tx, member.DepartureHold{MemberID: uuid.New(), Step: member.StepDeletion, EndDay: clock.MustDay("2024-12-10"), By: "a", Why: "b", At: noon}); !fault.Is(err, fault.NotFound) {
		t.Errorf("nobody: %v", err)
	}
	id := insert(t, tx, "anne.part", member.StatusActive)
	if err := member.HoldDeparture(ctx, tx, member.DepartureHold{MemberID: id, Step: "autre", EndDay: clock.MustDay("2024-12-10"), By: "a", Why: "b", At: noon}); !fault.Is(err, fault.Invalid) {
		t.Errorf("an unknown step: %v", err)
	}
}

func TestLengthenLastMission(t *testing.T) {
	ctx, day := t.Context(), clock.MustDay
	for name, c := range map[string]struct {
		ends []string // of the missions, the last one first
		to   string
		kind fault.Kind
		want string // end of the last mission after
	}{
		"the later of two":      {[]string{"2024-12-10", "2024-06-30"}, "2025-01-31", fault.Internal, "2025-01-31"},
		"no mission":            {nil, "2025-01-31", fault.Conflict, ""},
		"open-ended":            {[]string{"", "2024-06-30"}, "2025-01-31", fault.Conflict, ""},
		"already that day":      {[]string{"2025-01-31"}, "2025-01-31", fault.Conflict, "2025-01-31"},
		"already later":         {[]string{"2025-02-01"}, "2025-01-31", fault.Conflict, "2025-02-01"},
		"the day after the end": {[]string{"2025-01-30"}, "2025-01-31", fault.Internal, "2025-01-31"},
	} {
		t.Run(name, func(t *testing.T) {
			tx := pgtest.Tx(t)
			id := insert(t, tx, "anne.part", member.StatusActive)
			for _, end := range c.ends {
				if _, err := tx.Exec(ctx, `INSERT INTO mission (member_id, start_day, end_day) VALUES ($1, '2024-01-01', $2)`, id, day(end)); err != nil {
					t.Fatal(err)
				}
			}
			err := member.LengthenLastMission(ctx, tx, id, member.Lengthening{To: day(c.to), At: noon, Actor: "lou.martin", Reason: "essai"})
			if c.kind != fault.Internal != (err != nil) || err != nil && !fault.Is(err, c.kind) {
				t.Fatalf("%v, want kind %v", err, c.kind)
			}
			ends, qerr := postgres.Column[string](ctx, tx, `SELECT COALESCE(end_day::text, '') FROM mission WHERE member_id = $1 ORDER BY end_day DESC NULLS FIRST`, id)
			if qerr != nil || len(ends) != len(c.ends) || len(ends) > 0 && ends[0] != c.want {
				t.Errorf("ends %v (%v), want %s first", ends, qerr, c.want)
			}
			events, qerr := audit.OfMember(ctx, tx, id, 5)
			if qerr != nil || (len(events) == 1) != (err == nil) {
				t.Errorf("%d events after %v (%v)", len(events), err, qerr)
			}
		})
	}
}

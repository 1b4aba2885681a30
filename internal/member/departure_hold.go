package member

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/betagouv/espace-membre/internal/platform/audit"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/platform/postgres"
)

// DepartureStep names a step of a departure, in holds and in the timeline that people see.
type DepartureStep string

// The steps, in the order in which they fall due.
const (
	StepEverything    DepartureStep = "all"            // in a hold only: every step
	StepNotice30      DepartureStep = "notice-30"      // sendContractEndingMessageToUsers30days
	StepNotice15      DepartureStep = "notice-15"      // sendContractEndingMessageToUsers15days
	StepNotice2       DepartureStep = "notice-2"       // sendContractEndingMessageToUsers2days
	StepFarewell      DepartureStep = "farewell"       // sendJ1Email
	StepRedirections  DepartureStep = "redirections"   // deleteRedirectionsAfterQuitting
	StepIncubatorList DepartureStep = "incubator-list" // unsubscribeEmailAddresses
	StepGithub        DepartureStep = "github"         // removeGithubUserFromOrganization
	StepSuspension    DepartureStep = "suspension"     // reinitPasswordEmail
	StepExpiry        DepartureStep = "expiry"         // setEmailExpired
	StepClosing       DepartureStep = "closing"        // sendJ30Email
	StepLists         DepartureStep = "lists"          // removeEmailsFromMailingList
	StepServices      DepartureStep = "services"       // deleteMatomoAccount, deleteSentryAccount
	StepDeletion      DepartureStep = "deletion"       // deleteOVHEmailAcounts
	StepSecondary     DepartureStep = "secondary"      // deleteSecondaryEmailsForUsers
	StepChatNotice    DepartureStep = "chat-notice"    // sendReminderToUserAtDays90
	StepChatRemoval   DepartureStep = "chat-removal"   // removeUsersFromCommunityTeam and its neighbours
)

// DepartureHold is what an administrator decided about a step of somebody's departure. It
// concerns the departure on EndDay or on an earlier day: whoever is extended after it leaves anew.
type DepartureHold struct {
	MemberID uuid.UUID
	Step     DepartureStep // StepEverything: every step
	EndDay   clock.Day     // last day of the last mission when it was decided
	Until    clock.Day     // the step may go on from this day; zero: it is cancelled
	By       string        // username
	Why      string        // French, by the administrator
	At       time.Time
}

// Reason says in French why a job sets the member aside.
func (h DepartureHold) Reason() string {
	if h.Until.IsZero() {
		return "étape du départ annulée par " + h.By
	}
	return "étape du départ reportée au " + h.Until.French() + " par " + h.By
}

// holds tells whether the step may not be done on a day.
func (h DepartureHold) holds(day clock.Day) bool { return h.Until.IsZero() || h.Until.After(day) }

// Holds is what stands in the way of departures on a day.
type Holds struct {
	day   clock.Day
	known map[uuid.UUID][]DepartureHold
}

// HoldsOn gathers decisions about departures, as they count on a day.
func HoldsOn(day clock.Day, decided ...DepartureHold) Holds {
	h := Holds{day: day, known: map[uuid.UUID][]DepartureHold{}}
	for _, d := range decided {
		h.known[d.MemberID] = append(h.known[d.MemberID], d)
	}
	return h
}

// Of gives the decision that keeps a step of a member's departure from being done, the one
// that lasts longest when there are two.
func (h Holds) Of(id uuid.UUID, step DepartureStep) (held DepartureHold, ok bool) {
	for _, d := range h.about(id, step) {
		if d.holds(h.day) && (!ok || d.Until.IsZero() || !held.Until.IsZero() && d.Until.After(held.Until)) {
			held, ok = d, true
		}
	}
	return held, ok
}

// Resumed gives the day from which a step that had been postponed may be done; zero when it
// never was.
func (h Holds) Resumed(id uuid.UUID, step DepartureStep) clock.Day {
	var resumed clock.Day
	for _, d := range h.about(id, step) {
		if d.Until.After(resumed) {
			resumed = d.Until
		}
	}
	return resumed
}

func (h Holds) about(id uuid.UUID, step DepartureStep) []DepartureHold {
	return slices.DeleteFunc(slices.Clone(h.known[id]), func(d DepartureHold) bool {
		return d.Step != step && d.Step != StepEverything
	})
}

// holdQuery reads the decisions about the departures under way: a later end than the one
// concerned, or an open-ended mission, makes them void.
const holdQuery = `
	SELECT hold.member_id, hold.step, hold.end_day, hold.until_day AS until, hold.held_by AS by, hold.why, hold.held_at AS at
	FROM departure_hold AS hold
	CROSS JOIN LATERAL (
	    SELECT COALESCE(bool_or(end_day IS NULL), true) AS endless, max(end_day) AS end_day
	    FROM mission
	    WHERE mission.member_id = hold.member_id) AS last
	WHERE NOT last.endless
	  AND last.end_day <= hold.end_day`

// HeldDepartures tells what stands in the way of departures on a day. Every job that performs a
// step of a departure asks it when it plans, and HeldDeparture when it applies.
func HeldDepartures(ctx context.Context, db postgres.DB, day clock.Day) (Holds, error) {
	decided, err := postgres.All[DepartureHold](ctx, db, holdQuery)
	if err != nil {
		return Holds{}, fmt.Errorf("read the departures put on hold: %w", err)
	}
	return HoldsOn(day, decided...), nil
}

// HoldsOfMember is HeldDepartures for one member.
func HoldsOfMember(ctx context.Context, db postgres.DB, id uuid.UUID, day clock.Day) (Holds, []DepartureHold, error) {
	decided, err := postgres.All[DepartureHold](ctx, db, holdQuery+` AND hold.member_id = $1 ORDER BY hold.held_at, hold.step`, id)
	if err != nil {
		return Holds{}, nil, fmt.Errorf("read the holds of member %s: %w", id, err)
	}
	return HoldsOn(day, decided...), decided, nil
}

// HeldDeparture tells whether a step of one member's departure may not be done on a day.
func HeldDeparture(ctx context.Context, db postgres.DB, id uuid.UUID, step DepartureStep, day clock.Day) (held DepartureHold, ok bool, err error) {
	holds, _, err := HoldsOfMember(ctx, db, id, day)
	if err != nil {
		return held, false, err
	}
	held, ok = holds.Of(id, step)
	return held, ok, nil
}

// The events about holds.
const (
	CodeDeparturePostponed audit.Code = "MEMBER_DEPARTURE_POSTPONED"
	CodeDepartureCancelled audit.Code = "MEMBER_DEPARTURE_CANCELLED"
	CodeDepartureResumed   audit.Code = "MEMBER_DEPARTURE_RESUMED"
)

// HoldDeparture postpones or cancels a step, in place of what was decided before about the
// same step, and tells it in the history.
func HoldDeparture(ctx context.Context, tx postgres.DB, h DepartureHold) error {
	username, err := usernameOf(ctx, tx, h.MemberID)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `
		INSERT INTO departure_hold (member_id, step, end_day, until_day, held_by, why, held_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (member_id, step) DO UPDATE
		SET end_day = EXCLUDED.end_day, until_day = EXCLUDED.until_day, held_by = EXCLUDED.held_by,
		    why = EXCLUDED.why, held_at = EXCLUDED.held_at`,
		h.MemberID, h.Step, h.EndDay, h.Until, h.By, h.Why, h.At)
	if err != nil {
		return fmt.Errorf("hold the departure of %s: %w", username, postgres.Fault(err))
	}
	code := CodeDeparturePostponed
	if h.Until.IsZero() {
		code = CodeDepartureCancelled
	}
	return audit.Write(ctx, tx, audit.Event{
		At: h.At, Actor: h.By, Code: code, Member: h.MemberID, Subject: username, Reason: h.Why,
		After: map[string]string{"step": string(h.Step), "end": h.EndDay.String(), "until": h.Until.String()},
	})
}

// ResumeDeparture forgets what was decided about a step; NotFound when nothing was.
func ResumeDeparture(ctx context.Context, tx postgres.DB, id uuid.UUID, step DepartureStep, by string, at time.Time) error {
	username, err := usernameOf(ctx, tx, id)
	if err != nil {
		return err
	}
	tag, err := tx.Exec(ctx, `
		DELETE FROM departure_hold
		WHERE member_id = $1
		  AND step = $2`, id, step)
	if err != nil {
		return fmt.Errorf("resume the departure of %s: %w", username, postgres.Fault(err))
	}
	if tag.RowsAffected() == 0 {
		return fault.New(fault.NotFound, "Rien n’était reporté ni annulé pour cette étape.", "no hold on %s of %s", step, username)
	}
	return audit.Write(ctx, tx, audit.Event{
		At: at, Actor: by, Code: CodeDepartureResumed, Member: id, Subject: username, After: map[string]string{"step": string(step)},
	})
}

func usernameOf(ctx context.Context, db postgres.DB, id uuid.UUID) (string, error) {
	username, err := postgres.Scalar[string](ctx, db, `SELECT username FROM member WHERE id = $1`, id)
	if fault.Is(err, fault.NotFound) {
		return "", fault.New(fault.NotFound, noMember, "no member %s", id)
	}
	if err != nil {
		return "", fmt.Errorf("read the name of member %s: %w", id, err)
	}
	return username, nil
}

package offboarding

import (
	"context"
	"slices"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/actor"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/platform/postgres"
)

// Departure is somebody's departure as the person and administrators see it.
type Departure struct {
	ID         uuid.UUID
	Username   string
	Fullname   string
	HasMission bool
	End        clock.Day // last day of the last mission; zero: none, or no end
	Today      clock.Day
	Steps      []Step
	Holds      []member.DepartureHold
	MayManage  bool // the viewer may postpone and cancel
	Own        bool // the viewer is the person
}

// Departure gives the timeline of a member; Forbidden to all but the person and administrators.
func (s *Service) Departure(ctx context.Context, who actor.Actor, username string) (Departure, error) {
	m, err := member.ByUsername(ctx, s.db, username)
	if err != nil {
		return Departure{}, err
	}
	subject := member.Subject{ID: m.ID}
	if err := member.Can(who, member.ViewDepartureSteps, subject); err != nil {
		return Departure{}, err
	}
	missions, err := member.MissionsOf(ctx, s.db, m.ID)
	if err != nil {
		return Departure{}, err
	}
	d := Departure{
		ID: m.ID, Username: m.Username, Fullname: m.Fullname, HasMission: len(missions) > 0, End: member.LastEnd(missions), Today: s.today(),
		MayManage: member.Can(who, member.ManageDeparture, subject) == nil, Own: who.ID == m.ID,
	}
	if d.End.IsZero() {
		return d, nil
	}
	facts, err := s.facts(ctx, m.ID, d.Today)
	if err != nil {
		return Departure{}, err
	}
	d.Steps = Timeline(facts, d.Today)
	_, d.Holds, err = member.HoldsOfMember(ctx, s.db, m.ID, d.Today)
	return d, err
}

// Near is what a member must know of their own departure.
type Near struct {
	NoMission bool
	End       clock.Day // zero when there is no mission
	Today     clock.Day
	Coming    []Stop
	Pending   *Extension
}

// nearDays is how long before the last day a member is told on each visit.
const nearDays = 30

// Near tells a member of a departure that comes or has come; ok is false when there is nothing
// to say.
func (s *Service) Near(ctx context.Context, who actor.Actor) (near Near, ok bool, err error) {
	missions, err := member.MissionsOf(ctx, s.db, who.ID)
	if err != nil {
		return Near{}, false, err
	}
	near = Near{NoMission: len(missions) == 0, End: member.LastEnd(missions), Today: s.today()}
	if near.NoMission {
		return near, true, nil
	}
	if near.End.IsZero() || near.End.After(near.Today.Add(nearDays)) {
		return Near{}, false, nil
	}
	facts, err := s.facts(ctx, who.ID, near.Today)
	if err != nil {
		return Near{}, false, err
	}
	near.Coming, _ = Stops(Timeline(facts, near.Today))
	list, err := s.extensionsOf(ctx, s.db, who.ID)
	if i := slices.IndexFunc(list, func(e Extension) bool { return e.State == Pending }); i >= 0 {
		near.Pending = &list[i]
	}
	return near, err == nil, err
}

// HoldAsk is what an administrator decides about a departure.
type HoldAsk struct {
	Step   member.DepartureStep // member.StepEverything: all of it
	Cancel bool                 // for good, else until a day
	Until  clock.Day            // the first day on which it may go on
	Why    string
}

// The names of the fields of HoldAsk, as its errors tell them.
const (
	FieldStep  = "etape"
	FieldUntil = "jusquau"
	FieldWhy   = "raison"
)

const (
	mostHoldMonths = 24 // a postponement further away is a cancellation that does not say its name
	mostWhy        = 300
)

func (a HoldAsk) check(steps []Step, today clock.Day) error {
	messages := map[string]string{}
	known := func(s Step) bool { return s.Holdable && s.ID == a.Step }
	if a.Step != member.StepEverything && !slices.ContainsFunc(steps, known) {
		messages[FieldStep] = "Choisis une étape de la liste."
	}
	last := today.AddMonths(mostHoldMonths)
	switch {
	case a.Cancel:
	case a.Until.IsZero():
		messages[FieldUntil] = "Indique à partir de quel jour le départ peut reprendre."
	case !a.Until.After(today):
		messages[FieldUntil] = "Choisis un jour à venir."
	case a.Until.After(last):
		messages[FieldUntil] = "Choisis un jour au plus tard le " + last.French() + ", ou annule l’étape."
	}
	switch n := utf8.RuneCountInString(a.Why); {
	case n == 0:
		messages[FieldWhy] = "Dis pourquoi : l’historique gardera cette raison."
	case n > mostWhy:
		messages[FieldWhy] = "La raison est trop longue : 300 caractères au plus."
	}
	return fault.Fields(messages)
}

// HoldDeparture postpones or cancels a step of somebody's departure, or all of it.
func (s *Service) HoldDeparture(ctx context.Context, who actor.Actor, username string, a HoldAsk) error {
	d, err := s.managed(ctx, who, username)
	if err != nil {
		return err
	}
	if d.End.IsZero() {
		return fault.New(fault.Conflict, "Aucune fin de mission n’est prévue : il n’y a pas de départ à reporter.", "%s does not leave", username)
	}
	if err := a.check(d.Steps, d.Today); err != nil {
		return err
	}
	if a.Cancel {
		a.Until = clock.Day{}
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		return member.HoldDeparture(ctx, tx, member.DepartureHold{
			MemberID: d.ID, Step: a.Step, EndDay: d.End, Until: a.Until, By: who.Username, Why: a.Why, At: s.clock.Now(),
		})
	})
}

// ResumeDeparture lets a step go on that was postponed or cancelled; NotFound when none was.
func (s *Service) ResumeDeparture(ctx context.Context, who actor.Actor, username string, step member.DepartureStep) error {
	d, err := s.managed(ctx, who, username)
	if err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		return member.ResumeDeparture(ctx, tx, d.ID, step, who.Username, s.clock.Now())
	})
}

// managed is the departure of a member, for somebody who may postpone it.
func (s *Service) managed(ctx context.Context, who actor.Actor, username string) (Departure, error) {
	m, err := member.ByUsername(ctx, s.db, username)
	if err != nil {
		return Departure{}, err
	}
	if err := member.Can(who, member.ManageDeparture, member.Subject{ID: m.ID}); err != nil {
		return Departure{}, err
	}
	return s.Departure(ctx, who, username)
}

package member

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/betagouv/espace-membre/internal/platform/actor"
	"github.com/betagouv/espace-membre/internal/platform/audit"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/platform/postgres"
)

// Restorable tells whether the values before an event can be given back: those of a record and
// of missions can; an address is only changed by a proof.
func Restorable(code audit.Code) bool {
	return code == CodeRecordUpdated || code == CodeMissionsUpdated || code == CodeEndChanged
}

// pastEvent is an event to undo.
type pastEvent struct {
	ID     int64
	Code   audit.Code
	Member *uuid.UUID
	Before json.RawMessage
	After  json.RawMessage
}

// RestoreVersion gives back to a member the values that stood before an event of the history,
// and tells whether anything was not the same. Only the fields that the event changed come back;
// this is a change like another, with its own event.
func (s *Service) RestoreVersion(ctx context.Context, who actor.Actor, event int64) (changed bool, err error) {
	err = postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		past, err := postgres.One[pastEvent](ctx, tx, "Cet événement n’existe pas.", `
			SELECT id, code, member_id AS member, before, after
			FROM audit_event
			WHERE id = $1`, event)
		if err != nil {
			return err
		}
		if past.Member == nil || !Restorable(past.Code) || len(past.Before) == 0 {
			return fault.New(fault.Conflict, "Cet événement ne peut pas être défait ici.", "event %d of code %s is not restorable", event, past.Code)
		}
		if err := s.may(ctx, tx, who, RestoreHistory, *past.Member); err != nil {
			return err
		}
		m, err := locked(ctx, tx, *past.Member)
		if err != nil {
			return err
		}
		changed, err = s.restore(ctx, tx, who, m, past)
		return err
	})
	return changed, err
}

func (s *Service) restore(ctx context.Context, tx pgx.Tx, who actor.Actor, m Member, past pastEvent) (bool, error) {
	reason := fmt.Sprintf("valeurs d’avant l’événement %d rétablies", past.ID)
	switch past.Code {
	case CodeMissionsUpdated:
		return s.restoreMissions(ctx, tx, who, m, past.Before, reason)
	case CodeEndChanged:
		return s.restoreEnd(ctx, tx, who, m, past, reason)
	}
	profile, err := m.Profile().restored(past.Before)
	if err != nil {
		return false, fmt.Errorf("read event %d: %w", past.ID, err)
	}
	redirection, refusal := s.restoredRedirection(who, m, past.Before)
	changed, err := s.writeProfile(ctx, tx, who.Username, reason, m, profile, redirection)
	if err == nil && !changed {
		return false, refusal
	}
	return changed, err
}

// restoredRedirection gives the kind of address that an event kept, where the form of the record
// would allow it; else the present one, and why.
func (s *Service) restoredRedirection(who actor.Actor, m Member, before json.RawMessage) (bool, error) {
	var kept struct {
		Redirection *bool `json:"email_is_redirection"`
	}
	c := checks{}
	_ = json.Unmarshal(before, &kept) // the profile was read of the same values
	wanted := s.redirection(c, who, m, kept.Redirection)
	if reason := c["email_is_redirection"]; reason != "" {
		return m.EmailIsRedirection, fault.New(fault.Conflict, reason, "the kind of address of %s may not change", m.Username)
	}
	return wanted, nil
}

// restoreEnd gives its former last day back to the mission that an event lengthened: the only one
// that still ends when the event says.
func (s *Service) restoreEnd(ctx context.Context, tx pgx.Tx, who actor.Actor, m Member, past pastEvent, reason string) (bool, error) {
	if err := s.may(ctx, tx, who, EditMissions, m.ID); err != nil {
		return false, err
	}
	var before, after struct{ End clock.Day }
	if err := errors.Join(json.Unmarshal(past.Before, &before), json.Unmarshal(past.After, &after)); err != nil {
		return false, fmt.Errorf("read event %d: %w", past.ID, err)
	}
	missions, err := MissionsOf(ctx, tx, m.ID)
	if err != nil {
		return false, err
	}
	same := slices.DeleteFunc(slices.Clone(missions), func(mission Mission) bool { return mission.End != after.End })
	switch {
	case slices.ContainsFunc(missions, func(mission Mission) bool { return mission.End == before.End }) && len(same) == 0:
		return false, nil // done already
	case len(same) != 1 || !before.End.IsZero() && before.End.Before(same[0].Start):
		return false, fault.New(fault.Conflict, "La mission a changé depuis : corrige ses dates dans la fiche.", "the mission of event %d has changed", past.ID)
	}
	lengthened := same[0]
	same[0].End = before.End
	if who.ID == m.ID && lengthens(lengthened, same[0], clock.Today(s.clock)) {
		return false, ownMission(who)
	}
	return s.writeMissions(ctx, tx, m, who.Username, reason, missionsChange{wanted: same})
}

// ownMission is the refusal to who would lengthen their own mission.
func ownMission(who actor.Actor) error {
	return fault.New(fault.Forbidden, "Personne ne prolonge sa propre mission terminée.", "%s may not lengthen their own mission", who.Username)
}

// restored gives a profile with the values that an event kept, the others as they are.
func (p Profile) restored(before json.RawMessage) (Profile, error) {
	p.Competences, p.DailyRate, p.DaysPerWeek = slices.Clone(p.Competences), copied(p.DailyRate), copied(p.DaysPerWeek)
	kept := struct {
		Fullname    *string   `json:"fullname"`
		Role        *string   `json:"role"`
		Domain      *string   `json:"domain"`
		Bio         *string   `json:"bio"`
		Link        *string   `json:"link"`
		Github      *string   `json:"github"`
		Competences *[]string `json:"competences"`
		Type        *string   `json:"type"`
		Insee       *string   `json:"workplace_insee_code"`
		Abroad      *string   `json:"workplace_abroad"`
		Private     struct {
			Gender      *string   `json:"gender"`
			LegalStatus *string   `json:"legal_status"`
			DailyRate   **int     `json:"daily_rate"`
			DaysPerWeek **float32 `json:"days_per_week"`
			Abroad      *string   `json:"workplace_abroad"` // as older events kept it
		} `json:"private"`
	}{
		Fullname: &p.Fullname, Role: &p.Role, Domain: &p.Domain, Bio: &p.Bio, Link: &p.Link, Github: &p.Github,
		Competences: &p.Competences, Type: &p.Type, Insee: &p.WorkplaceInseeCode, Abroad: &p.WorkplaceAbroad,
	}
	private := &kept.Private
	private.Gender, private.LegalStatus, private.Abroad = &p.Gender, &p.LegalStatus, &p.WorkplaceAbroad
	rate, days := &p.DailyRate, &p.DaysPerWeek
	private.DailyRate, private.DaysPerWeek = rate, days
	if err := json.Unmarshal(before, &kept); err != nil {
		return p, err
	}
	// null empties the outer pointer rather than the value.
	if private.DailyRate == nil {
		*rate = nil
	}
	if private.DaysPerWeek == nil {
		*days = nil
	}
	return p, nil
}

func copied[T any](p *T) *T {
	if p == nil {
		return nil
	}
	v := *p
	return &v
}

// restoreMissions makes the missions of a member those that an event kept.
func (s *Service) restoreMissions(ctx context.Context, tx pgx.Tx, who actor.Actor, m Member, before json.RawMessage, reason string) (bool, error) {
	if err := s.may(ctx, tx, who, EditMissions, m.ID); err != nil {
		return false, err
	}
	var kept struct {
		Missions []toldMission `json:"missions"`
	}
	if err := json.Unmarshal(before, &kept); err != nil {
		return false, fmt.Errorf("read the missions to restore: %w", err)
	}
	present, err := MissionsOf(ctx, tx, m.ID)
	if err != nil {
		return false, err
	}
	products, err := AllProducts(ctx, tx)
	if err != nil {
		return false, err
	}
	var change missionsChange
	for _, one := range kept.Missions {
		change.wanted = append(change.wanted, one.mission(products))
	}
	for _, mission := range present {
		i := slices.IndexFunc(change.wanted, func(w Mission) bool { return w.ID == mission.ID })
		if i < 0 {
			change.removed = append(change.removed, mission.ID)
		} else if who.ID == m.ID && lengthens(mission, change.wanted[i], clock.Today(s.clock)) {
			return false, ownMission(who)
		}
	}
	return s.writeMissions(ctx, tx, m, who.Username, reason, change)
}

// mission reads back a mission; products that do not exist any more are left out.
func (t toldMission) mission(products Products) Mission {
	m := Mission{ID: t.ID, Start: t.Start, End: t.End, Status: t.Status, Employer: t.Employer, Startups: []uuid.UUID{}}
	for _, product := range products {
		if slices.Contains(t.Startups, product.Slug) {
			m.Startups = append(m.Startups, product.ID)
		}
	}
	return m
}

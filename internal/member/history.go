package member

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/betagouv/espace-membre/internal/platform/audit"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/postgres"
)

// The codes of the events about a record; the reference's are kept.
const (
	CodeCreated           audit.Code = "MEMBER_CREATED"
	CodeVerified          audit.Code = "MEMBER_VERIFIED"
	CodeRecordUpdated     audit.Code = "MEMBER_BASE_INFO_UPDATED"
	CodeMissionsUpdated   audit.Code = "MEMBER_MISSIONS_UPDATED"
	CodePrimaryUpdated    audit.Code = "MEMBER_PRIMARY_EMAIL_UPDATED"
	CodeSecondaryUpdated  audit.Code = "MEMBER_SECONDARY_EMAIL_UPDATED"
	CodePreferenceUpdated audit.Code = "MEMBER_COMMUNICATION_EMAIL_UPDATE"
)

// The codes of the events about pictures, which the room that keeps them writes.
const (
	CodeAvatarUpdated audit.Code = "MEMBER_AVATAR_UPDATED"
	CodeAvatarDeleted audit.Code = "MEMBER_AVATAR_DELETED"
)

// RecordCodes are the events that change what a record shows: those which pages call its last
// change.
func RecordCodes() []audit.Code { return append(formCodes(), CodeAvatarUpdated, CodeAvatarDeleted) }

// formCodes are those that change what the forms of a record show.
func formCodes() []audit.Code {
	return append([]audit.Code{CodeCreated, CodeVerified, CodeRecordUpdated}, missionCodes()...)
}

// missionCodes are those that change missions.
func missionCodes() []audit.Code { return []audit.Code{CodeMissionsUpdated, CodeEndChanged} }

// EventLabels say in French the codes of the events that this room writes.
func EventLabels() map[audit.Code]string {
	return map[audit.Code]string{
		CodeStatusChanged: "État de l’adresse modifié", CodeCreated: "Fiche créée", CodeVerified: "Fiche vérifiée",
		CodeRecordUpdated: "Fiche mise à jour", CodeMissionsUpdated: "Missions mises à jour",
		CodePrimaryUpdated: "Adresse principale modifiée", CodeSecondaryUpdated: "Adresse secondaire modifiée",
		CodePreferenceUpdated: "Adresse de contact modifiée",
	}
}

// PrivatePart is the key under which the history keeps the values that only the person
// concerned and administrators may read.
const PrivatePart = "private"

// PublicPart gives the values of an event that every member may read.
func PublicPart(values json.RawMessage) map[string]json.RawMessage {
	var all map[string]json.RawMessage
	if len(values) == 0 || json.Unmarshal(values, &all) != nil {
		return nil
	}
	delete(all, PrivatePart)
	return all
}

// values are the fields of a profile under the names of the history: public ones, then those
// that only the person and administrators read.
func (p Profile) values() (public, private map[string]any) {
	public = map[string]any{
		"fullname": p.Fullname, "role": p.Role, "domain": p.Domain, "bio": p.Bio, "link": p.Link, "github": p.Github,
		"competences": nonNil(p.Competences), "type": p.Type, "workplace_insee_code": p.WorkplaceInseeCode, "workplace_abroad": p.WorkplaceAbroad,
	}
	private = map[string]any{
		"gender": p.Gender, "legal_status": p.LegalStatus, "daily_rate": valueOf(p.DailyRate), "days_per_week": valueOf(p.DaysPerWeek),
	}
	return public, private
}

func valueOf[T any](p *T) any {
	if p == nil {
		return nil
	}
	return *p
}

// told gives what changed from a profile to another, as the history keeps it on each side; both
// are nil when nothing did.
func (p Profile) told(after Profile) (before, then map[string]any) {
	before, then = differing(p.values())(after.values())
	return before, then
}

// differing compares two pairs of values, and keeps on each side what is not the same.
func differing(public, private map[string]any) func(newPublic, newPrivate map[string]any) (before, after map[string]any) {
	return func(newPublic, newPrivate map[string]any) (before, after map[string]any) {
		before, after = split(public, newPublic)
		hidden, shown := split(private, newPrivate)
		if len(shown) > 0 {
			before[PrivatePart], after[PrivatePart] = hidden, shown
		}
		if len(after) == 0 {
			return nil, nil
		}
		return before, after
	}
}

func split(was, is map[string]any) (before, after map[string]any) {
	before, after = map[string]any{}, map[string]any{}
	for _, key := range slices.Sorted(maps.Keys(is)) {
		if !reflect.DeepEqual(was[key], is[key]) {
			before[key], after[key] = was[key], is[key]
		}
	}
	return before, after
}

// toldMission is a mission as the history keeps it.
type toldMission struct {
	ID       uuid.UUID `json:"id"`
	Start    clock.Day `json:"start"`
	End      clock.Day `json:"end"`
	Status   string    `json:"contract"`
	Employer string    `json:"employer"`
	Startups []string  `json:"startups"` // slugs
}

// toldMissions reads the missions of a member as the history keeps them.
func toldMissions(ctx context.Context, db postgres.DB, id uuid.UUID) ([]toldMission, error) {
	missions, err := postgres.All[toldMission](ctx, db, `
		SELECT id, start_day AS start, end_day AS end,
		       COALESCE(status, '') AS status,
		       employer,
		       ARRAY(
		           SELECT startup.slug
		           FROM mission_startup
		           JOIN startup ON startup.id = mission_startup.startup_id
		           WHERE mission_startup.mission_id = mission.id
		           ORDER BY startup.slug) AS startups
		FROM mission
		WHERE member_id = $1
		ORDER BY start_day, id`, id)
	if err != nil {
		return nil, fmt.Errorf("read the missions of member %s: %w", id, err)
	}
	return missions, nil
}

// tellMissions adds the event of a change of missions, from what they were; nothing when they
// are the same.
func (s *Service) tellMissions(ctx context.Context, tx postgres.DB, m Member, who, reason string, before []toldMission) (changed bool, err error) {
	after, err := toldMissions(ctx, tx, m.ID)
	if err != nil || reflect.DeepEqual(before, after) {
		return false, err
	}
	return true, audit.Write(ctx, tx, audit.Event{
		At: s.clock.Now(), Actor: who, Code: CodeMissionsUpdated, Member: m.ID, Subject: m.Username, Reason: reason,
		Before: map[string]any{"missions": before}, After: map[string]any{"missions": after},
	})
}

// LastChange is the newest event that changed a record.
type LastChange struct {
	At       time.Time
	Actor    string // username, or "system"
	ByMember bool   // the actor is a member
}

// LastChangeOf gives the newest event that changed what a record shows; nil when there is none.
func LastChangeOf(ctx context.Context, db postgres.DB, id uuid.UUID) (*LastChange, error) {
	found, err := postgres.All[LastChange](ctx, db, `
		SELECT at, actor,
		       EXISTS (SELECT FROM member WHERE member.username = audit_event.actor) AS by_member
		FROM audit_event
		WHERE member_id = $1
		  AND code = ANY($2)
		ORDER BY at DESC, id DESC
		LIMIT 1`, id, RecordCodes())
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return &found[0], nil
}

package member

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/betagouv/espace-membre/internal/platform/actor"
	"github.com/betagouv/espace-membre/internal/platform/audit"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/platform/postgres"
)

// RecordDraft is a record as typed.
type RecordDraft struct {
	Profile  ProfileDraft
	Missions *MissionsDraft // nil: they stay as they are
	// Redirection, when not nil, says whether the person gets a redirection instead of a
	// mailbox; administrators only, before any address exists.
	Redirection *bool
	// Seen is the version that the form showed; nil: no form.
	Seen *Version
}

// UpdateRecord changes a record, by its owner or by an administrator, and tells whether anything
// was not the same. A refusal tells every field at once; nothing is then changed. It is a
// ChangedMeanwhileError when somebody else changed the record since the version that was seen.
func (s *Service) UpdateRecord(ctx context.Context, who actor.Actor, id uuid.UUID, draft RecordDraft) (changed bool, err error) {
	err = postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		if err := s.may(ctx, tx, who, editing(who, id), id); err != nil {
			return err
		}
		if draft.Missions != nil {
			if err := s.may(ctx, tx, who, EditMissions, id); err != nil {
				return err
			}
		}
		m, err := locked(ctx, tx, id)
		if err != nil {
			return err
		}
		since, err := changedSince(ctx, tx, who.Username, id, draft.Seen, draft.codes())
		if err != nil {
			return err
		}
		changed, err = s.update(ctx, tx, who, m, draft)
		return meanwhile(since, changed, err)
	})
	return changed && err == nil, err
}

// codes are the events that change what a draft would write over.
func (d RecordDraft) codes() []audit.Code {
	if d.Missions != nil {
		return formCodes()
	}
	return []audit.Code{CodeVerified, CodeRecordUpdated}
}

// meanwhile stops a write over what somebody else just saved. What is refused waits: it may come
// from their change. A write that changes nothing, as when a form is sent twice, is let go.
func meanwhile(since *ChangedMeanwhileError, changed bool, err error) error {
	if since != nil && (changed || fault.Is(err, fault.Invalid)) {
		return since
	}
	return err
}

// editing is the right that changing a record asks.
func editing(who actor.Actor, id uuid.UUID) Action {
	if who.ID == id {
		return EditRecord
	}
	return AdminEditRecord
}

// update reads a whole draft, then writes what differs.
func (s *Service) update(ctx context.Context, tx pgx.Tx, who actor.Actor, m Member, draft RecordDraft) (changed bool, err error) {
	c := checks{}
	profile, err := s.profile(ctx, c, draft.Profile, m.Profile())
	if err != nil {
		return false, err
	}
	var missions *missionsChange
	if draft.Missions != nil {
		if missions, err = s.readMissions(ctx, tx, c, who.ID, m, *draft.Missions); err != nil {
			return false, err
		}
	}
	redirection := s.redirection(c, who, m, draft.Redirection)
	if err := c.err(); err != nil {
		return false, err
	}
	changed, err = s.writeProfile(ctx, tx, who.Username, "", m, profile, redirection)
	if err != nil || missions == nil {
		return changed, err
	}
	moved, err := s.writeMissions(ctx, tx, m, who.Username, "", *missions)
	return changed || moved, err
}

// redirection reads whether the person gets a redirection.
func (s *Service) redirection(c checks, who actor.Actor, m Member, wanted *bool) bool {
	switch {
	case wanted == nil || *wanted == m.EmailIsRedirection:
		return m.EmailIsRedirection
	case !who.Admin || who.ID == m.ID:
		c.refuse("email_is_redirection", "Seule une autre personne qui administre le portail peut changer cela.")
	case m.PrimaryEmail != "":
		c.refuse("email_is_redirection", "Cette personne a déjà une adresse principale.")
	}
	return *wanted
}

// writeProfile saves a profile and its event, when it is not the same.
func (s *Service) writeProfile(ctx context.Context, tx pgx.Tx, who, reason string, m Member, after Profile, redirection bool) (bool, error) {
	before, then := m.Profile().told(after)
	if redirection != m.EmailIsRedirection {
		if then == nil {
			before, then = map[string]any{}, map[string]any{}
		}
		before["email_is_redirection"], then["email_is_redirection"] = m.EmailIsRedirection, redirection
		if _, err := tx.Exec(ctx, `
			UPDATE member
			SET email_is_redirection = $2
			WHERE id = $1`, m.ID, redirection); err != nil {
			return false, fmt.Errorf("save the kind of address of %s: %w", m.Username, postgres.Fault(err))
		}
	}
	if then == nil {
		return false, nil
	}
	if err := s.saveProfile(ctx, tx, m.ID, after); err != nil {
		return false, err
	}
	return true, audit.Write(ctx, tx, audit.Event{
		At: s.clock.Now(), Actor: who, Code: CodeRecordUpdated, Member: m.ID, Subject: m.Username, Reason: reason,
		Before: before, After: then,
	})
}

// UpdateMissions changes the missions of a member and tells whether anything was not the same.
// Everybody's missions: administrators, the incubator team, public agents of a shared product;
// one's own while one of them runs or will, and never to lengthen one that is over. It is a
// ChangedMeanwhileError when somebody else changed them since the version that was seen.
func (s *Service) UpdateMissions(ctx context.Context, who actor.Actor, id uuid.UUID, draft MissionsDraft) (changed bool, err error) {
	err = postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		if err := s.may(ctx, tx, who, EditMissions, id); err != nil {
			return err
		}
		m, err := locked(ctx, tx, id)
		if err != nil {
			return err
		}
		since, err := changedSince(ctx, tx, who.Username, id, draft.Seen, missionCodes())
		if err != nil {
			return err
		}
		changed, err = s.updateMissions(ctx, tx, who, m, draft)
		return meanwhile(since, changed, err)
	})
	return changed && err == nil, err
}

func (s *Service) updateMissions(ctx context.Context, tx pgx.Tx, who actor.Actor, m Member, draft MissionsDraft) (bool, error) {
	c := checks{}
	change, err := s.readMissions(ctx, tx, c, who.ID, m, draft)
	if err != nil {
		return false, err
	}
	if err := c.err(); err != nil {
		return false, err
	}
	return s.writeMissions(ctx, tx, m, who.Username, "", *change)
}

// missionsChange is what a draft of missions means.
type missionsChange struct {
	wanted  []Mission
	removed []uuid.UUID
}

func (s *Service) readMissions(ctx context.Context, tx postgres.DB, c checks, who uuid.UUID, m Member, draft MissionsDraft) (*missionsChange, error) {
	before, err := MissionsOf(ctx, tx, m.ID)
	if err != nil {
		return nil, err
	}
	products, err := AllProducts(ctx, tx)
	if err != nil {
		return nil, err
	}
	j := judge{
		checks: c, today: clock.Today(s.clock), before: before, products: products, oneself: who == m.ID, endless: true,
	}
	var change missionsChange
	change.wanted, change.removed = j.missions(draft)
	return &change, nil
}

// writeMissions saves the missions of a member and their event.
func (s *Service) writeMissions(ctx context.Context, tx pgx.Tx, m Member, who, reason string, change missionsChange) (changed bool, err error) {
	before, err := toldMissions(ctx, tx, m.ID)
	if err != nil {
		return false, err
	}
	for _, mission := range change.wanted {
		if err := saveMission(ctx, tx, m.ID, mission); err != nil {
			return false, err
		}
	}
	if _, err := tx.Exec(ctx, `
		DELETE FROM mission
		WHERE member_id = $1
		  AND id = ANY($2)`, m.ID, change.removed); err != nil {
		return false, fmt.Errorf("remove missions of %s: %w", m.Username, postgres.Fault(err))
	}
	return s.tellMissions(ctx, tx, m, who, reason, before)
}

// saveMission writes a mission of a member, and no other's: one without id is new.
func saveMission(ctx context.Context, tx pgx.Tx, owner uuid.UUID, m Mission) error {
	if m.ID == uuid.Nil {
		m.ID = uuid.New()
	}
	tag, err := tx.Exec(ctx, `
		INSERT INTO mission (id, member_id, start_day, end_day, status, employer)
		VALUES ($1, $2, $3, $4, NULLIF($5, ''), $6)
		ON CONFLICT (id) DO UPDATE
		SET start_day = excluded.start_day, end_day = excluded.end_day, status = excluded.status, employer = excluded.employer
		WHERE mission.member_id = excluded.member_id`, m.ID, owner, m.Start, m.End, m.Status, m.Employer)
	if err != nil {
		return fmt.Errorf("save mission %s: %w", m.ID, postgres.Fault(err))
	}
	if tag.RowsAffected() != 1 {
		return fmt.Errorf("mission %s is not of member %s", m.ID, owner)
	}
	if _, err := tx.Exec(ctx, `
		WITH gone AS (
		    DELETE FROM mission_startup
		    WHERE mission_id = $1
		      AND startup_id <> ALL($2)
		)
		INSERT INTO mission_startup (mission_id, startup_id)
		SELECT $1, unnest($2::uuid[])
		ON CONFLICT DO NOTHING`, m.ID, m.Startups); err != nil {
		return fmt.Errorf("save the products of mission %s: %w", m.ID, postgres.Fault(err))
	}
	return nil
}

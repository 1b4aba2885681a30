package member

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/betagouv/espace-membre/internal/platform/postgres"
)

// SiteRecord is the part of a member that the public site tells: nothing private.
type SiteRecord struct {
	Username    string          `json:"username"`
	Fullname    string          `json:"fullname"`
	Role        string          `json:"role"`
	Domain      string          `json:"domain"` // one of Domains
	Bio         string          `json:"bio"`
	Link        string          `json:"link"`
	Avatar      string          `json:"avatar"`
	Github      string          `json:"github"`
	Competences []string        `json:"competences"`
	Type        string          `json:"member_type"` // empty: unknown
	Missions    []ImportMission `json:"missions"`    // in order of start, end (open ones last) and identifier
	Teams       []string        `json:"teams"`       // in byte order
}

// SiteRecords reads that part of some members, who are locked until the transaction ends.
func SiteRecords(ctx context.Context, tx postgres.DB, usernames []string) ([]SiteRecord, error) {
	records, err := postgres.All[SiteRecord](ctx, tx, `
		SELECT username, fullname, role, domain, bio, link, avatar, github, competences,
		       COALESCE(member_type, '') AS type,
		       COALESCE((
		           SELECT jsonb_agg(jsonb_build_object('id', id, 'start', start_day, 'end', COALESCE(end_day::text, ''),
		                      'status', COALESCE(status, ''), 'employer', employer,
		                      'startups', ARRAY(
		                          SELECT startup.slug
		                          FROM mission_startup
		                          JOIN startup ON startup.id = mission_startup.startup_id
		                          WHERE mission_startup.mission_id = mission.id
		                          ORDER BY startup.slug COLLATE "C"))
		                  ORDER BY start_day, end_day NULLS LAST, id)
		           FROM mission
		           WHERE member_id = member.id), '[]') AS missions,
		       ARRAY(
		           SELECT team.slug
		           FROM team_member
		           JOIN team ON team.id = team_member.team_id
		           WHERE team_member.member_id = member.id
		           ORDER BY team.slug COLLATE "C") AS teams
		FROM member
		WHERE username = ANY($1)
		ORDER BY username
		FOR UPDATE`, usernames)
	if err != nil {
		return nil, fmt.Errorf("read members as the site tells them: %w", err)
	}
	return records, nil
}

// KeepSiteRecords makes these members equal to the records, creating those who are not there
// (without any address), and gives their identifiers. No member is deleted; of theirs,
// missions and teams that the record does not name are.
func KeepSiteRecords(ctx context.Context, tx postgres.DB, now time.Time, records []SiteRecord) (map[string]uuid.UUID, error) {
	if len(records) == 0 {
		return nil, nil
	}
	missions := identify(records)
	text, err := json.Marshal(records)
	if err != nil {
		return nil, fmt.Errorf("keep members: encode: %w", err)
	}
	known, ids, err := keepProfiles(ctx, tx, now, string(text))
	if err != nil {
		return nil, fmt.Errorf("keep members: %w", postgres.Fault(err))
	}
	if _, err := tx.Exec(ctx, `
		DELETE FROM mission
		WHERE member_id = ANY($1)
		  AND NOT EXISTS (SELECT FROM unnest($2::uuid[]) AS kept (id) WHERE kept.id = mission.id)`, ids, missions); err != nil {
		return nil, fmt.Errorf("remove missions: %w", postgres.Fault(err))
	}
	for _, part := range []string{keepMissions, wipeProducts, insertProducts, wipeTeams, insertTeams} {
		if _, err := tx.Exec(ctx, part, string(text)); err != nil {
			return nil, fmt.Errorf("keep the missions and teams of members: %w", postgres.Fault(err))
		}
	}
	return known, nil
}

// identify gives an identifier to each new mission, and the list of all.
func identify(records []SiteRecord) []uuid.UUID {
	var all []uuid.UUID
	for _, r := range records {
		for i := range r.Missions {
			if r.Missions[i].ID == uuid.Nil {
				r.Missions[i].ID = uuid.New()
			}
			all = append(all, r.Missions[i].ID)
		}
	}
	return all
}

func keepProfiles(ctx context.Context, tx postgres.DB, now time.Time, text string) (map[string]uuid.UUID, []uuid.UUID, error) {
	type row struct {
		ID       uuid.UUID
		Username string
	}
	rows, err := postgres.All[row](ctx, tx, `
		INSERT INTO member (username, fullname, role, domain, bio, link, avatar, github, competences, member_type,
		    primary_email_status_changed_at, created_at, updated_at)
		SELECT username, fullname, role, COALESCE(NULLIF(domain, ''), 'Autre'), bio, link, avatar, github,
		       COALESCE(competences, '{}'), NULLIF(member_type, ''), $2, $2, $2
		FROM jsonb_to_recordset($1::jsonb) AS r (username text, fullname text, role text, domain text, bio text,
		    link text, avatar text, github text, competences text[], member_type text)
		ON CONFLICT (username) DO UPDATE
		SET fullname = excluded.fullname,
		    role = excluded.role,
		    domain = excluded.domain,
		    bio = excluded.bio,
		    link = excluded.link,
		    avatar = excluded.avatar,
		    github = excluded.github,
		    competences = excluded.competences,
		    member_type = excluded.member_type,
		    updated_at = excluded.updated_at
		RETURNING id, username`, text, now)
	known, ids := make(map[string]uuid.UUID, len(rows)), make([]uuid.UUID, 0, len(rows))
	for _, r := range rows {
		known[r.Username] = r.ID
		ids = append(ids, r.ID)
	}
	return known, ids, err
}

// wantedMissions lists the missions of the records given as $1.
const wantedMissions = `
		FROM jsonb_to_recordset($1::jsonb) AS r (username text, missions jsonb)
		CROSS JOIN LATERAL jsonb_to_recordset(NULLIF(r.missions, 'null')) AS x (id uuid, start text, "end" text,
		    status text, employer text, startups jsonb)`

const (
	keepMissions = `
		INSERT INTO mission (id, member_id, start_day, end_day, status, employer)
		SELECT x.id, member.id, x.start::date, NULLIF(x."end", '')::date, NULLIF(x.status, ''), x.employer` + wantedMissions + `
		JOIN member ON member.username = r.username
		ON CONFLICT (id) DO UPDATE
		SET start_day = excluded.start_day,
		    end_day = excluded.end_day,
		    status = excluded.status,
		    employer = excluded.employer`
	wipeProducts = `
		DELETE FROM mission_startup
		WHERE mission_id IN (SELECT x.id` + wantedMissions + `)`
	insertProducts = `
		INSERT INTO mission_startup (mission_id, startup_id)
		SELECT DISTINCT x.id, startup.id` + wantedMissions + `
		CROSS JOIN LATERAL jsonb_array_elements_text(NULLIF(x.startups, 'null')) AS p (slug)
		JOIN startup ON startup.slug = p.slug`
	wipeTeams = `
		DELETE FROM team_member
		USING member, jsonb_to_recordset($1::jsonb) AS r (username text)
		WHERE member.username = r.username
		  AND team_member.member_id = member.id`
	insertTeams = `
		INSERT INTO team_member (team_id, member_id)
		SELECT DISTINCT team.id, member.id
		FROM jsonb_to_recordset($1::jsonb) AS r (username text, teams jsonb)
		JOIN member ON member.username = r.username
		CROSS JOIN LATERAL jsonb_array_elements_text(NULLIF(r.teams, 'null')) AS t (slug)
		JOIN team ON team.slug = t.slug`
)

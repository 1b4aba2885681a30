package member

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/postgres"
)

// ImportMission is one contract period of a record to import.
type ImportMission struct {
	ID       uuid.UUID `json:"id,omitzero"` // of the mission as it stands; zero: a new one
	Start    clock.Day `json:"start"`
	End      clock.Day `json:"end"`      // zero: open-ended
	Status   string    `json:"status"`   // independent, admin, service or empty
	Employer string    `json:"employer"` // free text
	Startups []string  `json:"startups"` // slugs; those that no product bears are skipped
}

// ImportRecord is one person as some source describes them, already validated.
type ImportRecord struct {
	Username           string          `json:"username"`
	Fullname           string          `json:"fullname"`
	Role               string          `json:"role"`
	Domain             string          `json:"domain"` // one of Domains; empty: Autre
	Bio                string          `json:"bio"`
	Link               string          `json:"link"`
	Avatar             string          `json:"avatar"`
	Github             string          `json:"github"`
	Competences        []string        `json:"competences"`
	Type               string          `json:"member_type"`     // beta, attributaire, dinum, autre or empty
	PrimaryEmail       string          `json:"primary_email"`   // normalised; empty: none
	SecondaryEmail     string          `json:"secondary_email"` // normalised; empty: none
	CommunicationEmail string          `json:"communication_email"`
	EmailIsRedirection bool            `json:"email_is_redirection"`
	Status             Status          `json:"status"`               // empty: StatusUnset
	StatusSince        time.Time       `json:"status_since"`         // zero: the moment of the import
	VerifiedAt         *time.Time      `json:"verified_at"`          // nil: never
	WorkplaceInseeCode string          `json:"workplace_insee_code"` // of a commune of France; empty: not told, or abroad
	WorkplaceAbroad    string          `json:"workplace_abroad"`     // a city; empty: not told, or in France
	Missions           []ImportMission `json:"missions"`
	Teams              []string        `json:"teams"` // slugs; unknown ones are skipped
}

// Import creates, with their missions and teams, the members whose username is not known yet,
// and gives the usernames created. Members who already exist are left as they are.
func Import(ctx context.Context, tx postgres.DB, now time.Time, records []ImportRecord) ([]string, error) {
	for i := range records {
		if records[i].StatusSince.IsZero() {
			records[i].StatusSince = now
		}
	}
	text, err := json.Marshal(records)
	if err != nil {
		return nil, fmt.Errorf("import members: encode: %w", err)
	}
	created, err := postgres.Column[string](ctx, tx, `
		INSERT INTO member (username, fullname, role, domain, bio, link, avatar, github, competences, member_type,
		    primary_email, secondary_email, communication_email, email_is_redirection, workplace_insee_code, workplace_abroad,
		    primary_email_status, primary_email_status_changed_at, verified_at, created_at, updated_at)
		SELECT r.username, r.fullname, r.role, coalesce(nullif(r.domain, ''), 'Autre'), r.bio, r.link, r.avatar, r.github,
		    coalesce(r.competences, '{}'), nullif(r.member_type, ''),
		    nullif(r.primary_email, ''), nullif(r.secondary_email, ''),
		    coalesce(nullif(r.communication_email, ''), 'primary'), r.email_is_redirection,
		    coalesce(r.workplace_insee_code, ''), coalesce(r.workplace_abroad, ''),
		    coalesce(nullif(r.status, ''), 'EMAIL_UNSET'), r.status_since, r.verified_at, $2, $2
		FROM jsonb_to_recordset($1::jsonb) AS r (username text, fullname text, role text, domain text, bio text,
		    link text, avatar text, github text, competences text[], member_type text, primary_email text,
		    secondary_email text, communication_email text, email_is_redirection boolean,
		    workplace_insee_code text, workplace_abroad text,
		    status text, status_since timestamptz, verified_at timestamptz)
		ON CONFLICT (username) DO NOTHING
		RETURNING username`, string(text), now)
	if err != nil {
		return nil, fmt.Errorf("import members: %w", postgres.Fault(err))
	}
	return created, importMissions(ctx, tx, string(text), created)
}

// importMissions gives their missions, the products of these, and their teams to the members
// just created.
func importMissions(ctx context.Context, tx postgres.DB, text string, created []string) error {
	_, err := tx.Exec(ctx, `
		WITH wanted AS (
		    SELECT gen_random_uuid() AS id, m.id AS member_id, x.mission
		    FROM jsonb_array_elements($1::jsonb) AS r (record)
		    JOIN member m ON m.username = r.record ->> 'username'
		    CROSS JOIN LATERAL jsonb_array_elements(nullif(r.record -> 'missions', 'null')) AS x (mission)
		    WHERE m.username = ANY($2)
		), inserted AS (
		    INSERT INTO mission (id, member_id, start_day, end_day, status, employer)
		    SELECT id, member_id, (mission ->> 'start')::date, nullif(mission ->> 'end', '')::date,
		        nullif(mission ->> 'status', ''), mission ->> 'employer'
		    FROM wanted
		    RETURNING id
		)
		INSERT INTO mission_startup (mission_id, startup_id)
		SELECT DISTINCT inserted.id, s.id
		FROM inserted
		JOIN wanted ON wanted.id = inserted.id
		CROSS JOIN LATERAL jsonb_array_elements_text(nullif(wanted.mission -> 'startups', 'null')) AS p (slug)
		JOIN startup s ON s.slug = p.slug`, text, created)
	if err != nil {
		return fmt.Errorf("import missions: %w", postgres.Fault(err))
	}
	_, err = tx.Exec(ctx, `
		INSERT INTO team_member (team_id, member_id)
		SELECT DISTINCT team.id, m.id
		FROM jsonb_to_recordset($1::jsonb) AS r (username text, teams jsonb)
		JOIN member m ON m.username = r.username
		CROSS JOIN LATERAL jsonb_array_elements_text(nullif(r.teams, 'null')) AS t (slug)
		JOIN team ON team.slug = t.slug
		WHERE m.username = ANY($2)`, text, created)
	if err != nil {
		return fmt.Errorf("import teams of members: %w", postgres.Fault(err))
	}
	return nil
}

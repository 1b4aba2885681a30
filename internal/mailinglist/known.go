package mailinglist

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/postgres"
)

// known is somebody with every address that is known to be theirs.
type known struct {
	ID        uuid.UUID  `db:"id"`
	Username  string     `db:"username"`
	LastEnd   clock.Day  `db:"last_end"`   // zero: no mission, or one without end
	RefusedAt *time.Time `db:"refused_at"` // of the list that is looked at
	Addresses []string   `db:"addresses"`  // lower case, sorted
}

// among gives which of a set of addresses are theirs.
func (k known) among(addresses map[string]bool) []string {
	var found []string
	for _, a := range k.Addresses {
		if addresses[a] {
			found = append(found, a)
		}
	}
	return found
}

// knownAddresses is every address of the members of a common table named people (id, username), by
// member ($3: domain, $4: suffix of redirections): those of the record, those that the domain gives
// to the username, and those that the audit trail remembers, where what is private stands apart (see
// member.PrivatePart). An address that somebody else holds now, or has by their username, is
// nobody's here.
const knownAddresses = `
	known AS (
	    SELECT member_address.member_id, member_address.address
	    FROM member_address
	    JOIN people ON people.id = member_address.member_id
	    UNION
	    SELECT people.id, people.username || '@' || $3::text
	    FROM people
	    UNION
	    SELECT people.id, people.username || $4::text || '@' || $3::text
	    FROM people
	    UNION
	    SELECT audit_event.member_id, lower(btrim(field.value))
	    FROM audit_event
	    JOIN people ON people.id = audit_event.member_id
	    CROSS JOIN LATERAL (VALUES (audit_event.before), (audit_event.after)) AS side (fields)
	    CROSS JOIN LATERAL (
	        VALUES (side.fields ->> 'primary_email'), (side.fields ->> 'secondary_email'), (side.fields -> 'private' ->> 'secondary_email')
	        UNION ALL
	        SELECT unnest(ARRAY[side.fields ->> 'value', side.fields ->> 'old_value'])
	        WHERE audit_event.code IN ('MEMBER_EMAIL_CREATED', 'MEMBER_EMAIL_RECREATED', 'MEMBER_EMAIL_DELETED',
	                                   'MEMBER_PRIMARY_EMAIL_UPDATED', 'MEMBER_SECONDARY_EMAIL_UPDATED')) AS field (value)
	    WHERE field.value LIKE '%_@_%'
	), theirs AS (
	    SELECT known.member_id, array_agg(known.address ORDER BY known.address) AS addresses
	    FROM known
	    WHERE NOT EXISTS (
	              SELECT FROM member_address
	              WHERE member_address.address = known.address
	                AND member_address.member_id <> known.member_id)
	      AND NOT EXISTS (
	              SELECT FROM member
	              WHERE member.username || '@' || $3::text = known.address
	                AND member.id <> known.member_id)
	    GROUP BY known.member_id
	)`

// peopleQuery lists members with their known addresses: whose last mission ended on $1 at the latest,
// who have no mission at all, or who refused a list ($2).
const peopleQuery = `
	WITH people AS (
	    SELECT member.id, member.username,
	           CASE WHEN bool_and(mission.end_day IS NOT NULL) THEN max(mission.end_day) END AS last_end,
	           min(list_refusal.refused_at) AS refused_at
	    FROM member
	    LEFT JOIN mission ON mission.member_id = member.id
	    LEFT JOIN list_refusal ON list_refusal.member_id = member.id AND list_refusal.list = $2::text
	    GROUP BY member.id
	    HAVING count(mission.id) = 0
	        OR bool_and(mission.end_day IS NOT NULL) AND max(mission.end_day) <= $1
	        OR count(list_refusal.list) > 0
	), ` + knownAddresses + `
	SELECT people.id, people.username, people.last_end, people.refused_at, COALESCE(theirs.addresses, '{}') AS addresses
	FROM people
	LEFT JOIN theirs ON theirs.member_id = people.id`

// people lists, by username, those whose last mission ended n days ago or more, those without any
// mission, and those who refused a list ("": none).
func (s *Service) people(ctx context.Context, n int, list List, day clock.Day) ([]known, error) {
	all, err := postgres.All[known](ctx, s.db, peopleQuery+`
	ORDER BY people.username`, day.Add(-n), list, s.config.Domain, s.config.RedirectionSuffix)
	if err != nil {
		return nil, fmt.Errorf("list the members gone for %d days: %w", n, err)
	}
	return all, nil
}

// again reads one of them as they are on a day; ok is false when they are none of those any more.
func (s *Service) again(ctx context.Context, id uuid.UUID, n int, list List, day clock.Day) (k known, ok bool, err error) {
	rows, err := postgres.All[known](ctx, s.db, peopleQuery+`
	WHERE people.id = $5`, day.Add(-n), list, s.config.Domain, s.config.RedirectionSuffix, id)
	if err != nil || len(rows) == 0 {
		return known{}, false, err
	}
	return rows[0], true, nil
}

// goneFor tells whether the last mission ended n days before a day, or earlier.
func (k known) goneFor(n int, day clock.Day) bool {
	return !k.LastEnd.IsZero() && !k.LastEnd.Add(n).After(day)
}

// set makes a set of addresses.
func set(addresses []string) map[string]bool {
	m := make(map[string]bool, len(addresses))
	for _, a := range addresses {
		m[strings.ToLower(a)] = true
	}
	return m
}

// intersect gives the addresses of a list that are in another, sorted.
func intersect(theirs, listed []string) []string {
	in := set(listed)
	var found []string
	for _, a := range theirs {
		if in[a] {
			found = append(found, a)
		}
	}
	slices.Sort(found)
	return found
}

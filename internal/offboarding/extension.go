package offboarding

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/betagouv/espace-membre/internal/platform/audit"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/postgres"
)

// ExtensionState is where a request to stay longer stands.
type ExtensionState string

// The states; only a pending request may still be accepted or refused.
const (
	Pending   ExtensionState = "pending"
	Accepted  ExtensionState = "accepted"
	Refused   ExtensionState = "refused"
	Withdrawn ExtensionState = "withdrawn" // by who asked
	Expired   ExtensionState = "expired"   // nobody answered in time, or the mission was lengthened otherwise
)

// Extension is one request to stay longer.
type Extension struct {
	ID        uuid.UUID
	MemberID  uuid.UUID
	Username  string // of who asks
	Fullname  string
	Role      string
	EndDay    clock.Day // last day of the last mission when it was asked
	WishedDay clock.Day // last day asked for
	Message   string
	State     ExtensionState // as it counts today
	AskedAt   time.Time
	ExpiryDay clock.Day // last day on which it may be accepted
	DecidedAt *time.Time
	DecidedBy string // username; empty while pending
	Decider   string // full name of who decided, else the username
	Answer    string
	Products  []string // names, of the last mission
}

// What a request may be.
const (
	mostMonths   = 12 // a mission is lengthened by a year at most, from its end or from today
	openDays     = 30 // a request that nobody answers
	mostRequests = 3  // in the days below
	requestsSpan = 7 * 24 * time.Hour
	mostMessage  = 1000 // characters
)

// The events of a request.
const (
	CodeExtensionAsked     audit.Code = "MEMBER_EXTENSION_ASKED"
	CodeExtensionAccepted  audit.Code = "MEMBER_EXTENSION_ACCEPTED"
	CodeExtensionRefused   audit.Code = "MEMBER_EXTENSION_REFUSED"
	CodeExtensionWithdrawn audit.Code = "MEMBER_EXTENSION_WITHDRAWN"
)

// extensionQuery reads requests as they count on a day ($1): one whose time has passed, or whose
// mission already lasts long enough, is expired.
const extensionQuery = `
	SELECT request.id, request.member_id, member.username, member.fullname, member.role,
	       request.end_day, request.wished_day, request.message,
	       CASE
	           WHEN request.state = 'pending'
	            AND (request.expires_day < $1 OR last.end_day IS NULL OR last.end_day >= request.wished_day) THEN 'expired'
	           ELSE request.state
	       END AS state,
	       request.asked_at, request.expires_day AS expiry_day, request.decided_at, request.decided_by,
	       COALESCE(decider.fullname, request.decided_by) AS decider,
	       request.answer,
	       ARRAY(
	           SELECT DISTINCT startup.name
	           FROM mission
	           JOIN mission_startup ON mission_startup.mission_id = mission.id
	           JOIN startup ON startup.id = mission_startup.startup_id
	           WHERE mission.member_id = member.id
	             AND mission.end_day = last.end_day
	           ORDER BY startup.name) AS products
	FROM extension_request AS request
	JOIN member ON member.id = request.member_id
	LEFT JOIN member AS decider ON decider.username = request.decided_by
	CROSS JOIN LATERAL (
	    SELECT CASE WHEN bool_or(end_day IS NULL) THEN NULL ELSE max(end_day) END AS end_day
	    FROM mission
	    WHERE mission.member_id = request.member_id) AS last
	WHERE `

// extensionsOf lists the last requests of a member, the newest first.
func (s *Service) extensionsOf(ctx context.Context, db postgres.DB, id uuid.UUID) ([]Extension, error) {
	list, err := postgres.All[Extension](ctx, db, extensionQuery+`request.member_id = $2
	ORDER BY request.asked_at DESC, request.id
	LIMIT 10`, s.today(), id)
	if err != nil {
		return nil, fmt.Errorf("list the requests of member %s: %w", id, err)
	}
	return list, nil
}

const noExtension = "Cette demande de prolongation n’existe pas."

// extension reads one request; NotFound when there is none.
func (s *Service) extension(ctx context.Context, db postgres.DB, id uuid.UUID) (Extension, error) {
	return postgres.One[Extension](ctx, db, noExtension, extensionQuery+`request.id = $2`, s.today(), id)
}

package sample

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/audit"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/platform/postgres"
)

// Settings are what a made-up community depends on.
type Settings struct {
	Today              clock.Day
	Domain             string   // of the community's addresses
	DefaultPlan        string   // of mailboxes; empty: EMAIL_PLAN_BASIC
	ExchangeIncubators []string // slugs whose members have Exchange when the incubator names no plan
	Lists              []int    // contact lists that members join
}

// Population tells what was made up.
type Population struct {
	Today     clock.Day             `json:"today"`
	Populated int                   `json:"populated"` // members who received addresses and a state
	Active    int                   `json:"active"`    // of all members of the public site, those active that day
	States    map[member.Status]int `json:"states"`    // of those populated
	Plans     map[string]int        `json:"plans"`     // mailboxes by plan
	Drift     map[string]int        `json:"drift"`     // what the vendors hold otherwise, by kind
}

// Populate gives addresses and a state, as they stand on a day, to the members that came from
// the public site and have none, and says what the vendors should hold. Push receives it before
// the whole is committed; when it fails nothing is. A second run changes nothing. A database
// that holds addresses of anybody else than made-up people is a Conflict fault.
func Populate(ctx context.Context, db postgres.DB, s Settings, push func(context.Context, Outside) error) (Population, error) {
	result := Population{Today: s.Today, States: map[member.Status]int{}, Plans: map[string]int{}, Drift: map[string]int{}}
	err := postgres.InTx(ctx, db, func(tx pgx.Tx) error {
		if err := refuseStrangers(ctx, tx, s.Domain); err != nil {
			return err
		}
		if err := spreadPlans(ctx, tx); err != nil {
			return err
		}
		people, err := publicPeople(ctx, tx, s)
		if err != nil {
			return err
		}
		residents := make([]resident, 0, len(people))
		for _, p := range people {
			if member.IsActive(p.missions(), s.Today) {
				result.Active++
			}
			if p.Blank {
				residents = append(residents, p.settle(s))
			}
		}
		if len(residents) == 0 {
			return nil
		}
		if err := keepResidents(ctx, tx, s, residents); err != nil {
			return err
		}
		outside, drift := outsideOf(residents, s)
		result.tell(residents, outside, drift)
		return push(ctx, outside)
	})
	if err != nil {
		return Population{}, fmt.Errorf("populate: %w", err)
	}
	return result, nil
}

func (p *Population) tell(residents []resident, outside Outside, drift map[string]int) {
	p.Populated, p.Drift = len(residents), drift
	for _, r := range residents {
		p.States[r.Status]++
	}
	for _, box := range outside.Boxes {
		p.Plans[box.Plan]++
	}
}

// refuseStrangers refuses a database that holds an address which this package could not have
// made: somebody real may be behind it. Addresses under the names reserved for examples
// (RFC 2606 and 6761) are nobody's.
func refuseStrangers(ctx context.Context, tx postgres.DB, domain string) error {
	strangers, err := postgres.Scalar[int](ctx, tx, `
		SELECT count(*)
		FROM member_address
		WHERE address !~ '[@.](test|example|invalid|localhost)$'
		  AND address !~ '[@.]example\.(com|net|org)$'
		  AND address NOT LIKE '%@' || $1::text`, domain)
	if err != nil {
		return fmt.Errorf("look for other people's data: %w", err)
	}
	if strangers > 0 {
		return fault.New(fault.Conflict, fmt.Sprintf("Cette base contient %d adresses qui ne sont pas inventées : --populate n’y touche pas.", strangers),
			"%d addresses are not made up", strangers)
	}
	return nil
}

// spreadPlans gives a paid kind of mailbox to some incubators of the public site that name none:
// in the order of their slugs, the seventh and each ninth after it have Pro, the fourth and each
// twelfth after it Exchange.
func spreadPlans(ctx context.Context, tx postgres.DB) error {
	_, err := tx.Exec(ctx, `
		WITH numbered AS (
		    SELECT incubator.id, row_number() OVER (ORDER BY incubator.slug COLLATE "C") AS n
		    FROM incubator
		    JOIN site_source ON site_source.kind = 'incubator' AND site_source.slug = incubator.slug
		)
		UPDATE incubator
		SET mailbox_plan = CASE WHEN numbered.n % 9 = 7 THEN 'EMAIL_PLAN_PRO' ELSE 'EMAIL_PLAN_EXCHANGE' END
		FROM numbered
		WHERE incubator.id = numbered.id
		  AND (numbered.n % 9 = 7 OR numbered.n % 12 = 4)
		  AND incubator.mailbox_plan IS NULL`)
	if err != nil {
		return fmt.Errorf("spread mailbox plans: %w", postgres.Fault(err))
	}
	return nil
}

// publicPerson is a member that came from the public site.
type publicPerson struct {
	ID       uuid.UUID
	Username string
	Fullname string
	Domain   string
	Type     string
	Blank    bool // no address and no state yet
	Periods  []period
	Plan     string // of the incubators of the latest mission's products; empty: the default
}

type period struct {
	Start  clock.Day `json:"start"`
	End    clock.Day `json:"end"`
	Status string    `json:"status"`
}

func publicPeople(ctx context.Context, tx postgres.DB, s Settings) ([]publicPerson, error) {
	exchange := s.ExchangeIncubators
	if exchange == nil {
		exchange = []string{}
	}
	people, err := postgres.All[publicPerson](ctx, tx, `
		SELECT m.id, m.username, m.fullname, m.domain,
		       COALESCE(m.member_type, '') AS type,
		       m.primary_email IS NULL AND m.secondary_email IS NULL AND m.primary_email_status = 'EMAIL_UNSET' AS blank,
		       COALESCE((
		           SELECT jsonb_agg(jsonb_build_object('start', start_day, 'end', COALESCE(end_day::text, ''), 'status', COALESCE(status, ''))
		                  ORDER BY start_day)
		           FROM mission
		           WHERE member_id = m.id), '[]') AS periods,
		       COALESCE((
		           SELECT COALESCE(i.mailbox_plan, 'EMAIL_PLAN_EXCHANGE')
		           FROM mission_startup ms
		           JOIN startup st ON st.id = ms.startup_id
		           JOIN incubator i ON i.id = st.incubator_id
		           WHERE ms.mission_id = (
		                   SELECT x.id FROM mission x
		                   WHERE x.member_id = m.id
		                   ORDER BY x.end_day DESC NULLS FIRST, x.start_day DESC, x.id
		                   LIMIT 1)
		             AND (i.mailbox_plan IS NOT NULL OR i.slug = ANY($1::text[]))
		           ORDER BY array_position(ARRAY['EMAIL_PLAN_EXCHANGE', 'EMAIL_PLAN_PRO', 'EMAIL_PLAN_BASIC'],
		                                   COALESCE(i.mailbox_plan, 'EMAIL_PLAN_EXCHANGE'))
		           LIMIT 1), '') AS plan
		FROM member m
		JOIN site_source ON site_source.kind = 'member' AND site_source.slug = m.username
		ORDER BY m.username
		FOR UPDATE OF m`, exchange)
	if err != nil {
		return nil, fmt.Errorf("read the members of the public site: %w", err)
	}
	return people, nil
}

// kept is a resident as the statement below reads it.
type kept struct {
	Username      string     `json:"username"`
	Primary       string     `json:"primary"`
	Secondary     string     `json:"secondary"`
	Status        string     `json:"status"`
	Since         time.Time  `json:"since"`
	Communication string     `json:"communication"`
	Redirection   bool       `json:"redirection"`
	VerifiedAt    *time.Time `json:"verified_at"`
}

func keepResidents(ctx context.Context, tx postgres.DB, s Settings, residents []resident) error {
	rows := make([]kept, len(residents))
	for i, r := range residents {
		rows[i] = kept{r.Username, r.Primary, r.Secondary, string(r.Status), r.Since, r.Communication, r.Redirection, r.VerifiedAt}
	}
	text, err := json.Marshal(rows)
	if err != nil {
		return fmt.Errorf("encode the made-up addresses: %w", err)
	}
	type row struct {
		ID       uuid.UUID
		Username string
	}
	updated, err := postgres.All[row](ctx, tx, `
		UPDATE member
		SET primary_email = NULLIF(r."primary", ''),
		    secondary_email = NULLIF(r.secondary, ''),
		    primary_email_status = r.status,
		    primary_email_status_changed_at = r.since,
		    communication_email = r.communication,
		    email_is_redirection = r.redirection,
		    verified_at = r.verified_at
		FROM jsonb_to_recordset($1::jsonb) AS r (username text, "primary" text, secondary text, status text, since timestamptz,
		    communication text, redirection boolean, verified_at timestamptz)
		WHERE member.username = r.username
		RETURNING member.id, member.username`, string(text))
	if err != nil {
		return fmt.Errorf("give the made-up addresses: %w", postgres.Fault(err))
	}
	ids := make(map[string]uuid.UUID, len(updated))
	for _, u := range updated {
		ids[u.Username] = u.ID
	}
	return tellFarewells(ctx, tx, s.Domain, residents, ids)
}

// tellFarewells writes the history of the departures, the oldest first.
func tellFarewells(ctx context.Context, tx postgres.DB, domain string, residents []resident, ids map[string]uuid.UUID) error {
	var events []audit.Event
	for _, r := range residents {
		if e, ok := farewell(r, domain); ok {
			e.Member = ids[r.Username]
			events = append(events, e)
		}
	}
	slices.SortStableFunc(events, func(a, b audit.Event) int { return a.At.Compare(b.At) })
	return audit.WriteAll(ctx, tx, events)
}

func isService(address string) bool { return strings.HasSuffix(address, service) }

package mailinglist

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/job"
	"github.com/betagouv/espace-membre/internal/platform/postgres"
)

// active is a member in activity, as the members' list sees them.
type active struct {
	ID         uuid.UUID     `db:"id"`
	Username   string        `db:"username"`
	Primary    string        `db:"primary_email"`
	Secondary  string        `db:"secondary_email"`
	Preference string        `db:"communication_email"` // primary or secondary
	Status     member.Status `db:"status"`              // of the primary address
	Refused    bool          `db:"refused"`
}

// activeQuery reads the members in activity on a day ($1), and whether they refused a list ($2).
const activeQuery = `
	SELECT member.id, member.username,
	       COALESCE(member.primary_email, '') AS primary_email,
	       COALESCE(member.secondary_email, '') AS secondary_email,
	       member.communication_email,
	       member.primary_email_status AS status,
	       EXISTS (
	           SELECT FROM list_refusal
	           WHERE list_refusal.member_id = member.id
	             AND list_refusal.list = $2::text) AS refused
	FROM member
	WHERE EXISTS (
	          SELECT FROM mission
	          WHERE mission.member_id = member.id
	            AND (mission.end_day IS NULL OR mission.end_day >= $1))`

// settled is a member in activity with every address that is known to be theirs.
type settled struct {
	active
	Addresses []string `db:"addresses"` // lower case, sorted
}

const settledQuery = `
	WITH people AS (` + activeQuery + `
	), ` + knownAddresses + `
	SELECT people.id, people.username, people.primary_email, people.secondary_email, people.communication_email, people.status, people.refused,
	       COALESCE(theirs.addresses, '{}') AS addresses
	FROM people
	LEFT JOIN theirs ON theirs.member_id = people.id`

// settled lists, by username, the members in activity with their known addresses.
func (s *Service) settled(ctx context.Context, day clock.Day) ([]settled, error) {
	all, err := postgres.All[settled](ctx, s.db, settledQuery+`
	ORDER BY people.username`, day, Members, s.config.Domain, s.config.RedirectionSuffix)
	if err != nil {
		return nil, fmt.Errorf("list the members in activity with their addresses: %w", err)
	}
	return all, nil
}

// settledNow reads one of them as they are on a day; ok is false when they have no mission any more.
func (s *Service) settledNow(ctx context.Context, id uuid.UUID, day clock.Day) (m settled, ok bool, err error) {
	rows, err := postgres.All[settled](ctx, s.db, settledQuery+`
	WHERE people.id = $5`, day, Members, s.config.Domain, s.config.RedirectionSuffix, id)
	if err != nil || len(rows) == 0 {
		return settled{}, false, err
	}
	return rows[0], true, nil
}

// stillActive reads a member again; the second value, when not empty, says why they are not to be
// subscribed any more.
func (s *Service) stillActive(ctx context.Context, a job.Action) (active, string, error) {
	day, err := job.JudgedOn(a, clock.Today(s.clock))
	if err != nil {
		return active{}, "", err
	}
	rows, err := postgres.All[active](ctx, s.db, activeQuery+`
	  AND member.id = $3`, day, Members, a.Subject)
	if err != nil {
		return active{}, "", fmt.Errorf("read the member again: %w", err)
	}
	if len(rows) == 0 {
		return active{}, "aucune mission en cours ou à venir", nil
	}
	_, why := rows[0].wanted()
	return rows[0], why, nil
}

// prefersSecondary tells whether notices go to the private address. A record that its owner has not
// checked yet holds an address that a colleague typed: it is not a choice.
func (m active) prefersSecondary() bool {
	return m.Preference == string(member.Secondary) && m.Secondary != "" && m.Status != member.StatusVerificationWaiting
}

// wanted gives the address by which a member in activity receives the list, the one that they
// prefer; else why there is none, in French.
func (m active) wanted() (address, obstacle string) {
	switch {
	case m.Refused:
		return "", "ne souhaite pas recevoir cette liste"
	case m.prefersSecondary():
		return m.Secondary, ""
	case m.Primary == "":
		return "", "pas d’adresse principale"
	case !m.Status.ActiveLike():
		return "", "adresse principale pas en service (" + string(m.Status) + ")"
	}
	return m.Primary, ""
}

// sayWanted says in French what the wanted address is.
func (m active) sayWanted() string {
	if m.prefersSecondary() {
		return "adresse de contact choisie"
	}
	return "adresse en service"
}

// surplus is what a member in activity has too much on a list.
type surplus struct {
	former []string // subscribed, and not in the record any more
	spare  []string // the other address of the record, while the wanted one is subscribed
}

func (s surplus) addresses() []string { return slices.Concat(s.former, s.spare) }

// reason says it in French; "" when there is nothing.
func (s surplus) reason() string {
	switch {
	case len(s.former) > 1:
		return "anciennes adresses encore inscrites, qui ne sont plus dans la fiche"
	case len(s.former) == 1:
		return "ancienne adresse encore inscrite, qui n’est plus dans la fiche"
	case len(s.spare) > 0:
		return "deux adresses inscrites : la liste ne va qu’à l’adresse de contact choisie"
	}
	return ""
}

// surplus tells which subscribers are other addresses of somebody in activity. Without it a change
// of address, or of preference, would send everything twice. The address that the record holds
// leaves only once the wanted one is there: nobody receives nothing in between.
func (m settled) surplus(subscribers map[string]bool) surplus {
	wanted, _ := m.wanted()
	receives := wanted != "" && subscribers[strings.ToLower(wanted)]
	var found surplus
	for _, address := range m.Addresses {
		inRecord := address == m.Primary || address == m.Secondary
		switch {
		case m.Refused, !subscribers[address]: // who refused leaves by every address, for that reason
		case !inRecord:
			found.former = append(found.former, address)
		case receives && address != wanted:
			found.spare = append(found.spare, address)
		}
	}
	return found
}

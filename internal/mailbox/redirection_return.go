package mailbox

import (
	"context"
	"fmt"
	"strconv"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/betagouv/espace-membre/internal/platform/audit"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/platform/job"
	"github.com/betagouv/espace-membre/internal/platform/postgres"
)

// memoryDays is how long a redirection taken away by a departure is given back on return:
// after that, where it led may not be wanted any more.
const memoryDays = 180

// toSecondary stands, in the history, for a target that is the member's private address.
const toSecondary = "adresse secondaire"

// taken is a redirection that a departure took away from somebody who is active again.
type taken struct {
	Event     int64     `db:"event"` // that tells it
	ID        uuid.UUID `db:"id"`
	Username  string    `db:"username"`
	From      string    `db:"origin"`
	To        string    `db:"target"`
	Secondary string    `db:"secondary_email"`
}

// takenQuery reads what the departure job took away from members active on a day ($1), since
// another ($2), and that was not given back, whatever address of ours it left from ($3: mail
// domain, $4: suffix of redirections). Set aside: the redirection of an « attributaire », which
// follows their status; an address that has become somebody else's; and what only followed a
// replaced address that is the primary one again.
const takenQuery = `
	SELECT e.id AS event, m.id, m.username,
	       e.before ->> 'from' AS origin,
	       e.before ->> 'to' AS target,
	       coalesce(m.secondary_email, '') AS secondary_email
	FROM audit_event e
	JOIN member m ON m.id = e.member_id
	WHERE e.code = 'MEMBER_REDIRECTION_DELETED'
	  AND e.after ->> 'cause' = 'departure'
	  AND e.at >= $2
	  AND e.before ->> 'to' <> e.before ->> 'from'
	  AND NOT (m.email_is_redirection AND e.before ->> 'from' = m.username || $4::text || '@' || $3::text)
	  AND NOT EXISTS (SELECT FROM member_address a
	                  WHERE a.address = e.before ->> 'from' AND a.member_id <> m.id)
	  AND NOT (coalesce(m.primary_email, '') = e.before ->> 'from'
	           AND EXISTS (SELECT FROM audit_event made
	                       WHERE made.member_id = m.id
	                         AND made.code = 'MEMBER_REDIRECTION_CREATED'
	                         AND made.after ->> 'cause' = 'replaced'
	                         AND made.after ->> 'to' = e.before ->> 'to'))
	  AND EXISTS (SELECT FROM mission x
	              WHERE x.member_id = m.id AND (x.end_day IS NULL OR x.end_day >= $1))
	  AND NOT EXISTS (SELECT FROM audit_event back
	                  WHERE back.member_id = m.id
	                    AND back.code = 'MEMBER_REDIRECTION_CREATED'
	                    AND back.after ->> 'restores' = e.id::text)`

func (s *Service) takenAway(ctx context.Context, today clock.Day) ([]taken, error) {
	rows, err := postgres.All[taken](ctx, s.db, takenQuery+`
	ORDER BY m.username, e.id`, today, today.Add(-memoryDays).At(0, 0), s.config.Domain, s.config.RedirectionSuffix)
	if err != nil {
		return nil, fmt.Errorf("list the redirections taken away by departures: %w", err)
	}
	return rows, nil
}

// takenFrom is takenAway for one member, inside a transaction.
func (s *Service) takenFrom(ctx context.Context, db postgres.DB, id uuid.UUID) ([]taken, error) {
	today := clock.Today(s.clock)
	rows, err := postgres.All[taken](ctx, db, takenQuery+`
	  AND m.id = $5
	ORDER BY e.id`, today, today.Add(-memoryDays).At(0, 0), s.config.Domain, s.config.RedirectionSuffix, id)
	if err != nil {
		return nil, fmt.Errorf("list the redirections taken away from member %s: %w", id, err)
	}
	return rows, nil
}

// backArgs names what is to be given back by its event, so that no address stands in the ledger.
type backArgs struct {
	Event int64 `json:"event"`
}

func (r taken) action() job.Action {
	return job.Action{
		Key: job.Key(redirectionJob, r.ID, "redirection-"+strconv.FormatInt(r.Event, 10)), Mode: job.State, Job: redirectionJob,
		Verb: "rétablir", Subject: r.ID, Label: r.Username, Reason: "de retour, redirection retirée au départ à rétablir",
		Args: job.EncodeArgs(backArgs{r.Event}), Actor: "system",
	}
}

// target is where the redirection leads: the secondary address is read as it is today.
func (r taken) target() string {
	if r.To == toSecondary {
		return r.Secondary
	}
	return r.To
}

func (s *Service) giveBack(ctx context.Context, a job.Action) (job.Outcome, error) {
	args, err := job.DecodeArgs[backArgs](a)
	if err != nil {
		return job.Outcome{}, fmt.Errorf("read which redirection to give back: %w", err)
	}
	today := clock.Today(s.clock)
	r, err := postgres.One[taken](ctx, s.db, "Plus rien à rétablir.", takenQuery+`
	  AND e.id = $5`, today, today.Add(-memoryDays).At(0, 0), s.config.Domain, s.config.RedirectionSuffix, args.Event)
	switch {
	case fault.Is(err, fault.NotFound):
		return job.Moot("il n’y a plus rien à rétablir"), nil
	case err != nil:
		return job.Outcome{}, fmt.Errorf("read the redirection to give back: %w", err)
	case r.target() == "":
		return job.Moot("plus d’adresse secondaire où rediriger"), nil
	}
	if err := s.redirectAgain(ctx, r); err != nil {
		return job.Outcome{}, fmt.Errorf("give back a redirection of %s: %w", r.Username, err)
	}
	return job.Recorded(func(ctx context.Context, tx pgx.Tx) error {
		return audit.Write(ctx, tx, audit.Event{
			At: s.clock.Now(), Actor: actorOf(a), Code: codeRedirection, Member: r.ID, Subject: r.Username, Reason: "retour : redirection rétablie",
			After: map[string]string{"from": r.From, "to": r.To, "restores": strconv.FormatInt(r.Event, 10)},
		})
	}), nil
}

// redirectAgain makes the redirection exist. OVH does not say whether the former one kept a
// copy: this one does when there is, or will be, a mailbox to keep it, so that no message is lost.
func (s *Service) redirectAgain(ctx context.Context, r taken) error {
	found, err := s.provider.Redirections(ctx, r.From)
	if err != nil || leadsTo(found, r.target()) {
		return err
	}
	keep := r.From == s.mailboxAddress(r.Username)
	if !keep {
		switch _, err := s.provider.Find(ctx, localPart(r.From)); {
		case err == nil:
			keep = true
		case !fault.Is(err, fault.NotFound):
			return fmt.Errorf("look for a mailbox that would keep a copy: %w", err)
		}
	}
	return s.provider.Redirect(ctx, r.From, r.target(), keep)
}

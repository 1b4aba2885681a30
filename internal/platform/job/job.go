// Package job is the vocabulary of scheduled work: what a job declares, what a plan
// contains, how one action ends. The machinery that stores, guards, retries and applies is
// platform/worker; rooms know only this package.
package job

import (
	"context"
	"encoding/json"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/betagouv/espace-membre/internal/platform/clock"
)

// Mode says what may happen when an action was interrupted, or when it is wanted again.
type Mode string

// The two modes.
const (
	Once  Mode = "once"  // a mail, a post: never performed twice
	State Mode = "state" // make the outside equal: repeated safely
)

// Switch is the default of a job in production, when the settings that it needs are present.
type Switch bool

// The defaults.
const (
	On  Switch = true
	Off Switch = false
)

// Feature names a group of settings that a job needs ("ovh", "mail", "brevo"…); see platform/config.
type Feature string

// Queue names the lane in which actions are applied: one per vendor, so that a vendor's
// rate or outage touches nobody else.
type Queue string

// The queues.
const (
	QueueMail       Queue = "mail"
	QueueOVH        Queue = "ovh"
	QueueBrevo      Queue = "brevo"
	QueueMattermost Queue = "mattermost"
	QueueGitHub     Queue = "github"
	QueueOther      Queue = "other"
	QueueUrgent     Queue = "urgent" // asked by a person from a page; portals work it too
)

// Spec declares a job (with a Schedule) or a kind of action asked from pages (without).
type Spec struct {
	Name     string   // historical name, also the prefix of action keys
	Aliases  []string // other names that the command line accepts
	Title    string   // French, shown to administrators
	Room     string   // folder where it lives
	Schedule string   // cron, five fields, Europe/Paris; empty: only on request
	Default  Switch
	Needs    []Feature // settings without which the job is disabled
	Flag     string    // the reference's FEATURE_* variable, if any
	// FlagAnyText says that the reference took any non-empty text of Flag for "on".
	FlagAnyText bool
	CronSetting string        // variable that overrides Schedule, if any
	Late        time.Duration // a slot later than this is told as missed; zero means 24 h
	After       string        // job that must have closed the same slot first
	Ceiling     Ceiling
	Queue       Queue // where its actions are applied; an action may name another
	// Plan tells what should be done today. It writes nothing. Nil for actions on request.
	Plan func(ctx context.Context, today clock.Day) (Plan, error)
	// Apply performs ONE action: it re-reads the facts; already done outside is success.
	Apply func(ctx context.Context, action Action) (Outcome, error)
}

// Scheduled tells whether the spec is a scheduled job rather than a kind of request.
func (s Spec) Scheduled() bool { return s.Schedule != "" }

// Ceiling limits the destructive actions of a job over 24 hours. Zero fields take the
// defaults: 20 actions, 5 % of the population (never under 3 actions).
type Ceiling struct {
	Count int
	Share float64
}

// Plan is what a job wants to do, as a value: shown, counted, guarded, stored and applied.
type Plan struct {
	Population int      // how many subjects were considered
	Actions    []Action // wanted actions, in a stable order
	Skipped    []Skip   // subjects set aside, and why
	// Doubt, in French, says why the outside's answer is not to be trusted (empty or
	// truncated listing): destructive actions are then held for a person.
	Doubt string
	// Partial says that the plan does not cover the whole population, so an absent action
	// is not an unwanted one.
	Partial bool
}

// Action is one thing to do for one subject.
type Action struct {
	ID    int64  // row of the ledger; zero until recorded
	Key   string // <job>/<subject uuid>/<cause>; see Key
	Round int    // 1 for the first time; state actions only go further
	Mode  Mode
	Job   string // name of the spec that applies it
	Verb  string // short French infinitive: "envoyer", "créer", "supprimer"
	// Subject is the member or product concerned; nil uuid when there is none.
	Subject uuid.UUID
	Label   string // what people read: a username or a product's slug, never an address
	Reason  string // French: why it is due
	Args    json.RawMessage
	// Secret is sealed in the database and erased when the action closes.
	Secret      []byte
	Destructive bool
	Queue       Queue     // empty: the queue of its spec
	NotBefore   time.Time // zero: at once
	Actor       string    // username who asked, or "system"
	Attempt     int       // 1 on the first attempt
	CreatedAt   time.Time // when it was recorded; zero in a plan
}

// Key builds an action key of the job's name, the subject and the fact that makes it due:
// an end date, a month, an account id of a vendor; never an address nor the day of the run.
func Key(name string, subject uuid.UUID, cause string) string {
	return name + "/" + subject.String() + "/" + cause
}

// DecodeArgs reads the arguments of an action into T.
func DecodeArgs[T any](a Action) (T, error) {
	var v T
	err := json.Unmarshal(a.Args, &v)
	return v, err
}

// EncodeArgs writes the arguments of an action; it panics on what JSON cannot hold.
func EncodeArgs(v any) json.RawMessage {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return text
}

// Skip is a subject that a plan sets aside.
type Skip struct {
	Subject uuid.UUID
	Label   string
	Reason  string // French
}

// Outcome tells how an action went. The zero Outcome means done, nothing to record.
type Outcome struct {
	// Moot, in French, says why there is nothing to do any more.
	Moot string
	// Record writes the facts that follow, in the transaction that closes the action.
	Record func(ctx context.Context, tx pgx.Tx) error
}

// Moot is the outcome of an action whose precondition is gone.
func Moot(reason string) Outcome { return Outcome{Moot: reason} }

// Recorded is the outcome of an action done, with facts to write as it closes.
func Recorded(record func(ctx context.Context, tx pgx.Tx) error) Outcome {
	return Outcome{Record: record}
}

// ActionState is where an action stands in its life.
type ActionState string

// The states. Done and moot are closed; every other one is open.
const (
	Absent    ActionState = "" // no such key
	Held      ActionState = "held"
	Planned   ActionState = "planned"
	Started   ActionState = "started"
	Done      ActionState = "done"
	MootState ActionState = "moot"
	Failed    ActionState = "failed"
	Uncertain ActionState = "uncertain"
)

// Ledger answers whether an action of any room is done: the newest round of its key.
type Ledger interface {
	State(ctx context.Context, key string) (ActionState, error)
}

// Requester records an action asked by a person or by another action, in the caller's own
// transaction. Asking the same key again while it is open, or a once key ever, does nothing.
type Requester interface {
	Request(ctx context.Context, tx pgx.Tx, action Action) error
}

package mailinglist_test

import (
	"context"
	"encoding/json"
	"flag"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/betagouv/espace-membre/internal/integration/brevo"
	"github.com/betagouv/espace-membre/internal/integration/brevo/brevosim"
	"github.com/betagouv/espace-membre/internal/integration/ovh"
	"github.com/betagouv/espace-membre/internal/integration/ovh/ovhsim"
	"github.com/betagouv/espace-membre/internal/mailinglist"
	"github.com/betagouv/espace-membre/internal/mailinglist/mailinglistbrevo"
	"github.com/betagouv/espace-membre/internal/mailinglist/mailinglistovh"
	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/platform/job"
	"github.com/betagouv/espace-membre/internal/platform/postgres"
	"github.com/betagouv/espace-membre/internal/sandbox/simkit"
	"github.com/betagouv/espace-membre/internal/testing/pgtest"
	"github.com/betagouv/espace-membre/internal/testing/webtest"
)

var (
	update = flag.Bool("update", false, "write the golden files again")
	today  = clock.MustDay("2024-12-19")
)

const (
	domain      = "exemple.org"
	subscribe   = "subscribeEmailAddresses"
	unsubscribe = "unsubscribeEmailAddresses"
	departure   = "removeEmailsFromMailingList"
	unblock     = "unblockBlacklistedEmail"
)

// world is the room on a real database, with OVH and Brevo simulated behind real HTTP.
type world struct {
	t        *testing.T
	db       postgres.DB
	clock    *clock.Fake
	ovh      *ovhsim.Sim
	brevo    *brevosim.Sim
	faults   *simkit.Faults
	journal  *simkit.Journal
	requests *webtest.Requests
	room     *mailinglist.Service
	contact  string // address of the simulated Brevo
}

func (w *world) brevoURL() string { return w.contact + "/v3" }

func newWorld(t *testing.T) *world {
	t.Helper()
	return newWorldOn(t, pgtest.Tx(t))
}

func newWorldOn(t *testing.T, db postgres.DB) *world {
	t.Helper()
	return newJudgedWorld(t, db, func(_ string, sim http.Handler) http.Handler { return sim })
}

// newJudgedWorld puts something around each simulator, by the name of its vendor.
func newJudgedWorld(t *testing.T, db postgres.DB, around func(vendor string, sim http.Handler) http.Handler) *world {
	t.Helper()
	w := &world{t: t, db: db, clock: clock.At(today, 10, 0), faults: &simkit.Faults{}, requests: &webtest.Requests{}}
	w.journal = simkit.NewJournal(w.clock, nil, nil)
	w.ovh = ovhsim.New(ovhsim.Config{AppKey: "app", AppSecret: "secret", ConsumerKey: "consumer", Domain: domain, Clock: w.clock})
	w.brevo = brevosim.New(brevosim.Config{APIKey: "key", Clock: w.clock})
	lists := httptest.NewServer(w.journal.Wrap("ovh", w.faults.Wrap("ovh", around("ovh", w.ovh))))
	contacts := httptest.NewServer(w.journal.Wrap("brevo", w.faults.Wrap("brevo", around("brevo", w.brevo))))
	t.Cleanup(lists.Close)
	t.Cleanup(contacts.Close)
	w.contact = contacts.URL
	w.room = mailinglist.New(db, w.clock, mailinglist.Ports{
		Host: mailinglistovh.New(ovh.New(ovh.Config{
			Endpoint: lists.URL + "/1.0", AppKey: "app", AppSecret: "secret", ConsumerKey: "consumer", Domain: domain, PerSecond: 10_000, Backoff: time.Millisecond, Clock: w.clock,
		})),
		Contacts: mailinglistbrevo.New(brevo.New(brevo.Config{APIKey: "key", BaseURL: contacts.URL + "/v3", PerSecond: 10_000, Backoff: time.Millisecond}), mailinglistbrevo.Config{
			Lists: map[mailinglist.ContactList]int{mailinglist.Newsletter: 332, mailinglist.Onboarding: 333},
		}),
		Requester: w.requests,
	}, mailinglist.Config{Domain: domain, Links: mailinglist.Links{BaseURL: "https://espace.exemple.org", Key: []byte("clé des liens")}})
	return w
}

// person is a member to put in the database.
type person struct {
	username, primary, secondary string
	status                       member.Status
	end                          string // of the mission: "" open-ended, "none" no mission
	refused                      bool
	prefers                      string // primary (""), or secondary
}

func (w *world) add(p person) uuid.UUID {
	w.t.Helper()
	if p.status == "" {
		p.status = member.StatusActive
	}
	if p.primary == "" && p.status.ActiveLike() {
		p.primary = p.username + "@" + domain
	}
	id := idOf(p.username)
	w.exec(`INSERT INTO member (id, username, fullname, primary_email, secondary_email, primary_email_status,
			primary_email_status_changed_at, communication_email, created_at, updated_at)
		VALUES ($1, $2, $2, NULLIF($3, '-'), NULLIF($4, ''), $5, $6, $7, $6, $6)`,
		id, p.username, cmpOr(p.primary, "-"), p.secondary, p.status, w.clock.Now(), cmpOr(p.prefers, "primary"))
	if p.end != "none" {
		w.exec(`INSERT INTO mission (member_id, start_day, end_day) VALUES ($1, '2020-01-01', $2)`, id, clock.MustDay(p.end))
	}
	if p.refused {
		w.exec(`INSERT INTO list_refusal (member_id, list, refused_at, via) VALUES ($1, 'incubateur', $2, 'account')`, id, today.At(9, 0))
	}
	return id
}

func idOf(username string) uuid.UUID { return uuid.NewSHA1(uuid.NameSpaceOID, []byte(username)) }

func cmpOr(a, b string) string {
	if a == "" {
		return b
	}
	return a
}

func (w *world) exec(sql string, args ...any) {
	w.t.Helper()
	if _, err := w.db.Exec(context.Background(), sql, args...); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) one(sql string, args ...any) string {
	w.t.Helper()
	text, err := postgres.Scalar[string](context.Background(), w.db, sql, args...)
	if err != nil {
		w.t.Fatal(err)
	}
	return text
}

func (w *world) job(name string) job.Spec {
	w.t.Helper()
	for _, s := range w.room.Jobs() {
		if s.Name == name {
			return s
		}
	}
	w.t.Fatalf("no job %s", name)
	return job.Spec{}
}

func (w *world) plan(name string) job.Plan {
	w.t.Helper()
	plan, err := w.job(name).Plan(context.Background(), clock.Today(w.clock))
	if err != nil {
		w.t.Fatal(err)
	}
	return plan
}

// apply performs an action and, when it is done, records it as the worker does.
func (w *world) apply(a job.Action) job.Outcome {
	w.t.Helper()
	outcome, err := w.try(a)
	if err != nil {
		w.t.Fatal(err)
	}
	return outcome
}

func (w *world) try(a job.Action) (job.Outcome, error) {
	outcome, err := w.job(a.Job).Apply(context.Background(), a)
	if err == nil && outcome.Record != nil {
		err = postgres.InTx(context.Background(), w.db, func(tx pgx.Tx) error { return outcome.Record(context.Background(), tx) })
	}
	return outcome, err
}

// applyAll performs everything that a job wants, and gives how much that was.
func (w *world) applyAll(name string) int {
	w.t.Helper()
	plan := w.plan(name)
	for _, a := range plan.Actions {
		w.apply(a)
	}
	return len(plan.Actions)
}

// calls counts the requests that a vendor received since the last time, the clock's aside.
func (w *world) calls(vendor string) []string {
	var seen []string
	for _, e := range w.journal.Entries(vendor) {
		if !strings.HasSuffix(e.Path, "/auth/time") {
			seen = append(seen, e.Method+" "+e.Path)
		}
	}
	return seen
}

// on lists the subscribers that the simulated OVH shows, sorted.
func (w *world) on(list string) []string {
	w.t.Helper()
	text, err := json.Marshal(w.ovh.State())
	if err != nil {
		w.t.Fatal(err)
	}
	var state struct {
		Lists map[string]struct{ Subscribers map[string]any }
	}
	if err := json.Unmarshal(text, &state); err != nil {
		w.t.Fatal(err)
	}
	return slices.Sorted(maps.Keys(state.Lists[list].Subscribers))
}

// contacts lists the contacts of a list at the simulated Brevo, sorted.
func (w *world) contacts(list int) []string {
	w.t.Helper()
	text, err := json.Marshal(w.brevo.State())
	if err != nil {
		w.t.Fatal(err)
	}
	var state struct {
		Contacts map[string]struct{ ListIDs []int }
	}
	if err := json.Unmarshal(text, &state); err != nil {
		w.t.Fatal(err)
	}
	var on []string
	for email, c := range state.Contacts {
		if slices.Contains(c.ListIDs, list) {
			on = append(on, email)
		}
	}
	slices.Sort(on)
	return on
}

func (w *world) expect(what string, got []string, want ...string) {
	w.t.Helper()
	if !slices.Equal(got, want) {
		w.t.Errorf("%s: %v, want %v", what, got, want)
	}
}

func refused(t *testing.T, err error, kind fault.Kind) {
	t.Helper()
	if !fault.Is(err, kind) {
		t.Errorf("got %v (%v), want %v", err, fault.KindOf(err), kind)
	}
}

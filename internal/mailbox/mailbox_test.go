package mailbox_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/betagouv/espace-membre/internal/integration/ovh"
	"github.com/betagouv/espace-membre/internal/integration/ovh/ovhsim"
	"github.com/betagouv/espace-membre/internal/mailbox"
	"github.com/betagouv/espace-membre/internal/mailbox/mailboxovh"
	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/platform/job"
	"github.com/betagouv/espace-membre/internal/platform/postgres"
	"github.com/betagouv/espace-membre/internal/testing/pgtest"
)

var today = clock.MustDay("2024-12-19")

// world is the room on a real database, with a simulated OVH behind real HTTP.
type world struct {
	stage
	tx       pgx.Tx
	ovh      *ovhsim.Sim
	provider mailbox.Provider
	contacts *contacts
	letters  *letters
	asked    *asked
	holds    map[uuid.UUID]mailbox.DepartureStep
	listed   func(http.Handler) http.Handler // between the client and OVH
	room     *mailbox.Service
}

func newWorld(t *testing.T, config mailbox.Config) *world {
	t.Helper()
	w := &world{tx: pgtest.Tx(t), contacts: &contacts{}, letters: &letters{}}
	w.stage = stage{t, w.tx, clock.At(today, 10, 0)}
	w.ovh = ovhsim.New(ovhsim.Config{
		AppKey: "app", AppSecret: "secret", ConsumerKey: "consumer", Domain: "exemple.org",
		ProService: "pro-1", ExchangeService: "ex-1", Clock: w.clock, Delay: 6 * time.Minute,
	})
	w.listed = func(next http.Handler) http.Handler { return next }
	judged := judgedByOVH(t, w.ovh)
	server := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) { w.listed(judged).ServeHTTP(out, r) }))
	t.Cleanup(server.Close)
	client := ovh.New(ovh.Config{
		Endpoint: server.URL + "/1.0", AppKey: "app", AppSecret: "secret", ConsumerKey: "consumer", Domain: "exemple.org",
		ProService: "pro-1", ExchangeService: "ex-1", PerSecond: 1000, Backoff: time.Millisecond, Clock: w.clock,
	})
	config.Domain, config.LeavesEmail = "exemple.org", "depart@exemple.org"
	w.provider, w.asked, w.holds = mailboxovh.New(client), &asked{}, map[uuid.UUID]mailbox.DepartureStep{}
	w.room = mailbox.New(w.tx, w.clock, mailbox.Ports{
		Provider: w.provider, Contacts: w.contacts, Letters: w.letters, Requester: w.asked, Holds: w.heldBy,
	}, config)
	return w
}

func (w *world) heldBy(context.Context, clock.Day) (mailbox.Held, error) {
	return func(id uuid.UUID, step mailbox.DepartureStep) string {
		if w.holds[id] == step {
			return "étape du départ reportée au 1er mars 2025 par admin.member"
		}
		return ""
	}, nil
}

// asked keeps what a person asked, as the worker would.
type asked struct{ actions []job.Action }

func (a *asked) Request(_ context.Context, _ pgx.Tx, action job.Action) error {
	a.actions = append(a.actions, action)
	return nil
}

// contacts keeps what a vendor of contact lists would.
type contacts struct {
	members map[mailbox.List][]mailbox.Contact
	blocked map[string]string
	down    error
}

func (c *contacts) Subscribe(_ context.Context, contact mailbox.Contact, lists []mailbox.List) error {
	if c.down != nil {
		return c.down
	}
	if c.members == nil {
		c.members = map[mailbox.List][]mailbox.Contact{}
	}
	for _, l := range lists {
		c.members[l] = append(c.members[l], contact)
	}
	return nil
}

func (c *contacts) BlockReason(_ context.Context, address string) (string, error) {
	return c.blocked[address], c.down
}

func (c *contacts) Unblock(_ context.Context, address string) error {
	delete(c.blocked, address)
	return c.down
}

// letters keeps what was sent.
type letters struct {
	sent, back []mailbox.Welcome
	keys       []string
}

func (l *letters) Restored(_ context.Context, key string, w mailbox.Welcome) error {
	l.back, l.keys = append(l.back, w), append(l.keys, key)
	return nil
}

func (l *letters) Welcome(_ context.Context, key string, w mailbox.Welcome) error {
	l.sent, l.keys = append(l.sent, w), append(l.keys, key)
	return nil
}

// stage is a database where members are put, at a time.
type stage struct {
	t     *testing.T
	db    postgres.DB
	clock *clock.Fake
}

// person is a member to put in the database.
type person struct {
	username, fullname, primary, secondary string
	status                                 member.Status
	since                                  time.Time // of the status
	redirection                            bool
	end                                    string // of the mission: "" open-ended, "none" no mission
	communication                          string
	kind                                   string // member_type
}

func (w *stage) add(p person) uuid.UUID {
	w.t.Helper()
	if p.fullname == "" {
		p.fullname = p.username
	}
	if p.status == "" {
		p.status = member.StatusCreationWaiting
	}
	if p.since.IsZero() {
		p.since = w.clock.Now()
	}
	if p.communication == "" {
		p.communication = "primary"
	}
	id := uuid.NewSHA1(uuid.NameSpaceOID, []byte(p.username))
	w.exec(`INSERT INTO member (id, username, fullname, primary_email, secondary_email, primary_email_status,
			primary_email_status_changed_at, email_is_redirection, communication_email, member_type, created_at, updated_at)
		VALUES ($1, $2, $3, NULLIF($4, ''), NULLIF($5, ''), $6, $7, $8, $9, NULLIF($10, ''), $7, $7)`,
		id, p.username, p.fullname, p.primary, p.secondary, p.status, p.since, p.redirection, p.communication, p.kind)
	if p.end != "none" {
		w.mission(id, "2020-01-01", p.end)
	}
	return id
}

func (w *stage) mission(id uuid.UUID, start, end string) uuid.UUID {
	w.t.Helper()
	mission := uuid.New()
	w.exec(`INSERT INTO mission (id, member_id, start_day, end_day) VALUES ($1, $2, $3, $4)`,
		mission, id, clock.MustDay(start), clock.MustDay(end))
	return mission
}

// serve links a mission to a product of an incubator with a plan ("": none).
func (w *stage) serve(mission uuid.UUID, incubator, plan string) {
	w.t.Helper()
	inc, product := uuid.New(), uuid.New()
	w.exec(`INSERT INTO incubator (id, slug, title, mailbox_plan, created_at, updated_at)
		VALUES ($1, $2, $2, NULLIF($3, ''), '2024-01-01', '2024-01-01')`, inc, incubator, plan)
	w.exec(`INSERT INTO startup (id, slug, name, incubator_id, created_at, updated_at)
		VALUES ($1, $2, $2, $3, '2024-01-01', '2024-01-01')`, product, "product-of-"+incubator, inc)
	w.exec(`INSERT INTO mission_startup (mission_id, startup_id) VALUES ($1, $2)`, mission, product)
}

func (w *stage) exec(sql string, args ...any) {
	w.t.Helper()
	if _, err := w.db.Exec(context.Background(), sql, args...); err != nil {
		w.t.Fatal(err)
	}
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
func (w *world) apply(a job.Action) (job.Outcome, error) {
	w.t.Helper()
	outcome, err := w.job(a.Job).Apply(context.Background(), a)
	if err == nil && outcome.Record != nil {
		err = postgres.InTx(context.Background(), w.tx, func(tx pgx.Tx) error { return outcome.Record(context.Background(), tx) })
	}
	return outcome, err
}

// one plans a job that must want one action in all, and gives it.
func (w *world) one(name string) job.Action {
	w.t.Helper()
	plan := w.plan(name)
	if len(plan.Actions) != 1 {
		w.t.Fatalf("%s wants %d actions, want 1: %+v (skipped %+v)", name, len(plan.Actions), plan.Actions, plan.Skipped)
	}
	return plan.Actions[0]
}

func (w *world) expect(id uuid.UUID, status member.Status, primary string) {
	w.t.Helper()
	var gotStatus member.Status
	var gotPrimary string
	err := w.tx.QueryRow(context.Background(), `
		SELECT primary_email_status, coalesce(primary_email, '') FROM member WHERE id = $1`, id).Scan(&gotStatus, &gotPrimary)
	if err != nil || gotStatus != status || gotPrimary != primary {
		w.t.Errorf("member is %s with %q (%v), want %s with %q", gotStatus, gotPrimary, err, status, primary)
	}
}

func (w *world) events(id uuid.UUID, code string) (n int) {
	w.t.Helper()
	err := w.tx.QueryRow(context.Background(), `SELECT count(*) FROM audit_event WHERE member_id = $1 AND code = $2`, id, code).Scan(&n)
	if err != nil {
		w.t.Fatal(err)
	}
	return n
}

// refused fails the test unless an error has a kind.
func refused(t *testing.T, err error, kind fault.Kind) {
	t.Helper()
	if !fault.Is(err, kind) {
		t.Errorf("got %v (%v), want %v", err, fault.KindOf(err), kind)
	}
}

// reason gives why an event happened, as told.
func (w *world) reason(id uuid.UUID, code string) (reason string) {
	w.t.Helper()
	err := w.tx.QueryRow(context.Background(), `SELECT reason FROM audit_event WHERE member_id = $1 AND code = $2`, id, code).Scan(&reason)
	if err != nil {
		w.t.Errorf("event %s: %v", code, err)
	}
	return reason
}

// dated fails the test unless the state of the address changed just now.
func (w *world) dated(id uuid.UUID) {
	w.t.Helper()
	var at time.Time
	err := w.tx.QueryRow(context.Background(), `SELECT primary_email_status_changed_at FROM member WHERE id = $1`, id).Scan(&at)
	if err != nil || !at.Equal(w.clock.Now()) {
		w.t.Errorf("the change is dated %s, want %s (%v)", at, w.clock.Now(), err)
	}
}

// down makes OVH answer nothing but errors.
func (w *world) down() {
	w.listed = func(http.Handler) http.Handler {
		return http.HandlerFunc(func(out http.ResponseWriter, _ *http.Request) { out.WriteHeader(http.StatusBadGateway) })
	}
}

// delay is how long the simulated OVH takes.
func (w *world) delay() time.Duration { return 6 * time.Minute }

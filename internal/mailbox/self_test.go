package mailbox_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/betagouv/espace-membre/internal/integration/brevo"
	"github.com/betagouv/espace-membre/internal/integration/brevo/brevosim"
	"github.com/betagouv/espace-membre/internal/integration/ovh"
	"github.com/betagouv/espace-membre/internal/integration/ovh/ovhsim"
	"github.com/betagouv/espace-membre/internal/mailbox"
	"github.com/betagouv/espace-membre/internal/mailbox/mailboxbrevo"
	"github.com/betagouv/espace-membre/internal/mailbox/mailboxovh"
	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/actor"
	"github.com/betagouv/espace-membre/internal/platform/chatpost"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/platform/job"
	"github.com/betagouv/espace-membre/internal/platform/postgres"
	"github.com/betagouv/espace-membre/internal/platform/worker"
	"github.com/betagouv/espace-membre/internal/testing/pgtest"
)

const (
	selfDomain = "exemple.org"
	departures = "depart@exemple.org"
	goodSecret = "Un-tres-Long-Secret1"
)

// counter is OVH, which may be down, and counts the calls that change something.
type counter struct {
	next    http.Handler
	down    atomic.Bool
	mu      sync.Mutex
	changes []string
}

func (c *counter) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if c.down.Load() {
		http.Error(w, "down", http.StatusServiceUnavailable)
		return
	}
	if r.Method != http.MethodGet {
		_, path, _ := strings.Cut(r.URL.Path, "/1.0")
		c.mu.Lock()
		c.changes = append(c.changes, r.Method+" "+path)
		c.mu.Unlock()
	}
	c.next.ServeHTTP(w, r)
}

// called gives the changes asked since the last look.
func (c *counter) called() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	list := c.changes
	c.changes = nil
	return list
}

// channel keeps what the secretariat is told; the chat may be down.
type channel struct {
	down, absent bool
	told         []string
}

func (c *channel) Has(chatpost.Channel) bool { return !c.absent }

func (c *channel) Post(_ context.Context, p chatpost.Post) error {
	if c.down {
		return fault.New(fault.Unavailable, "", "chat is down")
	}
	c.told = append(c.told, p.Text)
	return nil
}

// notice is a letter as it was sent.
type notice struct {
	to string
	mailbox.Notice
}

// notices keeps the letters sent.
type notices struct{ sent []notice }

func (n *notices) Notice(_ context.Context, _, to string, letter mailbox.Notice) error {
	n.sent = append(n.sent, notice{to, letter})
	return nil
}

// late breaks the circle between the room and the worker.
type late struct{ worker *worker.Worker }

func (l *late) Request(ctx context.Context, tx pgx.Tx, a job.Action) error {
	return l.worker.Request(ctx, tx, a)
}

// selfWorld is the self-service on a database of its own, with the real engine, and OVH and
// Brevo simulated behind real HTTP.
type selfWorld struct {
	t       *testing.T
	pool    *pgxpool.Pool
	clock   *clock.Fake
	ovh     *ovhsim.Sim
	door    *counter
	brevo   *brevosim.Sim
	mails   http.Handler // Brevo, each exchange held against its description
	channel *channel
	notices *notices
	moved   []string // addresses that a member was written to until now, as the other rooms are told
	log     *bytes.Buffer
	worker  *worker.Worker
	self    *mailbox.SelfService
}

func newSelfWorld(t *testing.T, config mailbox.Config) *selfWorld {
	t.Helper()
	t.Parallel()
	w := &selfWorld{t: t, pool: pgtest.New(t), clock: clock.At(today, 10, 0), channel: &channel{}, notices: &notices{}, log: &bytes.Buffer{}}
	w.ovh = ovhsim.New(ovhsim.Config{
		AppKey: "app", AppSecret: "secret", ConsumerKey: "consumer", Domain: selfDomain,
		ProService: "pro-1", ExchangeService: "ex-1", Clock: w.clock,
	})
	w.door = &counter{next: judgedByOVH(t, w.ovh)}
	vendor := httptest.NewServer(w.door)
	t.Cleanup(vendor.Close)
	client := ovh.New(ovh.Config{
		Endpoint: vendor.URL + "/1.0", AppKey: "app", AppSecret: "secret", ConsumerKey: "consumer", Domain: selfDomain,
		ProService: "pro-1", ExchangeService: "ex-1", PerSecond: 1000, Backoff: time.Millisecond, Clock: w.clock,
	})
	w.brevo = brevosim.New(brevosim.Config{APIKey: "key", Clock: w.clock})
	w.mails = judgedByBrevo(t, w.brevo)
	mails := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) { w.mails.ServeHTTP(out, r) }))
	t.Cleanup(mails.Close)
	config.Domain, config.LeavesEmail = selfDomain, departures
	room := mailbox.New(w.pool, w.clock, mailbox.Ports{Provider: mailboxovh.New(client)}, config)
	requester := &late{}
	w.self = mailbox.NewSelfService(room, mailbox.SelfPorts{
		Requester: requester, Notices: w.notices,
		Follow: func(ctx context.Context, tx pgx.Tx, before member.Member, who string) error {
			after, err := member.ByID(ctx, tx, before.ID)
			w.moved = append(w.moved, before.ContactAddress()+" → "+after.ContactAddress()+" par "+who)
			return err
		},
		Blocks: mailboxbrevo.NewBlocks(brevo.New(brevo.Config{APIKey: "key", BaseURL: mails.URL + "/v3"})),
	}, mailbox.SelfConfig{Admins: []string{"admin.member"}})
	var err error
	w.worker, err = worker.New(worker.Options{
		Pool: w.pool, Clock: w.clock, Specs: append(append(room.Jobs(), w.self.Jobs()...), chatpost.Spec(w.channel, w.clock)), SealKey: [32]byte{7},
		Logger: slog.New(slog.NewJSONHandler(w.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	})
	if err != nil {
		t.Fatal(err)
	}
	requester.worker = w.worker
	return w
}

func (w *selfWorld) exec(sql string, args ...any) {
	w.t.Helper()
	if _, err := w.pool.Exec(w.t.Context(), sql, args...); err != nil {
		w.t.Fatal(err)
	}
}

// add puts a member with one mission, and gives them as an actor in their standing.
func (w *selfWorld) add(p person) actor.Actor {
	w.t.Helper()
	if p.status == "" {
		p.status = member.StatusActive
	}
	if p.primary == "" && p.status != member.StatusUnset && p.status != member.StatusDeleted && p.status != member.StatusCreationWaiting {
		p.primary = p.username + "@" + selfDomain
	}
	id := uuid.NewSHA1(uuid.NameSpaceOID, []byte(p.username))
	w.exec(`INSERT INTO member (id, username, fullname, primary_email, secondary_email, primary_email_status,
			primary_email_status_changed_at, email_is_redirection, created_at, updated_at)
		VALUES ($1, $2, $2, NULLIF($3, ''), NULLIF($4, ''), $5, $6, $7, $6, $6)`,
		id, p.username, p.primary, p.secondary, p.status, w.clock.Now(), p.redirection)
	who := actor.Actor{ID: id, Username: p.username, Standing: actor.Active, Admin: p.username == "admin.member"}
	if p.end != "none" {
		w.exec(`INSERT INTO mission (member_id, start_day, end_day) VALUES ($1, '2024-01-01', NULLIF($2, '')::date)`, id, p.end)
	}
	if p.end != "" && p.end < today.String() {
		who.Standing = actor.Limited
	}
	return who
}

// withBox adds a member who has a mailbox of a plan, and an address where to be told.
func (w *selfWorld) withBox(username string, plan mailbox.Plan) actor.Actor {
	w.t.Helper()
	w.ovh.AddMailbox(string(plan), username)
	return w.add(person{username: username, secondary: username + "@ailleurs.fr"})
}

func own(who actor.Actor) mailbox.Demand {
	return mailbox.Demand{By: who, Of: who.ID, Form: uuid.New()}
}

func about(by, of actor.Actor) mailbox.Demand {
	return mailbox.Demand{By: by, Of: of.ID, Form: uuid.New()}
}

// drain performs what is due now, posts included, and gives the attempts at what people asked.
func (w *selfWorld) drain() (attempts int) {
	w.t.Helper()
	before := w.count(`SELECT COALESCE(sum(attempt), 0) FROM job_action WHERE job NOT IN ('postToChat', 'sendMailboxNotice')`)
	if _, err := w.worker.Drain(context.WithoutCancel(w.t.Context()), worker.DrainOptions{}); err != nil {
		w.t.Fatal(err)
	}
	return w.count(`SELECT COALESCE(sum(attempt), 0) FROM job_action WHERE job NOT IN ('postToChat', 'sendMailboxNotice')`) - before
}

func (w *selfWorld) ok(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatalf("refused: %v (%s)", err, fault.Public(err))
	}
}

// account reads what a viewer sees.
func (w *selfWorld) account(viewer, of actor.Actor) mailbox.Account {
	w.t.Helper()
	a, err := w.self.Account(w.t.Context(), viewer, of.ID)
	w.ok(err)
	return a
}

// ends fails the test unless a demand ended in a progress, with a detail that says something.
func (w *selfWorld) ends(d mailbox.Demand, progress mailbox.Progress, says string) mailbox.Request {
	w.t.Helper()
	r, err := w.account(d.By, actor.Actor{ID: d.Of}).Request(d.Form.String())
	if err != nil {
		w.t.Fatal(err)
	}
	if r.Progress != progress || !strings.Contains(r.Detail, says) {
		w.t.Errorf("%s: %s (%s), want %s saying %q", r.Title, r.Progress, r.Detail, progress, says)
	}
	return r
}

func (w *selfWorld) expect(who actor.Actor, status member.Status, primary string) {
	w.t.Helper()
	m, err := member.ByID(w.t.Context(), w.pool, who.ID)
	w.ok(err)
	if m.Status != status || m.PrimaryEmail != primary {
		w.t.Errorf("%s is %s with %q, want %s with %q", who.Username, m.Status, m.PrimaryEmail, status, primary)
	}
}

// event gives the only event of a code about a member.
func (w *selfWorld) event(of actor.Actor, code string) (before, after string) {
	w.t.Helper()
	type row struct{ Actor, Before, After string }
	rows, err := postgres.All[row](w.t.Context(), w.pool, `
		SELECT actor, COALESCE(before::text, '') AS before, COALESCE(after::text, '') AS after
		FROM audit_event
		WHERE member_id = $1 AND code = $2`, of.ID, code)
	w.ok(err)
	if len(rows) != 1 {
		w.t.Fatalf("%d events %s, want 1", len(rows), code)
	}
	return rows[0].Before, rows[0].After
}

func (w *selfWorld) count(sql string, args ...any) int {
	w.t.Helper()
	n, err := postgres.Scalar[int](w.t.Context(), w.pool, sql, args...)
	w.ok(err)
	return n
}

// kept gives the state of the simulated OVH.
func (w *selfWorld) kept() (state struct {
	MX           map[string]struct{ Name string }
	Pro          map[string]struct{ Login string }
	Exchange     map[string]struct{ Login string }
	Redirections map[string]struct {
		ID, From, To string
	}
	Responders map[string]struct {
		Content  string
		From, To *time.Time
		Copy     bool
	}
},
) {
	w.t.Helper()
	snapshot, err := w.ovh.Snapshot()
	w.ok(err)
	w.ok(json.Unmarshal(snapshot, &state))
	return state
}

// redirections gives where an address leads, sorted; "copie" when its mailbox keeps a copy.
func (w *selfWorld) redirections(from string) []string {
	w.t.Helper()
	list := []string{}
	for _, r := range w.kept().Redirections {
		if r.From == from {
			if r.To == from {
				r.To = "copie"
			}
			list = append(list, r.To)
		}
	}
	slices.Sort(list)
	return list
}

// forbidden fails the test unless an error is a refusal of a right.
func forbidden(t *testing.T, who string, err error) {
	t.Helper()
	if !fault.Is(err, fault.Forbidden) {
		t.Errorf("%s: %v, want a refusal", who, err)
	}
}

// conflict fails the test unless an error says why something cannot be.
func conflict(t *testing.T, err error, says string) {
	t.Helper()
	if !fault.Is(err, fault.Conflict) || !strings.Contains(fault.Public(err), says) {
		t.Errorf("got %v (%s), want a conflict saying %q", err, fault.Public(err), says)
	}
}

package offboarding_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/offboarding"
	"github.com/betagouv/espace-membre/internal/platform/actor"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/platform/job"
	"github.com/betagouv/espace-membre/internal/platform/postgres"
	"github.com/betagouv/espace-membre/internal/testing/pgtest"
	"github.com/betagouv/espace-membre/internal/testing/webtest"
)

var update = flag.Bool("update", false, "write the golden files again")

var today = clock.MustDay("2024-12-19")

// world is the room on a real database.
type world struct {
	*outbox
	t        *testing.T
	tx       pgx.Tx
	clock    *clock.Fake
	chat     *chat
	restored []string
	requests *webtest.Requests
	room     *offboarding.Service
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, tx: pgtest.Tx(t), clock: clock.At(today, 10, 0), outbox: &outbox{}, requests: &webtest.Requests{}}
	w.build(offboarding.Ports{})
	return w
}

// build makes the room with other ports than the usual ones.
func (w *world) build(ports offboarding.Ports) {
	if ports.Letters == nil {
		ports.Letters = w.outbox
	}
	ports.Restorer, ports.Requester = w, w.requests
	w.room = offboarding.New(w.tx, w.clock, ports, offboarding.Config{
		Domain: "exemple.org", Portal: "https://espace.exemple.org", Admins: []string{webtest.AdminUsername},
	})
}

// withChat gives the room a chat.
func (w *world) withChat() *world {
	w.chat = &chat{}
	w.build(offboarding.Ports{Messenger: w.chat})
	return w
}

// Restore implements offboarding.Restorer.
func (w *world) Restore(_ context.Context, _ pgx.Tx, id uuid.UUID, by string) error {
	w.restored = append(w.restored, id.String()+" by "+by)
	return nil
}

// sent is one letter that left.
type sent struct {
	Key, To string
	Letter  any
}

// outbox keeps what was sent, unless it is down.
type outbox struct {
	sent []sent
	down error
}

func (o *outbox) keep(key, to string, letter any) error {
	if o.down == nil {
		o.sent = append(o.sent, sent{key, to, letter})
	}
	return o.down
}

func (o *outbox) Notice(_ context.Context, key, to string, n offboarding.Notice) error {
	return o.keep(key, to, n)
}

func (o *outbox) SecondaryMissing(_ context.Context, key, to string, m offboarding.MissingLetter) error {
	return o.keep(key, to, m.Fullname)
}

func (o *outbox) ExtensionAsked(_ context.Context, key, to string, l offboarding.AskedLetter) error {
	return o.keep(key, to, l)
}

func (o *outbox) ExtensionAnswered(_ context.Context, key, to string, l offboarding.AnsweredLetter) error {
	return o.keep(key, to, l)
}

// chat keeps what was posted.
type chat struct {
	posts   []string
	absent  bool
	refuses error
}

func (c *chat) Tell(_ context.Context, key string, _ uuid.UUID, text string) error {
	if c.absent {
		return fault.New(fault.NotFound, "", "no account")
	}
	if c.refuses == nil {
		c.posts = append(c.posts, key+"\n"+text)
	}
	return c.refuses
}

// someone is a member to put in the database.
type someone struct {
	username, primary, secondary string // primary: "" is <username>@exemple.org, "-" none
	status                       member.Status
	prefers                      string // "secondary", or "" for primary
	redirection                  bool
	end                          string // of the mission: "" open-ended, "-" no mission
	github                       string
}

func (w *world) add(p someone) uuid.UUID {
	w.t.Helper()
	if p.primary == "" {
		p.primary = p.username + "@exemple.org"
	}
	if p.status == "" {
		p.status = member.StatusActive
	}
	if p.prefers == "" {
		p.prefers = "primary"
	}
	id := uuid.NewSHA1(uuid.NameSpaceOID, []byte(p.username))
	w.exec(`INSERT INTO member (id, username, fullname, primary_email, secondary_email, primary_email_status, primary_email_status_changed_at,
			email_is_redirection, communication_email, github, created_at, updated_at)
		VALUES ($1, $2, $3, NULLIF($4, '-'), NULLIF($5, ''), $6, '2024-01-01', $7, $8, $9, '2024-01-01', '2024-01-01')`,
		id, p.username, strings.ToUpper(p.username), p.primary, p.secondary, p.status, p.redirection, p.prefers, p.github)
	if p.end != "-" {
		w.mission(id, "2023-01-01", p.end)
	}
	return id
}

func (w *world) mission(id uuid.UUID, start, end string) uuid.UUID {
	w.t.Helper()
	mission := uuid.New()
	w.exec(`INSERT INTO mission (id, member_id, start_day, end_day) VALUES ($1, $2, $3, $4)`, mission, id, clock.MustDay(start), clock.MustDay(end))
	return mission
}

func (w *world) ends(id uuid.UUID, end string) {
	w.t.Helper()
	w.exec(`UPDATE mission SET end_day = $2 WHERE member_id = $1`, id, clock.MustDay(end))
}

func (w *world) exec(sql string, args ...any) {
	w.t.Helper()
	if _, err := w.tx.Exec(context.Background(), sql, args...); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) job(name string) job.Spec {
	w.t.Helper()
	specs := append(w.room.Jobs(), w.room.Requests()...)
	i := slices.IndexFunc(specs, func(s job.Spec) bool { return s.Name == name })
	if i < 0 {
		w.t.Fatalf("no job %s", name)
	}
	return specs[i]
}

func (w *world) plan(name string) job.Plan {
	w.t.Helper()
	plan, err := w.job(name).Plan(context.Background(), clock.Today(w.clock))
	if err != nil {
		w.t.Fatal(err)
	}
	return plan
}

// record puts the actions of a plan in the ledger, as the worker does.
func (w *world) record(actions ...job.Action) {
	w.t.Helper()
	for _, a := range actions {
		w.exec(`INSERT INTO job_action (key, round, mode, job, actor, verb, subject, label, reason, args, queue, state, not_before, created_at)
			VALUES ($1, 1, $2, $3, $4, $5, $6, $7, $8, $9, 'mail', 'planned', $10, $10)
			ON CONFLICT DO NOTHING`, a.Key, a.Mode, a.Job, a.Actor, a.Verb, a.Subject, a.Label, a.Reason, a.Args, w.clock.Now())
	}
}

// apply performs an action as the worker does; done closes it in the ledger.
func (w *world) apply(a job.Action) (job.Outcome, error) {
	w.t.Helper()
	outcome, err := w.job(a.Job).Apply(context.Background(), a)
	if err != nil {
		return outcome, err
	}
	if outcome.Record != nil {
		err = postgres.InTx(context.Background(), w.tx, func(tx pgx.Tx) error { return outcome.Record(context.Background(), tx) })
	}
	state := "done"
	if outcome.Moot != "" {
		state = "moot"
	}
	w.exec(`UPDATE job_action SET state = $2, closed_at = $3 WHERE key = $1 AND state = 'planned'`, a.Key, state, w.clock.Now())
	return outcome, err
}

// must applies actions that have to succeed.
func (w *world) must(actions ...job.Action) {
	w.t.Helper()
	for _, a := range actions {
		if outcome, err := w.apply(a); err != nil || outcome.Moot != "" {
			w.t.Fatalf("%s: %+v, %v", a.Key, outcome, err)
		}
	}
}

// moot applies an action that must have nothing to do any more.
func (w *world) moot(a job.Action, want string) {
	w.t.Helper()
	before := len(w.sent)
	if outcome, err := w.apply(a); err != nil || outcome.Moot != want || len(w.sent) != before {
		w.t.Errorf("%s: %q, %v, %d letters more; want %q and no letter", a.Key, outcome.Moot, err, len(w.sent)-before, want)
	}
}

// on moves the clock to an hour of a day.
func (w *world) on(day string) {
	w.t.Helper()
	w.clock.Set(clock.MustDay(day).At(10, 0))
}

// told writes a plan as people read it.
func told(plan job.Plan) string {
	var b strings.Builder
	fmt.Fprintf(&b, "population %d\n", plan.Population)
	for _, a := range plan.Actions {
		fmt.Fprintf(&b, "%s %s %s : %s [%s]\n", a.Mode, a.Verb, a.Label, a.Reason, strings.Replace(a.Key, a.Subject.String(), "…", 1))
	}
	for _, s := range plan.Skipped {
		fmt.Fprintf(&b, "laisser %s : %s\n", s.Label, s.Reason)
	}
	return b.String()
}

// golden compares a text with a file of testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := errors.Join(os.MkdirAll("testdata", 0o750), os.WriteFile(path, []byte(got), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

// refused fails the test unless an error has a kind.
func refused(t *testing.T, err error, kind fault.Kind) {
	t.Helper()
	if !fault.Is(err, kind) {
		t.Errorf("got %v (%v), want %v", err, fault.KindOf(err), kind)
	}
}

func as(id uuid.UUID, username string, standing actor.Standing) actor.Actor {
	return actor.Actor{ID: id, Username: username, Fullname: username, Standing: standing, Admin: username == webtest.AdminUsername}
}

package worker

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/platform/job"
	"github.com/betagouv/espace-membre/internal/platform/postgres"
	"github.com/betagouv/espace-membre/internal/testing/pgtest"
)

// childVariable tells this test binary to be a worker, and which.
const childVariable = "ESPACE_MEMBRE_TEST_WORKER"

// child describes a worker process. It stops dead at the point DieAt: it tells the parent, which
// kills it, and waits for that.
type child struct {
	Database string
	Journal  string
	DieAt    string
}

// The points of an action's life at which a process is killed.
const (
	beforeClaim  = "before the claim"
	afterClaim   = "after the claim, before the call"
	beforeEffect = "during the call, before its effect"
	afterEffect  = "during the call, after its effect"
	beforeClose  = "after the call, before the closing transaction"
	insideClose  = "inside the closing transaction"
	afterClose   = "after the closing transaction"
)

func TestMain(m *testing.M) {
	if text := os.Getenv(childVariable); text != "" {
		if err := beWorker(text); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

func killTiming() Timing {
	return Timing{
		Tick: 50 * time.Millisecond, Poll: 50 * time.Millisecond, JobTimeout: 700 * time.Millisecond,
		Rescue: 800 * time.Millisecond, Died: time.Second,
	}
}

// mailSpec posts one "mail" to the journal for each action.
func mailSpec(journal string) job.Spec {
	return job.Spec{
		Name: "mail", Schedule: "0 0 1 1 *", Default: job.On, Queue: job.QueueMail,
		Plan: func(context.Context, clock.Day) (job.Plan, error) { return job.Plan{Partial: true}, nil },
		Apply: func(ctx context.Context, a job.Action) (job.Outcome, error) {
			request, err := http.NewRequestWithContext(ctx, http.MethodPost, journal+"/mail?key="+url.QueryEscape(a.Key), nil)
			if err != nil {
				return job.Outcome{}, err
			}
			response, err := http.DefaultClient.Do(request)
			if err != nil {
				return job.Outcome{}, &fault.Error{Kind: fault.Unavailable, AnswerLost: true, Cause: err}
			}
			return job.Outcome{}, response.Body.Close()
		},
	}
}

// beWorker is the whole life of a child process; it ends with its parent.
func beWorker(text string) error {
	var c child
	if err := json.Unmarshal([]byte(text), &c); err != nil {
		return err
	}
	config, err := pgxpool.ParseConfig(c.Database)
	if err != nil {
		return err
	}
	config.MaxConns = 8
	config.ConnConfig.Tracer = &fuse{child: c}
	pool, err := pgxpool.NewWithConfig(context.Background(), config)
	if err != nil {
		return err
	}
	w, err := New(Options{Pool: pool, Clock: clock.System{}, Specs: []job.Spec{mailSpec(c.Journal + "/" + url.PathEscape(c.DieAt))}, Timing: killTiming()})
	if err != nil {
		return err
	}
	if err := w.Start(context.Background(), RoleWorker); err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, os.Stdin) // until the parent ends
	return err
}

// fuse watches the statements of a child and asks for its death at one of them.
type fuse struct{ child child }

type statement struct{}

// TraceQueryStart sees a statement before it leaves.
func (f *fuse) TraceQueryStart(ctx context.Context, conn *pgx.Conn, q pgx.TraceQueryStartData) context.Context {
	switch {
	case strings.Contains(q.SQL, "SET state = 'started'"):
		f.die(beforeClaim)
	case strings.Contains(q.SQL, "FOR UPDATE OF a"):
		f.die(beforeClose)
	}
	return context.WithValue(ctx, statement{}, q.SQL)
}

// TraceQueryEnd sees a statement after its answer.
func (f *fuse) TraceQueryEnd(ctx context.Context, conn *pgx.Conn, q pgx.TraceQueryEndData) {
	sql, _ := ctx.Value(statement{}).(string)
	closing := conn.PgConn().CustomData()
	switch {
	case strings.Contains(sql, "SET state = 'started'") && q.CommandTag.RowsAffected() == 1:
		f.die(afterClaim)
	case strings.Contains(sql, "SET state = $3, refusals"):
		closing["closing"] = true
		f.die(insideClose)
	case strings.EqualFold(sql, "commit") && closing["closing"] == true:
		delete(closing, "closing")
		f.die(afterClose)
	}
}

func (f *fuse) die(at string) {
	if f.child.DieAt != at {
		return
	}
	if response, err := http.Post(f.child.Journal+"/die", "text/plain", strings.NewReader(fmt.Sprint(os.Getpid()))); err == nil {
		response.Body.Close()
	}
	select {} // the parent's signal is on its way
}

// journal is the outside world, and the executioner.
type journal struct {
	*httptest.Server
	mu    sync.Mutex
	mails map[string]int
	dying chan struct{} // one value for each that asks to die
}

func newJournal(t *testing.T) *journal {
	j := &journal{mails: map[string]int{}, dying: make(chan struct{}, 64)}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /die", func(_ http.ResponseWriter, _ *http.Request) { j.dying <- struct{}{} })
	mux.HandleFunc("POST /{at}/mail", func(_ http.ResponseWriter, r *http.Request) {
		at := r.PathValue("at")
		if at == beforeEffect {
			j.doom(r.Context())
			return
		}
		j.mu.Lock()
		j.mails[r.FormValue("key")]++
		j.mu.Unlock()
		if at == afterEffect {
			j.doom(r.Context())
		}
	})
	j.Server = httptest.NewServer(mux)
	t.Cleanup(j.Close)
	return j
}

// doom asks for the death of the caller and gives no answer until it comes.
func (j *journal) doom(caller context.Context) {
	j.dying <- struct{}{}
	<-caller.Done()
}

// spawn starts a worker process; kill sends it SIGKILL and waits for its end.
func spawn(t *testing.T, c child) (kill func()) {
	t.Helper()
	text, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	command := exec.Command(os.Args[0])
	command.Env = append(os.Environ(), childVariable+"="+string(text))
	command.Stderr = os.Stderr
	if _, err := command.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	var once sync.Once
	kill = func() {
		once.Do(func() {
			_ = command.Process.Kill() // SIGKILL
			_ = command.Wait()         // "signal: killed" is what we want
		})
	}
	t.Cleanup(kill)
	return kill
}

// TestKilledAtEveryArrow kills worker processes at each point of an action's life, twice, then lets
// others finish. Whatever happened: no mail twice; a mail that is not known to have been sent is
// uncertain and listed; every state action ends done.
func TestKilledAtEveryArrow(t *testing.T) {
	for _, at := range []string{beforeClaim, afterClaim, beforeEffect, afterEffect, beforeClose, insideClose, afterClose} {
		for _, workers := range []int{1, 2} {
			t.Run(fmt.Sprintf("%s, %d workers", at, workers), func(t *testing.T) {
				t.Parallel()
				killAndRecover(t, at, workers)
			})
		}
	}
}

func killAndRecover(t *testing.T, at string, workers int) {
	j := newJournal(t)
	database := pgtest.URL(t)
	w := recordMails(t, database)
	for range 2 {
		var kills []func()
		for range workers {
			kills = append(kills, spawn(t, child{database, j.URL, at}))
		}
		for range workers {
			select {
			case <-j.dying:
			case <-time.After(20 * time.Second):
				t.Fatal("no worker reached the point")
			}
		}
		for _, kill := range kills {
			kill()
		}
	}
	var last []func()
	for range workers {
		last = append(last, spawn(t, child{database, j.URL, "never"}))
	}
	eventually(t, "every action is decided", func() bool {
		open, err := w.Actions(context.Background(), ActionFilter{States: []job.ActionState{job.Planned, job.Started}})
		if err != nil {
			t.Fatal(err)
		}
		return len(open) == 0
	})
	for _, kill := range last {
		kill()
	}
	judgeMails(t, w, j, at)
}

// mailsToSend is how many actions of each mode there are: more than processes that die.
const mailsToSend = 8

func recordMails(t *testing.T, database string) *Worker {
	t.Helper()
	pool, err := postgres.Open(context.Background(), database, 4)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	spec := mailSpec("")
	w, err := New(Options{Pool: pool, Clock: clock.System{}, Specs: []job.Spec{spec}, Timing: killTiming()})
	if err != nil {
		t.Fatal(err)
	}
	var plan job.Plan
	for i := range mailsToSend {
		for _, mode := range []job.Mode{job.Once, job.State} {
			plan.Actions = append(plan.Actions, job.Action{Key: fmt.Sprintf("mail/%s/%d", mode, i), Mode: mode, Verb: "envoyer", Reason: "essai"})
		}
	}
	if plan, err = complete(spec, plan); err != nil {
		t.Fatal(err)
	}
	if _, err := w.record(context.Background(), recording{spec: spec, plan: plan, today: clock.Today(w.clock), trigger: "person", actor: "system", wake: true}); err != nil {
		t.Fatal(err)
	}
	return w
}

func judgeMails(t *testing.T, w *Worker, j *journal, at string) {
	t.Helper()
	runs, err := w.History(context.Background(), HistoryFilter{})
	if err != nil || len(runs) != 1 {
		t.Fatalf("%d runs, %v", len(runs), err)
	}
	listed := map[string]bool{}
	for _, a := range runs[0].Actions {
		listed[a.Key] = a.State == job.Uncertain
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	uncertain := 0
	for i := range mailsToSend {
		key := fmt.Sprintf("mail/%s/%d", job.Once, i)
		state, err := w.State(context.Background(), key)
		switch n := j.mails[key]; {
		case err != nil:
			t.Fatal(err)
		case n > 1:
			t.Errorf("%s was sent %d times", key, n)
		case state == job.Done && n != 1:
			t.Errorf("%s is done and was sent %d times", key, n)
		case state == job.Uncertain && !listed[key]:
			t.Errorf("%s is uncertain and the history does not say so", key)
		case state != job.Done && state != job.Uncertain:
			t.Errorf("%s ends %s", key, state)
		}
		if state == job.Uncertain {
			uncertain++
		}
		if key = fmt.Sprintf("mail/%s/%d", job.State, i); j.mails[key] == 0 {
			t.Errorf("%s was never performed", key)
		}
		if state, err := w.State(context.Background(), key); err != nil || state != job.Done {
			t.Errorf("%s ends %s (%v), want done", key, state, err)
		}
	}
	if (at == beforeClaim || at == afterClose) && uncertain > mailsToSend/2 {
		t.Errorf("%d mails of %d are uncertain", uncertain, mailsToSend)
	}
	t.Logf("%d mails of %d uncertain, run %s", uncertain, mailsToSend, runs[0].State)
}

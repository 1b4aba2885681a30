package worker

import (
	"context"
	"crypto/cipher"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/robfig/cron/v3"

	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/platform/job"
)

// Role says which share of the work a process takes.
type Role int

// The roles.
const (
	RolePortal Role = iota + 1 // inserts, and works the queue urgent, so that login waits for nobody
	RoleWorker                 // works every queue and ticks
	RoleBoth                   // the same, in the process of a portal
)

// Switch tells whether a job is on in this installation, and why.
type Switch struct {
	Enabled  bool
	Why      string   // French
	Missing  []string // names of the settings that lack, if any
	Schedule string   // cron expression that replaces the job's own; empty: its own
}

// Timing holds the delays of the machinery; zero fields take the default in brackets.
type Timing struct {
	Tick        time.Duration // between two looks at what is due (10 s)
	JobTimeout  time.Duration // of one action (60 s)
	PlanTimeout time.Duration // of one plan (10 min)
	Rescue      time.Duration // after which River gives a lost wake-up to another worker (90 s)
	Died        time.Duration // after which a started action is taken for dead (3 min)
	Settle      time.Duration // after a state action is done, before it may be wanted again (1 h)
	Poll        time.Duration // River's look for wake-ups it was not told of (1 s)
}

// Options are what a Worker needs.
type Options struct {
	Pool     *pgxpool.Pool
	Clock    clock.Clock
	Specs    []job.Spec
	Switches map[string]Switch // by job name; a scheduled job that is absent follows its default
	SealKey  [32]byte          // AES-256 key of the secrets in transit
	// SelfApprove accepts the first destructive plan of each job without a person: the demo only.
	SelfApprove bool
	// AnyDay lets Run take another day than today: the demo and tests only.
	AnyDay  bool
	Logger  *slog.Logger // nil: nothing is logged
	Metrics Observer     // nil: nothing is counted
	Widths  map[job.Queue]int
	Timing  Timing
}

// Worker plans, records and applies jobs. Its methods are safe for concurrent use.
type Worker struct {
	pool      *pgxpool.Pool
	clock     clock.Clock
	specs     map[string]job.Spec // by name and by alias
	order     []string
	schedules map[string]cron.Schedule
	switches  map[string]Switch
	off       []string // scheduled jobs that are not enabled
	known     []string
	seal      cipher.AEAD
	options   Options
	timing    Timing
	log       *slog.Logger
	metrics   Observer
	inserter  *river.Client[pgx.Tx]

	mu      sync.Mutex // guards what follows; Stop holds it while the tick ends
	client  *river.Client[pgx.Tx]
	stop    context.CancelFunc
	ticking sync.WaitGroup

	swept atomic.Value // clock.Day of the last housekeeping by this process
}

var (
	_ job.Ledger    = (*Worker)(nil)
	_ job.Requester = (*Worker)(nil)
)

// New checks the specs and prepares a worker. It touches no database: Start does.
func New(o Options) (*Worker, error) {
	if o.Pool == nil || o.Clock == nil {
		return nil, errors.New("worker: a pool and a clock are needed")
	}
	w := &Worker{
		pool: o.Pool, clock: o.Clock, options: o, timing: o.Timing.withDefaults(),
		specs: map[string]job.Spec{}, schedules: map[string]cron.Schedule{}, switches: o.Switches,
		log: o.Logger, metrics: o.Metrics,
	}
	if w.log == nil {
		w.log = slog.New(slog.DiscardHandler)
	}
	if w.metrics == nil {
		w.metrics = nobody{}
	}
	if err := w.adopt(o.Specs); err != nil {
		return nil, err
	}
	var err error
	if w.seal, err = newSeal(o.SealKey); err != nil {
		return nil, err
	}
	w.inserter, err = w.newInserter()
	return w, err
}

// adopt indexes the specs by name and alias, and reads their schedules.
func (w *Worker) adopt(specs []job.Spec) error {
	for _, spec := range specs {
		if err := checkSpec(spec); err != nil {
			return err
		}
		for _, name := range append([]string{spec.Name}, spec.Aliases...) {
			if other, taken := w.specs[name]; taken && (name == spec.Name || name == other.Name) {
				return fmt.Errorf("worker: two jobs are named %q", name)
			} else if !taken {
				w.specs[name] = spec
			}
		}
		w.order, w.known = append(w.order, spec.Name), append(w.known, spec.Name)
		if !spec.Scheduled() {
			continue
		}
		schedule, err := ParseSchedule(w.schedule(spec))
		if err != nil {
			return fmt.Errorf("worker: job %s: %w", spec.Name, err)
		}
		w.schedules[spec.Name] = schedule
		if !w.enabled(spec) {
			w.off = append(w.off, spec.Name)
		}
	}
	return nil
}

func checkSpec(spec job.Spec) error {
	switch {
	case spec.Name == "":
		return errors.New("worker: a job has no name")
	case spec.Apply == nil:
		return fmt.Errorf("worker: job %s applies nothing", spec.Name)
	case spec.Scheduled() && spec.Plan == nil:
		return fmt.Errorf("worker: job %s has a schedule and no plan", spec.Name)
	}
	return nil
}

// enabled tells whether a job runs by itself: its switch, else its default. Kinds of requests
// are always on.
func (w *Worker) enabled(spec job.Spec) bool {
	if s, ok := w.switches[spec.Name]; ok {
		return s.Enabled
	}
	return !spec.Scheduled() || spec.Default == job.On
}

func (w *Worker) schedule(spec job.Spec) string {
	if s := w.switches[spec.Name]; s.Schedule != "" {
		return s.Schedule
	}
	return spec.Schedule
}

// spec finds a job by its name or an alias.
func (w *Worker) spec(name string) (job.Spec, error) {
	spec, ok := w.specs[name]
	if !ok {
		return spec, fault.New(fault.NotFound, "Aucune tâche ne porte ce nom.", "no job is named %q", name)
	}
	return spec, nil
}

func (t Timing) withDefaults() Timing {
	set := func(d *time.Duration, v time.Duration) {
		if *d <= 0 {
			*d = v
		}
	}
	set(&t.Tick, 10*time.Second)
	set(&t.JobTimeout, time.Minute)
	set(&t.PlanTimeout, 10*time.Minute)
	set(&t.Rescue, 90*time.Second)
	set(&t.Died, 3*time.Minute)
	set(&t.Settle, time.Hour)
	set(&t.Poll, time.Second)
	return t
}

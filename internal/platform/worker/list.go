package worker

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/platform/job"
	"github.com/betagouv/espace-membre/internal/platform/postgres"
)

// Listed is one line of the catalogue.
type Listed struct {
	Name     string   `json:"name"`
	Aliases  []string `json:"aliases"`
	Title    string   `json:"title"` // French
	Room     string   `json:"room"`
	Schedule string   `json:"schedule"` // cron, Europe/Paris, as overridden here
	Default  string   `json:"default"`  // on or off
	Enabled  bool     `json:"enabled"`
	Why      string   `json:"why"`     // French: why it is on or off
	Needs    []string `json:"needs"`   // groups of settings
	Missing  []string `json:"missing"` // settings that lack
}

// List gives the catalogue of the scheduled jobs, in the order of the specs. It needs no database.
func List(specs []job.Spec, switches map[string]Switch) []Listed {
	list := []Listed{}
	for _, spec := range specs {
		if spec.Scheduled() {
			list = append(list, listedOf(spec, switches))
		}
	}
	return list
}

func listedOf(spec job.Spec, switches map[string]Switch) Listed {
	l := Listed{
		Name: spec.Name, Aliases: append([]string{}, spec.Aliases...), Title: spec.Title, Room: spec.Room,
		Schedule: spec.Schedule, Default: "off", Enabled: spec.Default == job.On, Needs: []string{}, Missing: []string{},
	}
	if spec.Default == job.On {
		l.Default = "on"
	}
	for _, need := range spec.Needs {
		l.Needs = append(l.Needs, string(need))
	}
	if s, ok := switches[spec.Name]; ok {
		l.Enabled, l.Why = s.Enabled, s.Why
		l.Missing = append(l.Missing, s.Missing...)
		if s.Schedule != "" {
			l.Schedule = s.Schedule
		}
	}
	return l
}

// Status is a job as it stands in the database.
type Status struct {
	Listed
	NextSlot      *time.Time     `json:"next_slot"`
	LastSlot      *time.Time     `json:"last_slot"`
	LastPlannedAt *time.Time     `json:"last_planned_at"`
	LastOKAt      *time.Time     `json:"last_ok_at"`
	LastError     string         `json:"last_error"`
	QuietRuns     int            `json:"quiet_runs"` // plans with nothing to tell since the last that had
	Population    int            `json:"population"`
	ApprovedAt    *time.Time     `json:"approved_at"` // first destructive plan accepted
	ApprovedBy    string         `json:"approved_by"`
	PausedAt      *time.Time     `json:"paused_at"`
	PausedBy      string         `json:"paused_by"`
	PausedWhy     string         `json:"paused_why"`
	Open          map[string]int `json:"open"` // open actions by state
	Held          *Hold          `json:"held"` // the run that waits for a person
}

type statusRow struct {
	Name          string
	LastSlot      *time.Time
	LastPlannedAt *time.Time
	LastOkAt      *time.Time
	LastError     string
	QuietRuns     int
	Population    int
	ApprovedAt    *time.Time
	ApprovedBy    string
	PausedAt      *time.Time
	PausedBy      string
	PausedWhy     string
	Open          map[string]int
	HeldRun       *uuid.UUID
	HeldVersion   *int
}

// Status lists every scheduled job as it stands.
func (w *Worker) Status(ctx context.Context) ([]Status, error) {
	rows, err := postgres.All[statusRow](ctx, w.pool, `
		SELECT j.name, j.last_slot, j.last_planned_at, j.last_ok_at, j.last_error, j.quiet_runs, j.population,
		       j.approved_at, COALESCE(j.approved_by, '') AS approved_by,
		       j.paused_at, COALESCE(j.paused_by, '') AS paused_by, j.paused_why,
		       (SELECT COALESCE(jsonb_object_agg(c.state, c.n), '{}')
		        FROM (SELECT a.state, count(*) AS n
		              FROM job_action a
		              WHERE a.job = j.name AND a.state NOT IN ('done', 'moot')
		              GROUP BY a.state) c) AS open,
		       r.id AS held_run, r.version AS held_version
		FROM job j
		LEFT JOIN job_run r ON r.job = j.name AND r.state = 'held'`)
	if err != nil {
		return nil, fmt.Errorf("read the state of the jobs: %w", err)
	}
	byName := map[string]statusRow{}
	for _, r := range rows {
		byName[r.Name] = r
	}
	list, now := []Status{}, w.clock.Now()
	for _, name := range w.order {
		if spec := w.specs[name]; spec.Scheduled() {
			list = append(list, w.statusOf(spec, byName[name], now))
		}
	}
	return list, nil
}

func (w *Worker) statusOf(spec job.Spec, r statusRow, now time.Time) Status {
	s := Status{
		Listed: listedOf(spec, w.switches), LastSlot: r.LastSlot, LastPlannedAt: r.LastPlannedAt, LastOKAt: r.LastOkAt,
		LastError: r.LastError, QuietRuns: r.QuietRuns, Population: r.Population, ApprovedAt: r.ApprovedAt,
		ApprovedBy: r.ApprovedBy, PausedAt: r.PausedAt, PausedBy: r.PausedBy, PausedWhy: r.PausedWhy, Open: r.Open,
	}
	if s.Open == nil {
		s.Open = map[string]int{}
	}
	if next := w.nextSlot(spec.Name, now); !next.IsZero() {
		s.NextSlot = &next
	}
	if r.HeldRun != nil {
		s.Held = &Hold{*r.HeldRun, *r.HeldVersion}
	}
	return s
}

func noRun(id uuid.UUID) error {
	return fault.New(fault.NotFound, "Cette exécution n’existe pas.", "no run %s", id)
}

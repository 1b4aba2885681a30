package worker

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/robfig/cron/v3"

	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/job"
	"github.com/betagouv/espace-membre/internal/platform/postgres"
)

// hourStar is the bit by which robfig/cron remembers that a field was a star.
const hourStar = 1 << 63

// defaultLate is how late a slot may be before it is told as missed.
const defaultLate = 24 * time.Hour

// patience is how long a job waits for the one that comes before it.
const patience = time.Hour

// ParseSchedule reads a cron expression of five fields, or six with seconds first, in the hours
// of Europe/Paris. A job of a fixed hour runs exactly once a day even on the nights when the
// hour changes: an hour that does not exist moves to after the gap, one that comes twice counts
// once, the second time. A job of every hour follows the real time.
func ParseSchedule(expression string) (cron.Schedule, error) {
	parser := cron.NewParser(cron.SecondOptional | cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow | cron.Descriptor)
	parsed, err := parser.Parse(expression)
	if err != nil {
		return nil, fmt.Errorf("read the schedule %q: %w", expression, err)
	}
	spec, ok := parsed.(*cron.SpecSchedule)
	if !ok {
		return nil, fmt.Errorf("read the schedule %q: intervals have no hour of the day", expression)
	}
	if spec.Hour&hourStar != 0 {
		spec.Location = clock.Paris()
		return spec, nil
	}
	spec.Location = time.UTC
	return wallClock{spec}, nil
}

// wallClock reads a schedule on the clock of the wall: it computes as if there were no change of
// hour, then finds the instant.
type wallClock struct{ naive cron.Schedule }

// Next gives the first instant of the schedule strictly after t.
func (s wallClock) Next(t time.Time) time.Time {
	local := t.In(clock.Paris())
	from := time.Date(local.Year(), local.Month(), local.Day(), local.Hour(), local.Minute(), local.Second(), 0, time.UTC).Add(-2 * time.Hour)
	for {
		from = s.naive.Next(from)
		if from.IsZero() {
			return time.Time{}
		}
		instant := time.Date(from.Year(), from.Month(), from.Day(), from.Hour(), from.Minute(), from.Second(), 0, clock.Paris())
		if instant.After(t) {
			return instant
		}
	}
}

// latestSlot gives the latest instant of a schedule at or before now; zero when there is none in
// five years.
func latestSlot(schedule cron.Schedule, now time.Time) time.Time {
	const day = 24 * time.Hour
	for _, window := range []time.Duration{10 * time.Minute, 2 * time.Hour, 2 * day, 9 * day, 63 * day, 5 * 366 * day} {
		var last time.Time
		for t := schedule.Next(now.Add(-window)); !t.IsZero() && !t.After(now); t = schedule.Next(t) {
			last = t
		}
		if !last.IsZero() {
			return last
		}
	}
	return time.Time{}
}

// jobRow is what the machinery knows of a job.
type jobRow struct {
	Name          string
	FirstSeenAt   time.Time
	LastSlot      time.Time
	LastPlannedAt *time.Time
	Paused        bool
	Applying      bool
}

// closed tells whether the job has finished with a slot.
func (r jobRow) closed(slot time.Time) bool {
	return !r.LastSlot.Before(slot) && r.LastPlannedAt != nil && !r.LastPlannedAt.Before(r.LastSlot) && !r.Applying
}

// dueSlot is one run to make: it stands for every slot since the last one.
type dueSlot struct {
	spec   job.Spec
	slot   time.Time
	missed bool // too late: only told
}

// due lists what must run now, in the order of the specs, from what is stored. It is pure.
func (w *Worker) due(rows map[string]jobRow, now time.Time) []dueSlot {
	var list []dueSlot
	for _, name := range w.order {
		spec, row := w.specs[name], rows[name]
		if !spec.Scheduled() || !w.enabled(spec) || row.Name == "" || row.Paused {
			continue
		}
		slot := latestSlot(w.schedules[name], now)
		if !slot.After(row.LastSlot) || w.mustWait(spec, rows, slot, now) {
			continue
		}
		list = append(list, dueSlot{spec, slot, now.Sub(slot) > lateness(spec)})
	}
	return list
}

func lateness(spec job.Spec) time.Duration {
	if spec.Late > 0 {
		return spec.Late
	}
	return defaultLate
}

// mustWait tells whether the job that comes before has not closed this slot yet.
func (w *Worker) mustWait(spec job.Spec, rows map[string]jobRow, slot, now time.Time) bool {
	before, ok := w.specs[spec.After]
	if spec.After == "" || !ok || !before.Scheduled() || !w.enabled(before) {
		return false
	}
	row := rows[before.Name]
	return row.Name != "" && !row.Paused && now.Sub(slot) < patience && !row.closed(slot)
}

// jobRows reads every job, after giving a row to those that are on and seen for the first time:
// their past slots are not owed.
func (w *Worker) jobRows(ctx context.Context, now time.Time) (map[string]jobRow, error) {
	var on []string
	for _, name := range w.order {
		if spec := w.specs[name]; spec.Scheduled() && w.enabled(spec) {
			on = append(on, name)
		}
	}
	if err := ensureJobs(ctx, w.pool, on, now); err != nil {
		return nil, err
	}
	rows, err := postgres.All[jobRow](ctx, w.pool, `
		SELECT name, first_seen_at, last_slot, last_planned_at, paused_at IS NOT NULL AS paused,
		       EXISTS (SELECT FROM job_run r WHERE r.job = j.name AND r.state = 'applying') AS applying
		FROM job j`)
	if err != nil {
		return nil, fmt.Errorf("read the jobs: %w", err)
	}
	byName := make(map[string]jobRow, len(rows))
	for _, row := range rows {
		byName[row.Name] = row
	}
	return byName, nil
}

func ensureJobs(ctx context.Context, db postgres.DB, names []string, now time.Time) error {
	_, err := db.Exec(ctx, `
		INSERT INTO job (name, first_seen_at, last_slot)
		SELECT wanted.name, $2::timestamptz, $2::timestamptz
		FROM unnest($1::text[]) AS wanted (name)
		WHERE NOT EXISTS (SELECT FROM job WHERE job.name = wanted.name)
		ON CONFLICT (name) DO NOTHING`, names, now)
	if err != nil {
		return fmt.Errorf("remember new jobs: %w", err)
	}
	return nil
}

// errTaken says that the slot belongs to somebody else, or that the job is still at work on an
// earlier one: the next tick looks again.
var errTaken = errors.New("slot taken")

// consume takes a slot for this process: exactly one caller succeeds, the others get errTaken.
// then runs in the same transaction.
func (w *Worker) consume(ctx context.Context, d dueSlot, now time.Time, then func(tx pgx.Tx) error) error {
	return postgres.InTx(ctx, w.pool, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `
			UPDATE job
			SET last_slot = $2
			WHERE name = $1
			  AND last_slot < $2
			  AND paused_at IS NULL`, d.spec.Name, d.slot)
		if err != nil {
			return fmt.Errorf("take the slot of %s: %w", d.spec.Name, err)
		}
		if tag.RowsAffected() == 0 {
			return errTaken
		}
		if d.missed {
			return w.tellMissed(ctx, tx, d, now)
		}
		return then(tx)
	})
}

func (w *Worker) tellMissed(ctx context.Context, tx pgx.Tx, d dueSlot, now time.Time) error {
	_, err := tx.Exec(ctx, `
		WITH told AS (
		    INSERT INTO job_run (id, job, slot, trigger, actor, today, state, started_at, closed_at)
		    VALUES ($1, $2, $3, 'catch-up', 'system', $4, 'missed', $5, $5)
		    RETURNING job
		)
		UPDATE job
		SET last_planned_at = $5
		FROM told
		WHERE job.name = told.job`, uuid.New(), d.spec.Name, d.slot, clock.DayOf(now), now)
	if err != nil {
		return fmt.Errorf("tell the missed slot of %s: %w", d.spec.Name, err)
	}
	return nil
}

// trigger tells a slot served in time from one served after an outage.
func (w *Worker) trigger(slot, now time.Time) string {
	if now.Sub(slot) > max(time.Minute, 3*w.timing.Tick) {
		return "catch-up"
	}
	return "schedule"
}

// nextSlot gives the next instant of a job's schedule; zero when it has none.
func (w *Worker) nextSlot(name string, now time.Time) time.Time {
	schedule, ok := w.schedules[name]
	if !ok || slices.Contains(w.off, name) {
		return time.Time{}
	}
	return schedule.Next(now)
}

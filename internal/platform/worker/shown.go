package worker

import (
	"cmp"
	"context"

	"github.com/google/uuid"

	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/job"
	"github.com/betagouv/espace-membre/internal/platform/postgres"
)

// Planned is a plan as people and machines read it: what would be done, and to whom.
type Planned struct {
	Job        string          `json:"job"`
	Today      clock.Day       `json:"today"`
	Population int             `json:"population"`
	Actions    []PlannedAction `json:"actions"`
	Skipped    []Skipped       `json:"skipped"`
	Doubt      string          `json:"doubt"`          // French, "" when the outside's answer is trusted
	Hold       string          `json:"hold,omitempty"` // French: why destructive actions would wait for a person
	Partial    bool            `json:"partial,omitempty"`
}

// PlannedAction is one wanted action.
type PlannedAction struct {
	Key         string          `json:"key"`
	Verb        string          `json:"verb"`
	Subject     string          `json:"subject"` // username or slug
	Reason      string          `json:"reason"`
	Mode        job.Mode        `json:"mode"`
	Destructive bool            `json:"destructive"`
	State       job.ActionState `json:"state,omitempty"` // of the ledger, when it is already recorded and open
}

// Skipped is a subject that the plan sets aside.
type Skipped struct {
	Subject string `json:"subject"`
	Reason  string `json:"reason"`
}

// Plan shows what a job would do on a day (zero: today) and changes nothing. What is already done
// is among the skipped; what is already recorded and open tells its state.
func (w *Worker) Plan(ctx context.Context, name string, today clock.Day) (Planned, error) {
	spec, err := w.spec(name)
	if err != nil {
		return Planned{}, err
	}
	if today.IsZero() {
		today = clock.Today(w.clock)
	}
	plan, err := w.draft(ctx, spec, today)
	if err != nil {
		return Planned{}, err
	}
	return w.show(ctx, w.pool, spec, plan, today)
}

func (w *Worker) show(ctx context.Context, db postgres.DB, spec job.Spec, plan job.Plan, today clock.Day) (Planned, error) {
	d, err := w.decide(ctx, db, spec, plan, w.clock.Now())
	if err != nil {
		return Planned{}, err
	}
	p := Planned{
		Job: spec.Name, Today: today, Population: plan.Population, Actions: []PlannedAction{}, Skipped: []Skipped{},
		Doubt: plan.Doubt, Hold: d.hold, Partial: plan.Partial,
	}
	for i, a := range plan.Actions {
		v := d.verdicts[i]
		if v.do == keep && v.state == job.Done {
			p.Skipped = append(p.Skipped, Skipped{subjectOf(a.Label, a.Subject), "déjà fait"})
			continue
		}
		p.Actions = append(p.Actions, PlannedAction{
			Key: a.Key, Verb: a.Verb, Subject: subjectOf(a.Label, a.Subject), Reason: a.Reason,
			Mode: a.Mode, Destructive: a.Destructive, State: v.state,
		})
	}
	for _, s := range plan.Skipped {
		p.Skipped = append(p.Skipped, Skipped{subjectOf(s.Label, s.Subject), s.Reason})
	}
	return p, nil
}

func subjectOf(label string, id uuid.UUID) string {
	if id == uuid.Nil {
		return label
	}
	return cmp.Or(label, id.String())
}

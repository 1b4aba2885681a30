package worker

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Observer counts what the machinery does. Its methods are called from several goroutines.
type Observer interface {
	// RunRecorded tells the state of a run when it is recorded or closes, and the seconds since it started.
	RunRecorded(job, state string, took time.Duration)
	// ActionEnded tells how one attempt ended (done, moot, planned, failed, uncertain) and how long it took.
	ActionEnded(job, state string, took time.Duration)
	// OpenActions tells, at each tick, how many actions stand in each open state.
	OpenActions(byState map[string]int)
}

type nobody struct{}

func (nobody) RunRecorded(string, string, time.Duration) {}
func (nobody) ActionEnded(string, string, time.Duration) {}
func (nobody) OpenActions(map[string]int)                {}

// Prometheus is an Observer with three families: espace_membre_job_runs_total,
// espace_membre_job_action_seconds and espace_membre_job_actions_open.
type Prometheus struct {
	runs    *prometheus.CounterVec
	actions *prometheus.HistogramVec
	open    *prometheus.GaugeVec
}

// NewPrometheus registers the families.
func NewPrometheus(registry prometheus.Registerer) (*Prometheus, error) {
	p := &Prometheus{
		runs: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "espace_membre_job_runs_total", Help: "Runs of jobs recorded or closed, by state.",
		}, []string{"job", "state"}),
		actions: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "espace_membre_job_action_seconds", Help: "Duration of attempts, by job and by how they ended.",
			Buckets: []float64{0.01, 0.05, 0.25, 1, 5, 20, 60},
		}, []string{"job", "state"}),
		open: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "espace_membre_job_actions_open", Help: "Actions that are not closed, by state.",
		}, []string{"state"}),
	}
	for _, family := range []prometheus.Collector{p.runs, p.actions, p.open} {
		if err := registry.Register(family); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// RunRecorded counts a run.
func (p *Prometheus) RunRecorded(job, state string, _ time.Duration) {
	p.runs.WithLabelValues(job, state).Inc()
}

// ActionEnded observes the duration of an attempt.
func (p *Prometheus) ActionEnded(job, state string, took time.Duration) {
	p.actions.WithLabelValues(job, state).Observe(took.Seconds())
}

// OpenActions sets the gauges of the open states.
func (p *Prometheus) OpenActions(byState map[string]int) {
	for _, state := range []string{"held", "planned", "started", "failed", "uncertain"} {
		p.open.WithLabelValues(state).Set(float64(byState[state]))
	}
}

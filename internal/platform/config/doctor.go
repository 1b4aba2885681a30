package config

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/platform/job"
)

// probeTimeout is how long one probe may last.
const probeTimeout = 10 * time.Second

// Probe asks one service whether it answers. Its error may be a fault: only the kind and the
// public sentence are shown.
type Probe struct {
	Feature job.Feature // probed only when this feature is enabled
	Label   string      // French: who is asked
	Check   func(ctx context.Context) error
}

// ProbeResult is what a probe found.
type ProbeResult struct {
	Feature  job.Feature   `json:"feature"`
	Label    string        `json:"label"`
	Asked    bool          `json:"asked"` // false when the feature is not configured
	OK       bool          `json:"ok"`
	Reason   string        `json:"reason,omitempty"` // French, when it is not OK
	Duration time.Duration `json:"duration_ns"`
}

// JobReport is the state of one job's switch.
type JobReport struct {
	Name     string `json:"name"`
	Enabled  bool   `json:"enabled"`
	Why      string `json:"why"`
	Schedule string `json:"schedule"`
}

// Report is everything that `doctor` tells; it holds no secret.
type Report struct {
	BaseURL     string        `json:"base_url"`
	BaseURLFrom string        `json:"base_url_from"`
	Problems    []Problem     `json:"problems"`
	Features    []Feature     `json:"features"`
	Jobs        []JobReport   `json:"jobs"`
	Probes      []ProbeResult `json:"probes"`
}

// Diagnose makes the report of a configuration: problems as Load gave them, jobs and probes of
// the caller. Probes run at the same time, each for at most ten seconds.
func Diagnose(ctx context.Context, c Config, problems []Problem, specs []job.Spec, probes []Probe) Report {
	report := Report{
		BaseURL: c.Core.BaseURL, BaseURLFrom: c.Core.BaseURLFrom,
		Problems: append(append([]Problem{}, problems...), c.CheckJobs(specs)...),
		Features: c.Features(), Jobs: []JobReport{},
	}
	for _, spec := range specs {
		if spec.Scheduled() {
			enabled, why := c.JobSwitch(spec)
			report.Jobs = append(report.Jobs, JobReport{spec.Name, enabled, why, c.JobSchedule(spec)})
		}
	}
	report.Probes = c.probe(ctx, probes)
	return report
}

func (c Config) probe(ctx context.Context, probes []Probe) []ProbeResult {
	results := make([]ProbeResult, len(probes))
	var group sync.WaitGroup
	for i, p := range probes {
		results[i] = ProbeResult{Feature: p.Feature, Label: p.Label}
		if c.Enabled(p.Feature) {
			group.Go(func() { results[i] = p.ask(ctx) })
		}
	}
	group.Wait()
	return results
}

func (p Probe) ask(ctx context.Context) ProbeResult {
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	start := time.Now()
	err := p.Check(ctx)
	return ProbeResult{
		Feature: p.Feature, Label: p.Label, Asked: true,
		OK: err == nil, Reason: explain(err), Duration: time.Since(start),
	}
}

// explain puts an error in a French sentence without its cause, which may quote an address.
func explain(err error) string {
	if err == nil {
		return ""
	}
	if public := fault.Public(err); public != "" {
		return public
	}
	switch fault.KindOf(err) {
	case fault.Forbidden:
		return "les clés sont refusées"
	case fault.NotFound:
		return "ce que la configuration nomme n’existe pas"
	case fault.Unavailable:
		return "ne répond pas"
	case fault.Invalid, fault.Conflict:
		return "la demande est refusée"
	case fault.Internal:
	}
	return "la réponse est inattendue"
}

// OK tells whether nothing is refused and every service that was asked answered.
func (r Report) OK() bool {
	for _, p := range r.Probes {
		if p.Asked && !p.OK {
			return false
		}
	}
	return len(Refusals(r.Problems)) == 0
}

// JSON writes the report for a machine.
func (r Report) JSON(w io.Writer) error {
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(r)
}

// Text writes the report for a person, in French.
func (r Report) Text(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "Adresse du portail : %s (d’après %s)\n", r.BaseURL, r.BaseURLFrom)
	r.writeProblems(&b)
	r.writeFeatures(&b)
	r.writeJobs(&b)
	r.writeProbes(&b)
	_, err := io.WriteString(w, b.String())
	return err
}

func (r Report) writeProblems(b *strings.Builder) {
	for _, part := range []struct {
		title string
		lines []Problem
	}{{"À corriger", Refusals(r.Problems)}, {"À savoir", Notices(r.Problems)}} {
		if len(part.lines) > 0 {
			fmt.Fprintf(b, "\n%s\n", part.title)
		}
		for _, p := range part.lines {
			fmt.Fprintf(b, "  ! %s\n", p)
		}
	}
}

func (r Report) writeFeatures(b *strings.Builder) {
	b.WriteString("\nFonctions\n")
	for _, f := range r.Features {
		if f.Enabled {
			fmt.Fprintf(b, "  ✓ %s\n", f.Label)
			continue
		}
		fmt.Fprintf(b, "  · %s : il manque %s\n", f.Label, strings.Join(f.Missing, ", "))
	}
}

func (r Report) writeJobs(b *strings.Builder) {
	if len(r.Jobs) == 0 {
		return
	}
	b.WriteString("\nTâches\n")
	for _, j := range r.Jobs {
		fmt.Fprintf(b, "  %s %s (%s) : %s\n", sign(j.Enabled), j.Name, j.Schedule, j.Why)
	}
}

func (r Report) writeProbes(b *strings.Builder) {
	if len(r.Probes) == 0 {
		return
	}
	b.WriteString("\nServices\n")
	for _, p := range r.Probes {
		switch {
		case !p.Asked:
			fmt.Fprintf(b, "  · %s : non configuré\n", p.Label)
		case p.OK:
			fmt.Fprintf(b, "  ✓ %s : répond en %d ms\n", p.Label, p.Duration.Milliseconds())
		default:
			fmt.Fprintf(b, "  ✗ %s : %s\n", p.Label, p.Reason)
		}
	}
}

func sign(on bool) string {
	if on {
		return "✓"
	}
	return "·"
}

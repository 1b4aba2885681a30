package config

import (
	"fmt"
	"slices"
	"strings"

	"github.com/betagouv/espace-membre/internal/platform/job"
)

const switchPrefix = "JOB_"

// JobVariable gives the name of a job's own switch: JOB_ and its name in capitals.
func JobVariable(name string) string { return switchPrefix + strings.ToUpper(name) }

// loadSwitches reads every JOB_* variable; whether such a job exists is told by CheckJobs.
func (c *Config) loadSwitches(environ map[string]string) []Problem {
	var problems []Problem
	for name := range environ {
		if !strings.HasPrefix(name, switchPrefix) || strings.TrimSpace(environ[name]) == "" {
			continue
		}
		if problem, bad := toggle(c.Jobs.Switches, name, "").load(environ); bad {
			problems = append(problems, problem)
		}
	}
	slices.SortFunc(problems, func(a, b Problem) int { return strings.Compare(a.Name, b.Name) })
	return problems
}

// JobSwitch tells whether a job is on and why, in French. In this order: its own JOB_*
// variable, the reference's FEATURE_* variable (several, separated by commas, must all be on),
// its default; then a missing setting of what it needs turns it off.
func (c Config) JobSwitch(spec job.Spec) (enabled bool, why string) {
	enabled, why = c.wanted(spec)
	if !enabled {
		return false, why
	}
	if missing := c.missing(spec); missing != "" {
		return false, missing
	}
	return true, why
}

func (c Config) wanted(spec job.Spec) (bool, string) {
	own := JobVariable(spec.Name)
	if value, ok := c.Jobs.Switches[own]; ok {
		return value, said(own, value)
	}
	if value, why, ok := c.flagged(spec); ok {
		return value, why
	}
	if spec.Default == job.On {
		return true, "activée par défaut"
	}
	return false, fmt.Sprintf("désactivée par défaut ; pour l’activer : %s=on", own)
}

func (c Config) flagged(spec job.Spec) (value bool, why string, ok bool) {
	for name := range strings.SplitSeq(spec.Flag, ",") {
		name = strings.TrimSpace(name)
		on, present := c.Jobs.Flags[name]
		switch {
		case !present:
		case !on && spec.FlagAnyText:
			return false, said(name, on) + " (l’ancienne version, elle, l’activait)", true
		case !on:
			return false, said(name, on), true
		default:
			value, why, ok = true, said(name, on), true
		}
	}
	return value, why, ok
}

func said(name string, value bool) string {
	if value {
		return "activée par " + name
	}
	return "désactivée par " + name
}

// missing names what the job needs and does not have; "" when nothing lacks.
func (c Config) missing(spec job.Spec) string {
	var reasons []string
	for _, name := range spec.Needs {
		f, ok := c.Feature(name)
		switch {
		case !ok:
			reasons = append(reasons, fmt.Sprintf("besoin inconnu « %s »", name))
		case !f.Enabled:
			reasons = append(reasons, fmt.Sprintf("%s (%s)", strings.Join(f.Missing, ", "), f.Label))
		}
	}
	if len(reasons) == 0 {
		return ""
	}
	return "réglage manquant : " + strings.Join(reasons, " ; ")
}

// JobMissing names the variables that a job lacks, each once ("A ou B" when either would do);
// empty when it has all that it needs. An unknown need is a mistake of the code: see CheckSpecs.
func (c Config) JobMissing(spec job.Spec) []string {
	missing := []string{}
	for _, name := range spec.Needs {
		f, _ := c.Feature(name)
		for _, variable := range f.Missing {
			if !slices.Contains(missing, variable) {
				missing = append(missing, variable)
			}
		}
	}
	return missing
}

// JobSchedule gives the cron expression of a job: the one of its variable if that is set, in
// five fields, or six when it has seconds; else its own.
func (c Config) JobSchedule(spec job.Spec) string {
	if override, ok := c.Jobs.Schedules[spec.CronSetting]; ok {
		return override
	}
	return spec.Schedule
}

// CheckJobs reports the JOB_* variables that name no job, with the nearest one.
func (c Config) CheckJobs(specs []job.Spec) []Problem {
	var known []string
	for _, spec := range specs {
		known = append(known, JobVariable(spec.Name))
	}
	var problems []Problem
	for name := range c.Jobs.Switches {
		if !slices.Contains(known, name) {
			problems = append(problems, unknown(name, known))
		}
	}
	slices.SortFunc(problems, func(a, b Problem) int { return strings.Compare(a.Name, b.Name) })
	return problems
}

// CheckSpecs tells, in English, what declarations of jobs name and configuration does not know:
// needs, flags, variables of schedules; and two jobs with one switch. A test of the whole
// product keeps it empty.
func CheckSpecs(specs []job.Spec) []string {
	var mistakes []string
	seen := map[string]string{}
	c := empty()
	for _, spec := range specs {
		for _, need := range spec.Needs {
			if _, ok := c.Feature(need); !ok {
				mistakes = append(mistakes, fmt.Sprintf("%s needs %q, which is no feature", spec.Name, need))
			}
		}
		for _, name := range []string{spec.CronSetting, spec.Flag} {
			for part := range strings.SplitSeq(name, ",") {
				if part = strings.TrimSpace(part); part != "" && !Known(part) {
					mistakes = append(mistakes, fmt.Sprintf("%s obeys %s, which is no variable", spec.Name, part))
				}
			}
		}
		own := JobVariable(spec.Name)
		if other, taken := seen[own]; taken {
			mistakes = append(mistakes, fmt.Sprintf("%s and %s share the switch %s", other, spec.Name, own))
		}
		seen[own] = spec.Name
	}
	return mistakes
}

package config

import (
	"errors"
	"strings"

	"github.com/betagouv/espace-membre/internal/platform/fault"
)

// Severity says whether a problem stops the start.
type Severity string

// The severities.
const (
	Refused  Severity = "refused" // the program does not start
	Reported Severity = "notice"  // told, without effect
)

// Problem is one thing to say about a variable. It never holds the value of a secret.
type Problem struct {
	Name     string   `json:"name"`   // variable
	Reason   string   `json:"reason"` // French
	Severity Severity `json:"severity"`
}

// String gives one French line.
func (p Problem) String() string { return p.Name + " : " + p.Reason }

// Refusals keeps the problems that stop the start.
func Refusals(problems []Problem) []Problem { return ofSeverity(problems, Refused) }

// Notices keeps the problems that are only told.
func Notices(problems []Problem) []Problem { return ofSeverity(problems, Reported) }

func ofSeverity(problems []Problem, severity Severity) []Problem {
	var kept []Problem
	for _, p := range problems {
		if p.Severity == severity {
			kept = append(kept, p)
		}
	}
	return kept
}

// Err gives one fault of kind Invalid that tells every refusal, a line each; nil without any.
func Err(problems []Problem) error {
	refusals := Refusals(problems)
	if len(refusals) == 0 {
		return nil
	}
	lines := []string{"Configuration refusée :"}
	var causes []error
	for _, p := range refusals {
		lines = append(lines, "  - "+p.String())
		causes = append(causes, errors.New(p.Name))
	}
	return fault.New(fault.Invalid, strings.Join(lines, "\n"), "invalid settings: %w", errors.Join(causes...))
}

// nearest gives the known name that is closest to a mistyped one; "" when none is close.
func nearest(name string, known []string) string {
	best, least := "", len(name)/3+1
	for _, candidate := range known {
		if d := distance(name, candidate); d < least {
			best, least = candidate, d
		}
	}
	return best
}

// distance is the number of letters to add, remove or replace between two words.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		diagonal := row[0]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := diagonal
			if a[i-1] != b[j-1] {
				cost++
			}
			diagonal = row[j]
			row[j] = min(cost, row[j]+1, row[j-1]+1)
		}
	}
	return row[len(b)]
}

package addressdoc_test

import (
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/betagouv/espace-membre/internal/mailbox"
	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/testing/addressdoc"
)

var update = flag.Bool("update", false, "write the documents")

func TestDocumentsSayWhatTheCodeDoes(t *testing.T) {
	picture, err := addressdoc.Picture(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"address-states.svg": picture, "address-states.md": addressdoc.Page()} {
		path := filepath.Join("..", "..", "..", "docs", name)
		if *update {
			if err := os.WriteFile(path, []byte(want), 0o644); err != nil { //nolint:gosec // a public document
				t.Fatal(err)
			}
		}
		got, err := os.ReadFile(path)
		if err != nil || string(got) != want {
			t.Errorf("docs/%s is not what the code says (%v): go test ./internal/testing/addressdoc -update", name, err)
		}
	}
}

// Every state can be reached and left, every step says who and why, and the jobs named exist.
func TestStepsAreWhole(t *testing.T) {
	jobs := map[string]bool{member.ByOwner: true, member.ByColleague: true, member.ByAdmin: true}
	for _, spec := range mailbox.New(nil, clock.System{}, mailbox.Ports{}, mailbox.Config{}).Jobs() {
		jobs[spec.Name] = true
	}
	reached, left := map[member.Status]bool{member.StatusUnset: true}, map[member.Status]bool{}
	for _, step := range member.Steps() {
		reached[step.To], left[step.From] = true, true
		if !jobs[step.By] {
			t.Errorf("%s -> %s is made by %q, who is nobody", step.From, step.To, step.By)
		}
		if strings.TrimSpace(step.Why) == "" || step.From == step.To {
			t.Errorf("%s -> %s says no reason, or goes nowhere", step.From, step.To)
		}
		if !slices.Contains(member.Statuses(), step.From) || !slices.Contains(member.Statuses(), step.To) || !step.From.MayBecome(step.To) {
			t.Errorf("%s -> %s is not between known states", step.From, step.To)
		}
	}
	for _, status := range member.Statuses() {
		if !reached[status] || !left[status] || status.Meaning() == "" {
			t.Errorf("%s is a dead end, is never reached, or has no meaning", status)
		}
	}
}

package mailinglist_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/betagouv/espace-membre/internal/platform/job"
)

// told renders a plan as people read it.
func told(p job.Plan) []string {
	lines := []string{fmt.Sprintf("population %d", p.Population)}
	if p.Doubt != "" {
		lines = append(lines, "doute : "+p.Doubt)
	}
	for _, a := range p.Actions {
		mark := ""
		if a.Destructive {
			mark = " (destructive)"
		}
		lines = append(lines, fmt.Sprintf("%s %s%s : %s", a.Verb, a.Label, mark, a.Reason))
	}
	for _, s := range p.Skipped {
		lines = append(lines, "laisser "+s.Label+" : "+s.Reason)
	}
	return lines
}

func (w *world) expectPlan(name string, want ...string) {
	w.t.Helper()
	if diff := cmp.Diff(want, told(w.plan(name))); diff != "" {
		w.t.Errorf("plan of %s (-want +got):\n%s", name, diff)
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

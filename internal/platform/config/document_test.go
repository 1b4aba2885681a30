package config

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/joho/godotenv"
)

var update = flag.Bool("update", false, "rewrite the generated files")

func TestGeneratedFilesAreFresh(t *testing.T) {
	root := filepath.Join("..", "..", "..")
	for path, want := range map[string]string{
		filepath.Join(root, "docs", "configuration.md"): Markdown(),
		filepath.Join(root, ".env.example"):             Example(),
	} {
		if *update {
			if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		got, err := os.ReadFile(path)
		if err != nil {
			t.Fatalf("%v; write it with: go test ./internal/platform/config -update", err)
		}
		if diff := cmp.Diff(want, string(got)); diff != "" {
			t.Errorf("%s is stale, run: go test ./internal/platform/config -update\n%s", path, diff)
		}
	}
}

func TestExampleStarts(t *testing.T) {
	environ, err := godotenv.Unmarshal(Example())
	if err != nil {
		t.Fatal(err)
	}
	if _, problems := Load(environ); len(problems) != 0 {
		t.Errorf("the example as it stands: %v", problems)
	}
	var open []string
	for line := range strings.Lines(Example()) {
		if strings.HasPrefix(line, "#") && strings.Contains(line, "=") && !strings.HasPrefix(line, "# ") {
			open = append(open, strings.TrimPrefix(line, "#"))
		}
	}
	environ, err = godotenv.Unmarshal(strings.Join(open, ""))
	if err != nil {
		t.Fatal(err)
	}
	if _, problems := Load(environ); len(problems) != 0 {
		t.Errorf("the example with everything uncommented: %v", problems)
	}
}

func TestEveryVariableIsDocumented(t *testing.T) {
	text := Markdown()
	for _, name := range Names() {
		if !strings.Contains(text, "`"+name+"`") {
			t.Errorf("%s is not in docs/configuration.md", name)
		}
	}
	for _, row := range retiredRows() {
		if !strings.Contains(text, "| `"+row[0]+"` |") {
			t.Errorf("%s is not told as retired", row[0])
		}
	}
}

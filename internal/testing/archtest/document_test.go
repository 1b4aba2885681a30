package archtest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestDocumentsNameOnlyWhatExists(t *testing.T) {
	root := filepath.Join("..", "..", "..")
	read := func(path string) string {
		content, err := os.ReadFile(filepath.Join(root, path))
		if err != nil {
			t.Fatal(err)
		}
		return string(content)
	}
	documents, err := Documents(root)
	if err != nil || len(documents) < 5 {
		t.Fatalf("%d documents, %v", len(documents), err)
	}
	exists := func(path string) bool {
		_, err := os.Stat(filepath.Join(root, path))
		return err == nil
	}
	report(t, CheckDocuments(documents, exists, Targets(read("Makefile")), Commands(read("internal/cli/cli.go"))))
}

func TestCommandTableOfReadmeIsWhole(t *testing.T) {
	root := filepath.Join("..", "..", "..")
	readme, err := os.ReadFile(filepath.Join(root, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	tree, err := os.ReadFile(filepath.Join(root, "internal", "cli", "cli.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, command := range Commands(string(tree)) {
		if !strings.Contains(string(readme), "| `"+command) {
			t.Errorf("README.md does not tell of command %s", command)
		}
	}
}

func TestDocumentRulesCanFail(t *testing.T) {
	exists := func(path string) bool { return path == "docs/a.md" || path == "internal/member" }
	for text, want := range map[string]string{
		"see [a](a.md)":                          "",
		"see [a](a.md#part)":                     "",
		"see [site](https://example.org/x)":      "",
		"see [b](b.md)":                          "names file docs/b.md",
		"see [b](../b.md)":                       "names file b.md",
		"run `make test`":                        "",
		"make fly":                               "names target fly",
		"`make fly`":                             "names target fly",
		"to make do":                             "",
		"bin/espace-membre run x":                "",
		"`espace-membre dance`":                  "names command dance",
		"`go test ./internal/member/...`":        "",
		"`go test ./internal/kitchen -update`":   "names folder internal/kitchen",
		"`go test ./internal/kitchen/oven/...` ": "names folder internal/kitchen/oven",
	} {
		findings := CheckDocuments([]Document{{"docs/x.md", text}}, exists, []string{"test"}, []string{"run"})
		t.Run(text, func(t *testing.T) { expect(t, findings, want) })
	}
}

func TestNamesAreReadInTheSource(t *testing.T) {
	if got := Targets("X ?= 1\nrun: build ## x\n\techo y:\nSHELL := z\ntest-all:\n"); strings.Join(got, " ") != "run test-all" {
		t.Errorf("targets: %v", got)
	}
	tree := "type root struct {\n\tJSON bool `help:\"x\"`\n\tServe serveCmd `cmd:\"\" help:\"x\"`\n\tJobs      jobsCmd  `cmd:\"\"`\n}"
	if got := Commands(tree); strings.Join(got, " ") != "serve jobs" {
		t.Errorf("commands: %v", got)
	}
}

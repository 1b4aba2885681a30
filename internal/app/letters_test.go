package app

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/betagouv/espace-membre/internal/testing/lettertest"
)

func TestEveryLetterObeysTheRules(t *testing.T) { lettertest.Check(t, letters()...) }

// TestEveryMailPackageIsRegistered reads the mail packages of the rooms, so that no letter escapes
// the preview and the rules: a package lists as many specimens as it has functions that write one.
func TestEveryMailPackageIsRegistered(t *testing.T) {
	registry, err := os.ReadFile("letters.go")
	if err != nil {
		t.Fatal(err)
	}
	folders, err := filepath.Glob(filepath.Join("..", "*", "*mail"))
	if err != nil || len(folders) == 0 {
		t.Fatalf("no mail package: %v", err)
	}
	specimens := map[string]int{}
	for _, s := range letters() {
		specimens[s.Room]++
	}
	for _, folder := range folders {
		name, room := filepath.Base(folder), filepath.Base(filepath.Dir(folder))
		if name != room+"mail" {
			continue
		}
		writers := letterWriters(t, folder)
		if len(writers) == 0 {
			continue
		}
		if !strings.Contains(string(registry), name+".Specimens()") {
			t.Errorf("%s is not listed in letters.go", name)
		}
		if specimens[room] < len(writers) {
			t.Errorf("%s lists %d specimens and writes %d letters: %s", name, specimens[room], len(writers), strings.Join(writers, ", "))
		}
	}
}

// letterWriters names the exported functions of a folder that give a mail.Letter.
func letterWriters(t *testing.T, folder string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, path := range files {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil && f.Name.IsExported() && givesLetter(f) {
				names = append(names, f.Name.Name)
			}
		}
	}
	return names
}

func givesLetter(f *ast.FuncDecl) bool {
	if f.Type.Results == nil {
		return false
	}
	for _, result := range f.Type.Results.List {
		if s, ok := result.Type.(*ast.SelectorExpr); ok && s.Sel.Name == "Letter" {
			return true
		}
	}
	return false
}

// apart are the letters without a way out of the members' list: who asked for them waits for them,
// who leaves is on it no more, who arrives is not on it yet, and a warning is not mixed with a list.
func apart() map[string]string {
	return map[string]string{
		"signin.": "asked by its reader", "profile.": "asked by its reader", "member.": "a proof, or a warning", "onboarding.": "not on the list yet",
		"offboarding.ending-": "about a departure", "offboarding.farewell": "about a departure", "offboarding.closing": "about a departure",
		"mailbox.deletion": "a warning", "mailbox.upgrade": "asked by its reader", "mailbox.replaced": "a warning", "mailbox.none-free": "an order to place",
		"offboarding.extension-": "somebody waits for the answer",
	}
}

// TestLettersShowAWayOutOfTheList wants the link at the foot of every letter but those set apart.
func TestLettersShowAWayOutOfTheList(t *testing.T) {
	refusable := 0
	for _, s := range letters() {
		exempt := false
		for prefix := range apart() {
			exempt = exempt || strings.HasPrefix(s.Name, prefix)
		}
		if s.Refusable() == exempt {
			t.Errorf("%s: way out shown %v, set apart %v", s.Name, s.Refusable(), exempt)
		}
		if s.Refusable() {
			refusable++
		}
	}
	if refusable < 3 {
		t.Errorf("only %d letters show a way out of the list", refusable)
	}
}

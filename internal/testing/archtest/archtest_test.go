package archtest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// house parses the whole repository once a test.
func house(t *testing.T) []File {
	t.Helper()
	files, err := Load(filepath.Join("..", "..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 100 {
		t.Fatalf("only %d files: the root is wrong", len(files))
	}
	return files
}

func report(t *testing.T, findings []Finding) {
	t.Helper()
	for _, f := range findings {
		t.Error(f)
	}
}

func TestImportsFollowTheTable(t *testing.T) { report(t, CheckImports(house(t))) }

func TestCodeFollowsTheHabits(t *testing.T) { report(t, CheckCode(house(t))) }

func TestPackageVariablesNeverChange(t *testing.T) { report(t, CheckVariables(house(t))) }

func TestRoomsWriteInTheirOwnTables(t *testing.T) { report(t, CheckSQL(house(t))) }

// TestEveryLineOfTheTablesIsExplained keeps the tables readable.
func TestEveryLineOfTheTablesIsExplained(t *testing.T) {
	for name, row := range layers() {
		if row.why == "" {
			t.Errorf("layer %s says no reason", name)
		}
	}
	for name, row := range platform() {
		if row.why == "" {
			t.Errorf("platform package %s says no reason", name)
		}
	}
}

// TestPlatformHasNoCycle proves that the order of the platform is an order.
func TestPlatformHasNoCycle(t *testing.T) {
	table := platform()
	var walk func(name string, path []string)
	walk = func(name string, path []string) {
		if len(path) > len(table) {
			t.Fatalf("cycle: %s", strings.Join(path, " -> "))
		}
		row, known := table[name]
		if !known {
			t.Errorf("%s: unknown platform package", strings.Join(append(path, name), " -> "))
		}
		for _, next := range strings.Fields(row.uses) {
			walk(next, append(path, name))
		}
	}
	for name := range table {
		walk(name, nil)
	}
}

// TestClaimedTablesExist reads the migrations, so that a claim cannot outlive its table.
func TestClaimedTablesExist(t *testing.T) {
	var schema strings.Builder
	steps, err := filepath.Glob(filepath.Join("..", "..", "..", "migrations", "*.sql"))
	if err != nil || len(steps) == 0 {
		t.Fatalf("no migration: %v", err)
	}
	for _, step := range steps {
		content, err := os.ReadFile(step)
		if err != nil {
			t.Fatal(err)
		}
		schema.Write(content)
	}
	for dir, group := range byDir(house(t)) {
		for _, table := range claims(group) {
			if !strings.Contains(schema.String(), "CREATE TABLE "+table+" (") {
				t.Errorf("%s claims table %s, which no migration creates", dir, table)
			}
		}
	}
}

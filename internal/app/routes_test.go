package app

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/betagouv/espace-membre/internal/platform/config"
	"github.com/betagouv/espace-membre/internal/platform/web"
)

var update = flag.Bool("update", false, "rewrite docs/routes.md and testdata/access-matrix.txt")

const updateCommand = "go test ./internal/app -update"

// golden compares a text with a file, which -update writes.
func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v; write it with: %s", err, updateCommand)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s is stale: review this difference, then run %s\n(-file +portal)\n%s", path, updateCommand, diff)
	}
}

// table is every route of a portal without any vendor, in a demonstration so that none is missing.
func table(t *testing.T) []web.RouteInfo {
	t.Helper()
	settings, problems := config.Load(map[string]string{
		"DATABASE_URL": "postgres://nobody@localhost/none", "SESSION_SECRET": "a secret of the tests, long enough",
		"DEMO_DIR": t.TempDir(), "NEXTAUTH_URL": "http://localhost:8100",
	})
	if err := config.Err(problems); err != nil {
		t.Fatal(err)
	}
	list, err := Routes(settings)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestRoutesAreDocumented(t *testing.T) {
	golden(t, filepath.Join("..", "..", "docs", "routes.md"), web.Document(table(t), updateCommand))
}

func TestTableHoldsTheShellToo(t *testing.T) {
	listed := map[string]web.RouteInfo{}
	for _, r := range table(t) {
		if _, twice := listed[r.Method+" "+r.Pattern]; twice {
			t.Errorf("%s %s is listed twice", r.Method, r.Pattern)
		}
		if r.Policy == "" || r.Room == "" {
			t.Errorf("%s %s has policy %q, room %q", r.Method, r.Pattern, r.Policy, r.Room)
		}
		listed[r.Method+" "+r.Pattern] = r
	}
	for _, want := range []web.RouteInfo{
		{Method: "GET", Pattern: "/healthz", Policy: "public", Room: "web"},
		{Method: "GET", Pattern: "/static/", Policy: "public", Room: "web"},
		{Method: "GET", Pattern: "/components", Policy: "public", Room: "web"},
		{Method: "GET", Pattern: "/community/{username}", Policy: "member", Room: "profile"},
		{Method: "POST", Pattern: "/logout", Policy: "unverified", Room: "signin"},
	} {
		if got := listed[want.Method+" "+want.Pattern]; got != want {
			t.Errorf("%+v, want %+v", got, want)
		}
	}
}

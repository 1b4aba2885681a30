package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/betagouv/espace-membre/internal/platform/fault"
)

func write(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "env")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestProcessWinsOverFile(t *testing.T) {
	path := write(t, "PORT=1\nexport SECURE=false # comment\nMAIL_PASS='a$b#c'\n")
	got, err := merge([]string{"PORT=2", "WEIRD", "=C:=x"}, path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(env{"PORT": "2", "SECURE": "false", "MAIL_PASS": "a$b#c"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestDemonstrationFileStandsAlone(t *testing.T) {
	path := write(t, "DEMO_DIR=/tmp/demo\nDATABASE_URL=postgres://localhost/demo\n")
	got, err := merge([]string{"DATABASE_URL=postgres://production/db", "SIB_APIKEY_PRIVATE=real"}, path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(env{"DEMO_DIR": "/tmp/demo", "DATABASE_URL": "postgres://localhost/demo"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestMissingFile(t *testing.T) {
	t.Chdir(t.TempDir())
	if got, err := merge([]string{"A=b"}, ""); err != nil || got["A"] != "b" {
		t.Errorf("the default file may be absent: %v, %v", got, err)
	}
	if _, err := merge(nil, "absent.env"); !fault.Is(err, fault.Invalid) {
		t.Errorf("a named file must exist: %v", err)
	}
}

func TestUnreadableFileIsNotQuoted(t *testing.T) {
	_, err := LoadFile(write(t, "A=1\nB=2\nMY-SECRET hunter2\n"))
	if !fault.Is(err, fault.Invalid) || !strings.Contains(fault.Public(err), "ligne 3") {
		t.Fatalf("error: %v (%s)", err, fault.Public(err))
	}
	if strings.Contains(err.Error()+fault.Public(err), "hunter2") {
		t.Error("the error quotes the file")
	}
}

func TestWrittenFileReadsBack(t *testing.T) {
	want := env{"A": `with "quotes" $dollar #hash 'single' !`, "PORT": "8100", "EMPTY": "", "URL": "http://127.0.0.1:1/x?a=b&c=d"}
	path := filepath.Join(t.TempDir(), "env")
	if err := WriteFile(path, want); err != nil {
		t.Fatal(err)
	}
	got, err := LoadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if info, _ := os.Stat(path); info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v", info.Mode())
	}
}

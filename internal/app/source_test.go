package app

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/betagouv/espace-membre/internal/platform/fault"
)

func zipped(t *testing.T, text string) []byte {
	t.Helper()
	var packed bytes.Buffer
	writer := gzip.NewWriter(&packed)
	if _, err := writer.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
	return packed.Bytes()
}

func TestASourceIsAFileOrAnAddressPlainOrCompressed(t *testing.T) {
	dir := t.TempDir()
	plain, packed := filepath.Join(dir, "a.json"), filepath.Join(dir, "b.json.gz")
	for path, content := range map[string][]byte{plain: []byte("[]"), packed: zipped(t, "[]")} {
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	server := httptest.NewServer(http.FileServer(http.Dir(dir)))
	defer server.Close()
	for _, from := range []string{plain, packed, server.URL + "/a.json", server.URL + "/b.json.gz"} {
		text, err := readSource(t.Context(), from, true)
		if err != nil || string(text) != "[]" {
			t.Errorf("%s: %q, %v", from, text, err)
		}
	}
}

func TestASourceThatCannotBeReadIsRefused(t *testing.T) {
	broken := filepath.Join(t.TempDir(), "c.json.gz")
	if err := os.WriteFile(broken, zipped(t, "[]")[:15], 0o600); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/absent" {
			http.NotFound(w, r)
			return
		}
		http.Error(w, "down", http.StatusBadGateway)
	}))
	defer server.Close()
	for from, want := range map[string]fault.Kind{
		filepath.Join(t.TempDir(), "absent.json"): fault.NotFound, broken: fault.Invalid,
		server.URL + "/absent": fault.NotFound, server.URL + "/down": fault.Unavailable,
	} {
		if _, err := readSource(t.Context(), from, false); fault.KindOf(err) != want {
			t.Errorf("%s: %v", from, err)
		}
	}
}

func TestADemonstrationReadsNothingOutsideTheMachine(t *testing.T) {
	for _, from := range []string{"https://beta.gouv.fr/api/v2.6/authors.json", "http://127.0.0.1.exemple.test/x", "http://192.0.2.1/x"} {
		if _, err := readSource(t.Context(), from, true); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: %v", from, err)
		}
	}
}

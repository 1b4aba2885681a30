package sandbox_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/betagouv/espace-membre/internal/integration/brevo/brevosim"
	"github.com/betagouv/espace-membre/internal/sandbox"
)

// stateBox is a sandbox with one vendor, and its folder.
func stateBox(t *testing.T) (*brevosim.Sim, *httptest.Server, string) {
	t.Helper()
	vendor, dir := brevosim.New(brevosim.Config{APIKey: "key"}), t.TempDir()
	box, err := sandbox.New(sandbox.Options{Dir: dir, Vendors: []sandbox.Vendor{{Name: "brevo", Title: "Brevo", Prefix: "/brevo", Simulator: vendor}}})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(box.Handler())
	t.Cleanup(func() {
		server.Close()
		if err := box.Close(t.Context()); err != nil {
			t.Error(err)
		}
	})
	return vendor, server, dir
}

func exchange(t *testing.T, method, address, tag, body string) (status int, etag, text string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if tag != "" {
		request.Header.Set("If-Match", tag)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, response.Header.Get("ETag"), string(content)
}

func TestAStateIsReadChangedAndWrittenBack(t *testing.T) {
	vendor, server, dir := stateBox(t)
	vendor.AddContact("une@exemple.test", nil, 332)
	status, tag, text := exchange(t, http.MethodGet, server.URL+"/state/brevo", "", "")
	if status != http.StatusOK || tag == "" || !strings.Contains(text, "une@exemple.test") {
		t.Fatalf("%d %q %s", status, tag, text)
	}
	changed := strings.ReplaceAll(text, "une@exemple.test", "autre@exemple.test")
	if status, _, text := exchange(t, http.MethodPost, server.URL+"/state/brevo", tag, changed); status != http.StatusNoContent {
		t.Fatalf("%d %s", status, text)
	}
	if _, _, text := exchange(t, http.MethodGet, server.URL+"/state/brevo", "", ""); !strings.Contains(text, "autre@exemple.test") || strings.Contains(text, "une@exemple.test") {
		t.Errorf("state: %s", text)
	}
	kept, err := os.ReadFile(filepath.Join(dir, "brevo.json"))
	if err != nil || !strings.Contains(string(kept), "autre@exemple.test") {
		t.Errorf("kept: %s, %v", kept, err)
	}
}

func TestAStateThatChangedMeanwhileIsNotReplaced(t *testing.T) {
	vendor, server, _ := stateBox(t)
	_, tag, text := exchange(t, http.MethodGet, server.URL+"/state/brevo", "", "")
	vendor.AddContact("meanwhile@exemple.test", nil)
	if status, _, _ := exchange(t, http.MethodPost, server.URL+"/state/brevo", tag, text); status != http.StatusPreconditionFailed {
		t.Errorf("status %d", status)
	}
	if _, _, text := exchange(t, http.MethodGet, server.URL+"/state/brevo", "", ""); !strings.Contains(text, "meanwhile@exemple.test") {
		t.Error("what happened meanwhile is lost")
	}
}

func TestAStateThatIsNoneIsRefused(t *testing.T) {
	vendor, server, _ := stateBox(t)
	vendor.AddContact("une@exemple.test", nil)
	for address, want := range map[string]int{"/state/brevo": http.StatusBadRequest, "/state/nobody": http.StatusNotFound, "/state/smtp": http.StatusNotFound} {
		if status, _, _ := exchange(t, http.MethodPost, server.URL+address, "", "not a state"); status != want {
			t.Errorf("%s: status %d, want %d", address, status, want)
		}
	}
	if _, _, text := exchange(t, http.MethodGet, server.URL+"/state/brevo", "", ""); !strings.Contains(text, "une@exemple.test") {
		t.Error("the state is lost")
	}
}

func TestAnotherPageCannotWriteAState(t *testing.T) {
	_, server, _ := stateBox(t)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL+"/state/brevo", strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Origin", "https://ailleurs.example")
	request.Header.Set("Sec-Fetch-Site", "cross-site")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusForbidden {
		t.Errorf("status %d", response.StatusCode)
	}
}

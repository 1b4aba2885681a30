package simkit_test

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/sandbox/simkit"
)

// TestTheJournalNeverTellsAPassword sends passwords as the vendors take them: the simulator reads
// them, the journal and its file do not keep them.
func TestTheJournalNeverTellsAPassword(t *testing.T) {
	var file bytes.Buffer
	journal := simkit.NewJournal(clock.At(clock.MustDay("2024-12-19"), 10, 0), nil, &file)
	var read string
	vendor := journal.Wrap("ovh", http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		var body bytes.Buffer
		if _, err := body.ReadFrom(r.Body); err != nil {
			t.Error(err)
		}
		read = body.String()
	}))
	for _, body := range []string{
		`{"password":"Secret-1"}`, `{"accountName": "a", "password" : "Secret\"-1", "size": 5}`, `{"new_password":"Secret-1`,
	} {
		vendor.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, "/email", strings.NewReader(body)))
		if read != body {
			t.Errorf("the simulator read %s, want %s", read, body)
		}
	}
	entries := journal.Entries("ovh")
	if len(entries) != 3 || !strings.Contains(entries[1].Body, `"size": 5`) {
		t.Errorf("the journal holds %+v", entries)
	}
	for _, e := range entries {
		if strings.Contains(e.Body, "Secret") {
			t.Errorf("the journal tells %s", e.Body)
		}
	}
	if strings.Contains(file.String(), "Secret") {
		t.Errorf("the file tells %s", file.String())
	}
}

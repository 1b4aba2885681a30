package app

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/config"
	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/sample"
	"github.com/betagouv/espace-membre/internal/sandbox"
	"github.com/betagouv/espace-membre/internal/testing/pgtest"
)

// TestPopulateIsForTheDemonstrationOnly gives settings that are nearly a demonstration's.
func TestPopulateIsForTheDemonstrationOnly(t *testing.T) {
	authors := filepath.Join(t.TempDir(), "authors.json")
	if err := os.WriteFile(authors, []byte(`[{"id": "une.personne", "fullname": "Une Personne", "bio": "", "missions": []}]`), 0o600); err != nil {
		t.Fatal(err)
	}
	marked := t.TempDir()
	if err := os.WriteFile(filepath.Join(marked, demoMarker), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	url := pgtest.URL(t)
	for name, demo := range map[string]map[string]string{
		"no demonstration":              {},
		"a folder that is none":         {"DEMO_DIR": t.TempDir(), "SANDBOX_URL": "http://127.0.0.1:1"},
		"the database of somebody else": {"DEMO_DIR": marked, "SANDBOX_URL": "http://127.0.0.1:1"},
	} {
		t.Run(name, func(t *testing.T) {
			demo["DATABASE_URL"], demo["SECURE"] = url, "false"
			settings, problems := config.Load(demo)
			if err := config.Err(problems); err != nil {
				t.Fatal(err)
			}
			a, err := New(t.Context(), settings)
			if err != nil {
				t.Fatal(err)
			}
			defer a.Close()
			_, err = a.ImportDirectory(t.Context(), DirectoryFiles{Authors: authors}, ImportOptions{Populate: true})
			if fault.KindOf(err) != fault.Forbidden {
				t.Fatalf("want a refusal, got %v", err)
			}
			var members int
			if err := a.pool.QueryRow(t.Context(), `SELECT count(*) FROM member`).Scan(&members); err != nil || members != 0 {
				t.Errorf("%d members, %v", members, err)
			}
		})
	}
}

// running is the sandbox of a demonstration that contains one mailbox; meanwhile is called before
// each writing.
func running(t *testing.T, meanwhile func(sample.Vendors)) (sandboxState, sample.Vendors) {
	t.Helper()
	vendors := demoVendors(clock.System{}, nil)
	vendors.OVH.AddMailbox("EMAIL_PLAN_BASIC", "deja.la")
	box, err := sandbox.New(sandbox.Options{Dir: t.TempDir(), Vendors: []sandbox.Vendor{
		{Name: "ovh", Title: "OVH", Prefix: "/ovh", Simulator: vendors.OVH}, {Name: "brevo", Title: "Brevo", Prefix: "/brevo", Simulator: vendors.Brevo},
	}})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			meanwhile(vendors)
		}
		box.Handler().ServeHTTP(w, r)
	}))
	t.Cleanup(func() {
		server.Close()
		if err := box.Close(t.Context()); err != nil {
			t.Error(err)
		}
	})
	return sandboxState{url: server.URL, clock: clock.System{}}, vendors
}

func outside() sample.Outside {
	return sample.Outside{
		Boxes: []sample.Box{{Plan: "EMAIL_PLAN_BASIC", Name: "une.personne"}}, Redirections: []sample.Redirection{{From: "a@x.test", To: "b@x.test"}},
		Contacts: []sample.Contact{{Address: "une.personne@x.test", Fullname: "Une Personne", Lists: []int{332}}},
	}
}

func contains(t *testing.T, state any, wanted ...string) {
	t.Helper()
	text, err := json.Marshal(state)
	if err != nil {
		t.Fatal(err)
	}
	for _, word := range wanted {
		if !strings.Contains(string(text), word) {
			t.Errorf("%q is not in %s", word, text)
		}
	}
}

func TestTheRunningVendorsReceiveWhatWasMadeUp(t *testing.T) {
	state, vendors := running(t, func(sample.Vendors) {})
	if err := state.fill(t.Context(), outside()); err != nil {
		t.Fatal(err)
	}
	contains(t, vendors.OVH.State(), "deja.la", "une.personne", "a@x.test")
	contains(t, vendors.Brevo.State(), "une.personne@x.test")
}

func TestWhatHappensMeanwhileIsNotLost(t *testing.T) {
	var once atomic.Bool
	state, vendors := running(t, func(v sample.Vendors) {
		if once.CompareAndSwap(false, true) {
			v.OVH.AddMailbox("EMAIL_PLAN_BASIC", "entre.temps")
			v.Brevo.AddContact("entre.temps@x.test", nil)
		}
	})
	if err := state.fill(t.Context(), outside()); err != nil {
		t.Fatal(err)
	}
	contains(t, vendors.OVH.State(), "entre.temps", "une.personne")
	text, err := vendors.OVH.Snapshot()
	if err != nil || strings.Count(string(text), "a@x.test") != 1 {
		t.Errorf("the redirection is not there once: %s, %v", text, err)
	}
	contains(t, vendors.Brevo.State(), "entre.temps@x.test", "une.personne@x.test")
}

func TestADemonstrationThatIsNotRunningIsSaid(t *testing.T) {
	state := sandboxState{url: "http://127.0.0.1:1", clock: clock.System{}}
	if err := state.fill(t.Context(), outside()); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("%v", err)
	}
}

package tchap_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/betagouv/espace-membre/internal/integration/tchap"
	"github.com/betagouv/espace-membre/internal/integration/tchap/tchapsim"
	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/sandbox/simkit"
)

const prefix = "/_matrix/identity/api/v1/info?medium=email&address="

func serve(t *testing.T, handler http.Handler) string {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server.URL
}

func TestHomeServerOfAgentsAndOthers(t *testing.T) {
	sim := tchapsim.New(tchapsim.Config{})
	sim.AddDomain("gouv.fr", "agent.dinum.tchap.gouv.fr")
	sim.AddAgent("camille+liste@mairie.test", "agent.collectivites.tchap.gouv.fr")
	client := tchap.New(tchap.Config{Prefix: serve(t, sim) + prefix})
	for address, want := range map[string]string{
		"anne@culture.gouv.fr":           "agent.dinum.tchap.gouv.fr",
		"  Anne@Culture.GOUV.fr ":        "agent.dinum.tchap.gouv.fr",
		"camille+liste@mairie.test":      "agent.collectivites.tchap.gouv.fr",
		"camille liste@mairie.test":      tchap.External,
		"camille@mairie.test":            tchap.External,
		"anne@gouv.fr.pirate.test":       tchap.External,
		"anne&medium=msisdn@gouv.fr.net": tchap.External,
		"anne@pole-emploi.fr":            tchap.External, // no domain is known by our code
	} {
		if got, err := client.HomeServer(t.Context(), address); err != nil || got != want {
			t.Errorf("%s is at %q (%v), want %s", address, got, err, want)
		}
	}
}

func TestAddressIsAppendedToAPathToo(t *testing.T) {
	var asked string
	url := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = r.URL.EscapedPath()
		_, _ = w.Write([]byte(`{"hs": "Agent.DINUM.tchap.gouv.fr"}`))
	}))
	got, err := tchap.New(tchap.Config{Prefix: url + "/annuaire/"}).HomeServer(t.Context(), "a+b@x.fr")
	if err != nil || got != "agent.dinum.tchap.gouv.fr" || asked != "/annuaire/a%2Bb%40x.fr" {
		t.Errorf("asked %s, got %q, %v", asked, got, err)
	}
}

// Whatever goes wrong, nobody is taken for a public servant nor for somebody else.
func TestEveryFailureIsUnavailable(t *testing.T) {
	sim := tchapsim.New(tchapsim.Config{})
	var faults simkit.Faults
	client := tchap.New(tchap.Config{Prefix: serve(t, faults.Wrap("tchap", sim)) + prefix, Timeout: 300 * time.Millisecond})
	check := func(name string, c *tchap.Client) {
		t.Helper()
		start := time.Now()
		hs, err := c.HomeServer(t.Context(), "anne.due@culture.gouv.fr")
		if !fault.Is(err, fault.Unavailable) || hs != "" {
			t.Errorf("%s: %q, %v; want unavailable", name, hs, err)
		}
		if err != nil && strings.Contains(err.Error(), "anne") {
			t.Errorf("%s: the error tells the address: %v", name, err)
		}
		if took := time.Since(start); took > 2*time.Second {
			t.Errorf("%s: took %s", name, took)
		}
	}
	for _, kind := range []simkit.Kind{simkit.Error, simkit.RateLimit, simkit.Drop, simkit.Truncate, simkit.HTML} {
		faults.Add(simkit.Fault{Vendor: "tchap", Kind: kind, When: simkit.After, Rate: 1})
		check(string(kind), client)
		faults.Clear("")
	}
	faults.Add(simkit.Fault{Vendor: "tchap", Kind: simkit.Slow, When: simkit.Before, LatencyMS: 1500, Rate: 1})
	check("slow", client)
	faults.Clear("")
	if _, err := client.HomeServer(t.Context(), "anne.due@culture.gouv.fr"); err != nil {
		t.Errorf("back again: %v", err)
	}
	base := serve(t, sim)
	check("no medium", tchap.New(tchap.Config{Prefix: base + "/_matrix/identity/api/v1/info?address="}))
	check("another path", tchap.New(tchap.Config{Prefix: base + "/info?medium=email&address="}))
	check("no home server", tchap.New(tchap.Config{Prefix: serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`{}`))
	})) + prefix}))
	check("nobody listens", tchap.New(tchap.Config{Prefix: "http://127.0.0.1:1" + prefix}))
}

func TestPing(t *testing.T) {
	if err := tchap.New(tchap.Config{Prefix: serve(t, tchapsim.New(tchapsim.Config{})) + prefix}).Ping(context.Background()); err != nil {
		t.Error(err)
	}
	if err := tchap.New(tchap.Config{Prefix: "http://127.0.0.1:1" + prefix}).Ping(context.Background()); !fault.Is(err, fault.Unavailable) {
		t.Errorf("nobody listens: %v", err)
	}
}

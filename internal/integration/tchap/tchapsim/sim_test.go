package tchapsim_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/betagouv/espace-membre/internal/integration/tchap/tchapsim"
	"github.com/betagouv/espace-membre/internal/platform/clock"
)

const info = "/_matrix/identity/api/v1/info"

func newSim() *tchapsim.Sim {
	sim := tchapsim.New(tchapsim.Config{Clock: clock.At(clock.MustDay("2024-12-19"), 10, 0)})
	sim.AddDomain("gouv.fr", "agent.dinum.tchap.gouv.fr")
	sim.AddDomain("culture.gouv.fr", "agent.culture.tchap.gouv.fr")
	sim.AddAgent("Agent@Ministere.test", "agent.tchap.gouv.fr")
	return sim
}

// ask gives the status and the answer to a request.
func ask(sim *tchapsim.Sim, method, target string) (int, map[string]string) {
	w := httptest.NewRecorder()
	sim.ServeHTTP(w, httptest.NewRequest(method, target, nil))
	var answer map[string]string
	_ = json.Unmarshal(w.Body.Bytes(), &answer) // an answer that is not JSON stays empty
	return w.Code, answer
}

func TestRefusals(t *testing.T) {
	for target, want := range map[string]struct {
		method string
		status int
		code   string
	}{
		info:                                  {"GET", 400, "M_MISSING_PARAMS"},
		info + "?medium=email":                {"GET", 400, "M_MISSING_PARAMS"},
		info + "?address=a@b.fr":              {"GET", 400, "M_MISSING_PARAMS"},
		info + "?medium=pigeon&address=a@b.f": {"GET", 400, "M_INVALID_PARAM"},
		info + "?medium=email&address=a@b.fr": {"POST", 405, "M_UNRECOGNIZED"},
		"/_matrix/identity/v2/info?medium=em": {"GET", 404, "M_UNRECOGNIZED"},
	} {
		if status, answer := ask(newSim(), want.method, target); status != want.status || answer["errcode"] != want.code {
			t.Errorf("%s %s: %d %v, want %d %s", want.method, target, status, answer, want.status, want.code)
		}
	}
	if _, answer := ask(newSim(), "GET", info); answer["error"] != "Missing parameters: medium, address" {
		t.Errorf("it does not name what lacks: %v", answer)
	}
}

func TestHomeServers(t *testing.T) {
	for address, want := range map[string]string{
		"agent@ministere.test":     "agent.tchap.gouv.fr",
		"autre@ministere.test":     "agent.externe.tchap.gouv.fr",
		"x@gouv.fr":                "agent.dinum.tchap.gouv.fr",
		"x@a.b.gouv.fr":            "agent.dinum.tchap.gouv.fr",
		"x@culture.gouv.fr":        "agent.culture.tchap.gouv.fr",
		"x@drac.culture.gouv.fr":   "agent.culture.tchap.gouv.fr",
		"x@faux-gouv.fr":           "agent.externe.tchap.gouv.fr",
		"x@gouv.fr.ailleurs.test":  "agent.externe.tchap.gouv.fr",
		"sans-arobase":             "agent.externe.tchap.gouv.fr",
		"%2B33612345678":           "agent.externe.tchap.gouv.fr",
		"X%2Bliste%40Culture.Gouv": "agent.externe.tchap.gouv.fr",
	} {
		if status, answer := ask(newSim(), "GET", "/tchap"+info+"?medium=email&address="+address); status != 200 || answer["hs"] != want {
			t.Errorf("%s: %d %v, want %s", address, status, answer, want)
		}
	}
	if _, answer := ask(newSim(), "GET", info+"?medium=msisdn&address=x@gouv.fr"); answer["hs"] != "agent.externe.tchap.gouv.fr" {
		t.Errorf("a telephone has a domain: %v", answer)
	}
}

func TestDirectorySurvivesARestart(t *testing.T) {
	first := newSim()
	ask(first, "GET", info+"?medium=email&address=x@gouv.fr")
	kept, err := first.Snapshot()
	if err != nil || !strings.Contains(string(kept), `"lookups":1`) {
		t.Fatalf("%s, %v", kept, err)
	}
	if strings.Contains(string(kept), "x@gouv.fr") {
		t.Error("it keeps who was asked for")
	}
	second := tchapsim.New(tchapsim.Config{})
	if err := second.Restore(kept); err != nil {
		t.Fatal(err)
	}
	if status, answer := ask(second, http.MethodGet, info+"?medium=email&address=agent@ministere.test"); status != 200 || answer["hs"] != "agent.tchap.gouv.fr" {
		t.Errorf("after a restart: %d %v", status, answer)
	}
	if err := second.Restore([]byte("{")); err == nil {
		t.Error("a damaged state is accepted")
	}
}

package membertchap_test

import (
	"net/http/httptest"
	"testing"

	"github.com/betagouv/espace-membre/internal/integration/tchap"
	"github.com/betagouv/espace-membre/internal/integration/tchap/tchapsim"
	"github.com/betagouv/espace-membre/internal/member/membertchap"
	"github.com/betagouv/espace-membre/internal/platform/fault"
)

func TestAgentsAreThoseWhoAreNotExternal(t *testing.T) {
	sim := tchapsim.New(tchapsim.Config{})
	sim.AddDomain("gouv.fr", "agent.dinum.tchap.gouv.fr")
	sim.AddAgent("agent@ministere.test", "agent.tchap.gouv.fr")
	server := httptest.NewServer(sim)
	agents := membertchap.New(tchap.New(tchap.Config{Prefix: server.URL + "/_matrix/identity/api/v1/info?medium=email&address="}))
	for address, want := range map[string]bool{
		"nova@perso.example":     false,
		"autre@ministere.test":   false,
		"camille@pole-emploi.f":  false,
		"agent@ministere.test":   true,
		"nova+a@culture.gouv.fr": true,
	} {
		if got, err := agents.IsAgent(t.Context(), address); err != nil || got != want {
			t.Errorf("%s: %v (%v), want %v", address, got, err, want)
		}
	}
	server.Close()
	if got, err := agents.IsAgent(t.Context(), "agent@ministere.test"); got || !fault.Is(err, fault.Unavailable) {
		t.Errorf("directory down: %v, %v", got, err)
	}
}

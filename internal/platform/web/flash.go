package web

import (
	"encoding/json"
	"net/http"

	"github.com/betagouv/espace-membre/internal/platform/dsfr"
)

const flashKey = "flash"

// flash is a sentence kept for the next page.
type flash struct {
	Kind dsfr.Severity `json:"kind"`
	Text string        `json:"text"`
}

// Flash keeps a French sentence for the next page that this person sees.
func Flash(r *http.Request, kind dsfr.Severity, text string) {
	sessions := sessionsOf(r.Context())
	if sessions == nil {
		return
	}
	kept := append(readFlashes(sessions.Get(r.Context(), flashKey)), flash{kind, text})
	encoded, err := json.Marshal(kept)
	if err != nil { // impossible: two texts
		return
	}
	sessions.Put(r.Context(), flashKey, string(encoded))
}

func readFlashes(encoded string) []flash {
	var kept []flash
	if encoded == "" || json.Unmarshal([]byte(encoded), &kept) != nil {
		return nil
	}
	return kept
}

// takeFlashes empties what was kept.
func takeFlashes(r *http.Request) []flash {
	sessions := sessionsOf(r.Context())
	if sessions == nil {
		return nil
	}
	return readFlashes(sessions.Pop(r.Context(), flashKey))
}

package sandbox

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"slices"
)

// maxState is the largest state, in bytes, that a request may bring.
const maxState = 64 << 20

// vendor gives a simulated vendor by its name.
func (s *Sandbox) vendor(name string) (Vendor, bool) {
	at := slices.IndexFunc(s.options.Vendors, func(v Vendor) bool { return v.Name == name })
	if at < 0 {
		return Vendor{}, false
	}
	return s.options.Vendors[at], true
}

// stateTag names the state in which a vendor is, as an ETag.
func stateTag(v Vendor) (string, error) {
	text, err := v.Simulator.Snapshot()
	if err != nil {
		return "", fmt.Errorf("snapshot of %s: %w", v.Name, err)
	}
	sum := sha256.Sum256(text)
	return `"` + hex.EncodeToString(sum[:12]) + `"`, nil
}

// replaceState serves POST /state/{vendor}: the body, a state as GET gives it, replaces the
// vendor's. With If-Match, only if the vendor is still in the state of that ETag: whoever reads,
// adds and writes back loses nothing of what happened meanwhile (412: read again).
func (s *Sandbox) replaceState(w http.ResponseWriter, r *http.Request) {
	v, ok := s.vendor(r.PathValue("vendor"))
	if !ok {
		writeProblem(w, http.StatusNotFound, "no simulated vendor of this name")
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxState))
	if err != nil {
		writeProblem(w, http.StatusRequestEntityTooLarge, "too long")
		return
	}
	s.replacing.Lock()
	status, problem := replace(v, r.Header.Get("If-Match"), body)
	s.replacing.Unlock()
	if problem != "" {
		writeProblem(w, status, problem)
		return
	}
	if err := s.keeper.flush(); err != nil {
		writeProblem(w, http.StatusInternalServerError, err.Error())
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

func replace(v Vendor, expected string, state []byte) (status int, problem string) {
	if expected != "" {
		tag, err := stateTag(v)
		if err != nil {
			return http.StatusInternalServerError, err.Error()
		}
		if tag != expected {
			return http.StatusPreconditionFailed, "the state has changed: read it again"
		}
	}
	if err := v.Simulator.Restore(state); err != nil {
		return http.StatusBadRequest, err.Error()
	}
	return 0, ""
}

package web

import (
	"net/http/httptest"
	"strings"
	"testing"
)

func TestShowFramesKeepsTheOtherSources(t *testing.T) {
	for before, want := range map[string]string{
		"default-src 'none'": "default-src 'none'; frame-src 'self'",
		"default-src 'none'; frame-src https://exemple.org": "default-src 'none'; frame-src 'self' https://exemple.org",
	} {
		w := httptest.NewRecorder()
		w.Header().Set("Content-Security-Policy", before)
		ShowFrames(w)
		if got := w.Header().Get("Content-Security-Policy"); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestFramedDocumentIsConfined(t *testing.T) {
	w := httptest.NewRecorder()
	if err := Framed(w, "<html><head></head><body><script>alert(1)</script></body></html>"); err != nil {
		t.Fatal(err)
	}
	policy := w.Header().Get("Content-Security-Policy")
	if !strings.Contains(policy, "sandbox") || strings.Contains(policy, "allow-scripts") || w.Header().Get("X-Frame-Options") != "SAMEORIGIN" {
		t.Errorf("policy %q", policy)
	}
}

package web

import (
	"io"
	"net/http"
	"strings"
)

// ShowFrames lets the page being answered show documents of this portal in frames.
func ShowFrames(w http.ResponseWriter) {
	policy := w.Header().Get("Content-Security-Policy")
	if strings.Contains(policy, "frame-src ") {
		policy = strings.Replace(policy, "frame-src ", "frame-src 'self' ", 1)
	} else {
		policy += "; frame-src 'self'"
	}
	w.Header().Set("Content-Security-Policy", policy)
}

// Framed answers with a whole HTML document that is not ours to trust, for a frame of a page of this
// portal: it loads nothing, runs nothing and sends nothing; its links open elsewhere.
func Framed(w http.ResponseWriter, document string) error {
	header := w.Header()
	header.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; "+
		"frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox")
	header.Set("X-Frame-Options", "SAMEORIGIN")
	header.Set("Referrer-Policy", "no-referrer")
	header.Set("Content-Type", "text/html; charset=utf-8")
	header.Set("Cache-Control", "no-store")
	_, err := io.WriteString(w, strings.Replace(document, "<head>", `<head><base target="_blank">`, 1))
	return err
}

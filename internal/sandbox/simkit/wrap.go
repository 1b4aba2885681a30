package simkit

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"strconv"
	"time"
)

// Wrap makes the requests of a vendor suffer.
func (f *Faults) Wrap(vendor string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		trouble := f.Pick(vendor, r.Method, r.URL.Path)
		note(r.Context(), trouble)
		if !wait(r.Context(), trouble.DelayBefore) {
			panic(http.ErrAbortHandler)
		}
		answered := newAnswer()
		if trouble.Fault == nil || trouble.Fault.When == After {
			next.ServeHTTP(answered, r)
		} else {
			_, _ = io.Copy(io.Discard, r.Body) // a vendor that fails has read the request all the same
			_, _ = answered.Write([]byte(`{"message": "ok"}`))
		}
		if !wait(r.Context(), trouble.DelayAfter) {
			panic(http.ErrAbortHandler)
		}
		if trouble.Fault == nil {
			answered.send(w, answered.body.Len())
			return
		}
		fail(w, *trouble.Fault, answered)
	})
}

// fail answers wrongly.
func fail(w http.ResponseWriter, fault Fault, answered *answer) {
	switch fault.Kind {
	case RateLimit:
		w.Header().Set("Retry-After", strconv.Itoa(max(1, fault.LatencyMS/1000)))
		refuse(w, http.StatusTooManyRequests, "Too many requests")
	case Drop:
		panic(http.ErrAbortHandler) // net/http closes the connection without an answer
	case Truncate:
		answered.send(w, answered.body.Len()/2)
		_ = http.NewResponseController(w).Flush() // the connection may be gone already
		panic(http.ErrAbortHandler)
	case HTML:
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = io.WriteString(w, "<!DOCTYPE html><html><head><title>Maintenance</title></head><body><h1>We will be back soon</h1></body></html>")
	default:
		status := fault.Status
		if status == 0 {
			status = http.StatusInternalServerError
		}
		refuse(w, status, "Internal error")
	}
}

func refuse(w http.ResponseWriter, status int, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = fmt.Fprintf(w, `{"code": "sandbox_fault", "message": %q}`+"\n", message)
}

// wait sleeps; false when the client went away first.
func wait(ctx context.Context, d time.Duration) bool {
	if d == 0 {
		return true
	}
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}

// answer holds what a simulator answers until it is known how much of it leaves.
type answer struct {
	status int
	header http.Header
	body   bytes.Buffer
}

func newAnswer() *answer { return &answer{status: http.StatusOK, header: http.Header{}} }

// Header gives the headers to send.
func (a *answer) Header() http.Header { return a.header }

// WriteHeader keeps the status.
func (a *answer) WriteHeader(status int) { a.status = status }

// Write keeps the body.
func (a *answer) Write(p []byte) (int, error) { return a.body.Write(p) }

// send writes the first n bytes of the body, under the headers of the whole.
func (a *answer) send(w http.ResponseWriter, n int) {
	maps.Copy(w.Header(), a.header)
	if a.body.Len() > 0 {
		w.Header().Set("Content-Length", strconv.Itoa(a.body.Len()))
	}
	w.WriteHeader(a.status)
	if n > 0 {
		_, _ = w.Write(a.body.Bytes()[:n]) // the client is gone: nobody to tell
	}
}

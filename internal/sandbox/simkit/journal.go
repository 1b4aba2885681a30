package simkit

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/betagouv/espace-membre/internal/platform/clock"
)

// Entry is one request received by the sandbox.
type Entry struct {
	Time   time.Time `json:"time"`
	Vendor string    `json:"vendor"`
	Method string    `json:"method"`          // SMTP: "MAIL"
	Path   string    `json:"path"`            // as asked, query included; SMTP: the recipient
	Status int       `json:"status"`          // as sent; 0 when the connection was dropped
	Body   string    `json:"body"`            // of the request, at most 16 KiB, passwords masked; SMTP: the subject
	Fault  Kind      `json:"fault,omitempty"` // the switch that acted, if any
}

// secret is a password in a JSON body: the journal is shown, and it is kept on disk.
var secret = regexp.MustCompile(`(?i)("[a-z_]*password"\s*:\s*)"(?:[^"\\]|\\.)*"?`)

const (
	maxEntries = 50_000
	maxBody    = 16 << 10
)

// Journal keeps the latest 50,000 entries. It is safe for concurrent use.
type Journal struct {
	clock clock.Clock

	mu      sync.Mutex
	entries []Entry
	sink    io.Writer
}

// NewJournal starts with earlier entries; new ones are also written to sink as JSON lines (nil: nowhere).
func NewJournal(c clock.Clock, earlier []Entry, sink io.Writer) *Journal {
	return &Journal{clock: c, entries: earlier, sink: sink}
}

// Add dates an entry and keeps it. It fails when the sink does.
func (j *Journal) Add(e Entry) error {
	e.Time = j.clock.Now().UTC()
	e.Body = shorten(secret.ReplaceAllString(e.Body, "$1\"•••\""))
	j.mu.Lock()
	defer j.mu.Unlock()
	if len(j.entries) >= maxEntries {
		j.entries = slices.Delete(j.entries, 0, maxEntries/10)
	}
	j.entries = append(j.entries, e)
	if j.sink == nil {
		return nil
	}
	line, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("encode journal entry: %w", err)
	}
	if _, err := j.sink.Write(append(line, '\n')); err != nil {
		return fmt.Errorf("write journal: %w", err)
	}
	return nil
}

func shorten(body string) string {
	if len(body) > maxBody {
		body = body[:maxBody]
	}
	if !utf8.ValidString(body) {
		return strings.ToValidUTF8(body, "�")
	}
	return body
}

// Entries gives a copy, oldest first; of one vendor, or all when the name is empty.
func (j *Journal) Entries(vendor string) []Entry {
	j.mu.Lock()
	defer j.mu.Unlock()
	if vendor == "" {
		return slices.Clone(j.entries)
	}
	var some []Entry
	for _, e := range j.entries {
		if e.Vendor == vendor {
			some = append(some, e)
		}
	}
	return some
}

// noteKey is the context key of the entry being written.
type noteKey struct{}

// Wrap writes down each request of a vendor when it is answered or dropped. It goes around Faults.Wrap.
func (j *Journal) Wrap(vendor string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(io.LimitReader(r.Body, 32<<20))
		if err != nil {
			refuse(w, http.StatusBadRequest, "unreadable body")
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		entry := Entry{Vendor: vendor, Method: r.Method, Path: r.RequestURI, Body: string(body)}
		seen := &statusWriter{ResponseWriter: w, told: func(status int) {
			entry.Status = status
			_ = j.Add(entry) // a full disk must not change what the vendor answers
		}}
		finished := false
		defer func() { seen.end(finished) }()
		next.ServeHTTP(seen, r.WithContext(context.WithValue(r.Context(), noteKey{}, &entry)))
		finished = true
	})
}

// note writes the fault that acts into the entry of the request.
func note(ctx context.Context, trouble Trouble) {
	entry, ok := ctx.Value(noteKey{}).(*Entry)
	switch {
	case !ok:
	case trouble.Fault != nil:
		entry.Fault = trouble.Fault.Kind
	case trouble.DelayBefore+trouble.DelayAfter > 0:
		entry.Fault = Slow
	}
}

// statusWriter tells the status before the first byte leaves, so that whoever has an answer finds it
// in the journal.
type statusWriter struct {
	http.ResponseWriter
	told func(status int)
	done bool
}

// WriteHeader tells the status.
func (w *statusWriter) WriteHeader(status int) {
	if !w.done {
		w.done = true
		w.told(status)
	}
	w.ResponseWriter.WriteHeader(status)
}

// Write sends, with status 200 when none was chosen.
func (w *statusWriter) Write(p []byte) (int, error) {
	if !w.done {
		w.WriteHeader(http.StatusOK)
	}
	return w.ResponseWriter.Write(p)
}

// end tells what was not: 200 for an empty answer, 0 for a dropped connection.
func (w *statusWriter) end(finished bool) {
	switch {
	case w.done:
	case finished:
		w.WriteHeader(http.StatusOK)
	default:
		w.done = true
		w.told(0)
	}
}

// Unwrap lets http.ResponseController reach the real writer.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

package sandbox

import (
	"encoding/json"
	"io"
	"mime"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/betagouv/espace-membre/internal/sandbox/simkit"
)

func (s *Sandbox) routes() http.Handler {
	mux := http.NewServeMux()
	for _, v := range s.options.Vendors {
		mux.Handle(v.Prefix+"/", s.mounted(v))
	}
	for pattern, handler := range map[string]http.HandlerFunc{
		"GET /mail/messages":    s.listMails,
		"DELETE /mail/messages": s.clearMails,
		"GET /state":            s.listStates,
		"GET /state/{vendor}":   s.showState,
		"POST /state/{vendor}":  s.replaceState,
		"GET /state/database":   s.showDatabase,
		"GET /journal":          s.listJournal,
		"GET /faults":           s.listFaults,
		"POST /faults":          s.addFault,
		"DELETE /faults":        s.clearFaults,
	} {
		mux.HandleFunc(pattern, handler)
	}
	s.consoleRoutes(mux)
	return onlyLocal(http.NewCrossOriginProtection().Handler(mux))
}

// mounted puts the journal and the faults around a simulator, and its state on disk soon after.
func (s *Sandbox) mounted(v Vendor) http.Handler {
	simulator := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer s.keeper.touch()
		s.replacing.RLock() // see replaceState
		defer s.replacing.RUnlock()
		v.Simulator.ServeHTTP(w, r)
	})
	return s.journal.Wrap(v.Name, s.faults.Wrap(v.Name, http.StripPrefix(v.Prefix, simulator)))
}

// onlyLocal refuses the requests that a page of the web could make us receive under another name.
func onlyLocal(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host := r.Host
		if name, _, err := net.SplitHostPort(host); err == nil {
			host = name
		}
		ip := net.ParseIP(strings.Trim(host, "[]"))
		if host != "localhost" && !strings.HasSuffix(host, ".localhost") && (ip == nil || !ip.IsLoopback()) {
			http.Error(w, "the sandbox answers on this machine only", http.StatusMisdirectedRequest)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func writeJSON(w http.ResponseWriter, status int, value any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(value) // the reader is gone: nobody to tell
}

func writeProblem(w http.ResponseWriter, status int, message string) {
	writeJSON(w, status, map[string]string{"error": message})
}

// limit reads ?limit=; zero when absent or wrong.
func limit(r *http.Request) int {
	n, err := strconv.Atoi(r.URL.Query().Get("limit"))
	if err != nil {
		return 0
	}
	return max(0, n)
}

func (s *Sandbox) listMails(w http.ResponseWriter, r *http.Request) {
	mails := selected(s.mails.list(), r.URL.Query().Get("to"), limit(r))
	if mails == nil {
		mails = []Mail{}
	}
	writeJSON(w, http.StatusOK, mails)
}

func (s *Sandbox) clearMails(w http.ResponseWriter, _ *http.Request) {
	if err := s.mails.clear(); err != nil {
		writeProblem(w, http.StatusInternalServerError, err.Error())
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

func (s *Sandbox) listStates(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK, append(s.vendorNames(), "database"))
}

func (s *Sandbox) showState(w http.ResponseWriter, r *http.Request) {
	s.replacing.Lock() // the state and its ETag, at one instant
	state, ok := s.state(r.PathValue("vendor"))
	tag := ""
	if v, known := s.vendor(r.PathValue("vendor")); known {
		tag, _ = stateTag(v) // without a tag the state is still worth showing
	}
	s.replacing.Unlock()
	if !ok {
		writeProblem(w, http.StatusNotFound, "unknown vendor: "+strings.Join(s.vendorNames(), ", ")+" or database")
		return
	}
	if tag != "" {
		w.Header().Set("ETag", tag)
	}
	writeJSON(w, http.StatusOK, state)
}

// state gives what a vendor holds; for the mail catcher, how many mails.
func (s *Sandbox) state(vendor string) (any, bool) {
	if vendor == simkit.SMTP {
		return map[string]int{"messages": len(s.mails.list())}, true
	}
	v, ok := s.vendor(vendor)
	if !ok {
		return nil, false
	}
	return v.Simulator.State(), true
}

func (s *Sandbox) showDatabase(w http.ResponseWriter, r *http.Request) {
	if s.options.DatabaseURL == "" {
		writeProblem(w, http.StatusNotFound, "this sandbox has no database")
		return
	}
	if strings.HasPrefix(r.Header.Get("Accept"), "text/plain") {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = io.WriteString(w, s.options.DatabaseURL+"\n") // the reader is gone: nobody to tell
		return
	}
	writeJSON(w, http.StatusOK, map[string]string{"url": s.options.DatabaseURL})
}

func (s *Sandbox) listJournal(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/x-ndjson; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	entries := s.journal.Entries(r.URL.Query().Get("vendor"))
	if n := limit(r); n > 0 && len(entries) > n {
		entries = entries[len(entries)-n:]
	}
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	for _, entry := range entries {
		if encoder.Encode(entry) != nil {
			return // the reader is gone
		}
	}
}

func (s *Sandbox) listFaults(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK, s.faults.List())
}

func (s *Sandbox) clearFaults(w http.ResponseWriter, r *http.Request) {
	if id, err := strconv.Atoi(r.URL.Query().Get("id")); err == nil {
		if !s.faults.Remove(id) {
			writeProblem(w, http.StatusNotFound, "no fault has this number")
			return
		}
	} else {
		s.faults.Clear(r.URL.Query().Get("vendor"))
	}
	w.WriteHeader(http.StatusNoContent)
}

func (s *Sandbox) addFault(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 64<<10))
	if err != nil {
		writeProblem(w, http.StatusRequestEntityTooLarge, "too long")
		return
	}
	fault, err := readFault(r.Header.Get("Content-Type"), body)
	if err == nil {
		err = fault.Check(s.vendorNames())
	}
	if err != nil {
		writeProblem(w, http.StatusBadRequest, err.Error())
		return
	}
	writeJSON(w, http.StatusCreated, s.faults.Add(fault))
}

// readFault reads JSON or a form; what is absent takes its default.
func readFault(contentType string, body []byte) (simkit.Fault, error) {
	if kind, _, err := mime.ParseMediaType(contentType); err == nil && kind == "application/x-www-form-urlencoded" && !strings.HasPrefix(strings.TrimSpace(string(body)), "{") {
		values, err := url.ParseQuery(string(body))
		if err != nil {
			return simkit.Fault{}, err
		}
		return formFault(values)
	}
	fault := simkit.Fault{Rate: 1}
	decoder := json.NewDecoder(strings.NewReader(string(body)))
	decoder.DisallowUnknownFields()
	err := decoder.Decode(&fault)
	return fault, err
}

// formFault reads the fields of a form, named as in JSON.
func formFault(values url.Values) (simkit.Fault, error) {
	fault := simkit.Fault{
		Vendor: values.Get("vendor"), Kind: simkit.Kind(values.Get("kind")), When: values.Get("when"),
		Method: values.Get("method"), Path: values.Get("path"), Rate: 1,
	}
	for name, into := range map[string]*int{"latency_ms": &fault.LatencyMS, "count": &fault.Count, "status": &fault.Status} {
		if text := strings.TrimSpace(values.Get(name)); text != "" {
			n, err := strconv.Atoi(text)
			if err != nil {
				return fault, err
			}
			*into = n
		}
	}
	if text := strings.ReplaceAll(strings.TrimSpace(values.Get("rate")), ",", "."); text != "" {
		rate, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return fault, err
		}
		fault.Rate = rate
	}
	return fault, nil
}

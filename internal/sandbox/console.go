package sandbox

import (
	"bytes"
	"embed"
	"encoding/json"
	"html/template"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/sandbox/simkit"
)

//go:embed console
var consoleFiles embed.FS

const (
	shownMails   = 100
	shownEntries = 60
)

func (s *Sandbox) consoleRoutes(mux *http.ServeMux) {
	mux.HandleFunc("GET /{$}", s.showHome)
	mux.HandleFunc("GET /console.css", s.showStyle)
	mux.HandleFunc("GET /console/mail/{id}", s.showMail)
	mux.HandleFunc("GET /console/mail/{id}/html", s.showMailHTML)
	mux.HandleFunc("GET /console/state/{vendor}", s.showConsoleState)
	mux.HandleFunc("POST /console/faults", s.postFault)
	mux.HandleFunc("POST /console/faults/clear", s.postClear)
	mux.HandleFunc("POST /console/mail/clear", s.postForget)
}

func (s *Sandbox) showStyle(w http.ResponseWriter, _ *http.Request) {
	style, err := consoleFiles.ReadFile("console/console.css")
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/css; charset=utf-8")
	_, _ = w.Write(style) // the reader is gone: nobody to tell
}

// home is what the first page shows.
type home struct {
	Title      string
	PortalURL  string
	Mails      []Mail
	MailsTotal int
	To         string
	Faults     []simkit.Fault
	Vendors    []string
	Problem    string
	States     []stateLine
	Entries    []simkit.Entry
}

type stateLine struct {
	Name, Title, Address, Counts string
}

func (s *Sandbox) showHome(w http.ResponseWriter, r *http.Request) {
	all := s.mails.list()
	entries := s.journal.Entries("")
	slices.Reverse(entries)
	s.render(w, http.StatusOK, "home.html", home{
		Title: "Bac à sable", PortalURL: s.options.PortalURL,
		Mails: selected(all, r.URL.Query().Get("to"), shownMails), MailsTotal: len(all), To: r.URL.Query().Get("to"),
		Faults: s.faults.List(), Vendors: s.vendorNames(), Problem: r.URL.Query().Get("problem"),
		States: s.stateLines(), Entries: entries[:min(len(entries), shownEntries)],
	})
}

func (s *Sandbox) stateLines() []stateLine {
	lines := []stateLine{{Name: simkit.SMTP, Title: "Mails (SMTP)", Counts: strconv.Itoa(len(s.mails.list())) + " mails"}}
	for _, v := range s.options.Vendors {
		lines = append(lines, stateLine{Name: v.Name, Title: v.Title, Address: v.Prefix + "/", Counts: counts(v.Simulator.State())})
	}
	return lines
}

// counts sums up a state: the size of each of its collections.
func counts(state any) string {
	text, err := json.Marshal(state)
	var parts map[string]json.RawMessage
	if err != nil || json.Unmarshal(text, &parts) != nil {
		return ""
	}
	var lines []string
	for name, part := range parts {
		var list []json.RawMessage
		var table map[string]json.RawMessage
		switch {
		case json.Unmarshal(part, &list) == nil && list != nil:
			lines = append(lines, name+" : "+strconv.Itoa(len(list)))
		case json.Unmarshal(part, &table) == nil && table != nil:
			lines = append(lines, name+" : "+strconv.Itoa(len(table)))
		}
	}
	slices.Sort(lines)
	return strings.Join(lines, ", ")
}

func (s *Sandbox) caught(w http.ResponseWriter, r *http.Request) (Mail, bool) {
	id, err := strconv.Atoi(r.PathValue("id"))
	if err == nil {
		if m, ok := s.mails.one(id); ok {
			return m, true
		}
	}
	s.render(w, http.StatusNotFound, "missing.html", map[string]string{"Title": "Introuvable"})
	return Mail{}, false
}

func (s *Sandbox) showMail(w http.ResponseWriter, r *http.Request) {
	if m, ok := s.caught(w, r); ok {
		s.render(w, http.StatusOK, "mail.html", map[string]any{"Title": m.Subject, "Mail": m, "Text": linked(m.Text)})
	}
}

// showMailHTML serves the HTML part alone, for the frame: it may load nothing and run nothing; its
// links open in another tab.
func (s *Sandbox) showMailHTML(w http.ResponseWriter, r *http.Request) {
	m, ok := s.caught(w, r)
	if !ok {
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; form-action 'none'; sandbox allow-popups allow-popups-to-escape-sandbox")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Referrer-Policy", "no-referrer")
	_, _ = w.Write([]byte(strings.Replace(m.HTML, "<head>", `<head><base target="_blank">`, 1))) // the reader is gone: nobody to tell
}

func (s *Sandbox) showConsoleState(w http.ResponseWriter, r *http.Request) {
	state, ok := s.state(r.PathValue("vendor"))
	if !ok {
		s.render(w, http.StatusNotFound, "missing.html", map[string]string{"Title": "Introuvable"})
		return
	}
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(state); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	s.render(w, http.StatusOK, "state.html", map[string]string{"Title": "État de " + r.PathValue("vendor"), "Vendor": r.PathValue("vendor"), "State": text.String()})
}

func (s *Sandbox) postFault(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		http.Error(w, "unreadable form", http.StatusBadRequest)
		return
	}
	fault, err := formFault(r.PostForm)
	if err == nil {
		err = fault.Check(s.vendorNames())
	}
	if err != nil {
		http.Redirect(w, r, "/?problem="+url.QueryEscape(err.Error())+"#pannes", http.StatusSeeOther)
		return
	}
	s.faults.Add(fault)
	http.Redirect(w, r, "/#pannes", http.StatusSeeOther)
}

func (s *Sandbox) postClear(w http.ResponseWriter, r *http.Request) {
	if id, err := strconv.Atoi(r.PostFormValue("id")); err == nil {
		s.faults.Remove(id)
	} else {
		s.faults.Clear("")
	}
	http.Redirect(w, r, "/#pannes", http.StatusSeeOther)
}

func (s *Sandbox) postForget(w http.ResponseWriter, r *http.Request) {
	if err := s.mails.clear(); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

func (s *Sandbox) render(w http.ResponseWriter, status int, page string, data any) {
	templates, err := template.New(page).Funcs(template.FuncMap{"when": when, "kind": kindName, "share": share}).
		ParseFS(consoleFiles, "console/shell.html", "console/"+page)
	var body bytes.Buffer
	if err == nil {
		err = templates.ExecuteTemplate(&body, "shell", data)
	}
	if err != nil {
		s.options.Logger.Error("console page", "page", page, "error", err)
		http.Error(w, "console page failed", http.StatusInternalServerError)
		return
	}
	header := w.Header()
	header.Set("Content-Type", "text/html; charset=utf-8")
	header.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; img-src data:; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Referrer-Policy", "same-origin")
	header.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = body.WriteTo(w) // the reader is gone: nobody to tell
}

func when(t time.Time) string { return t.In(clock.Paris()).Format("02/01/2006 15:04:05") }

// share says a part of the whole in French: "50 %".
func share(part float64) string { return strconv.FormatFloat(100*part, 'f', -1, 64) + "\u00a0%" }

// kindName says a kind of fault in French.
func kindName(k simkit.Kind) string {
	names := map[simkit.Kind]string{
		simkit.Error: "Erreur", simkit.Slow: "Lenteur", simkit.RateLimit: "Trop de demandes", simkit.Drop: "Connexion coupée",
		simkit.Truncate: "Réponse tronquée", simkit.HTML: "Page HTML", simkit.Refuse: "Adresse refusée",
		simkit.Bounce: "Mail accepté puis renvoyé",
	}
	if name, ok := names[k]; ok {
		return name
	}
	return string(k)
}

const webAddress = `https?://[^\s<>"')]+`

// linked makes the addresses of a text clickable; everything else is escaped.
func linked(text string) template.HTML {
	var b strings.Builder
	at := 0
	for _, span := range regexp.MustCompile(webAddress).FindAllStringIndex(text, -1) {
		b.WriteString(template.HTMLEscapeString(text[at:span[0]]))
		target := template.HTMLEscapeString(text[span[0]:span[1]])
		b.WriteString(`<a href="` + target + `" target="_blank" rel="noopener noreferrer">` + target + `</a>`)
		at = span[1]
	}
	b.WriteString(template.HTMLEscapeString(text[at:]))
	return template.HTML(b.String()) //nolint:gosec // every piece was escaped above
}

package profileweb

import (
	"net/http"
	"net/url"
	"strconv"

	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/dsfr"
	"github.com/betagouv/espace-membre/internal/platform/web"
	"github.com/betagouv/espace-membre/internal/profile"
)

// historyPage is the tab of the history.
type historyPage struct {
	frame
	Filter profile.HistoryFilter
	Page   profile.HistoryPage
	Errors map[string]string
	Raw    map[string]string // days as typed
}

// showHistory serves GET /account/history and GET /community/{username}/history.
func (p *Pages) showHistory(w http.ResponseWriter, r *http.Request) error {
	f, err := p.historyFrame(r)
	if err != nil {
		return err
	}
	page := historyPage{frame: f, Raw: map[string]string{}, Errors: map[string]string{}}
	page.Filter = page.read(r.URL.Query())
	if page.Page, err = p.profile.History(r.Context(), f.Viewer, f.Record, page.Filter); err != nil {
		return err
	}
	if len(page.Page.Events) == 0 && page.Filter.Page > 1 {
		page.Filter.Page = 1
		return web.SeeOther(w, r, page.address())
	}
	f.Banners = collect(p.start(r.Context(), Banner, f.Viewer, f.Record.Whole()))
	f.Blocks = collect(p.start(r.Context(), TabHistory, f.Viewer, f.Record.Whole()))
	f.Body = historyBody(page)
	return p.render(w, r, f)
}

func (p *Pages) historyFrame(r *http.Request) (frame, error) {
	viewer := web.Viewer(r)
	f := frame{Viewer: viewer, Tab: TabHistory, Base: accountPath, Own: r.PathValue("username") == ""}
	username := viewer.Username
	if !f.Own {
		username = r.PathValue("username")
		f.Base = "/community/" + username
	}
	record, err := p.profile.Record(r.Context(), viewer, username)
	f.Record = record
	if err != nil {
		return f, err
	}
	return f, member.Can(viewer, member.ViewHistory, record.Subject)
}

// read reads the filter of the address; a day that is not one is told beside its field, and does
// not filter.
func (h historyPage) read(q url.Values) profile.HistoryFilter {
	page, _ := strconv.Atoi(q.Get("page")) // not a number: the first page
	f := profile.HistoryFilter{Page: min(max(1, page), 100_000)}
	for _, kind := range profile.Kinds() {
		if q.Get("type") == string(kind.Kind) {
			f.Kind = kind.Kind
		}
	}
	day := func(name string) clock.Day {
		text := q.Get(name)
		h.Raw[name] = text
		parsed, err := clock.ParseDay(text)
		if err != nil {
			h.Errors[name] = "Écris ce jour sous la forme 2024-12-31."
			return clock.Day{}
		}
		return parsed
	}
	f.From, f.To = day("du"), day("au")
	if !f.From.IsZero() && !f.To.IsZero() && f.To.Before(f.From) {
		h.Errors["au"] = "Ce jour précède le premier."
	}
	return f
}

// address is the page with its filter.
func (h historyPage) address() string {
	q := url.Values{}
	set := func(name, value string) {
		if value != "" {
			q.Set(name, value)
		}
	}
	set("type", string(h.Filter.Kind))
	set("du", h.Filter.From.String())
	set("au", h.Filter.To.String())
	if h.Filter.Page > 1 {
		q.Set("page", strconv.Itoa(h.Filter.Page))
	}
	if len(q) == 0 {
		return h.href(TabHistory)
	}
	return h.href(TabHistory) + "?" + q.Encode()
}

func (h historyPage) filtered() bool {
	return h.Filter.Kind != "" || !h.Filter.From.IsZero() || !h.Filter.To.IsZero()
}

func (h historyPage) pages() dsfr.Pages {
	return dsfr.Pages{
		Page: h.Filter.Page, Count: (h.Page.Total + profile.HistoryPageSize - 1) / profile.HistoryPageSize, Label: "Pages de l’historique",
		URL: func(n int) string {
			h.Filter.Page = n
			return h.address()
		},
	}
}

func (h historyPage) kinds() dsfr.Choice {
	c := dsfr.Choice{Field: dsfr.Field{Name: "type", Label: "Type"}, Chosen: []string{string(h.Filter.Kind)}, Empty: "Tous les types"}
	for _, kind := range profile.Kinds() {
		if kind.Kind == profile.KindJobs && !h.Viewer.Admin {
			continue
		}
		c.Options = append(c.Options, dsfr.Option{Value: string(kind.Kind), Label: kind.Label})
	}
	return c
}

func (h historyPage) day(name, label string) dsfr.Field {
	return dsfr.Field{Name: name, Label: label, Value: h.Raw[name], Error: h.Errors[name]}
}

func (h historyPage) count() string {
	switch h.Page.Total {
	case 0:
		return "Aucun événement"
	case 1:
		return "1 événement"
	}
	return strconv.Itoa(h.Page.Total) + " événements"
}

func moment(e profile.HistoryEvent) string {
	return e.At.In(clock.Paris()).Format("02/01/2006 à 15:04")
}

// restore serves POST /community/{username}/history/restore: an administrator gives back the
// values that stood before an event.
func (p *Pages) restore(w http.ResponseWriter, r *http.Request) error {
	f, err := p.historyFrame(r)
	if err != nil {
		return err
	}
	event, err := strconv.ParseInt(web.Text(r, "event"), 10, 64)
	if err != nil {
		event = 0 // of nobody: NotFound
	}
	changed, err := p.profile.Restore(r.Context(), f.Viewer, f.Record, event)
	if messages, ok := web.Invalid(err); ok {
		web.Flash(r, dsfr.Error, firstOf(messages))
		return web.SeeOther(w, r, f.href(TabHistory))
	}
	if err != nil {
		return err
	}
	if changed {
		web.Flash(r, dsfr.Success, "Les valeurs d’avant sont rétablies.")
	} else {
		web.Flash(r, dsfr.Info, "La fiche porte déjà ces valeurs : rien n’a changé.")
	}
	return web.SeeOther(w, r, f.href(TabHistory))
}

// firstOf gives one of the messages of a refusal.
func firstOf(messages map[string]string) string {
	for _, message := range messages {
		if message != "" {
			return message
		}
	}
	return "Ces valeurs ne peuvent pas être rétablies."
}

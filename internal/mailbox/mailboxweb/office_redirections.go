package mailboxweb

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"github.com/betagouv/espace-membre/internal/mailbox"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/dsfr"
	"github.com/betagouv/espace-membre/internal/platform/graph"
	"github.com/betagouv/espace-membre/internal/platform/web"
)

const (
	redirectionsAPage = 50
	mostDrawn         = 150 // arrows of a drawing that can still be read
	longestFilter     = 200
)

// graphPage is what the page about redirections shows.
type graphPage struct {
	Overview mailbox.Overview
	Filter   string
	Found    []mailbox.Owned // after the filter
	Shown    []mailbox.Owned // on this page of the table
	Page     int
	Drawing  string // SVG that may stand in a page; empty: too much to draw, or nothing
}

// showRedirections serves GET /admin/redirections: who forwards to whom, drawn and in a table.
func (o *Office) showRedirections(w http.ResponseWriter, r *http.Request) error {
	overview, err := o.room.RedirectionOverview(r.Context(), web.Viewer(r))
	if err != nil {
		return err
	}
	page := graphPage{Overview: overview, Filter: filterOf(r)}
	page.Found = page.filtered()
	page.paginate(r.URL.Query().Get("page"))
	if n := len(page.Found); n > 0 && n <= mostDrawn {
		list := make([]mailbox.Redirection, n)
		for i, one := range page.Found {
			list[i] = one.Redirection
		}
		if page.Drawing, err = RedirectionGraph(list, o.room.Domain()).SVG(r.Context()); err != nil {
			return err
		}
	}
	return web.Render(w, r, http.StatusOK, web.Page{
		Title: "Redirections", Breadcrumb: officeCrumb(r, "Redirections"), Body: graphBody(page),
	})
}

// RedirectionGraph is the graph of redirections: our addresses framed, the others in dashes.
func RedirectionGraph(list []mailbox.Redirection, domain string) graph.Graph {
	g := graph.Graph{Title: fmt.Sprintf("Graphe des redirections du domaine %s", domain)}
	seen := map[string]bool{}
	for _, r := range list {
		for _, address := range []string{r.From, r.To} {
			if seen[address] {
				continue
			}
			seen[address] = true
			kind := graph.Faint
			if strings.HasSuffix(address, "@"+domain) {
				kind = graph.Plain
			}
			g.Nodes = append(g.Nodes, graph.Node{ID: address, Kind: kind})
		}
		g.Edges = append(g.Edges, graph.Edge{From: r.From, To: r.To})
	}
	return g
}

func filterOf(r *http.Request) string {
	text := []rune(strings.ToValidUTF8(strings.TrimSpace(r.URL.Query().Get("q")), ""))
	return string(text[:min(len(text), longestFilter)])
}

// filtered keeps the redirections whose addresses contain the filter.
func (p graphPage) filtered() []mailbox.Owned {
	wanted := strings.ToLower(p.Filter)
	var kept []mailbox.Owned
	for _, r := range p.Overview.Redirections {
		if strings.Contains(r.From, wanted) || strings.Contains(r.To, wanted) {
			kept = append(kept, r)
		}
	}
	return kept
}

func (p *graphPage) paginate(asked string) {
	number, _ := strconv.Atoi(asked) // not a number: the first page
	p.Page = min(max(1, number), max(1, p.count()))
	p.Shown = p.Found[(p.Page-1)*redirectionsAPage : min(len(p.Found), p.Page*redirectionsAPage)]
}

func (p graphPage) count() int {
	return (len(p.Found) + redirectionsAPage - 1) / redirectionsAPage
}

func (p graphPage) pages() dsfr.Pages {
	return dsfr.Pages{Page: p.Page, Count: p.count(), Label: "Pages de redirections", URL: func(n int) string {
		q := url.Values{"page": {strconv.Itoa(n)}}
		if p.Filter != "" {
			q.Set("q", p.Filter)
		}
		return "/admin/redirections?" + q.Encode()
	}}
}

func (p graphPage) table() dsfr.TableParams {
	t := dsfr.TableParams{
		Caption: "Redirections", HideCaption: true,
		Columns: []dsfr.Column{{Label: "De"}, {Label: "Vers"}, {Label: "Membre"}},
	}
	for _, r := range p.Shown {
		t.Rows = append(t.Rows, []templ.Component{dsfr.Text(r.From), dsfr.Text(r.To), ownerCell(r.Owner)})
	}
	return t
}

// counted tells how many redirections are found, in words.
func (p graphPage) counted() string {
	if len(p.Found) > 1 {
		return fmt.Sprintf("%d redirections", len(p.Found))
	}
	return fmt.Sprintf("%d redirection", len(p.Found))
}

// readAt tells when OVH was asked.
func (p graphPage) readAt() string {
	return p.Overview.ReadAt.In(clock.Paris()).Format("15:04")
}

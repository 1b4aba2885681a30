package memberweb

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/betagouv/espace-membre/internal/member"
)

// oldFilter is a filter as the addresses of the former portal wrote them:
// ?filters={"type":"domaine","value":"Design"},{…}, each object once more URL-encoded or not.
type oldFilter struct {
	Type  string          `json:"type"`
	Value json.RawMessage `json:"value"`
}

// text is a value that is a text; anything else is "".
func (f oldFilter) text() (text string) {
	_ = json.Unmarshal(f.Value, &text) // not a text: dropped
	return text
}

// oldFilters reads the parameter of a bookmark; what is unreadable gives none.
func oldFilters(texts []string) (list []oldFilter) {
	for _, text := range texts {
		// Encoded once, a value holds no "%22" any more; encoded twice, it does.
		for _, form := range []string{text, unescaped(text)} {
			var some []oldFilter
			if json.Unmarshal([]byte("["+strings.TrimSuffix(strings.TrimPrefix(form, "["), "]")+"]"), &some) == nil {
				list = append(list, some...)
				break
			}
		}
	}
	return list[:min(len(list), 4*maxValues)]
}

func unescaped(text string) string {
	plain, err := url.QueryUnescape(text)
	if err != nil {
		return text
	}
	return plain
}

// oldSearch is the search that a bookmark meant. What is unknown, or gone, is left out.
func (p *Pages) oldSearch(ctx context.Context, texts []string) (s member.Search, err error) {
	filters := oldFilters(texts)
	named, err := p.oldNames(ctx, filters)
	if err != nil {
		return s, err
	}
	for _, f := range filters {
		switch value := f.text(); f.Type {
		case "active_only":
			s.ActiveOnly = s.ActiveOnly || string(f.Value) == "true"
		case "domaine":
			s.Domains = more(s.Domains, value)
		case "competence":
			s.Competences = more(s.Competences, value)
		case "user":
			s.Text = named[value]
		case "incubator":
			s.Incubators = more(s.Incubators, named[value])
		case "startup":
			s.Startups = more(s.Startups, named[value])
		}
	}
	return s, nil
}

func more(list []string, value string) []string {
	if value == "" || unreadable(value) || len(list) == maxValues || slices.Contains(list, value) {
		return list
	}
	return append(list, value)
}

// oldNames gives the handles of what the filters name by a uuid, under that uuid.
func (p *Pages) oldNames(ctx context.Context, filters []oldFilter) (map[string]string, error) {
	var ids []uuid.UUID
	for _, f := range filters {
		if id, err := uuid.Parse(f.text()); err == nil {
			ids = append(ids, id)
		}
	}
	handles, err := member.HandlesOf(ctx, p.db, ids)
	if err != nil {
		return nil, err
	}
	named := map[string]string{}
	for _, f := range filters {
		if id, err := uuid.Parse(f.text()); err == nil {
			named[f.text()] = handles[id]
		}
	}
	return named, nil
}

// followBookmark leads from an address of the former portal to today's list.
func (p *Pages) followBookmark(w http.ResponseWriter, r *http.Request) error {
	search, err := p.oldSearch(r.Context(), r.URL.Query()["filters"])
	if err != nil {
		return err
	}
	http.Redirect(w, r, Address(search), http.StatusFound)
	return nil
}

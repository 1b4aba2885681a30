package publicsite

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"

	"github.com/betagouv/espace-membre/internal/platform/clock"
)

// bag is a record as it was read from JSON or YAML, whose values may have any shape: a list
// where one word was meant, a number for a name, nothing at all.
type bag map[string]any

// text reads a scalar as written, without blanks around; "" when it is absent or not a scalar.
func (b bag) text(key string) string { return scalar(b[key]) }

// name reads a short text that people compare: blanks of all sorts become single spaces.
func (b bag) name(key string) string { return oneLine(scalar(b[key])) }

func (b bag) has(key string) bool { _, ok := b[key]; return ok }

// list reads a list of scalars, empty ones left out, each once; one scalar is a list of one.
func (b bag) list(key string) []string {
	items, ok := b[key].([]any)
	if !ok {
		items = []any{b[key]}
	}
	found := []string{}
	for _, item := range items {
		if text := scalar(item); text != "" && !slices.Contains(found, text) {
			found = append(found, text)
		}
	}
	return found
}

// slugs reads a list of names of other records, without the path that may precede them, sorted.
func (b bag) slugs(key string) []string {
	found := []string{}
	for _, item := range b.list(key) {
		if slug := lastPart(item); slug != "" && !slices.Contains(found, slug) {
			found = append(found, slug)
		}
	}
	slices.Sort(found)
	return found
}

// bags reads a list of records; what is not one is left out.
func (b bag) bags(key string) []bag {
	items, _ := b[key].([]any)
	var found []bag
	for _, item := range items {
		if inner, ok := item.(map[string]any); ok {
			found = append(found, inner)
		}
	}
	return found
}

// inner reads a record inside; an absent one is empty.
func (b bag) inner(key string) bag {
	inner, _ := b[key].(map[string]any)
	return inner
}

// flag reads a yes or no; nil when it is neither.
func (b bag) flag(key string) *bool {
	switch strings.ToLower(scalar(b[key])) {
	case "true", "yes", "oui":
		yes := true
		return &yes
	case "false", "no", "non":
		no := false
		return &no
	}
	return nil
}

// day reads a date; ok is false when there is a text that is none.
func (b bag) day(key string) (day clock.Day, ok bool) {
	text := scalar(b[key])
	if text == "" {
		return clock.Day{}, true
	}
	for _, layout := range []string{time.DateOnly, "2006/01/02", "02/01/2006", time.DateTime} {
		if t, err := time.Parse(layout, text); err == nil {
			return clock.Date(t.Date()), true
		}
	}
	// An instant is a day in Paris: 23:00 UTC is the next one.
	if t, err := time.Parse(time.RFC3339, text); err == nil {
		return clock.DayOf(t), true
	}
	return clock.Day{}, false
}

func scalar(value any) string {
	switch v := value.(type) {
	case nil, []any, map[string]any:
		return ""
	case string:
		return clean(v)
	case time.Time:
		return v.Format(time.RFC3339)
	}
	return clean(fmt.Sprint(value))
}

// clean gives a text in one form: NFC, line ends of Unix, no NUL (PostgreSQL takes none), no
// blanks around.
func clean(text string) string {
	if strings.ContainsAny(text, "\r\x00\ufeff") {
		text = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\x00", "", "\ufeff", "").Replace(text)
	}
	return strings.TrimSpace(norm.NFC.String(text))
}

// oneLine joins the words of a text by single spaces, zero-width marks removed.
func oneLine(text string) string {
	if strings.ContainsAny(text, "\u200b\u2060") {
		text = strings.NewReplacer("\u200b", "", "\u2060", "").Replace(text)
	}
	return strings.Join(strings.Fields(text), " ")
}

// lastPart gives the slug of /organisations/slug.
func lastPart(path string) string {
	return strings.TrimSpace(path[strings.LastIndex(path, "/")+1:])
}

package profile

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/betagouv/espace-membre/internal/platform/audit"
)

// FieldChange is what an event did to one field, in words.
type FieldChange struct {
	Label  string
	Before string // "" when there was nothing
	After  string // "" when there is nothing any more
}

// changes tells, field by field, what an event changed: its values before and after, as JSON. A
// field that is the same on both sides, or that says nothing to people, is left out.
func changes(code audit.Code, before, after json.RawMessage, w wording) []FieldChange {
	was, is := values(before), values(after)
	keys := slices.Collect(maps.Keys(is))
	for key := range was {
		if _, both := is[key]; !both {
			keys = append(keys, key)
		}
	}
	slices.SortFunc(keys, func(a, b string) int {
		_, x := fieldOf(code, a)
		_, y := fieldOf(code, b)
		return cmp.Or(x-y, strings.Compare(a, b))
	})
	var list []FieldChange
	for _, key := range keys {
		f, _ := fieldOf(code, key)
		c := FieldChange{Label: f.label, Before: f.words(w, was[key]), After: f.words(w, is[key])}
		if c.Before != c.After && !f.hidden {
			list = append(list, c)
		}
	}
	return list
}

// values flattens the values of an event: what is private stands with the rest, since who reads
// a history reads all of it. A lone value is named "value".
func values(text json.RawMessage) map[string]any {
	if len(text) == 0 {
		return nil
	}
	var value any
	if json.Unmarshal(text, &value) != nil || value == nil {
		return nil
	}
	flat := map[string]any{}
	flatten(flat, "", value)
	return flat
}

func flatten(flat map[string]any, prefix string, value any) {
	object, ok := value.(map[string]any)
	if !ok {
		if prefix == "" {
			prefix = "value"
		}
		flat[prefix] = value
		return
	}
	for key, inner := range object {
		switch {
		case key == "private" && prefix == "":
			flatten(flat, "", inner)
		case prefix == "":
			flatten(flat, key, inner)
		default:
			flatten(flat, prefix+"."+key, inner)
		}
	}
}

// words says a value of a field.
func (f field) words(w wording, value any) string {
	switch v := value.(type) {
	case nil:
		return ""
	case string:
		return f.text(w, v)
	case bool:
		if v {
			return "oui"
		}
		return "non"
	case float64:
		return strings.Replace(strconv.FormatFloat(v, 'f', -1, 64), ".", ",", 1)
	case []any:
		return f.list(w, v)
	}
	text, _ := json.Marshal(value) // it came from JSON
	return string(text)
}

func (f field) text(w wording, value string) string {
	switch {
	case value == "":
		return ""
	case f.say == nil:
		return momentWord(value)
	}
	return f.say(w, value)
}

// list says each value of a list; missions, which are the only objects in one, each on a line.
func (f field) list(w wording, list []any) string {
	texts, between := make([]string, 0, len(list)), ", "
	for _, one := range list {
		if mission, ok := one.(map[string]any); ok {
			texts, between = append(texts, missionWords(w, mission)), "\n"
			continue
		}
		texts = append(texts, f.words(w, one))
	}
	return strings.Join(texts, between)
}

// missionWords says a mission as events keep it.
func missionWords(w wording, m map[string]any) string {
	said := func(key string) string {
		f, _ := fieldOf("", key)
		return f.words(w, m[key])
	}
	text := "du " + said("start")
	if end := said("end"); end != "" {
		text += " au " + end
	} else {
		text += ", sans fin prévue"
	}
	for _, key := range []string{"contract", "employer", "startups"} {
		if word := said(key); word != "" {
			text += ", " + word
		}
	}
	return text
}

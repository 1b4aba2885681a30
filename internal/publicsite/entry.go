package publicsite

import (
	"encoding/json"
	"fmt"
	"slices"
)

// kind is a sort of record, as site_source names it.
type kind string

const (
	organization kind = "organization"
	incubator    kind = "incubator"
	team         kind = "team"
	product      kind = "startup"
	person       kind = "member"
)

// release is a format, by how much it tells.
type release string

const (
	v16  release = "v1.6" // one period a member
	v25  release = "v2.5" // missions without products
	v26  release = "v2.6" // v2.7 too
	site release = "site" // the Markdown files: everything
)

// coarserThan tells whether a format says less than another.
func (r release) coarserThan(other release) bool {
	order := []release{v16, v25, v26, site}
	return slices.Index(order, r) < slices.Index(order, other)
}

// fullAt is the first format that tells a field in full; a coarser one gives a summary of it,
// which must not undo what a finer one told.
func fullAt(field string) release {
	switch field {
	case "missions":
		return v26
	case "bio", "phases", "events", "stats_url", "risk_analysis":
		return site
	}
	return v16
}

// fields are the values of a record by name, as JSON.
type fields map[string]json.RawMessage

// entry is one record of a source, in the portal's words.
type entry struct {
	kind    kind
	slug    string
	file    string // how the report names it
	source  string // its text
	format  string // json or markdown
	release release
	told    fields // what the source says of it; other fields are none of its business
	stub    bool   // stands for a record that others name and nobody describes: created, never changed
}

// bundle is everything that a source says.
type bundle struct {
	entries map[kind][]entry
	seen    map[string]bool // kind/slug
	refused []Refusal
	notices []Refusal
}

func newBundle() *bundle {
	return &bundle{entries: map[kind][]entry{}, seen: map[string]bool{}, refused: []Refusal{}, notices: []Refusal{}}
}

// add keeps a record, unless its identifier stands already.
func (b *bundle) add(e entry) {
	if b.has(e.kind, e.slug) {
		b.refuse(e.file, "Identifiant présent deux fois.")
		return
	}
	b.seen[string(e.kind)+"/"+e.slug] = true
	b.entries[e.kind] = append(b.entries[e.kind], e)
}

func (b *bundle) has(k kind, slug string) bool { return b.seen[string(k)+"/"+slug] }

func (b *bundle) refuse(file, reason string) { b.refused = append(b.refused, Refusal{file, reason}) }

func (b *bundle) notice(file, format string, args ...any) {
	b.notices = append(b.notices, Refusal{file, fmt.Sprintf(format, args...)})
}

// fieldsOf gives the fields of a record of a room; its slug is not one.
func fieldsOf(record any) (fields, error) {
	text, err := json.Marshal(record)
	if err != nil {
		return nil, fmt.Errorf("encode a record: %w", err)
	}
	var all fields
	if err := json.Unmarshal(text, &all); err != nil {
		return nil, fmt.Errorf("read a record back: %w", err)
	}
	delete(all, "slug")
	delete(all, "username")
	return all, nil
}

// recordOf makes a record of a room from its fields.
func recordOf[R any](slug string, all fields) (record R, err error) {
	whole := fields{}
	for name, value := range all {
		whole[name] = value
	}
	handle, err := json.Marshal(slug)
	if err != nil {
		return record, fmt.Errorf("encode a slug: %w", err)
	}
	whole["slug"], whole["username"] = handle, handle
	text, err := json.Marshal(whole)
	if err != nil {
		return record, fmt.Errorf("encode a record: %w", err)
	}
	if err := json.Unmarshal(text, &record); err != nil {
		return record, fmt.Errorf("read a record: %w", err)
	}
	return record, nil
}

// same tells whether two values are equal, however they are written (PostgreSQL writes JSON in its
// own way); all ways of saying "nothing" are.
func same(a, b json.RawMessage) bool {
	return string(a) == string(b) || nothing(a) && nothing(b) || string(canonical(a)) == string(canonical(b))
}

func canonical(v json.RawMessage) json.RawMessage {
	var value any
	if json.Unmarshal(v, &value) != nil {
		return v
	}
	return raw(value)
}

func nothing(v json.RawMessage) bool {
	return slices.Contains([]string{"", "null", `""`, "[]"}, string(v))
}

package dsfr

import (
	"cmp"
	"slices"
	"strings"

	"github.com/a-h/templ"
)

// Link is a label and where it leads. An empty Href is the current page.
type Link struct {
	Label string
	Href  string
}

// Field is one field of a form. Name is also the id of its control, unless ID is set.
type Field struct {
	ID           string // empty: Name
	Name         string
	Label        string
	Hint         string // shown under the label
	Value        string
	Error        string // French; empty when the value is accepted
	Type         string // input type; empty: text
	Autocomplete string // HTML autocomplete token, for example "email"
	Placeholder  string
	MaxLength    int // 0: no limit
	Rows         int // Textarea only; 0: 5
	Required     bool
	Disabled     bool
	ReadOnly     bool
	Attributes   templ.Attributes // anything else on the control
}

func (f Field) id() string { return cmp.Or(f.ID, f.Name) }

// describedBy lists the ids of what describes the control: its hint, its error.
func describedBy(id, hint, message string) string {
	var ids []string
	if hint != "" {
		ids = append(ids, id+"-hint")
	}
	if message != "" {
		ids = append(ids, id+"-error")
	}
	return strings.Join(ids, " ")
}

// Option is a choice of a Select, RadioGroup or CheckboxGroup.
type Option struct {
	Value    string
	Label    string
	Hint     string // not shown by Select
	Disabled bool
}

// Options makes choices whose label is their value.
func Options(values ...string) []Option {
	options := make([]Option, len(values))
	for i, value := range values {
		options[i] = Option{Value: value, Label: value}
	}
	return options
}

// Choice is a field with a list of choices.
type Choice struct {
	Field            // Value is ignored
	Options []Option // in display order
	// Chosen holds the selected values; one for Select and RadioGroup.
	Chosen []string
	// Empty is the label of the empty choice of a Select; "" means there is none.
	Empty  string
	Inline bool // RadioGroup and CheckboxGroup: on one line
}

func (c Choice) chosen(value string) bool { return slices.Contains(c.Chosen, value) }

// FieldError is a line of ErrorSummary: the id of a control and what is wrong with it.
type FieldError struct {
	ID      string
	Message string
}

// SortedErrors lists the messages of a form in the order of its fields; those of unknown
// fields come last, by name.
func SortedErrors(messages map[string]string, order ...string) []FieldError {
	names := make([]string, 0, len(messages))
	for name := range messages {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int {
		return cmp.Or(cmp.Compare(rank(order, a), rank(order, b)), cmp.Compare(a, b))
	})
	list := make([]FieldError, len(names))
	for i, name := range names {
		list[i] = FieldError{ID: name, Message: messages[name]}
	}
	return list
}

func rank(order []string, name string) int {
	if i := slices.Index(order, name); i >= 0 {
		return i
	}
	return len(order)
}

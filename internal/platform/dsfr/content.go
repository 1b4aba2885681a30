package dsfr

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/a-h/templ"
)

// Severity is the tone of an Alert, a Badge or a Notice.
type Severity string

// The severities.
const (
	Info    Severity = "info"
	Success Severity = "success"
	Warning Severity = "warning"
	Error   Severity = "error"
	New     Severity = "new" // Badge only
	Neutral Severity = ""    // Badge only
)

// Variant is the weight of a button.
type Variant string

// The variants.
const (
	Primary   Variant = "" // at most one a screen
	Secondary Variant = "secondary"
	Tertiary  Variant = "tertiary"
	Bare      Variant = "tertiary-no-outline"
)

// ButtonParams describes a button, or a link that looks like one when Href is set.
type ButtonParams struct {
	Label      string
	Href       string // a link instead of a button
	Type       string // empty: submit
	Name       string // with Value, tells which button of a form was used
	Value      string
	Variant    Variant
	Icon       string // DSFR class, for example "fr-icon-add-line"
	IconRight  bool
	Small      bool
	Title      string // only when the label is not enough out of its context
	Disabled   bool
	Attributes templ.Attributes
}

func (b ButtonParams) class() string {
	words := []string{"fr-btn"}
	if b.Variant != Primary {
		words = append(words, "fr-btn--"+string(b.Variant))
	}
	if b.Small {
		words = append(words, "fr-btn--sm")
	}
	if b.Icon != "" {
		side := "left"
		if b.IconRight {
			side = "right"
		}
		words = append(words, b.Icon, "fr-btn--icon-"+side)
	}
	return strings.Join(words, " ")
}

func (b ButtonParams) kind() string { return cmp.Or(b.Type, "submit") }

// AlertParams describes an alert in the page.
type AlertParams struct {
	Severity Severity
	Title    string // empty: a small alert
	Text     string
	Announce bool // read aloud by screen readers when the page opens
}

// TileParams describes a tile, wholly clickable.
type TileParams struct {
	Title       string
	Description string
	Detail      string
	Href        string
	Pictogram   string // below artwork/pictograms, for example "digital/avatar"
	Level       int    // of the heading; 0: 3
}

// CardParams describes a card, wholly clickable.
type CardParams struct {
	Title       string
	Description string
	Href        string
	Start       templ.Component // tags or details above the title; may be nil
	End         templ.Component // details below the description; may be nil
	Level       int             // of the heading; 0: 3
}

// Column is a column of a table.
type Column struct {
	Label string
	Sort  string // address that sorts by it; empty: not sortable
	Order string // "ascending" or "descending" when sorted by it
}

// TableParams describes a table. Cells are components: see Text.
type TableParams struct {
	Caption     string
	HideCaption bool
	Columns     []Column
	Rows        [][]templ.Component
}

// Pages describes a pagination.
type Pages struct {
	Page  int              // current, from 1
	Count int              // total number of pages
	URL   func(int) string // address of a page
	Label string           // accessible name; empty: "Pagination"
}

// Numbers lists the pages to show around the current one; 0 stands for a gap.
func (p Pages) Numbers() []int {
	var numbers []int
	last := 0
	for n := 1; n <= p.Count; n++ {
		if n > 1 && n < p.Count && (n < p.Page-2 || n > p.Page+2) {
			continue
		}
		if n > last+1 {
			numbers = append(numbers, 0)
		}
		numbers = append(numbers, n)
		last = n
	}
	return numbers
}

// Tab is a panel and its button.
type Tab struct {
	ID    string
	Label string
	Body  templ.Component
}

// Text prints a text, escaped; handy for table cells.
func Text(text string) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		_, err := io.WriteString(w, templ.EscapeString(text))
		return err
	})
}

// Textf is Text with a format.
func Textf(format string, args ...any) templ.Component { return Text(fmt.Sprintf(format, args...)) }

func level(n int) int { return cmp.Or(n, 3) }

func orPagination(label string) string { return cmp.Or(label, "Pagination") }

// anyIcon tells a group that would hide its labels: the design system asks it to say so.
func anyIcon(buttons []ButtonParams) bool {
	return slices.ContainsFunc(buttons, func(b ButtonParams) bool { return b.Icon != "" })
}

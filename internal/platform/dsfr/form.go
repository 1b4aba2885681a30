package dsfr

import (
	"cmp"
	"fmt"
)

func orText(kind string) string { return cmp.Or(kind, "text") }

func orOn(value string) string { return cmp.Or(value, "on") }

func rows(n int) string { return fmt.Sprint(cmp.Or(n, 5)) }

func dateField(f Field) Field {
	f.Type = "date"
	return f
}

// legends names a group of fields: its legend, then its error.
func legends(f Field) string {
	if f.Error != "" {
		return f.id() + "-legend " + f.id() + "-error"
	}
	return f.id() + "-legend"
}

// optionID gives the id of a choice; the first one bears the name of the field, so that the
// links of ErrorSummary lead to it through the group.
func optionID(c Choice, i int) string { return fmt.Sprintf("%s-%d", c.id(), i) }

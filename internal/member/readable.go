package member

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Readable tells whether a text of several lines holds only what a person types and sees, by the
// rule of records: nothing undecodable or invisible, no control character, nothing that turns the
// direction of the text to hide what it says.
func Readable(text string) bool {
	return utf8.ValidString(text) && !strings.ContainsFunc(strings.ReplaceAll(text, "\r\n", "\n"), func(r rune) bool {
		return unreadable(r) || unicode.IsControl(r) && r != '\n' && r != '\t'
	})
}

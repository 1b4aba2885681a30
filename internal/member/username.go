package member

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// maxUsername is the longest handle: it is also the local part of an address.
const maxUsername = 60

// letters are those which lose no accent and are written with others.
var letters = map[rune]string{
	'œ': "oe", 'æ': "ae", 'ß': "ss", 'ø': "o", 'ł': "l", 'đ': "d", 'ð': "d", 'þ': "th", 'ı': "i", 'ħ': "h", 'ŧ': "t", 'ŋ': "n", 'ĸ': "k",
}

// UsernameFor derives a handle, prenom.nom, from a first and a last name: no accent, no digit,
// spaces, apostrophes and dots as separators. It is empty when one of the names leaves no letter.
func UsernameFor(firstname, lastname string) string {
	first, last := handlePart(firstname), handlePart(lastname)
	if first == "" || last == "" {
		return ""
	}
	return first + "." + last
}

// handlePart derives one side of a handle.
func handlePart(name string) string {
	pieces := strings.FieldsFunc(norm.NFKC.String(name), func(r rune) bool {
		return unicode.IsSpace(r) || strings.ContainsRune("'’‘ʼ`´.", r)
	})
	var kept []string
	for _, piece := range pieces {
		if piece = handlePiece(piece); piece != "" {
			kept = append(kept, piece)
		}
	}
	return strings.Join(kept, ".")
}

// handlePiece keeps the letters a to z of a word, and its inner hyphens.
func handlePiece(word string) string {
	var b strings.Builder
	for _, r := range norm.NFD.String(strings.ToLower(word)) {
		switch {
		case r >= 'a' && r <= 'z':
			b.WriteRune(r)
		case r == '-' || r == '‐' || r == '‑' || r == '–':
			b.WriteByte('-')
		default:
			b.WriteString(letters[r])
		}
	}
	return strings.Join(strings.FieldsFunc(b.String(), func(r rune) bool { return r == '-' }), "-")
}

package brevo

import (
	"slices"
	"strings"
	"unicode"
)

// SplitName divides a full name into first name (PRENOM) and last name (NOM), for contacts. The
// last name is what is written in capitals if something is, else it starts at the second word;
// "Marie de La Tour" gives "Marie" and "de La Tour". A single word is a first name.
func SplitName(fullname string) (first, last string) {
	words := strings.Fields(fullname)
	if len(words) < 2 {
		return strings.Join(words, " "), ""
	}
	if capitals := slices.IndexFunc(words, inCapitals); capitals > 0 {
		return strings.Join(words[:capitals], " "), strings.Join(words[capitals:], " ")
	}
	if lower := slices.IndexFunc(words, func(w string) bool { return !inCapitals(w) }); lower > 0 {
		return strings.Join(words[lower:], " "), strings.Join(words[:lower], " ")
	}
	return words[0], strings.Join(words[1:], " ")
}

// inCapitals tells whether a word of several letters is written in capitals only.
func inCapitals(word string) bool {
	letters := 0
	for _, r := range word {
		if unicode.IsLower(r) {
			return false
		}
		if unicode.IsLetter(r) {
			letters++
		}
	}
	return letters > 1
}

package offboarding

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// checkText tells in French why a text that somebody typed is not accepted; "" when it is. What
// a browser cannot have sent reaches us as U+FFFD.
func checkText(text string, most int) string {
	switch {
	case !utf8.ValidString(text) || strings.ContainsFunc(text, unreadable):
		return "Ce texte contient des caractères illisibles : efface-les, ou retape-le."
	case utf8.RuneCountInString(text) > most:
		return fmt.Sprintf("Ce texte est trop long : %d caractères au plus.", most)
	}
	return ""
}

func unreadable(r rune) bool {
	return r == utf8.RuneError || unicode.IsControl(r) && r != '\n' && r != '\t'
}

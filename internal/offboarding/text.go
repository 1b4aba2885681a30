package offboarding

import (
	"fmt"
	"unicode/utf8"

	"github.com/betagouv/espace-membre/internal/member"
)

// checkText tells in French why a text that somebody typed is not accepted; "" when it is. What
// a browser cannot have sent reaches us as U+FFFD.
func checkText(text string, most int) string {
	switch {
	case !member.Readable(text):
		return "Ce texte contient des caractères illisibles : efface-les, ou retape-le."
	case utf8.RuneCountInString(text) > most:
		return fmt.Sprintf("Ce texte est trop long : %d caractères au plus.", most)
	}
	return ""
}

package member

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/betagouv/espace-membre/internal/platform/fault"
)

// checks gathers the messages of a form by field; the first one of a field stays.
type checks map[string]string

func (c checks) refuse(field, message string) {
	if _, told := c[field]; !told {
		c[field] = message
	}
}

// err is the Invalid error of what was refused; nil when nothing was.
func (c checks) err() error { return fault.Fields(c) }

// line reads a text of one line: spaces folded, accents composed.
func (c checks) line(field, text string, most int) string {
	text = strings.Join(strings.Fields(text), " ")
	return c.bounded(field, norm.NFC.String(text), most, func(r rune) bool { return unreadable(r) || unicode.IsControl(r) })
}

// lines reads a text of several lines.
func (c checks) lines(field, text string, most int) string {
	text = strings.TrimSpace(strings.ReplaceAll(text, "\r\n", "\n"))
	return c.bounded(field, norm.NFC.String(text), most, func(r rune) bool {
		return unreadable(r) || unicode.IsControl(r) && r != '\n' && r != '\t'
	})
}

func (c checks) bounded(field, text string, most int, bad func(rune) bool) string {
	switch {
	case !utf8.ValidString(text) || strings.ContainsFunc(text, bad):
		c.refuse(field, "Ce texte contient des caractères illisibles : efface-les, ou retape-le.")
	case utf8.RuneCountInString(text) > most:
		c.refuse(field, fmt.Sprintf("Ce texte est trop long : %d caractères au plus.", most))
	}
	return text
}

// required is line, refused when empty.
func (c checks) required(field, text string, most int, message string) string {
	if text = c.line(field, text, most); text == "" {
		c.refuse(field, message)
	}
	return text
}

// name reads the name of a person: letters of one alphabet, the Latin one, so that two names
// which look the same are the same.
func (c checks) name(field, text string, most int, message string) string {
	text = norm.NFKC.String(c.required(field, text, most, message))
	for _, r := range text {
		switch {
		case unicode.IsLetter(r) && !unicode.Is(unicode.Latin, r):
			c.refuse(field, "Écris ce nom en lettres latines, comme sur une adresse mail.")
		case !unicode.IsLetter(r) && !unicode.IsMark(r) && !unicode.IsDigit(r) && !strings.ContainsRune(" '’-.,()·", r):
			c.refuse(field, "Un nom ne contient que des lettres, des espaces, des apostrophes, des points et des traits d’union.")
		}
	}
	return text
}

// choice reads a value of a list; the empty one is accepted.
func (c checks) choice(field, value string, list []Label) string {
	if value != "" && LabelOf(list, value) == "" {
		c.refuse(field, "Choisis une valeur de la liste.")
	}
	return value
}

// unreadable tells the characters that no person types: undecodable, invisible, or turning the
// direction of the text to hide what it says.
func unreadable(r rune) bool {
	switch {
	case r == utf8.RuneError, r == 0xFEFF, r == 0x200B, r == 0x200E, r == 0x200F, r == 0x2028, r == 0x2029:
		return true
	}
	return r >= 0x202A && r <= 0x202E || r >= 0x2060 && r <= 0x2069
}

// link reads the address of a page; one typed without https:// gets it.
func (c checks) link(field, text string) string {
	text = c.line(field, text, 300)
	if text == "" {
		return ""
	}
	if !strings.Contains(text, ":") {
		text = "https://" + text
	}
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.User != nil || !strings.Contains(u.Hostname(), ".") || strings.ContainsAny(text, " <>\"") {
		c.refuse(field, "Cette adresse n’est pas celle d’une page : elle commence par https://, par exemple https://exemple.fr/moi.")
	}
	return text
}

var githubLogin = regexp.MustCompile(`^[A-Za-z0-9](-?[A-Za-z0-9]){0,38}$`)

// github reads a login of GitHub, also given as @login or as the address of the profile.
func (c checks) github(field, text string) string {
	text = c.line(field, text, 100)
	for _, prefix := range []string{"https://", "http://", "www.", "github.com/", "@"} {
		text = strings.TrimPrefix(text, prefix)
	}
	text = strings.TrimSuffix(text, "/")
	if text != "" && !githubLogin.MatchString(text) {
		c.refuse(field, "Ce n’est pas un identifiant GitHub : des lettres, des chiffres et des traits d’union, 39 au plus.")
	}
	return text
}

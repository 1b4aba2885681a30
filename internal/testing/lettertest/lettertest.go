// Package lettertest holds letters against the rules that every letter obeys: both parts say the
// same, nothing is loaded from outside, links are absolute.
package lettertest

import (
	"fmt"
	"html"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/betagouv/espace-membre/internal/platform/mail"
)

// Check fails the test for each rule that a specimen breaks, and for two specimens of one name.
func Check(t testing.TB, specimens ...mail.Specimen) {
	t.Helper()
	if len(specimens) == 0 {
		t.Error("no specimen")
	}
	seen := map[string]bool{}
	for _, s := range specimens {
		if seen[s.Name] {
			t.Errorf("two specimens are named %s", s.Name)
		}
		seen[s.Name] = true
		for _, problem := range Problems(s) {
			t.Errorf("letter %s: %s", s.Name, problem)
		}
	}
}

// Problems tells, in English, the rules that a specimen breaks.
func Problems(s mail.Specimen) []string {
	message, err := s.Letter.Message("specimen/"+s.Name, "camille.exemple@exemple.org")
	if err != nil {
		return []string{err.Error()}
	}
	problems := labels(s)
	if err := message.Check(); err != nil {
		problems = append(problems, err.Error())
	}
	problems = append(problems, sameWords(message)...)
	problems = append(problems, sameLinks(message)...)
	if found := regexp.MustCompile(`(?i)<(img|link|script|iframe)|url\(|@import|src=`).FindString(message.HTML); found != "" {
		problems = append(problems, "loads something from outside: "+found)
	}
	return problems
}

func labels(s mail.Specimen) []string {
	var problems []string
	if !regexp.MustCompile(`^[a-z]+\.[a-z0-9.-]+$`).MatchString(s.Name) || !strings.HasPrefix(s.Name, s.Room+".") {
		problems = append(problems, "its name is not <room>.<letter>")
	}
	for what, text := range map[string]string{
		"title": s.Title, "sentence of when it leaves": s.When, "subject": s.Letter.Subject, "heading": s.Letter.Title, "preheader": s.Letter.Preheader,
	} {
		if strings.TrimSpace(text) == "" {
			problems = append(problems, "it has no "+what)
		}
		if strings.Contains(text, "'") {
			problems = append(problems, fmt.Sprintf("its %s has a straight apostrophe", what))
		}
	}
	return problems
}

// sameWords finds the words of the text part in the HTML part.
func sameWords(m mail.Message) []string {
	body := regexp.MustCompile(`(?s)<style>.*?</style>|<title>.*?</title>`).ReplaceAllString(m.HTML, "")
	seen := html.UnescapeString(regexp.MustCompile(`<[^>]+>`).ReplaceAllString(body, " "))
	targets := html.UnescapeString(m.HTML)
	var problems []string
	for _, word := range strings.FieldsFunc(m.Text, func(r rune) bool { return strings.ContainsRune(" \u00a0\u202f\n()", r) }) {
		word = strings.TrimRight(word, ".,")
		if regexp.MustCompile(`^(\d|--?|:|=+)?$`).MatchString(word) {
			continue
		}
		if !strings.Contains(seen, word) && !strings.Contains(targets, word) {
			problems = append(problems, fmt.Sprintf("the HTML part lacks %q", word))
		}
	}
	return problems
}

// sameLinks finds the links of the HTML part in the text part, and refuses those that lead nowhere
// from a mail program.
func sameLinks(m mail.Message) []string {
	var problems []string
	for _, found := range regexp.MustCompile(`href="([^"]*)"`).FindAllStringSubmatch(m.HTML, -1) {
		target := html.UnescapeString(found[1])
		if u, err := url.Parse(target); err != nil || u.Scheme != "https" && u.Scheme != "http" && u.Scheme != "mailto" {
			problems = append(problems, fmt.Sprintf("the link %q is not absolute", target))
		}
		if !strings.Contains(m.Text, strings.TrimPrefix(target, "mailto:")) {
			problems = append(problems, fmt.Sprintf("the text part lacks the link %q", target))
		}
	}
	return problems
}

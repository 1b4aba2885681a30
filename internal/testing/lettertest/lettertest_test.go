package lettertest

import (
	"strings"
	"testing"

	"github.com/betagouv/espace-membre/internal/platform/mail"
)

func good() mail.Specimen {
	return mail.Specimen{Name: "mailbox.welcome", Title: "Titre", Room: "mailbox", When: "Toujours.", Letter: mail.Letter{
		Subject: "Objet", Preheader: "Avant", Title: "Titre",
		Blocks: []mail.Block{mail.Para("Bonjour"), mail.Button{Label: "Ouvrir", URL: "https://exemple.org/a?b=1&c=2"}},
		Leave:  &mail.Leave{Text: "Assez ?", Label: "Ne plus recevoir", URL: "https://exemple.org/lists/unsubscribe?x=1&y=2"},
	}}
}

func TestProblems(t *testing.T) {
	if got := Problems(good()); len(got) != 0 {
		t.Errorf("a good letter: %v", got)
	}
	for name, c := range map[string]struct {
		change func(*mail.Specimen)
		want   string
	}{
		"name of another room": {func(s *mail.Specimen) { s.Room = "signin" }, "<room>.<letter>"},
		"no subject":           {func(s *mail.Specimen) { s.Letter.Subject = "" }, "no subject"},
		"no title":             {func(s *mail.Specimen) { s.Title = " " }, "no title"},
		"straight apostrophe":  {func(s *mail.Specimen) { s.Letter.Subject = "L'adresse" }, "straight apostrophe"},
		"relative link":        {func(s *mail.Specimen) { s.Letter.Blocks = []mail.Block{mail.Button{Label: "x", URL: "/account"}} }, "not absolute"},
		"bad way out":          {func(s *mail.Specimen) { s.Letter.Leave.URL = "https://exemple.org/\r\nBcc: x" }, "way out"},
	} {
		s := good()
		c.change(&s)
		if got := strings.Join(Problems(s), "\n"); !strings.Contains(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestPartsThatDiffer(t *testing.T) {
	m := mail.Message{HTML: `<p>Bonjour <a href="https://exemple.org/a">ici</a></p>`, Text: "Bonjour Camille"}
	if got := sameWords(m); len(got) != 1 || !strings.Contains(got[0], "Camille") {
		t.Errorf("words: %v", got)
	}
	if got := sameLinks(m); len(got) != 1 || !strings.Contains(got[0], "https://exemple.org/a") {
		t.Errorf("links: %v", got)
	}
}

package mail

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files again")

func sampleLetter() Letter {
	return Letter{
		Subject:   "Ton adresse est prête",
		Preheader: "Il te reste à choisir un mot de passe.",
		Title:     "Ton adresse est prête",
		Blocks: []Block{
			Para("Bonjour Camille,"),
			Paragraph{Plain("Ton adresse "), Strong("camille.durand@betagouv.ovh"), Plain(" vient d’être créée. La "), Link("documentation", "https://doc.example.org/mail"), Plain(" explique tout.")},
			Button{Label: "Choisir mon mot de passe", URL: "https://espace.example.org/account?a=1&b=2#password"},
			Steps{Para("Connecte-toi."), {Plain("Ouvre le "), Link("webmail", "https://webmail.example.org"), Plain(".")}},
			List{Para("Rien à installer"), Para("C’est tout <simple>")},
			Facts{{"Serveur entrant", "imap.example.org"}, {"Port", "993"}},
			Note{Plain("Le lien est valable une heure. Une question ? Écris à "), Link("aide@example.org", "mailto:aide@example.org"), Plain(".")},
		},
		Why: "Tu reçois ce message parce qu’une adresse a été créée pour toi.",
		Leave: &Leave{
			Text: "Ton adresse est inscrite à la liste « incubateur ».", Label: "Ne plus recevoir cette liste",
			URL: "https://espace.example.org/lists/unsubscribe?liste=incubateur&signature=x",
		},
	}
}

func TestLetterGolden(t *testing.T) {
	letter := sampleLetter()
	document, err := letter.HTML()
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "letter.html", document)
	golden(t, "letter.txt", letter.Text())
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

func TestLetterEscapesAndNeverRunsScripts(t *testing.T) {
	letter := Letter{Title: "<script>alert(1)</script>", Blocks: []Block{
		Paragraph{Link("piège", "javascript:alert(1)")}, Button{Label: "piège", URL: "javascript:alert(2)"},
	}}
	document, err := letter.HTML()
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(document, "<script>") || strings.Contains(document, `href="javascript:`) {
		t.Errorf("unsafe document:\n%s", document)
	}
}

func TestWayOutIsToldToMailPrograms(t *testing.T) {
	letter := sampleLetter()
	message, err := letter.Message("k", "camille@exemple.org")
	if err != nil {
		t.Fatal(err)
	}
	headers := message.Headers()
	if headers["List-Unsubscribe"] != "<"+letter.Leave.URL+">" || headers["List-Unsubscribe-Post"] != "List-Unsubscribe=One-Click" {
		t.Errorf("headers: %v", headers)
	}
	letter.Leave = nil
	if message, err = letter.Message("k", "camille@exemple.org"); err != nil || message.Headers() != nil || strings.Contains(message.HTML, "unsubscribe") {
		t.Errorf("a letter that may not be refused: %v, %v", message.Headers(), err)
	}
}

package mail_test

import (
	"testing"

	"github.com/betagouv/espace-membre/internal/platform/mail"
	"github.com/betagouv/espace-membre/internal/testing/lettertest"
)

// TestBothPartsSayTheSame holds a letter with every kind of block against the rules of letters.
func TestBothPartsSayTheSame(t *testing.T) {
	lettertest.Check(t, mail.Specimen{Name: "mail.sample", Title: "Exemple", Room: "mail", When: "Jamais.", Letter: mail.SampleLetter()})
}

// Package profilemail is the letter of a diagnosis.
package profilemail

import (
	"context"
	"fmt"

	"github.com/betagouv/espace-membre/internal/platform/mail"
	"github.com/betagouv/espace-membre/internal/profile"
)

// Letters sends the letters of profile; it implements profile.Letters.
type Letters struct{ sender mail.Sender }

// New sends through a sender.
func New(sender mail.Sender) *Letters { return &Letters{sender: sender} }

// SendDiagnosis writes the letter and sends it.
func (l *Letters) SendDiagnosis(ctx context.Context, key, to string, letter profile.DiagnosisLetter) error {
	message, err := Diagnosis(letter).Message(key, to)
	if err != nil {
		return fmt.Errorf("write the letter of a diagnosis: %w", err)
	}
	if err := l.sender.Send(ctx, message); err != nil {
		return fmt.Errorf("send the letter of a diagnosis: %w", err)
	}
	return nil
}

// Diagnosis is the letter that tells what blocks and the next step.
func Diagnosis(letter profile.DiagnosisLetter) mail.Letter {
	d := letter.Diagnosis
	blocks := []mail.Block{mail.Para("Bonjour " + letter.Fullname + ",")}
	if len(d.Problems) == 0 {
		blocks = append(blocks, mail.Para("Rien ne bloque de notre côté : ta mission, ta fiche et tes adresses sont en ordre."),
			mail.Para("Si ta boîte ne s’ouvre pas, choisis-en un nouveau mot de passe :"),
			mail.Button{Label: "Changer le mot de passe", URL: letter.BaseURL + "/account/mailbox#password"})
	} else {
		blocks = append(blocks, mail.Para("Voici ce qui bloque, et ce que tu peux faire, dans l’ordre :"))
		steps := make(mail.Steps, len(d.Problems))
		for i, problem := range d.Problems {
			steps[i] = told(letter, problem)
		}
		blocks = append(blocks, steps)
	}
	if len(d.Advice) > 0 {
		blocks = append(blocks, mail.Para("Aussi, pour la suite :"))
		var list mail.List
		for _, advice := range d.Advice {
			list = append(list, told(letter, advice))
		}
		blocks = append(blocks, list)
	}
	blocks = append(blocks,
		mail.Facts{{Name: "Code à donner à l’équipe", Value: d.Code}},
		mail.Paragraph{mail.Plain("Une question ? Écris à "), mail.Link(letter.Support, "mailto:"+letter.Support), mail.Plain(" en donnant ce code : il dit tout sans nommer personne.")},
	)
	return mail.Letter{
		Subject: "Ton diagnostic Espace Membre", Preheader: preheader(d), Title: "Qu’est-ce qui se passe ?", Blocks: blocks,
		Why: "Tu reçois ce message parce qu’un diagnostic a été demandé pour toi depuis l’Espace Membre. Si ce n’était pas toi, oublie-le : personne d’autre ne l’a reçu.",
	}
}

func told(letter profile.DiagnosisLetter, p profile.Problem) mail.Paragraph {
	paragraph := mail.Paragraph{mail.Strong(p.Title + "."), mail.Plain(" " + p.Text + " ")}
	switch p.Step.Path {
	case "":
		return append(paragraph, mail.Plain("→ "+p.Step.Label+"."))
	case profile.ToSupport:
		return append(paragraph, mail.Plain("→ "), mail.Link(p.Step.Label, "mailto:"+letter.Support))
	}
	return append(paragraph, mail.Plain("→ "), mail.Link(p.Step.Label, letter.BaseURL+p.Step.Path))
}

func preheader(d profile.Diagnosis) string {
	switch len(d.Problems) {
	case 0:
		return "Rien ne bloque de notre côté."
	case 1:
		return d.Problems[0].Title + "."
	}
	return fmt.Sprintf("%d choses à régler, dans l’ordre.", len(d.Problems))
}

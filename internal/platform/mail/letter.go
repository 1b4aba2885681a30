package mail

import (
	"bytes"
	"context"
	"fmt"
	"strings"

	"github.com/a-h/templ"
)

// Letter is what a mail says. Both parts of the message are made from it.
type Letter struct {
	Subject   string  // one line
	Preheader string  // one sentence that mail programs show after the subject; not repeated in the text
	Title     string  // the heading
	Blocks    []Block // the body, in order
	Why       string  // why the person receives it, one sentence; empty: the message is automatic
	Leave     *Leave  // how to receive no more of them; nil: a letter that may not be refused (login, departure)
}

// Leave is the way out of what a letter belongs to. It is shown at the foot of both parts, and
// told to mail programs, whose own button then works.
type Leave struct {
	Text  string // what the person would leave, one sentence
	Label string // of the link
	URL   string // absolute, signed: no login is asked; its POST leaves at once
}

// LeaveMembersList is the way out of the list of all members, for letters that may be refused; nil
// without address, so that a letter whose link cannot be made shows none.
func LeaveMembersList(url string) *Leave {
	if url == "" {
		return nil
	}
	return &Leave{Text: "Ton adresse reçoit aussi les annonces à toute la communauté.", Label: "Ne plus recevoir cette liste", URL: url}
}

// Block is one piece of a letter: Paragraph, Steps, List, Facts, Button or Note.
type Block interface {
	html() templ.Component
	text() string
}

// Paragraph is a run of spans.
type Paragraph []Span

// Steps is a numbered list, one paragraph a step.
type Steps []Paragraph

// List is a bulleted list, one paragraph an entry.
type List []Paragraph

// Facts is a list of names and values, for example the settings of a mailbox.
type Facts []Fact

// Fact is one name and its value.
type Fact struct{ Name, Value string }

// Button is the one thing to do. Its address is also written in full, for those who cannot press it.
type Button struct {
	Label string
	URL   string // absolute
}

// Note is set apart: a delay, a precaution.
type Note []Span

// Span is a piece of text inside a paragraph: plain, strong, or a link.
type Span struct {
	Text   string
	URL    string // not empty: a link, absolute or mailto:
	Strong bool
}

// Para makes a paragraph of plain text.
func Para(text string) Paragraph { return Paragraph{{Text: text}} }

// Plain makes a span of plain text.
func Plain(text string) Span { return Span{Text: text} }

// Strong makes a span that stands out.
func Strong(text string) Span { return Span{Text: text, Strong: true} }

// Link makes a span that leads to an absolute address; the text part writes the address after the label.
func Link(label, url string) Span { return Span{Text: label, URL: url} }

// Message makes the message of an action for one recipient.
func (l Letter) Message(key, to string) (Message, error) {
	html, err := l.HTML()
	if err != nil {
		return Message{}, err
	}
	m := Message{Key: key, To: to, Subject: l.Subject, Text: l.Text(), HTML: html}
	if l.Leave != nil {
		m.Leave = l.Leave.URL
	}
	return m, nil
}

// HTML gives the HTML part: one document without any external resource.
func (l Letter) HTML() (string, error) {
	var b bytes.Buffer
	if err := Layout(l).Render(context.Background(), &b); err != nil {
		return "", fmt.Errorf("mail: render letter: %w", err)
	}
	return b.String(), nil
}

// Text gives the text part, lines not wrapped.
func (l Letter) Text() string {
	parts := []string{l.Title + "\n" + strings.Repeat("=", len([]rune(l.Title)))}
	for _, block := range l.Blocks {
		parts = append(parts, block.text())
	}
	foot := "-- \n" + signature + "\n" + l.why()
	if l.Leave != nil {
		foot += fmt.Sprintf("\n%s %s :\n%s", l.Leave.Text, l.Leave.Label, l.Leave.URL)
	}
	return strings.Join(append(parts, foot), "\n\n") + "\n"
}

const signature = "L’équipe Espace Membre de beta.gouv.fr"

func (l Letter) why() string {
	if l.Why == "" {
		return "Ce message est envoyé automatiquement par l’Espace Membre."
	}
	return l.Why
}

func (p Paragraph) text() string {
	var b strings.Builder
	for _, span := range p {
		b.WriteString(span.text())
	}
	return b.String()
}

func (s Span) text() string {
	if target := strings.TrimPrefix(s.URL, "mailto:"); s.URL != "" && target != s.Text {
		return fmt.Sprintf("%s (%s)", s.Text, target)
	}
	return s.Text
}

func (s Steps) text() string {
	lines := make([]string, len(s))
	for i, step := range s {
		lines[i] = fmt.Sprintf("%d. %s", i+1, step.text())
	}
	return strings.Join(lines, "\n")
}

func (l List) text() string {
	lines := make([]string, len(l))
	for i, entry := range l {
		lines[i] = "- " + entry.text()
	}
	return strings.Join(lines, "\n")
}

func (f Facts) text() string {
	lines := make([]string, len(f))
	for i, fact := range f {
		lines[i] = fmt.Sprintf("%s : %s", fact.Name, fact.Value)
	}
	return strings.Join(lines, "\n")
}

func (b Button) text() string { return fmt.Sprintf("%s :\n%s", b.Label, b.URL) }

func (n Note) text() string { return "À noter : " + Paragraph(n).text() }

func (p Paragraph) html() templ.Component { return paragraph(p) }
func (s Steps) html() templ.Component     { return steps(s) }
func (l List) html() templ.Component      { return list(l) }
func (f Facts) html() templ.Component     { return facts(f) }
func (b Button) html() templ.Component    { return button(b) }
func (n Note) html() templ.Component      { return note(n) }

package cli

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

const barWidth = 24

// bar shows how far a long work is, on one line that is written over. It is silent unless a
// person watches.
type bar struct {
	out   io.Writer // nil: silent
	width int       // characters on the line now
}

// newBar makes a bar for a command.
func (s *session) newBar() *bar {
	if s.json || !terminal(s.process.Stdout) {
		return &bar{}
	}
	return &bar{out: s.process.Stdout}
}

// show draws a step; a total of zero or one has no bar.
func (b *bar) show(label string, done, total int) {
	if b.out == nil {
		return
	}
	line := label
	if total > 1 {
		full := min(barWidth, barWidth*done/total)
		line = fmt.Sprintf("%-34s [%s%s] %d/%d", label, strings.Repeat("█", full), strings.Repeat("·", barWidth-full), done, total)
	}
	b.write(line)
}

// clear leaves the line empty for what follows.
func (b *bar) clear() {
	if b.out != nil {
		b.write("")
		fmt.Fprint(b.out, "\r")
	}
}

func (b *bar) write(line string) {
	width := utf8.RuneCountInString(line)
	fmt.Fprint(b.out, "\r", line, strings.Repeat(" ", max(0, b.width-width)))
	b.width = width
}

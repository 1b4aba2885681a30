package cli

import (
	"bytes"
	"strings"
	"testing"
)

func TestABarWritesOverItsLine(t *testing.T) {
	var out bytes.Buffer
	b := &bar{out: &out}
	b.show("Lecture", 5, 10)
	if text := out.String(); !strings.HasPrefix(text, "\rLecture") || !strings.HasSuffix(text, " 5/10") || strings.Count(text, "█") != barWidth/2 {
		t.Errorf("%q", text)
	}
	out.Reset()
	b.show("Fin", 0, 1)
	if text := out.String(); !strings.HasPrefix(text, "\rFin  ") || strings.Contains(text, "[") {
		t.Errorf("what was longer is not written over: %q", text)
	}
	out.Reset()
	b.clear()
	if text := out.String(); strings.TrimSpace(text) != "" || !strings.HasSuffix(text, "\r") {
		t.Errorf("%q", text)
	}
}

func TestABarIsSilentUnlessSomebodyWatches(t *testing.T) {
	var out bytes.Buffer
	s := &session{process: Process{Stdout: &out}}
	b := s.newBar()
	b.show("Lecture", 5, 10)
	b.clear()
	if out.Len() > 0 {
		t.Errorf("%q", out.String())
	}
}

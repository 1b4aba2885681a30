package graph_test

import (
	"bytes"
	"encoding/xml"
	"image/png"
	"strings"
	"testing"

	"github.com/betagouv/espace-membre/internal/platform/graph"
)

func small() graph.Graph {
	return graph.Graph{
		Title: "Un <b>titre</b>",
		Nodes: []graph.Node{{ID: "a", Label: "première\nligne", Kind: graph.Strong}, {ID: "b", Kind: graph.Faint}},
		Edges: []graph.Edge{
			{From: "a", To: "b", Label: "vers"}, {From: "b", To: `<script>alert(1)</script>"\`}, {From: "b", To: "a", Back: true},
			{From: "</text></svg><a href='javascript:x'>", To: "\x00\xff\nz"},
		},
	}
}

func TestDOTQuotesWhatPeopleWrite(t *testing.T) {
	dot := small().DOT()
	for _, want := range []string{
		`digraph "Un <b>titre</b>" {`, "rankdir=LR;", `"a" [label="première\nligne", penwidth=2];`, `"b" [label="b", style=dashed];`,
		`"a" -> "b" [label=" vers "];`, `"b" -> "a" [style=dashed, constraint=false];`, `"b" -> "<script>alert(1)</script>\"\\";`,
	} {
		if !strings.Contains(dot, want) {
			t.Errorf("no %s in\n%s", want, dot)
		}
	}
	if down := (graph.Graph{Down: true}).DOT(); !strings.Contains(down, "rankdir=TB") {
		t.Errorf("not from top to bottom: %s", down)
	}
}

// Whatever the texts, the drawing holds only the elements and attributes that the package writes.
func TestSVGMayStandInAPage(t *testing.T) {
	text, err := small().SVG(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	elements := map[string]bool{"svg": true, "title": true, "g": true, "polygon": true, "path": true, "text": true}
	decoder, texts := xml.NewDecoder(strings.NewReader(text)), ""
	for {
		token, err := decoder.Token()
		if err != nil {
			break
		}
		switch token := token.(type) {
		case xml.StartElement:
			if !elements[token.Name.Local] {
				t.Errorf("element %s", token.Name.Local)
			}
			for _, a := range token.Attr {
				if strings.HasPrefix(a.Name.Local, "on") || strings.Contains(a.Name.Local, "href") || a.Name.Local == "style" {
					t.Errorf("attribute %s", a.Name.Local)
				}
			}
		case xml.CharData:
			texts += string(token)
		}
	}
	for _, want := range []string{"Un <b>titre</b>", "première", "ligne", "<script>alert(1)</script>", "vers", "javascript:x"} {
		if !strings.Contains(texts, want) {
			t.Errorf("the drawing does not say %q:\n%s", want, texts)
		}
	}
	if again, err := small().SVG(t.Context()); err != nil || again != text {
		t.Errorf("the same graph is drawn in another way (%v)", err)
	}
}

func TestPNGShowsBoxesAndArrows(t *testing.T) {
	var out bytes.Buffer
	if err := small().PNG(t.Context(), &out); err != nil {
		t.Fatal(err)
	}
	picture, err := png.Decode(&out)
	if err != nil {
		t.Fatal(err)
	}
	bounds, dark := picture.Bounds(), 0
	for y := range bounds.Dy() {
		for x := range bounds.Dx() {
			if r, _, _, _ := picture.At(x, y).RGBA(); r < 0x8000 {
				dark++
			}
		}
	}
	if bounds.Dx() < 200 || dark < 1000 || dark > bounds.Dx()*bounds.Dy()/3 {
		t.Errorf("%v with %d dark pixels does not look like a graph", bounds, dark)
	}
}

func TestEmptyGraphIsDrawn(t *testing.T) {
	if text, err := (graph.Graph{Title: "Vide"}).SVG(t.Context()); err != nil || !strings.Contains(text, "<title>Vide</title>") {
		t.Errorf("%s, %v", text, err)
	}
}

// Package graph draws small directed graphs: as DOT text, as SVG that may stand in a page, and as
// PNG. Graphviz (compiled to WebAssembly, so nothing is to be installed) only decides where things
// go; what it gives is read back and drawn again from a short list of shapes, so that no text of
// a graph is ever markup.
package graph

import (
	"fmt"
	"slices"
	"strings"
)

// Graph is what is to be drawn. Nodes that only edges name are added at the end.
type Graph struct {
	Title string // of the drawing, for screen readers
	Down  bool   // from top to bottom rather than from left to right
	Nodes []Node
	Edges []Edge
}

// Node is one box.
type Node struct {
	ID    string
	Label string // lines separated by \n; empty: the ID
	Kind  Kind
}

// Kind is how a node looks.
type Kind int

// The kinds.
const (
	Plain  Kind = iota
	Strong      // a thick border: where things begin
	Faint       // a dashed border: what is not ours
)

// Edge is one arrow.
type Edge struct {
	From, To string
	Label    string // lines separated by \n
	Back     bool   // goes backwards: dashed, and not counted to order the nodes
}

// DOT writes the graph in Graphviz's language, in the order given.
func (g Graph) DOT() string {
	var b strings.Builder
	direction := "LR"
	if g.Down {
		direction = "TB"
	}
	fmt.Fprintf(&b, "digraph %s {\n\trankdir=%s;\n", quote(g.Title), direction)
	b.WriteString("\tnode [shape=box, fontname=Helvetica, fontsize=12, margin=\"0.2,0.07\"];\n\tedge [fontname=Helvetica, fontsize=10];\n")
	for _, n := range g.all() {
		fmt.Fprintf(&b, "\t%s [label=%s%s];\n", quote(n.ID), quote(n.label()), n.style())
	}
	for _, e := range g.Edges {
		fmt.Fprintf(&b, "\t%s -> %s%s;\n", quote(e.From), quote(e.To), e.style())
	}
	b.WriteString("}\n")
	return b.String()
}

func (e Edge) style() string {
	var words []string
	if e.Label != "" {
		words = append(words, "label="+quote(" "+strings.ReplaceAll(e.Label, "\n", " \n ")+" "))
	}
	if e.Back {
		words = append(words, "style=dashed", "constraint=false")
	}
	if len(words) == 0 {
		return ""
	}
	return " [" + strings.Join(words, ", ") + "]"
}

func (n Node) label() string {
	if n.Label == "" {
		return n.ID
	}
	return n.Label
}

func (n Node) style() string {
	switch n.Kind {
	case Strong:
		return ", penwidth=2"
	case Faint:
		return ", style=dashed"
	case Plain:
	}
	return ""
}

// all gives the nodes, those that only edges name included.
func (g Graph) all() []Node {
	nodes := slices.Clone(g.Nodes)
	known := make(map[string]bool, len(nodes))
	for _, n := range nodes {
		known[n.ID] = true
	}
	for _, e := range g.Edges {
		for _, id := range []string{e.From, e.To} {
			if !known[id] {
				known[id] = true
				nodes = append(nodes, Node{ID: id})
			}
		}
	}
	return nodes
}

// quote writes a text as DOT does: only the quote and the backslash are special, and a line
// break is \n.
func quote(text string) string {
	text = strings.ToValidUTF8(strings.ReplaceAll(text, "\x00", ""), "�")
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\r", "").Replace(text) + `"`
}

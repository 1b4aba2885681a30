package graph

import (
	"context"
	"encoding/xml"
	"fmt"
	"strings"
)

// SVG draws the graph as one svg element, in the colour of the text around it. It holds no
// style, script nor link, and every text of the graph is escaped: it may stand in a page.
func (g Graph) SVG(ctx context.Context) (string, error) {
	d, err := g.layout(ctx)
	if err != nil {
		return "", err
	}
	return d.svg(), nil
}

func (d drawing) svg() string {
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 %s %s" width="%s" height="%s" fill="none" stroke="currentColor">`,
		number(d.width), number(d.height), number(d.width), number(d.height))
	fmt.Fprintf(&b, "\n<title>%s</title>\n<g transform=\"translate(%s %s)\">\n", escape(d.title), number(d.dx), number(d.dy))
	for _, s := range d.shapes {
		b.WriteString(s.svg())
		b.WriteByte('\n')
	}
	b.WriteString("</g>\n</svg>\n")
	return b.String()
}

func (s shape) svg() string {
	if s.kind == label {
		return fmt.Sprintf(`<text x="%s" y="%s" font-size="%s" font-family="Marianne, arial, sans-serif" text-anchor="middle" fill="currentColor" stroke="none">%s</text>`,
			number(s.points[0].x), number(s.points[0].y), number(s.size), escape(s.text))
	}
	look := ""
	if s.thick {
		look += ` stroke-width="2"`
	}
	if s.dashed {
		look += ` stroke-dasharray="5 2"`
	}
	if s.filled {
		look += ` fill="currentColor"`
	}
	if s.kind == polygon {
		return fmt.Sprintf(`<polygon points="%s"%s/>`, list(s.points), look)
	}
	return fmt.Sprintf(`<path d="M%sC%s"%s/>`, list(s.points[:1]), list(s.points[1:]), look)
}

func list(points []point) string {
	words := make([]string, len(points))
	for i, p := range points {
		words[i] = number(p.x) + "," + number(p.y)
	}
	return strings.Join(words, " ")
}

// number writes two decimals at most.
func number(n float64) string {
	return strings.TrimSuffix(strings.TrimRight(fmt.Sprintf("%.2f", n), "0"), ".")
}

func escape(text string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(text)) // a Builder never fails
	return b.String()
}

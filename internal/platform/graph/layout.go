package graph

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"

	"github.com/goccy/go-graphviz"
)

// one lets one graph at a time be laid out: the engine is a single machine.
var one sync.Mutex

// layout asks Graphviz where things go.
func (g Graph) layout(ctx context.Context) (drawing, error) {
	one.Lock()
	defer one.Unlock()
	engine, err := graphviz.New(ctx)
	if err != nil {
		return drawing{}, fmt.Errorf("start graphviz: %w", err)
	}
	defer func() { _ = engine.Close() }() // only frees memory
	parsed, err := graphviz.ParseBytes([]byte(g.DOT()))
	if err != nil {
		return drawing{}, fmt.Errorf("read the graph: %w", err)
	}
	defer func() { _ = parsed.Close() }()
	var out bytes.Buffer
	if err := engine.Render(ctx, parsed, graphviz.SVG, &out); err != nil {
		return drawing{}, fmt.Errorf("lay the graph out: %w", err)
	}
	d, err := read(&out)
	d.title = g.Title
	return d, err
}

// drawing is a laid out graph: what Graphviz drew, and nothing that it did not.
type drawing struct {
	title         string
	width, height float64
	dx, dy        float64 // where the origin is
	shapes        []shape
}

// shape is one thing drawn: a polygon, a curve (a start, then triples of points) or a text.
type shape struct {
	kind   shapeKind
	points []point
	text   string
	size   float64 // of the text
	thick  bool
	dashed bool
	filled bool
}

type shapeKind int

const (
	polygon shapeKind = iota
	curve
	label
)

type point struct{ x, y float64 }

// read takes from Graphviz's SVG the shapes that the package knows; the rest is left aside.
func read(r io.Reader) (drawing, error) {
	var d drawing
	decoder := xml.NewDecoder(r)
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return d, nil
		}
		if err != nil {
			return d, fmt.Errorf("read the layout: %w", err)
		}
		if start, ok := token.(xml.StartElement); ok {
			if err := d.element(decoder, start); err != nil {
				return d, err
			}
		}
	}
}

func (d *drawing) element(decoder *xml.Decoder, start xml.StartElement) (err error) {
	at := attributes(start)
	s := shape{thick: at["stroke-width"] != "", dashed: at["stroke-dasharray"] != "", filled: at["fill"] == "black"}
	switch start.Name.Local {
	case "svg":
		var box []float64
		if box, err = numbers(at["viewBox"]); err == nil && len(box) == 4 {
			d.width, d.height = box[2], box[3]
		}
		return err
	case "g":
		d.origin(at["transform"])
		return nil
	case "polygon":
		s.kind = polygon
		s.points, err = points(at["points"])
		if at["stroke"] == "none" || at["stroke"] == "transparent" { // the background
			return err
		}
	case "path":
		s.kind = curve
		s.points, err = points(strings.NewReplacer("M", " ", "C", " ").Replace(at["d"]))
	case "text":
		s.kind = label
		if err = decoder.DecodeElement(&s.text, &start); err != nil {
			return fmt.Errorf("read a text of the layout: %w", err)
		}
		s.points, err = points(at["x"] + "," + at["y"])
		s.size, _ = strconv.ParseFloat(at["font-size"], 64)
	default:
		return nil
	}
	d.shapes = append(d.shapes, s)
	return err
}

// origin reads "scale(1 1) rotate(0) translate(4 152)".
func (d *drawing) origin(transform string) {
	if _, after, ok := strings.Cut(transform, "translate("); ok {
		if at, err := numbers(strings.TrimSuffix(after, ")")); err == nil && len(at) == 2 {
			d.dx, d.dy = at[0], at[1]
		}
	}
}

func attributes(start xml.StartElement) map[string]string {
	all := make(map[string]string, len(start.Attr))
	for _, a := range start.Attr {
		all[a.Name.Local] = a.Value
	}
	return all
}

// points reads "1,2 3,4".
func points(text string) ([]point, error) {
	all, err := numbers(text)
	if err != nil {
		return nil, err
	}
	if len(all) == 0 || len(all)%2 != 0 {
		return nil, fmt.Errorf("read the layout: %d coordinates", len(all))
	}
	list := make([]point, 0, len(all)/2)
	for i := 0; i < len(all); i += 2 {
		list = append(list, point{all[i], all[i+1]})
	}
	return list, nil
}

func numbers(text string) ([]float64, error) {
	fields := strings.FieldsFunc(text, func(r rune) bool { return r == ' ' || r == ',' || r == '\n' })
	list := make([]float64, len(fields))
	for i, field := range fields {
		n, err := strconv.ParseFloat(field, 64)
		if err != nil {
			return nil, fmt.Errorf("read the layout: %w", err)
		}
		list[i] = n
	}
	return list, nil
}

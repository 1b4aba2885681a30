package graph

import (
	"context"
	"fmt"
	"io"

	"github.com/fogleman/gg"
	"github.com/golang/freetype/truetype"
	"golang.org/x/image/font/gofont/goregular"

	"github.com/betagouv/espace-membre/internal/platform/fault"
)

const (
	sharpness = 1.5       // pixels a point
	maxPixels = 120 << 20 // of one picture: beyond, SVG is the format
)

// PNG draws the graph, black on white. A graph too large for a picture is an Invalid fault.
func (g Graph) PNG(ctx context.Context, w io.Writer) error {
	d, err := g.layout(ctx)
	if err != nil {
		return err
	}
	width, height := int(d.width*sharpness)+1, int(d.height*sharpness)+1
	if width*height > maxPixels {
		return fault.New(fault.Invalid, "Ce graphe est trop grand pour une image PNG : demande le format svg.", "%d x %d pixels", width, height)
	}
	font, err := truetype.Parse(goregular.TTF)
	if err != nil {
		return fmt.Errorf("read the font: %w", err)
	}
	canvas := gg.NewContext(width, height)
	canvas.SetRGB(1, 1, 1)
	canvas.Clear()
	canvas.SetRGB(0, 0, 0)
	for _, s := range d.shapes {
		s.paint(canvas, font, d.pixel)
	}
	if err := canvas.EncodePNG(w); err != nil {
		return fmt.Errorf("write the picture: %w", err)
	}
	return nil
}

// pixel gives where a point of the drawing is in the picture.
func (d drawing) pixel(p point) (x, y float64) {
	return (p.x + d.dx) * sharpness, (p.y + d.dy) * sharpness
}

func (s shape) paint(canvas *gg.Context, font *truetype.Font, pixel func(point) (x, y float64)) {
	if s.kind == label {
		canvas.SetFontFace(truetype.NewFace(font, &truetype.Options{Size: s.size * sharpness * 0.95}))
		x, y := pixel(s.points[0])
		canvas.DrawStringAnchored(s.text, x, y, 0.5, 0)
		return
	}
	s.trace(canvas, pixel)
	if s.filled {
		canvas.FillPreserve()
	}
	canvas.SetDash()
	if s.dashed {
		canvas.SetDash(5*sharpness, 2*sharpness)
	}
	canvas.SetLineWidth(sharpness)
	if s.thick {
		canvas.SetLineWidth(2 * sharpness)
	}
	canvas.Stroke()
}

// trace follows the line of a polygon or a curve.
func (s shape) trace(canvas *gg.Context, pixel func(point) (x, y float64)) {
	canvas.MoveTo(pixel(s.points[0]))
	if s.kind == polygon {
		for _, p := range s.points[1:] {
			canvas.LineTo(pixel(p))
		}
		canvas.ClosePath()
		return
	}
	for i := 1; i+2 < len(s.points); i += 3 {
		x1, y1 := pixel(s.points[i])
		x2, y2 := pixel(s.points[i+1])
		x3, y3 := pixel(s.points[i+2])
		canvas.CubicTo(x1, y1, x2, y2, x3, y3)
	}
}

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
	canvas.Scale(sharpness, sharpness)
	canvas.Translate(d.dx, d.dy)
	for _, s := range d.shapes {
		s.paint(canvas, font)
	}
	if err := canvas.EncodePNG(w); err != nil {
		return fmt.Errorf("write the picture: %w", err)
	}
	return nil
}

func (s shape) paint(canvas *gg.Context, font *truetype.Font) {
	if s.kind == label {
		canvas.SetFontFace(truetype.NewFace(font, &truetype.Options{Size: s.size * sharpness * 0.92}))
		canvas.DrawStringAnchored(s.text, s.points[0].x, s.points[0].y, 0.5, 0)
		return
	}
	canvas.MoveTo(s.points[0].x, s.points[0].y)
	if s.kind == polygon {
		for _, p := range s.points[1:] {
			canvas.LineTo(p.x, p.y)
		}
		canvas.ClosePath()
	} else {
		for i := 1; i+2 < len(s.points); i += 3 {
			canvas.CubicTo(s.points[i].x, s.points[i].y, s.points[i+1].x, s.points[i+1].y, s.points[i+2].x, s.points[i+2].y)
		}
	}
	if s.filled {
		canvas.FillPreserve()
	}
	canvas.SetDash()
	if s.dashed {
		canvas.SetDash(5, 2)
	}
	canvas.SetLineWidth(sharpness)
	if s.thick {
		canvas.SetLineWidth(2 * sharpness)
	}
	canvas.Stroke()
}

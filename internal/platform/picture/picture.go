// Package picture reads the pictures that people send and makes them again: whatever a file
// claims to be, what is kept is a JPEG of ours, upright, of a known size, without the place and
// the camera that a telephone writes in it.
package picture

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"

	"github.com/bep/imagemeta"
	"golang.org/x/image/draw"
	"golang.org/x/image/webp"

	"github.com/betagouv/espace-membre/internal/platform/fault"
)

// Limits are what a picture may be. Zero fields take the defaults written beside them.
type Limits struct {
	Bytes int // of the file; 500 KiB
	Side  int // longest side kept, in pixels; 600
}

// MediaType is that of the pictures made here.
const MediaType = "image/jpeg"

const (
	defaultBytes = 500 << 10
	defaultSide  = 600
	maxPixels    = 16 << 20 // of the file: 64 MiB once decoded
	maxScans     = 100      // of a JPEG: each one costs as much as the whole picture
	quality      = 85
)

// format is one that is accepted, told by its first bytes and not by its name.
type format struct {
	is     func(raw []byte) bool
	config func(io.Reader) (image.Config, error)
	decode func(io.Reader) (image.Image, error)
	meta   imagemeta.ImageFormat
}

func formats() []format {
	return []format{
		{begins("\xff\xd8\xff"), jpeg.DecodeConfig, jpeg.Decode, imagemeta.JPEG},
		{begins("\x89PNG\r\n\x1a\n"), png.DecodeConfig, png.Decode, imagemeta.PNG},
		{isWebP, webp.DecodeConfig, webp.Decode, imagemeta.WebP},
	}
}

func begins(magic string) func([]byte) bool {
	return func(raw []byte) bool { return bytes.HasPrefix(raw, []byte(magic)) }
}

func isWebP(raw []byte) bool {
	return len(raw) > 12 && string(raw[:4]) == "RIFF" && string(raw[8:12]) == "WEBP"
}

// JPEG reads a JPEG, PNG or WebP file and makes it again. What is not one, or is too heavy or too
// large, is an Invalid fault whose sentence tells the person what to do.
func JPEG(raw []byte, l Limits) ([]byte, error) {
	if l.Bytes == 0 {
		l.Bytes = defaultBytes
	}
	if l.Side == 0 {
		l.Side = defaultSide
	}
	if len(raw) > l.Bytes {
		return nil, fault.New(fault.Invalid, fmt.Sprintf("Cette image est trop lourde : %d Ko au plus.", l.Bytes>>10), "picture of %d bytes", len(raw))
	}
	f, ok := formatOf(raw)
	if !ok {
		return nil, fault.New(fault.Invalid, "Ce fichier n’est pas une image JPEG, PNG ou WebP.", "picture of an unknown format")
	}
	whole, err := decode(raw, f)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, fit(upright(whole, orientation(raw, f.meta)), l.Side), &jpeg.Options{Quality: quality}); err != nil {
		return nil, fmt.Errorf("write a picture: %w", err)
	}
	return b.Bytes(), nil
}

func formatOf(raw []byte) (format, bool) {
	for _, f := range formats() {
		if f.is(raw) {
			return f, true
		}
	}
	return format{}, false
}

// decode looks at the size before it makes any room for the pixels.
func decode(raw []byte, f format) (image.Image, error) {
	config, err := f.config(bytes.NewReader(raw))
	if err != nil {
		return nil, unreadable(err)
	}
	if config.Width < 1 || config.Height < 1 || config.Width > maxPixels/config.Height {
		return nil, fault.New(fault.Invalid, "Cette image est trop grande : 16 millions de pixels au plus.", "picture of %d × %d", config.Width, config.Height)
	}
	if f.meta == imagemeta.JPEG && bytes.Count(raw, []byte("\xff\xda")) > maxScans {
		return nil, fault.New(fault.Invalid, "Cette image est trop compliquée : enregistre-la de nouveau, en JPEG simple.", "picture of too many scans")
	}
	whole, err := f.decode(bytes.NewReader(raw))
	if err != nil {
		return nil, unreadable(err)
	}
	return whole, nil
}

func unreadable(err error) error {
	return fault.New(fault.Invalid, "Cette image est abîmée : elle ne peut pas être lue.", "read a picture: %w", err)
}

// orientation reads how the camera was held, 1 to 8 as EXIF numbers it; 1 when nothing is known.
func orientation(raw []byte, f imagemeta.ImageFormat) int {
	found := 1
	_, err := imagemeta.Decode(imagemeta.Options{
		R: bytes.NewReader(raw), ImageFormat: f, Sources: imagemeta.EXIF,
		ShouldHandleTag: func(tag imagemeta.TagInfo) bool { return tag.Tag == "Orientation" && tag.Namespace == "IFD0" },
		HandleTag: func(tag imagemeta.TagInfo) error {
			if n, ok := tag.Value.(uint16); ok && n >= 1 && n <= 8 {
				found = int(n)
			}
			return nil
		},
		Warnf: func(string, ...any) {}, // pictures without metadata are fine
	})
	if err != nil {
		return 1
	}
	return found
}

// upright turns a picture as it was seen.
func upright(from image.Image, orientation int) image.Image {
	if orientation <= 1 {
		return from
	}
	b := from.Bounds()
	w, h := b.Dx(), b.Dy()
	if orientation >= 5 {
		w, h = h, w
	}
	to := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			sx, sy := source(orientation, x, y, w, h)
			to.Set(x, y, from.At(b.Min.X+sx, b.Min.Y+sy))
		}
	}
	return to
}

// source tells which pixel of the file stands at x, y of an upright picture of w × h.
func source(orientation, x, y, w, h int) (sx, sy int) {
	switch orientation {
	case 2: // mirrored
		return w - 1 - x, y
	case 3: // upside down
		return w - 1 - x, h - 1 - y
	case 4: // upside down, mirrored
		return x, h - 1 - y
	case 5: // turned left, mirrored
		return y, x
	case 6: // turned left
		return y, w - 1 - x
	case 7: // turned right, mirrored
		return h - 1 - y, w - 1 - x
	case 8: // turned right
		return h - 1 - y, x
	}
	return x, y
}

// fit shrinks a picture so that its longest side is at most side, on white where it is
// transparent. A small one is not enlarged.
func fit(from image.Image, side int) image.Image {
	b := from.Bounds()
	w, h := b.Dx(), b.Dy()
	if longest := max(w, h); longest > side {
		w, h = max(1, w*side/longest), max(1, h*side/longest)
	}
	to := image.NewRGBA(image.Rect(0, 0, w, h))
	draw.Draw(to, to.Bounds(), image.NewUniform(color.White), image.Point{}, draw.Src)
	draw.CatmullRom.Scale(to, to.Bounds(), from, b, draw.Over, nil)
	return to
}

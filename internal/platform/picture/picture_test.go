package picture_test

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"strings"
	"testing"

	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/platform/picture"
)

// flag is red at its top left corner, green at its top right one, blue elsewhere.
func flag(w, h int) image.Image {
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			c := color.RGBA{B: 255, A: 255}
			switch {
			case x < w/2 && y < h/2:
				c = color.RGBA{R: 255, A: 255}
			case y < h/2:
				c = color.RGBA{G: 255, A: 255}
			}
			m.Set(x, y, c)
		}
	}
	return m
}

func asPNG(t *testing.T, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func asJPEG(t *testing.T, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, &jpeg.Options{Quality: 95}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// exif writes after the start of a JPEG how the camera was held, and where it was.
func exif(raw []byte, orientation uint16) []byte {
	var tiff bytes.Buffer
	tiff.WriteString("MM\x00\x2a\x00\x00\x00\x08")
	order := binary.BigEndian
	_ = binary.Write(&tiff, order, uint16(2))
	for _, entry := range []struct {
		tag, kind uint16
		count     uint32
		value     [4]byte
	}{
		{0x010f, 2, 4, [4]byte{'T', 'e', 'l', 0}},
		{0x0112, 3, 1, [4]byte{0, byte(orientation), 0, 0}},
	} {
		_ = binary.Write(&tiff, order, entry)
	}
	_ = binary.Write(&tiff, order, uint32(0))
	segment := append([]byte("Exif\x00\x00"), tiff.Bytes()...)
	head := []byte{0xff, 0xd8, 0xff, 0xe1, byte((len(segment) + 2) >> 8), byte(len(segment) + 2)}
	return append(append(head, segment...), raw[2:]...)
}

func read(t *testing.T, raw []byte, l picture.Limits) image.Image {
	t.Helper()
	made, err := picture.JPEG(raw, l)
	if err != nil {
		t.Fatal(err)
	}
	m, err := jpeg.Decode(bytes.NewReader(made))
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(made, []byte("Exif")) || bytes.Contains(made, []byte("Tel\x00")) {
		t.Error("what the camera wrote is kept")
	}
	return m
}

// name says the colour at a quarter of a picture.
func name(m image.Image, right, low bool) string {
	b := m.Bounds()
	x, y := b.Dx()/4, b.Dy()/4
	if right {
		x = b.Dx() * 3 / 4
	}
	if low {
		y = b.Dy() * 3 / 4
	}
	r, g, bl, _ := m.At(x, y).RGBA()
	switch {
	case r > 0xc000 && g > 0xc000 && bl > 0xc000:
		return "white"
	case r > g && r > bl:
		return "red"
	case g > bl:
		return "green"
	}
	return "blue"
}

func TestPicturesAreMadeAgainAsJPEG(t *testing.T) {
	for format, raw := range map[string][]byte{"png": asPNG(t, flag(80, 40)), "jpeg": asJPEG(t, flag(80, 40)), "webp": webpPixel()} {
		m := read(t, raw, picture.Limits{})
		if format != "webp" && (m.Bounds().Dx() != 80 || m.Bounds().Dy() != 40 || name(m, false, false) != "red" || name(m, true, false) != "green") {
			t.Errorf("%s: %v, %s", format, m.Bounds(), name(m, false, false))
		}
	}
}

// webpPixel is a picture of one pixel, losslessly compressed.
func webpPixel() []byte {
	return []byte("RIFF\x1a\x00\x00\x00WEBPVP8L\x0d\x00\x00\x00\x2f\x00\x00\x00\x10\x07\x10\x11\x11\x88\x88\xfe\x07\x00")
}

func TestEveryOrientationIsSetUpright(t *testing.T) {
	// Where the red and green corners, top left and top right in the file, end up.
	for orientation, want := range map[uint16][4]string{ // top left, top right, bottom left, bottom right
		1: {"red", "green", "blue", "blue"}, 2: {"green", "red", "blue", "blue"}, 3: {"blue", "blue", "green", "red"},
		4: {"blue", "blue", "red", "green"}, 5: {"red", "blue", "green", "blue"}, 6: {"blue", "red", "blue", "green"},
		7: {"blue", "green", "blue", "red"}, 8: {"green", "blue", "red", "blue"},
	} {
		m := read(t, exif(asJPEG(t, flag(80, 40)), orientation), picture.Limits{})
		if tall := m.Bounds().Dy() > m.Bounds().Dx(); tall != (orientation >= 5) {
			t.Errorf("orientation %d: %v", orientation, m.Bounds())
		}
		got := [4]string{name(m, false, false), name(m, true, false), name(m, false, true), name(m, true, true)}
		if got != want {
			t.Errorf("orientation %d: %v, want %v", orientation, got, want)
		}
	}
}

func TestLargePicturesShrinkAndSmallOnesStay(t *testing.T) {
	for size, want := range map[image.Point]image.Point{{1200, 300}: {600, 150}, {300, 1200}: {150, 600}, {601, 1}: {600, 1}, {10, 10}: {10, 10}} {
		if got := read(t, asPNG(t, flag(size.X, size.Y)), picture.Limits{}).Bounds().Size(); got != want {
			t.Errorf("%v becomes %v, want %v", size, got, want)
		}
	}
}

func TestTransparentIsWhite(t *testing.T) {
	if got := name(read(t, asPNG(t, image.NewRGBA(image.Rect(0, 0, 40, 40))), picture.Limits{}), false, false); got != "white" {
		t.Errorf("transparent becomes %s", got)
	}
}

// bomb is a PNG of a few bytes that claims to be huge.
func bomb(w, h uint32) []byte {
	data := []byte("IHDR")
	data = binary.BigEndian.AppendUint32(data, w)
	data = binary.BigEndian.AppendUint32(data, h)
	data = append(data, 8, 6, 0, 0, 0)
	out := []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x0d")
	out = append(out, data...)
	return binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(data))
}

func TestWhatIsNotAPictureIsRefused(t *testing.T) {
	var animated bytes.Buffer
	if err := gif.Encode(&animated, flag(4, 4), nil); err != nil {
		t.Fatal(err)
	}
	good := asJPEG(t, flag(80, 40))
	for name, c := range map[string]struct {
		raw  []byte
		want string
	}{
		"nothing":            {nil, "n’est pas une image"},
		"text":               {[]byte("bonjour"), "n’est pas une image"},
		"svg":                {[]byte(`<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`), "n’est pas une image"},
		"html":               {[]byte("<!DOCTYPE html><script>alert(1)</script>"), "n’est pas une image"},
		"gif":                {animated.Bytes(), "n’est pas une image"},
		"too heavy":          {append(bytes.Clone(good), make([]byte, 500<<10)...), "trop lourde : 500 Ko"},
		"a wide bomb":        {bomb(1<<20, 1<<20), "trop grande"},
		"just too large":     {bomb(4096, 4097), "trop grande"},
		"a long bomb":        {bomb(1, 17<<20), "trop grande"},
		"cut":                {good[:len(good)/2], "abîmée"},
		"only the header":    {[]byte("\xff\xd8\xff\xe0"), "abîmée"},
		"a false webp":       {[]byte("RIFF\xff\xff\xff\xffWEBPVP8 xxxxxxxxxxxxxxxx"), "abîmée"},
		"thousands of scans": {append(bytes.Clone(good), bytes.Repeat([]byte("\xff\xda"), 101)...), "trop compliquée"},
	} {
		made, err := picture.JPEG(c.raw, picture.Limits{})
		if made != nil || !fault.Is(err, fault.Invalid) || !strings.Contains(fault.Public(err), c.want) {
			t.Errorf("%s: %d bytes, %v, %q", name, len(made), err, fault.Public(err))
		}
	}
}

// A picture that is also a page: what stands after or inside the pixels is not kept.
func TestNothingHiddenIsKept(t *testing.T) {
	raw := append(asJPEG(t, flag(80, 40)), []byte("<script>alert(1)</script>")...)
	made, err := picture.JPEG(raw, picture.Limits{})
	if err != nil || bytes.Contains(made, []byte("<script>")) {
		t.Errorf("kept, or refused: %v", err)
	}
}

func FuzzJPEG(f *testing.F) {
	f.Add([]byte("\xff\xd8\xff"))
	f.Add(bomb(3, 3))
	f.Add(webpPixel())
	f.Fuzz(func(t *testing.T, raw []byte) {
		if made, err := picture.JPEG(raw, picture.Limits{}); err == nil {
			if _, err := jpeg.DecodeConfig(bytes.NewReader(made)); err != nil {
				t.Error(err)
			}
		} else if !fault.Is(err, fault.Invalid) {
			t.Error(err)
		}
	})
}

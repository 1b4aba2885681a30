package main

import (
	"errors"
	"fmt"
	"iter"
	"math"
	"strconv"
	"strings"
)

// point is in units of the drawing.
type point struct{ x, y float64 }

// parsePath reads closed outlines made of "m" (relative, then lines) and "z", which is all that
// the drawing holds.
func parsePath(d string) ([][]point, error) {
	var rings [][]point
	var ring []point
	var at point
	words := strings.Fields(d)
	for i, word := range words {
		switch word {
		case "m", "M":
			ring = nil
		case "z", "Z":
			if len(ring) == 0 {
				return nil, errors.New("an outline without points")
			}
			rings = append(rings, ring)
			at = ring[0] // where a closed outline leaves the pen
		default:
			step, err := parsePoint(word)
			if err != nil {
				return nil, err
			}
			if i > 0 && words[i-1] == "M" {
				at = point{}
			}
			at = point{at.x + step.x, at.y + step.y}
			ring = append(ring, at)
		}
	}
	if len(rings) == 0 {
		return nil, errors.New("no closed outline")
	}
	return rings, nil
}

func parsePoint(word string) (point, error) {
	left, right, ok := strings.Cut(word, ",")
	x, errX := strconv.ParseFloat(left, 64)
	y, errY := strconv.ParseFloat(right, 64)
	if !ok || errX != nil || errY != nil {
		return point{}, fmt.Errorf("cannot read %q", word)
	}
	return point{x, y}, nil
}

const (
	tolerance = 0.9 // units of the drawing: about a pixel on a wide screen
	smallest  = 0.6 // surface under which an island is not drawn
)

// simplifyAll drops the points that nobody sees, and the outlines too small to be seen; the
// largest always stays.
func simplifyAll(rings [][]point) iter.Seq[[]point] {
	largest := 0.0
	for _, ring := range rings {
		largest = max(largest, surface(ring))
	}
	return func(yield func([]point) bool) {
		for _, ring := range rings {
			if s := surface(ring); s < smallest && s < largest {
				continue
			}
			if !yield(simplifyRing(ring)) {
				return
			}
		}
	}
}

// simplifyRing cuts an outline in two at its farthest point, since its ends are the same.
func simplifyRing(ring []point) []point {
	far := 0
	for i := range ring {
		if distance(ring[0], ring[i]) > distance(ring[0], ring[far]) {
			far = i
		}
	}
	closed := append(append([]point{}, ring[far:]...), ring[0])
	out, back := simplify(ring[:far+1]), simplify(closed)
	return append(append([]point{}, out[:len(out)-1]...), back[:len(back)-1]...)
}

// simplify is the algorithm of Ramer, Douglas and Peucker; both ends stay.
func simplify(line []point) []point {
	if len(line) < 3 {
		return line
	}
	worst, at := 0.0, 0
	for i := 1; i < len(line)-1; i++ {
		if d := fromLine(line[i], line[0], line[len(line)-1]); d > worst {
			worst, at = d, i
		}
	}
	if worst <= tolerance {
		return []point{line[0], line[len(line)-1]}
	}
	left, right := simplify(line[:at+1]), simplify(line[at:])
	return append(append([]point{}, left[:len(left)-1]...), right...)
}

func distance(a, b point) float64 { return math.Hypot(a.x-b.x, a.y-b.y) }

// fromLine is how far a point is from a segment.
func fromLine(p, a, b point) float64 {
	length := distance(a, b)
	if length == 0 {
		return distance(p, a)
	}
	t := ((p.x-a.x)*(b.x-a.x) + (p.y-a.y)*(b.y-a.y)) / (length * length)
	t = max(0, min(1, t))
	return distance(p, point{a.x + t*(b.x-a.x), a.y + t*(b.y-a.y)})
}

func surface(ring []point) float64 {
	var twice float64
	for i, p := range ring {
		q := ring[(i+1)%len(ring)]
		twice += p.x*q.y - q.x*p.y
	}
	return math.Abs(twice) / 2
}

// printPath writes outlines with one digit after the point, as steps from the rounded place.
func printPath(rings [][]point) string {
	var b strings.Builder
	for _, ring := range rings {
		var at point
		for i, p := range ring {
			p = point{math.Round(p.x * 10), math.Round(p.y * 10)}
			switch i {
			case 0:
				b.WriteString("M" + number(p.x) + " " + number(p.y) + "l")
			case 1:
				b.WriteString(number(p.x-at.x) + " " + number(p.y-at.y))
			default:
				b.WriteString(" " + number(p.x-at.x) + " " + number(p.y-at.y))
			}
			at = p
		}
		b.WriteString("z")
	}
	return b.String()
}

// number writes tenths.
func number(tenths float64) string { return strconv.FormatFloat(tenths/10, 'f', -1, 64) }

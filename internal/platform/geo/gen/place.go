package main

import (
	"fmt"
	"math"
)

// place is a point of the Earth, in degrees.
type place struct{ latitude, longitude float64 }

// String writes "latitude,longitude", or "" for no place.
func (p place) String() string {
	if p == (place{}) {
		return ""
	}
	return fmt.Sprintf("%.2f,%.2f", p.latitude, p.longitude)
}

// The drawing is close to a Mercator projection. These were fitted on the extreme points of the
// country (Bray-Dunes, Corsen, Lauterbourg, Coustouges, Hendaye, the ends of Corsica), which they
// give back within 0.2 degree: enough to put a circle on a département.
const (
	degreesPerUnit  = 0.023625366
	leftLongitude   = -4.970183
	mercatorPerUnit = -0.024131432
	topMercator     = 59.622114
)

// onEarth tells where a point of the drawing is.
func onEarth(p point) place {
	mercator := (topMercator + mercatorPerUnit*p.y) * math.Pi / 180
	return place{
		latitude:  (2*math.Atan(math.Exp(mercator)) - math.Pi/2) * 180 / math.Pi,
		longitude: leftLongitude + degreesPerUnit*p.x,
	}
}

// middle is the centre of the largest outline.
func middle(rings [][]point) place {
	var largest []point
	for _, ring := range rings {
		if surface(ring) > surface(largest) {
			largest = ring
		}
	}
	var twice, x, y float64
	for i, p := range largest {
		q := largest[(i+1)%len(largest)]
		cross := p.x*q.y - q.x*p.y
		twice += cross
		x += (p.x + q.x) * cross
		y += (p.y + q.y) * cross
	}
	if twice == 0 {
		return place{}
	}
	return onEarth(point{x / (3 * twice), y / (3 * twice)})
}

// overseas are the middles of the départements that the drawing does not hold.
func overseas() map[string]place {
	return map[string]place{
		"971": {16.25, -61.55}, "972": {14.64, -61.02}, "973": {4.00, -53.00}, "974": {-21.13, 55.53}, "976": {-12.82, 45.15},
		"975": {46.95, -56.33}, "977": {17.90, -62.83}, "978": {18.08, -63.06}, "986": {-13.30, -176.20}, "987": {-17.65, -149.45}, "988": {-21.30, 165.50},
	}
}

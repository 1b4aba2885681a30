package app

import (
	"context"

	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/platform/geo"
)

// cities are the official communes, embedded at build time. Without them only INSEE codes are
// understood: nothing is asked outside.
type cities struct{}

// newCities gives nil when the lists were not copied at build time.
func newCities() member.Cities {
	if geo.Ready() != nil {
		return nil
	}
	return cities{}
}

// Search implements member.Cities.
func (cities) Search(_ context.Context, text string, limit int) ([]member.City, error) {
	var found []member.City
	for _, city := range geo.Search(text, limit) {
		found = append(found, cityOf(city))
	}
	for _, city := range geo.Exact(text) {
		for i := range found {
			found[i].Exact = found[i].Exact || found[i].Code == city.Code
		}
	}
	return found, nil
}

// ByCode implements member.Cities.
func (cities) ByCode(_ context.Context, code string) (member.City, error) {
	city, ok := geo.ByCode(code)
	if !ok {
		return member.City{}, fault.New(fault.NotFound, "Cette commune n’existe pas.", "no commune has code %q", code)
	}
	return cityOf(city), nil
}

func cityOf(c geo.City) member.City {
	return member.City{Code: c.Code, Name: c.Name, PostalCode: c.Postal()}
}

package member

import (
	"context"
	"fmt"
	"regexp"
	"strings"

	"github.com/betagouv/espace-membre/internal/platform/fault"
)

// CitiesLike gives the communes that a text may mean, for a form to offer them.
func (s *Service) CitiesLike(ctx context.Context, text string) ([]City, error) {
	if text = strings.TrimSpace(text); text == "" {
		return nil, nil
	}
	found, err := s.ports.Cities.Search(ctx, text, suggestions)
	if err != nil {
		return nil, fmt.Errorf("search a commune: %w", err)
	}
	return found, nil
}

// MeantCity gives the commune that a search means: the only one that the text names in full, else
// the only one found.
func MeantCity(found []City) (City, bool) {
	var named []City
	for _, city := range found {
		if city.Exact {
			named = append(named, city)
		}
	}
	if len(named) == 0 {
		named = found
	}
	if len(named) != 1 {
		return City{}, false
	}
	return named[0], true
}

// CityName says a commune: its name, or its code when the list does not have it.
func (s *Service) CityName(ctx context.Context, code string) string {
	if code == "" {
		return ""
	}
	city, err := s.ports.Cities.ByCode(ctx, code)
	if err != nil {
		return code
	}
	return city.Label()
}

// Label says a commune with its postal code.
func (c City) Label() string {
	if c.PostalCode == "" {
		return c.Name
	}
	return c.Name + " (" + c.PostalCode + ")"
}

// ErrNoCity is the NotFound fault of a code that no commune bears.
var ErrNoCity = fault.New(fault.NotFound, "Cette commune n’existe pas.", "no such commune")

// codesOnly is the list of communes when there is none: it believes any code.
type codesOnly struct{}

var inseeCode = regexp.MustCompile(`^(\d{2}|2[AB])\d{3}$`)

// Search accepts a code.
func (codesOnly) Search(_ context.Context, text string, _ int) ([]City, error) {
	if text = strings.ToUpper(text); inseeCode.MatchString(text) {
		return []City{{Code: text, Name: text, Exact: true}}, nil
	}
	return nil, nil
}

// ByCode accepts a code.
func (codesOnly) ByCode(_ context.Context, code string) (City, error) {
	if code = strings.ToUpper(code); inseeCode.MatchString(code) {
		return City{Code: code, Name: code}, nil
	}
	return City{}, ErrNoCity
}

package app

import (
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/config"
	"github.com/betagouv/espace-membre/internal/platform/web"
)

// Routes lists every address that the portal of these settings answers, without any database.
func Routes(settings config.Config) ([]web.RouteInfo, error) {
	a := &App{settings: settings, clock: clock.System{}}
	rooms, err := newRooms(settings, nil, a.clock, &lateRequester{})
	if err != nil {
		return nil, err
	}
	return a.portal(rooms).Table(), nil
}

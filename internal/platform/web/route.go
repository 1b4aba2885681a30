package web

import (
	"fmt"
	"net/http"
	"strings"
)

// Handler serves a page; the error that it returns becomes a page and a status in one place.
type Handler func(w http.ResponseWriter, r *http.Request) error

// Route is one line of the table of a room, made by Get or Post: a route without policy does
// not compile.
type Route struct {
	Pattern string // "GET /community/{username}", as net/http reads it
	Policy  Policy
	Handler Handler
}

// Get is the route of a page, for example Get("/community/{username}", Member, p.show).
func Get(path string, policy Policy, handler Handler) Route {
	return Route{Pattern: http.MethodGet + " " + path, Policy: policy, Handler: handler}
}

// Post is the route of a form.
func Post(path string, policy Policy, handler Handler) Route {
	return Route{Pattern: http.MethodPost + " " + path, Policy: policy, Handler: handler}
}

// Module is the routes of one room.
type Module struct {
	Room   string // its folder, for example "dashboard"
	Routes []Route
}

// RouteInfo tells a route to people and tests.
type RouteInfo struct {
	Method  string `json:"method"`
	Pattern string `json:"pattern"` // the path, for example "/community/{username}"
	Policy  string `json:"policy"`
	Room    string `json:"room"`
}

// Routes lists the table of all modules, in their order.
func Routes(modules []Module) []RouteInfo {
	var list []RouteInfo
	for _, module := range modules {
		for _, route := range module.Routes {
			method, path, _ := strings.Cut(route.Pattern, " ")
			list = append(list, RouteInfo{Method: method, Pattern: path, Policy: route.Policy.name, Room: module.Room})
		}
	}
	return list
}

func checkRoute(room string, route Route) error {
	method, path, ok := strings.Cut(route.Pattern, " ")
	switch {
	case !ok || method == "" || !strings.HasPrefix(path, "/"):
		return fmt.Errorf("route %q of %s: a pattern is METHOD /path", route.Pattern, room)
	case route.Policy.name == "":
		return fmt.Errorf("route %q of %s has no policy", route.Pattern, room)
	case route.Handler == nil:
		return fmt.Errorf("route %q of %s has no handler", route.Pattern, room)
	case method == http.MethodHead:
		return fmt.Errorf("route %q of %s: GET serves HEAD too", route.Pattern, room)
	}
	return nil
}

// Package offboardingweb is the pages of the end of a mission: asking to stay longer, answering, and the
// steps of a departure; and the blocks about it that other pages show.
package offboardingweb

import (
	"net/http"

	"github.com/google/uuid"

	"github.com/betagouv/espace-membre/internal/offboarding"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/platform/web"
)

// Pages serves the pages of the room.
type Pages struct {
	service *offboarding.Service
}

// New makes the pages.
func New(service *offboarding.Service) *Pages { return &Pages{service} }

const (
	askPath      = "/account/extension"
	withdrawPath = askPath + "/withdraw"
	listPath     = "/extensions"
)

// Module is the table of their routes.
func (p *Pages) Module() web.Module {
	return web.Module{Room: "offboarding", Routes: []web.Route{
		web.Get(askPath, web.Any, p.showAsk),
		web.Post(askPath, web.Any, p.ask),
		web.Post(withdrawPath, web.Any, p.withdraw),
		web.Get(listPath, web.Member, p.list),
		web.Get("/community/{username}/extension/{id}", web.Member, p.showExtension),
		web.Post("/community/{username}/extension/{id}", web.Member, p.decide),
		web.Get("/community/{username}/departure", web.Any, p.showDeparture),
		web.Post("/community/{username}/departure", web.Admin, p.changeDeparture),
	}}
}

// readDay reads a field of a form that holds a day; a text that is none is a message on the field.
func readDay(r *http.Request, name string, messages map[string]string) clock.Day {
	day, err := clock.ParseDay(web.Text(r, name))
	if err != nil {
		messages[name] = "Écris une date comme 2025-06-30."
	}
	return day
}

// together adds the messages of a use-case to those of the reading of its form.
func together(read map[string]string, err error) (map[string]string, bool) {
	messages, ok := web.Invalid(err)
	if len(read) == 0 {
		return messages, ok
	}
	for name, message := range messages {
		if _, known := read[name]; !known {
			read[name] = message
		}
	}
	return read, true
}

// statusOf is the status of a refused form: 409 when it contradicts what exists.
func statusOf(err error) int {
	if fault.Is(err, fault.Conflict) {
		return http.StatusConflict
	}
	return http.StatusUnprocessableEntity
}

// requestID reads the identifier of the address; what is none is a page that does not exist.
func requestID(r *http.Request) (uuid.UUID, error) {
	id, err := uuid.Parse(r.PathValue("id"))
	if err != nil {
		return id, fault.New(fault.NotFound, "Cette demande de prolongation n’existe pas.", "not an identifier: %w", err)
	}
	return id, nil
}

func extensionPath(e offboarding.Extension) string {
	return "/community/" + e.Username + "/extension/" + e.ID.String()
}

func departurePath(username string) string { return "/community/" + username + "/departure" }

package mailinglist_test

import (
	"context"

	"github.com/betagouv/espace-membre/internal/mailinglist"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/job"
)

// shortHost announces more subscribers than it shows, as a listing cut on its way would.
type shortHost struct {
	w         *world
	announced int
}

func (h shortHost) Names(context.Context) ([]string, error) { return []string{"incubateur"}, nil }
func (h shortHost) Subscribers(_ context.Context, list string) ([]string, error) {
	return h.w.on(list), nil
}
func (h shortHost) Announced(context.Context, string) (int, error)    { return h.announced, nil }
func (h shortHost) Subscribe(context.Context, string, string) error   { return nil }
func (h shortHost) Unsubscribe(context.Context, string, string) error { return nil }

// newShortHost gives the job that unsubscribes, on such a host.
func newShortHost(w *world, announced int) job.Spec {
	room := mailinglist.New(w.db, w.clock, mailinglist.Ports{Host: shortHost{w, announced}}, mailinglist.Config{Domain: domain})
	for _, s := range room.Jobs() {
		if s.Name == unsubscribe {
			return s
		}
	}
	panic("no job " + unsubscribe + " on " + clock.Today(w.clock).String())
}

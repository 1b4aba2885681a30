package app

import (
	"context"

	"github.com/betagouv/espace-membre/internal/mailbox/mailboxweb"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/config"
	"github.com/betagouv/espace-membre/internal/platform/graph"
)

// RedirectionGraph reads every redirection of the domain; it needs no database.
func RedirectionGraph(ctx context.Context, settings config.Config) (graph.Graph, error) {
	rooms, err := newRooms(settings, nil, clock.System{Offset: settings.Demo.ClockOffset}, nil)
	if err != nil {
		return graph.Graph{}, err
	}
	list, err := rooms.mailbox.EveryRedirection(ctx)
	if err != nil {
		return graph.Graph{}, err
	}
	return mailboxweb.RedirectionGraph(list, rooms.mailbox.Domain()), nil
}

// DropRedirections removes the redirections from an address to another, on behalf of somebody.
func (a *App) DropRedirections(ctx context.Context, by, from, to string) (int, error) {
	return a.rooms.mailbox.DropRedirections(ctx, by, from, to)
}

// office is the pages about mailboxes that only administrators see.
func (r *rooms) office() *mailboxweb.Office { return mailboxweb.NewOffice(r.mailbox) }

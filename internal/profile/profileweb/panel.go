package profileweb

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/a-h/templ"

	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/actor"
)

// Tab is a part of the pages about a person; each has its own address.
type Tab string

// The tabs, in display order, and the place above them.
const (
	TabRecord   Tab = ""          // /account, /community/{username}
	TabAccounts Tab = "accounts"  // …/accounts
	TabMailbox  Tab = "mailbox"   // …/mailbox
	TabHistory  Tab = "history"   // …/history
	Banner      Tab = "(bandeau)" // above the tabs, on every one of them
)

// Panel is what a room shows on the pages about a person. Rooms make them; app lists them.
type Panel struct {
	// ID is the anchor of the block, so that /account/mailbox#redirections leads to it.
	ID    string
	Title string // heading of the block; not shown for a Banner
	Tab   Tab
	// Budget is how long the page waits for it; 0: DefaultBudget. A panel that is late or fails
	// becomes a grey block, and the page goes on.
	Budget time.Duration
	// Render reads what it needs and gives the block, for a viewer, about a person whose record
	// is whole: the panel itself asks member.Can what the viewer may read and do. A nil
	// component is "nothing to show to this viewer". It must stop when the context ends.
	Render func(ctx context.Context, viewer actor.Actor, of member.Member) (templ.Component, error)
}

// DefaultBudget is how long a page waits for a panel that does not say.
const DefaultBudget = 600 * time.Millisecond

// mostBudget keeps a page under a second, whatever panels ask.
const mostBudget = 800 * time.Millisecond

// block is a panel as it came.
type block struct {
	ID, Title string
	Late      bool   // nothing came: the block is grey
	HTML      string // empty: nothing to show
}

// start asks all panels of a tab at once, each within its own budget.
func (p *Pages) start(ctx context.Context, tab Tab, viewer actor.Actor, of member.Member) []<-chan block {
	var waiting []<-chan block
	for _, panel := range p.panels {
		if panel.Tab == tab {
			waiting = append(waiting, p.ask(ctx, panel, viewer, of))
		}
	}
	return waiting
}

// collect waits for what start asked, and gives what there is to show, in order.
func collect(waiting []<-chan block) []block {
	var blocks []block
	for _, one := range waiting {
		if b := <-one; b.Late || b.HTML != "" {
			blocks = append(blocks, b)
		}
	}
	return blocks
}

// ask runs a panel in its own goroutine; the channel gives exactly one block, at most a budget
// later.
func (p *Pages) ask(ctx context.Context, panel Panel, viewer actor.Actor, of member.Member) <-chan block {
	budget := panel.Budget
	if budget <= 0 {
		budget = DefaultBudget
	}
	bounded, cancel := context.WithTimeout(ctx, min(budget, mostBudget))
	done, answer := make(chan string, 1), make(chan block, 1)
	failed := make(chan error, 1)
	go func() {
		html, err := drawn(bounded, panel, viewer, of)
		if err != nil {
			failed <- err
			return
		}
		done <- html
	}()
	go func() {
		defer cancel()
		b := block{ID: panel.ID, Title: panel.Title}
		select {
		case b.HTML = <-done:
		case err := <-failed:
			b.Late = true
			p.logger.WarnContext(ctx, "panel failed", slog.String("panel", panel.ID), slog.String("member", of.Username), slog.Any("error", err))
		case <-bounded.Done():
			b.Late = true
			p.logger.WarnContext(ctx, "panel late", slog.String("panel", panel.ID), slog.String("member", of.Username))
		}
		answer <- b
	}()
	return answer
}

// print makes the whole HTML of a panel, so that nothing slow is left for the page. A panel that
// panics fails alone.
func drawn(ctx context.Context, panel Panel, viewer actor.Actor, of member.Member) (html string, err error) {
	defer func() {
		if problem := recover(); problem != nil {
			err = fmt.Errorf("panel %s panics: %v", panel.ID, problem)
		}
	}()
	component, err := panel.Render(ctx, viewer, of)
	if err != nil || component == nil {
		return "", err
	}
	var b bytes.Buffer
	if err := component.Render(ctx, &b); err != nil {
		return "", fmt.Errorf("print panel %s: %w", panel.ID, err)
	}
	return b.String(), nil
}

package brevo

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/fault"
)

// Reason tells why Brevo sends an address no transactional mail any more.
type Reason string

// The reasons, in Brevo's words.
const (
	HardBounce          Reason = "hardBounce"           // the mailbox did not exist
	AdminBlocked        Reason = "adminBlocked"         // one of our administrators did it
	FlaggedAsSpam       Reason = "contactFlaggedAsSpam" // the person complained
	UnsubscribedInMail  Reason = "unsubscribedViaEmail" // the person followed the link of a mail
	UnsubscribedInApp   Reason = "unsubscribedViaMA"    // by an automation
	UnsubscribedThrough Reason = "unsubscribedViaApi"   // by a program
)

const (
	blockedPage    = 100  // blocks that one page holds
	blockedPageMax = 1000 // pages after which something is wrong
)

// ChosenByPerson tells whether the block is the will of the person: it must then stay. An unknown
// reason counts as such.
func (r Reason) ChosenByPerson() bool { return r != HardBounce && r != AdminBlocked }

// Block is one address that Brevo blocks, for one of our senders.
type Block struct {
	Email     string
	Sender    string // our address, the mail of which was blocked
	Reason    Reason
	Message   string // Brevo's own explanation
	BlockedAt time.Time
}

// Period limits a listing of blocks; both days included, in Europe/Paris. The zero Period is all of it.
type Period struct{ From, To clock.Day }

// Blocked lists the blocked addresses, latest first, for the given senders (none: all of them).
func (c *Client) Blocked(ctx context.Context, period Period, senders ...string) ([]Block, error) {
	var all []Block
	err := c.eachBlock(ctx, period, senders, func(b Block) bool {
		all = append(all, b)
		return true
	})
	return all, err
}

// BlockOf gives the block of an address, the latest if several senders are concerned but one chosen
// by the person before any other; NotFound when there is none. Brevo cannot be asked about one
// address: this reads the listing.
func (c *Client) BlockOf(ctx context.Context, email string) (Block, error) {
	var found *Block
	err := c.eachBlock(ctx, Period{}, nil, func(b Block) bool {
		if !strings.EqualFold(b.Email, email) {
			return true
		}
		if found == nil || b.Reason.ChosenByPerson() {
			found = &b
		}
		return !b.Reason.ChosenByPerson()
	})
	switch {
	case err != nil:
		return Block{}, err
	case found == nil:
		return Block{}, fault.New(fault.NotFound, "Cette adresse n’est pas bloquée.", "address is not blocked")
	}
	return *found, nil
}

// eachBlock calls visit for each block until it returns false.
func (c *Client) eachBlock(ctx context.Context, period Period, senders []string, visit func(Block) bool) error {
	for number := range blockedPageMax {
		blocks, err := c.readBlocks(ctx, period, senders, number*blockedPage)
		if err != nil {
			return fmt.Errorf("list blocked addresses: %w", err)
		}
		for _, block := range blocks {
			if !visit(block) {
				return nil
			}
		}
		if len(blocks) < blockedPage {
			return nil
		}
	}
	return fault.New(fault.Unavailable, "Le service brevo ne répond pas.", "list blocked addresses: no end after %d pages", blockedPageMax)
}

func (c *Client) readBlocks(ctx context.Context, period Period, senders []string, offset int) ([]Block, error) {
	query := page(blockedPage, offset)
	if !period.From.IsZero() {
		query.Set("startDate", period.From.String())
		query.Set("endDate", period.To.String())
	}
	if len(senders) > 0 {
		query.Set("senders", strings.Join(senders, ","))
	}
	var answer struct {
		Contacts []struct {
			Email       string
			SenderEmail string
			Reason      struct {
				Code    Reason
				Message string
			}
			BlockedAt time.Time
		}
	}
	if err := c.http.Do(ctx, http.MethodGet, "/smtp/blockedContacts?"+query.Encode(), nil, &answer); err != nil {
		return nil, err
	}
	blocks := make([]Block, 0, len(answer.Contacts))
	for _, one := range answer.Contacts {
		blocks = append(blocks, Block{Email: one.Email, Sender: one.SenderEmail, Reason: one.Reason.Code, Message: one.Reason.Message, BlockedAt: one.BlockedAt})
	}
	return blocks, nil
}

// Unblock lets transactional mail reach an address again; an address that is not blocked is fine.
// Never do it when the block was [Reason.ChosenByPerson]: that is the caller's rule.
func (c *Client) Unblock(ctx context.Context, email string) error {
	if err := absent(c.http.Do(ctx, http.MethodDelete, "/smtp/blockedContacts/"+segment(email), nil, nil)); err != nil {
		return fmt.Errorf("unblock address: %w", err)
	}
	return nil
}

package mailinglistbrevo

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/betagouv/espace-membre/internal/integration/brevo"
	"github.com/betagouv/espace-membre/internal/mailinglist"
	"github.com/betagouv/espace-membre/internal/platform/fault"
)

// change is what makes the contact of a new address stand where the former one stood.
type change struct {
	join   []int // lists that the new contact joins
	refuse bool  // the new contact refuses campaigns from now on
	leave  []int // lists that the new contact is on, and that the person had left
	quit   []int // lists that the former contact leaves
}

func (c change) empty() bool {
	return len(c.join) == 0 && !c.refuse && len(c.leave) == 0 && len(c.quit) == 0
}

// follow tells what the contact of a new address lacks of the former one: its lists, never one that
// the person left by either address, and its refusals. The new one is the zero Contact when
// Brevo does not know it.
func follow(former, next brevo.Contact) change {
	c := change{refuse: refusal(former) != "" && !next.EmailBlacklisted, quit: former.ListIDs}
	for _, list := range former.ListIDs {
		if !slices.Contains(former.ListUnsubscribed, list) && !slices.Contains(next.ListUnsubscribed, list) && !slices.Contains(next.ListIDs, list) {
			c.join = append(c.join, list)
		}
	}
	for _, list := range next.ListIDs {
		if slices.Contains(former.ListUnsubscribed, list) {
			c.leave = append(c.leave, list)
		}
	}
	return c
}

// refusal tells why a person refuses campaigns, "" when they do not. A hard bounce is no refusal
// of the person: it says that the former mailbox does not exist, often why the address changed.
func refusal(former brevo.Contact) string {
	why := former.WhyBlacklisted()
	if !former.EmailBlacklisted || why == brevo.HardBounce {
		return ""
	}
	return cmp.Or(string(why), mailinglist.UnknownReason)
}

// Move implements mailinglist.Contacts. What the person refused is written with the new address
// in the very call that puts it on lists, and stays with the former one, which is not deleted.
func (c Contacts) Move(ctx context.Context, former string, to mailinglist.Person) (mailinglist.Moved, error) {
	before, known, err := c.find(ctx, former)
	if err != nil || !known {
		return mailinglist.Moved{}, err
	}
	next, there, err := c.find(ctx, to.Address)
	if err != nil {
		return mailinglist.Moved{}, err
	}
	moved := mailinglist.Moved{Changed: true, Refusal: refusal(before)}
	if c.config.Rename && !there {
		return moved, c.rename(ctx, former, to)
	}
	todo := follow(before, next)
	moved.Changed = !todo.empty()
	return moved, c.apply(ctx, former, to, todo)
}

// Follows implements mailinglist.Contacts.
func (c Contacts) Follows(ctx context.Context, former, address string) (bool, error) {
	before, known, err := c.find(ctx, former)
	if err != nil || !known {
		return true, err
	}
	next, _, err := c.find(ctx, address)
	if err != nil {
		return false, err
	}
	return follow(before, next).empty(), nil
}

// rename changes the address of the contact, whose lists and refusals follow by themselves; its
// names may have changed.
func (c Contacts) rename(ctx context.Context, former string, to mailinglist.Person) error {
	if err := c.client.Rename(ctx, former, to.Address); err != nil {
		return fmt.Errorf("rename the contact: %w", err)
	}
	return c.upsert(ctx, newContact(to))
}

func (c Contacts) apply(ctx context.Context, former string, to mailinglist.Person, todo change) error {
	if len(todo.join) > 0 || todo.refuse {
		contact := newContact(to)
		contact.ListIDs, contact.Refuses = todo.join, todo.refuse
		if err := c.upsert(ctx, contact); err != nil {
			return err
		}
	}
	for address, lists := range map[string][]int{to.Address: todo.leave, former: todo.quit} {
		if len(lists) == 0 {
			continue
		}
		if err := c.client.LeaveLists(ctx, address, lists...); err != nil {
			return fmt.Errorf("leave the lists of the contact: %w", err)
		}
	}
	return nil
}

// find reads a contact; known is false when Brevo does not know the address.
func (c Contacts) find(ctx context.Context, address string) (contact brevo.Contact, known bool, err error) {
	contact, err = c.client.Contact(ctx, address)
	if fault.Is(err, fault.NotFound) {
		return brevo.Contact{}, false, nil
	}
	return contact, err == nil, err
}

func newContact(p mailinglist.Person) brevo.NewContact {
	first, last := brevo.SplitName(p.Fullname)
	return brevo.NewContact{Email: p.Address, FirstName: first, LastName: last, Domain: p.Domain}
}

func (c Contacts) upsert(ctx context.Context, contact brevo.NewContact) error {
	if err := c.client.UpsertContact(ctx, contact); err != nil {
		return fmt.Errorf("keep the contact: %w", err)
	}
	return nil
}

package brevo

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/betagouv/espace-membre/internal/platform/fault"
)

// NewContact is a person to put on lists.
type NewContact struct {
	Email     string
	FirstName string // attribute PRENOM; empty: left as it is
	LastName  string // attribute NOM; idem
	Domain    string // field of activity, attribute DOMAINE; idem
	ListIDs   []int  // lists to join; the others are kept
	Refuses   bool   // refuses every campaign from now on; false leaves a refusal as it is
}

// Contact is a person as Brevo knows them.
type Contact struct {
	ID               int64
	Email            string
	EmailBlacklisted bool           // refuses every campaign: chosen by the person, or after a bounce
	ListIDs          []int          // lists joined
	ListUnsubscribed []int          // lists that the person left
	Attributes       map[string]any // NOM, PRENOM, DOMAINE…
	Statistics       Statistics     // of campaigns; empty when read through a list
}

// Statistics is what became of the campaigns sent to a contact; only the facts that tell why it
// refuses them.
type Statistics struct {
	HardBounces     []Fact
	Complaints      []Fact // the person flagged a mail as spam
	Unsubscriptions struct {
		UserUnsubscription  []Fact // by the person
		AdminUnsubscription []Fact // by one of our administrators, or by the API
	}
}

// Fact is one thing that happened.
type Fact struct {
	CampaignID int64
	EventTime  time.Time
}

// WhyBlacklisted tells why a contact refuses campaigns, in the words of [Reason]; empty when Brevo
// does not say. What the person wanted comes before anything else.
func (c Contact) WhyBlacklisted() Reason {
	s := c.Statistics
	switch {
	case len(s.Complaints) > 0:
		return FlaggedAsSpam
	case len(s.Unsubscriptions.UserUnsubscription) > 0 || len(c.ListUnsubscribed) > 0:
		return UnsubscribedInMail
	case len(s.HardBounces) > 0:
		return HardBounce
	case len(s.Unsubscriptions.AdminUnsubscription) > 0:
		return AdminBlocked
	}
	return ""
}

const (
	maxRemoved  = 150 // addresses that one removal accepts
	contactPage = 500 // contacts that one page of a list holds
)

// UpsertContact creates a contact or completes it, and adds it to lists. It changes neither its
// other lists nor, unless asked, a refusal of campaigns; it never lifts one. Repeating it changes
// nothing.
func (c *Client) UpsertContact(ctx context.Context, n NewContact) error {
	attributes := map[string]string{}
	for name, value := range map[string]string{"PRENOM": n.FirstName, "NOM": n.LastName, "DOMAINE": n.Domain} {
		if value != "" {
			attributes[name] = value
		}
	}
	body := struct {
		Email            string            `json:"email"`
		Attributes       map[string]string `json:"attributes,omitempty"`
		ListIDs          []int             `json:"listIds,omitempty"`
		EmailBlacklisted bool              `json:"emailBlacklisted,omitempty"` // never sent as false: that would lift a refusal
		UpdateEnabled    bool              `json:"updateEnabled"`
	}{n.Email, attributes, n.ListIDs, n.Refuses, true}
	if err := c.http.Do(ctx, http.MethodPost, "/contacts", body, nil); err != nil {
		return fmt.Errorf("upsert contact: %w", err)
	}
	return nil
}

// RemoveFromList takes addresses off a list; those that are not on it are fine.
func (c *Client) RemoveFromList(ctx context.Context, list int, emails ...string) error {
	for some := range slices.Chunk(emails, maxRemoved) {
		body := struct {
			Emails []string `json:"emails"`
		}{some}
		err := c.http.Do(ctx, http.MethodPost, fmt.Sprintf("/contacts/lists/%d/contacts/remove", list), body, nil)
		if err != nil && !alreadyRemoved(err) {
			return fmt.Errorf("remove %d addresses from list %d: %w", len(some), list, err)
		}
	}
	return nil
}

// LeaveLists takes one contact off lists, those that it is not on included; NotFound when Brevo
// does not know the address.
func (c *Client) LeaveLists(ctx context.Context, email string, lists ...int) error {
	body := map[string][]int{"unlinkListIds": lists}
	if err := c.http.Do(ctx, http.MethodPut, "/contacts/"+segment(email), body, nil); err != nil {
		return fmt.Errorf("take a contact off lists: %w", err)
	}
	return nil
}

// alreadyRemoved recognises the refusal that Brevo gives when none of the addresses is on the list.
func alreadyRemoved(err error) bool {
	code, message := refusal(err)
	return fault.Is(err, fault.Invalid) && code == "invalid_parameter" && strings.Contains(message, "already removed")
}

// Contact reads one contact; NotFound when Brevo does not know the address.
func (c *Client) Contact(ctx context.Context, email string) (Contact, error) {
	var contact Contact
	if err := c.http.Do(ctx, http.MethodGet, "/contacts/"+segment(email), nil, &contact); err != nil {
		return Contact{}, fmt.Errorf("read contact: %w", err)
	}
	return contact, nil
}

// ListContacts reads every contact of a list, page after page, and how many Brevo says that there
// are: fewer contacts than that were cut short on the way.
func (c *Client) ListContacts(ctx context.Context, list int) (all []Contact, announced int, err error) {
	for {
		var answer struct {
			Contacts []Contact
			Count    int
		}
		path := fmt.Sprintf("/contacts/lists/%d/contacts?%s", list, page(contactPage, len(all)).Encode())
		if err := c.http.Do(ctx, http.MethodGet, path, nil, &answer); err != nil {
			return nil, 0, fmt.Errorf("read contacts of list %d: %w", list, err)
		}
		all = append(all, answer.Contacts...)
		if len(answer.Contacts) < contactPage {
			return all, answer.Count, nil
		}
	}
}

// AllowCampaigns lifts a contact's refusal of campaigns. Never do it for somebody who
// unsubscribed: that is the caller's rule, see [Reason.ChosenByPerson].
func (c *Client) AllowCampaigns(ctx context.Context, email string) error {
	body := map[string]bool{"emailBlacklisted": false}
	if err := c.http.Do(ctx, http.MethodPut, "/contacts/"+segment(email), body, nil); err != nil {
		return fmt.Errorf("allow campaigns: %w", err)
	}
	return nil
}

// Rename changes the address of a contact, which keeps its lists. NotFound when the former
// address is unknown, Invalid when the new one is already another contact's.
func (c *Client) Rename(ctx context.Context, former, next string) error {
	body := map[string]map[string]string{"attributes": {"EMAIL": next}}
	if err := c.http.Do(ctx, http.MethodPut, "/contacts/"+segment(former), body, nil); err != nil {
		return fmt.Errorf("rename contact: %w", err)
	}
	return nil
}

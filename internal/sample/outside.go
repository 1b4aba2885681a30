package sample

import (
	"slices"
	"strings"

	"github.com/betagouv/espace-membre/internal/integration/brevo/brevosim"
	"github.com/betagouv/espace-membre/internal/integration/ovh/ovhsim"
	"github.com/betagouv/espace-membre/internal/member"
)

// Box is a mailbox that the simulated OVH should hold.
type Box struct {
	Plan string // EMAIL_PLAN_…
	Name string // part before the @
}

// Redirection is an address that feeds another.
type Redirection struct{ From, To string }

// Contact is a person whom the simulated Brevo should know.
type Contact struct {
	Address, Fullname, Domain string
	Lists                     []int
}

// Outside is what the simulated vendors should hold for a community to be coherent.
type Outside struct {
	Boxes        []Box
	Redirections []Redirection
	Subscribers  []string // of the mailing list of the whole community, at OVH
	Contacts     []Contact
}

// Vendors are the simulators to fill, and the names of their lists.
type Vendors struct {
	OVH         *ovhsim.Sim
	Brevo       *brevosim.Sim
	MailingList string // at OVH; empty: incubateur
}

// lister is a simulated OVH that has mailing lists.
type lister interface {
	AddList(name string, addresses ...string)
}

// Fill adds everything to the simulators, beside what they hold.
func (o Outside) Fill(v Vendors) {
	for _, box := range o.Boxes {
		v.OVH.AddMailbox(box.Plan, box.Name)
	}
	for _, r := range o.Redirections {
		v.OVH.AddRedirection(r.From, r.To)
	}
	if ovh, ok := any(v.OVH).(lister); ok {
		name := v.MailingList
		if name == "" {
			name = "incubateur"
		}
		ovh.AddList(name, o.Subscribers...)
	}
	for _, c := range o.Contacts {
		first, last, _ := strings.Cut(c.Fullname, " ")
		v.Brevo.AddContact(c.Address, map[string]any{"PRENOM": first, "NOM": last, "DOMAINE": c.Domain}, c.Lists...)
	}
}

// add puts there what goes with a person. Lists are the contact lists that members join.
func (o *Outside) add(r resident, domain string, lists []int) {
	if r.hasBox(domain) {
		o.Boxes = append(o.Boxes, Box{r.Plan, r.Username})
	}
	if r.Redirection && r.Primary != "" {
		o.Redirections = append(o.Redirections, Redirection{r.Primary, r.Secondary})
	}
	if r.Gone <= 0 && r.Primary != "" {
		o.Subscribers = append(o.Subscribers, r.preferred())
	}
	if contact, ok := r.contact(lists); ok {
		o.Contacts = append(o.Contacts, contact)
	}
}

// hasBox tells whether a mailbox of the community goes with a state.
func (r resident) hasBox(domain string) bool {
	return r.Primary == r.Username+"@"+domain && !r.Redirection && r.Status != member.StatusExpired
}

// contact gives the contact of somebody who joined the lists and has not left them yet.
func (r resident) contact(lists []int) (Contact, bool) {
	joined := r.Status.ActiveLike() || r.Status == member.StatusSuspended || r.Status == member.StatusExpired
	if !joined || r.Gone >= unlisting {
		return Contact{}, false
	}
	address := r.preferred()
	return Contact{Address: address, Fullname: r.Fullname, Domain: r.Domain, Lists: slices.Clone(lists)}, address != ""
}

// preferred is the address at which somebody is written to.
func (r resident) preferred() string {
	if r.Communication == "secondary" && r.Secondary != "" {
		return r.Secondary
	}
	return r.Primary
}

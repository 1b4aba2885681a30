package sandbox

import (
	"github.com/betagouv/espace-membre/internal/integration/brevo/brevosim"
	"github.com/betagouv/espace-membre/internal/integration/ovh/ovhsim"
	"github.com/betagouv/espace-membre/internal/integration/tchap/tchapsim"
)

// Standard is a sandbox with every simulator that this product has, and the simulators themselves,
// to be prepared with a sample.
type Standard struct {
	*Sandbox
	OVH   *ovhsim.Sim
	Brevo *brevosim.Sim
	Tchap *tchapsim.Sim
}

// Accounts are the credentials and services that the simulated vendors know. Clocks that are nil
// follow the sandbox's.
type Accounts struct {
	OVH   ovhsim.Config
	Brevo brevosim.Config
}

// Base addresses of the vendors, after the sandbox's own "http://127.0.0.1:8101".
const (
	OVHPath   = "/ovh/1.0"
	BrevoPath = "/brevo/v3"
	TchapPath = "/tchap/_matrix/identity/api/v1/info?medium=email&address=" // the address asked follows
)

// NewStandard makes a sandbox with all vendors; what Brevo sends is caught with the other mails.
// Options.Vendors are added to the standard ones.
func NewStandard(o Options, a Accounts) (*Standard, error) {
	all := &Standard{}
	if a.OVH.Clock == nil {
		a.OVH.Clock = o.Clock
	}
	if a.Brevo.Clock == nil {
		a.Brevo.Clock = o.Clock
	}
	if a.Brevo.Deliver == nil {
		a.Brevo.Deliver = func(d brevosim.Delivery) error { return all.FromBrevo(d) }
	}
	all.OVH, all.Brevo = ovhsim.New(a.OVH), brevosim.New(a.Brevo)
	all.Tchap = tchapsim.New(tchapsim.Config{Clock: o.Clock})
	o.Vendors = append([]Vendor{
		{Name: "ovh", Title: "OVH", Prefix: "/ovh", Simulator: all.OVH},
		{Name: "brevo", Title: "Brevo", Prefix: "/brevo", Simulator: all.Brevo},
		{Name: "tchap", Title: "Tchap", Prefix: "/tchap", Simulator: all.Tchap},
	}, o.Vendors...)
	box, err := New(o)
	if err != nil {
		return nil, err
	}
	all.Sandbox = box
	return all, nil
}

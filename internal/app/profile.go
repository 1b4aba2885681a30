package app

import (
	"context"
	"slices"

	"github.com/a-h/templ"

	"github.com/betagouv/espace-membre/internal/mailbox/mailboxovh"
	"github.com/betagouv/espace-membre/internal/mailinglist/mailinglistweb"
	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/offboarding/offboardingweb"
	"github.com/betagouv/espace-membre/internal/platform/actor"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/config"
	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/platform/geo"
	"github.com/betagouv/espace-membre/internal/profile"
	"github.com/betagouv/espace-membre/internal/profile/profilebrevo"
	"github.com/betagouv/espace-membre/internal/profile/profilemail"
	"github.com/betagouv/espace-membre/internal/profile/profileweb"
	"github.com/betagouv/espace-membre/internal/signin/signinweb"
)

// newProfile builds the room of the pages about one person.
func (k kit) newProfile(restorer profile.Restorer) (*profile.Service, error) {
	store, err := newFiles(k.settings, k.db)
	if err != nil {
		return nil, err
	}
	key, _ := k.settings.Core.DeriveKey("diagnosis") // without key the portal does not start: see config.Require
	ports := profile.Ports{Files: store, Restorer: restorer}
	if k.settings.Enabled("ovh") {
		ports.Mailboxes = mailboxovh.New(k.ovh)
	}
	if k.settings.Enabled("brevo") {
		mails := profilebrevo.New(k.brevo)
		ports.Refusals, ports.Deliveries = mails, mails
	}
	if k.sender != nil {
		ports.Letters = profilemail.New(k.sender)
	}
	return profile.New(k.db, k.clock, k.requester, ports, profile.Config{
		Domain: k.settings.Core.Domain, BaseURL: k.settings.Core.BaseURL, Key: key[:], CityName: cityName, SupportEmail: k.settings.Core.SupportEmail,
	}), nil
}

// cityName names a commune by its code; the code stands for one that the lists do not have.
func cityName(code string) string {
	if city, ok := geo.ByCode(code); ok {
		return city.Name
	}
	return code
}

// profilePages builds the pages about one person, with the panels of every room.
func (r *rooms) profilePages(settings config.Config, clk clock.Clock, entrance *signinweb.Pages) *profileweb.Pages {
	sessions := profileweb.Panel{ID: signinweb.SessionsPanel, Title: "Sessions ouvertes", Tab: profileweb.TabAccounts, Render: entrance.SessionsBlock}
	return profileweb.New(profileweb.Config{
		Profile: r.profile, Clock: clk, Domain: settings.Core.Domain, Panels: append(r.panels(clk), sessions, profileweb.DeliveriesPanel(r.profile)),
	})
}

// panels lists what rooms show on the pages about a person, in display order: one line a panel.
func (r *rooms) panels(clk clock.Clock) []profileweb.Panel {
	return slices.Concat(departurePanels(offboardingweb.New(r.offboarding)), []profileweb.Panel{invitationLink(), addressLinks()}, r.mailboxPanels(clk), r.addressPanels())
}

// departurePanels are what the pages about a person show of the end of their missions.
func departurePanels(pages *offboardingweb.Pages) []profileweb.Panel {
	return []profileweb.Panel{
		{ID: "fin-de-mission", Tab: profileweb.Banner, Render: func(ctx context.Context, viewer actor.Actor, of member.Member) (templ.Component, error) {
			if viewer.ID != of.ID {
				return nil, nil
			}
			block, ok, err := pages.Banner(ctx, viewer)
			if err != nil || !ok {
				return nil, err
			}
			return block, nil
		}},
		{ID: "depart", Title: "Départ", Tab: profileweb.TabAccounts, Render: func(ctx context.Context, viewer actor.Actor, of member.Member) (templ.Component, error) {
			block, err := pages.Panel(ctx, viewer, of.Username)
			if fault.Is(err, fault.Forbidden) {
				return nil, nil
			}
			return block, err
		}},
	}
}

// addressPanels are what the pages about a person show of what arrives at their addresses: to the
// person, their lists; to them and to administrators, what does not arrive.
func (r *rooms) addressPanels() []profileweb.Panel {
	return []profileweb.Panel{
		{ID: "mails-non-arrives", Tab: profileweb.TabMailbox, Render: func(ctx context.Context, viewer actor.Actor, of member.Member) (templ.Component, error) {
			notes, err := r.lists.RefusalsOf(ctx, viewer, of.ID)
			switch {
			case fault.Is(err, fault.Forbidden), err == nil && len(notes) == 0:
				return nil, nil
			case err != nil:
				return nil, err
			}
			return mailinglistweb.Undelivered(notes, viewer.Admin), nil
		}},
		{ID: "listes", Title: "Listes", Tab: profileweb.TabMailbox, Render: func(ctx context.Context, viewer actor.Actor, of member.Member) (templ.Component, error) {
			if viewer.ID != of.ID {
				return nil, nil
			}
			choices, err := r.lists.Choices(ctx, viewer, of.ID)
			if err != nil {
				return nil, err
			}
			return mailinglistweb.Lists(choices, "/account/mailbox"), nil
		}},
	}
}

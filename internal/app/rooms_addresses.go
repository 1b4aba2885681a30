package app

import (
	"context"

	"github.com/google/uuid"

	"github.com/betagouv/espace-membre/internal/mailbox"
	"github.com/betagouv/espace-membre/internal/mailbox/mailboxbrevo"
	"github.com/betagouv/espace-membre/internal/mailbox/mailboxmail"
	"github.com/betagouv/espace-membre/internal/mailbox/mailboxovh"
	"github.com/betagouv/espace-membre/internal/mailinglist"
	"github.com/betagouv/espace-membre/internal/mailinglist/mailinglistbrevo"
	"github.com/betagouv/espace-membre/internal/mailinglist/mailinglistovh"
	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/member/membermail"
	"github.com/betagouv/espace-membre/internal/member/membertchap"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/postgres"
)

// newMember builds the room of people and of their addresses.
func (k kit) newMember() *member.Service {
	ports := member.Ports{Cities: newCities()}
	if k.sender != nil {
		ports.Letters = membermail.New(k.sender, k.settings.Core.SupportEmail)
	}
	if k.settings.Enabled("tchap") {
		ports.Agents = membertchap.New(newTchap(k.settings))
	}
	core := k.settings.Core
	return member.New(k.db, k.clock, k.requester, ports, member.Config{BaseURL: core.BaseURL, Domain: core.Domain, Admins: core.Admins})
}

// newMailbox builds the room of mailboxes and redirections.
func (k kit) newMailbox(lists *mailinglist.Service) *mailbox.Service {
	ports := mailbox.Ports{Requester: k.requester, Holds: holds(k.db)}
	if k.settings.Enabled("ovh") {
		ports.Provider = mailboxovh.New(k.ovh)
	}
	if k.settings.Enabled("brevo") {
		ports.Contacts = mailboxbrevo.New(k.brevo, mailboxbrevo.Lists{
			mailbox.Newsletter: k.settings.Brevo.NewsletterList, mailbox.Onboarding: k.settings.Brevo.OnboardingList,
		})
	}
	if k.sender != nil {
		ports.Letters = mailboxmail.New(k.sender, k.settings.Core.BaseURL)
	}
	return mailbox.New(k.db, k.clock, ports, mailbox.Config{
		Domain: k.settings.Core.Domain, DefaultPlan: mailbox.Plan(k.settings.OVH.DefaultPlan),
		ExchangeIncubators: k.settings.OVH.ExchangeIncubators, LeavesEmail: k.settings.OVH.LeavesEmail,
		LeaveLink: leaveLink(lists),
	})
}

// leaveLink gives the address at the foot of letters with which a member refuses the members' list.
func leaveLink(lists *mailinglist.Service) func(member uuid.UUID) string {
	return func(id uuid.UUID) string { return lists.Links().Leave(id, mailinglist.Members) }
}

// holds lets the mailbox room ask what people postponed or cancelled of departures.
func holds(db postgres.DB) mailbox.Holds {
	return func(ctx context.Context, today clock.Day) (mailbox.Held, error) {
		held, err := member.HeldDepartures(ctx, db, today)
		if err != nil {
			return nil, err
		}
		return func(id uuid.UUID, step mailbox.DepartureStep) string {
			if hold, ok := held.Of(id, member.DepartureStep(step)); ok {
				return hold.Reason()
			}
			return ""
		}, nil
	}
}

// newLists builds the room of mailing lists.
func (k kit) newLists() *mailinglist.Service {
	links := mailinglist.Links{BaseURL: k.settings.Core.BaseURL}
	if key, ok := k.settings.Core.DeriveKey("lists"); ok { // without key no link is read
		links.Key = key[:]
	}
	ports := mailinglist.Ports{Requester: k.requester}
	if k.settings.Enabled("ovh") {
		ports.Host = mailinglistovh.New(k.ovh)
	}
	if k.settings.Enabled("brevo") {
		ports.Contacts = mailinglistbrevo.New(k.brevo, mailinglistbrevo.Config{
			Lists: map[mailinglist.ContactList]int{
				mailinglist.Newsletter: k.settings.Brevo.NewsletterList, mailinglist.Onboarding: k.settings.Brevo.OnboardingList,
			},
			Rename: k.settings.Brevo.UpdateContact,
		})
	}
	return mailinglist.New(k.db, k.clock, ports, mailinglist.Config{
		Domain: k.settings.Core.Domain, MembersList: k.settings.OVH.MembersList, Links: links,
	})
}

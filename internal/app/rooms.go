package app

import (
	"context"

	"github.com/google/uuid"

	"github.com/betagouv/espace-membre/internal/integration/brevo"
	"github.com/betagouv/espace-membre/internal/integration/chatwebhook"
	"github.com/betagouv/espace-membre/internal/integration/ovh"
	"github.com/betagouv/espace-membre/internal/mailbox"
	"github.com/betagouv/espace-membre/internal/mailbox/mailboxbrevo"
	"github.com/betagouv/espace-membre/internal/mailbox/mailboxmail"
	"github.com/betagouv/espace-membre/internal/mailbox/mailboxovh"
	"github.com/betagouv/espace-membre/internal/mailinglist"
	"github.com/betagouv/espace-membre/internal/mailinglist/mailinglistbrevo"
	"github.com/betagouv/espace-membre/internal/mailinglist/mailinglistmail"
	"github.com/betagouv/espace-membre/internal/mailinglist/mailinglistovh"
	"github.com/betagouv/espace-membre/internal/platform/chatpost"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/config"
	"github.com/betagouv/espace-membre/internal/platform/job"
	"github.com/betagouv/espace-membre/internal/platform/mail"
	"github.com/betagouv/espace-membre/internal/platform/postgres"
	"github.com/betagouv/espace-membre/internal/platform/worker"
	"github.com/betagouv/espace-membre/internal/signin"
	"github.com/betagouv/espace-membre/internal/signin/signinmail"
)

// rooms are the services of the product.
type rooms struct {
	signin  *signin.Service
	mailbox *mailbox.Service
	lists   *mailinglist.Service
	posts   job.Spec // of the chat channels
}

// newRooms builds the services. The database may be nil: then only their specs are asked.
func newRooms(settings config.Config, db postgres.DB, clk clock.Clock, requester job.Requester) (*rooms, error) {
	sender, err := newSender(settings, clk)
	if err != nil {
		return nil, err
	}
	key, _ := settings.Core.DeriveKey("login") // without key the portal does not start: see config.Require
	r := &rooms{posts: chatpost.Spec(newChat(settings), clk), lists: newLists(settings, db, clk, requester)}
	if sender != nil {
		sender = mailinglistmail.Watch(sender, r.lists)
	}
	var letters signin.Letters
	if sender != nil {
		letters = signinmail.New(sender)
	}
	r.signin = signin.New(db, clk, requester, letters, signin.Config{
		BaseURL: settings.Core.BaseURL, Key: key[:], Admins: settings.Core.Admins,
	})
	r.mailbox = mailbox.New(db, clk, mailboxPorts(settings, clk, sender), mailbox.Config{
		Domain: settings.Core.Domain, DefaultPlan: mailbox.Plan(settings.OVH.DefaultPlan),
		ExchangeIncubators: settings.OVH.ExchangeIncubators,
		LeaveLink:          func(id uuid.UUID) string { return r.lists.Links().Leave(id, mailinglist.Members) },
	})
	return r, nil
}

func mailboxPorts(settings config.Config, clk clock.Clock, sender mail.Sender) mailbox.Ports {
	var ports mailbox.Ports
	if settings.Enabled("ovh") {
		ports.Provider = mailboxovh.New(newOVH(settings, clk))
	}
	if settings.Enabled("brevo") {
		ports.Contacts = mailboxbrevo.New(newBrevo(settings), mailboxbrevo.Lists{
			mailbox.Newsletter: settings.Brevo.NewsletterList, mailbox.Onboarding: settings.Brevo.OnboardingList,
		})
	}
	if sender != nil {
		ports.Letters = mailboxmail.New(sender, settings.Core.BaseURL)
	}
	return ports
}

func newLists(settings config.Config, db postgres.DB, clk clock.Clock, requester job.Requester) *mailinglist.Service {
	links := mailinglist.Links{BaseURL: settings.Core.BaseURL}
	if key, ok := settings.Core.DeriveKey("lists"); ok { // without key no link is read
		links.Key = key[:]
	}
	ports := mailinglist.Ports{Requester: requester}
	if settings.Enabled("ovh") {
		ports.Host = mailinglistovh.New(newOVH(settings, clk))
	}
	if settings.Enabled("brevo") {
		ports.Contacts = mailinglistbrevo.New(newBrevo(settings), mailinglistbrevo.Config{
			Lists: map[mailinglist.ContactList]int{
				mailinglist.Newsletter: settings.Brevo.NewsletterList, mailinglist.Onboarding: settings.Brevo.OnboardingList,
			},
			Rename: settings.Brevo.UpdateContact,
		})
	}
	return mailinglist.New(db, clk, ports, mailinglist.Config{
		Domain: settings.Core.Domain, MembersList: settings.OVH.MembersList, Links: links,
	})
}

func newBrevo(settings config.Config) *brevo.Client {
	return brevo.New(brevo.Config{APIKey: settings.Brevo.APIKey.Reveal(), BaseURL: settings.Brevo.URL})
}

func newChat(settings config.Config) *chatwebhook.Client {
	return chatwebhook.New(chatwebhook.Config{URLs: map[chatpost.Channel]string{
		chatpost.Secretariat: settings.Chat.Secretariat.Reveal(), chatpost.General: settings.Chat.General.Reveal(),
		chatpost.Dinum: settings.Chat.Dinum.Reveal(), chatpost.Gip: settings.Chat.Gip.Reveal(),
	}})
}

func newOVH(settings config.Config, clk clock.Clock) *ovh.Client {
	return ovh.New(ovh.Config{
		Endpoint: settings.OVH.Endpoint, AppKey: settings.OVH.AppKey.Reveal(), AppSecret: settings.OVH.AppSecret.Reveal(),
		ConsumerKey: settings.OVH.ConsumerKey.Reveal(), Domain: settings.Core.Domain, ProService: settings.OVH.ProService,
		ExchangeService: settings.OVH.ExchangeService, Clock: clk,
	})
}

// newSender gives the way in which mails leave; nil when none is configured.
func newSender(settings config.Config, clk clock.Clock) (mail.Sender, error) {
	if !settings.Enabled("mail") {
		return nil, nil
	}
	if settings.Mail.UseBrevo {
		return newBrevo(settings).Mailer(settings.Mail.Sender, settings.Mail.SenderName), nil
	}
	return newSMTP(settings, clk)
}

// specs lists every job and kind of request.
func (r *rooms) specs() []job.Spec {
	var specs []job.Spec
	specs = append(specs, r.signin.Jobs()...)
	specs = append(specs, r.mailbox.Jobs()...)
	specs = append(specs, r.lists.Jobs()...)
	return append(specs, r.posts)
}

// Specs lists every job and kind of request without any database.
func Specs(settings config.Config) ([]job.Spec, error) {
	rooms, err := newRooms(settings, nil, clock.System{}, nil)
	if err != nil {
		return nil, err
	}
	return rooms.specs(), nil
}

// Probes asks each configured vendor whether it answers.
func Probes(settings config.Config) []config.Probe {
	return []config.Probe{
		{Feature: "ovh", Label: "OVH", Check: func(ctx context.Context) error { return newOVH(settings, clock.System{}).Ping(ctx) }},
		{Feature: "brevo", Label: "Brevo", Check: func(ctx context.Context) error { return newBrevo(settings).Ping(ctx) }},
		{Feature: "mail", Label: "Serveur de mails", Check: func(ctx context.Context) error { return pingMail(ctx, settings) }},
	}
}

// JobList tells each scheduled job, its switch and what it lacks.
func JobList(settings config.Config) ([]worker.Listed, error) {
	specs, err := Specs(settings)
	if err != nil {
		return nil, err
	}
	return worker.List(specs, switches(settings, specs)), nil
}

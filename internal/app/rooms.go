package app

import (
	"context"

	"github.com/google/uuid"

	"github.com/betagouv/espace-membre/internal/integration/brevo"
	"github.com/betagouv/espace-membre/internal/integration/chatwebhook"
	"github.com/betagouv/espace-membre/internal/integration/ovh"
	"github.com/betagouv/espace-membre/internal/integration/tchap"
	"github.com/betagouv/espace-membre/internal/mailbox"
	"github.com/betagouv/espace-membre/internal/mailbox/mailboxbrevo"
	"github.com/betagouv/espace-membre/internal/mailbox/mailboxmail"
	"github.com/betagouv/espace-membre/internal/mailbox/mailboxovh"
	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/onboarding"
	"github.com/betagouv/espace-membre/internal/onboarding/onboardingmail"

	"github.com/betagouv/espace-membre/internal/offboarding"
	"github.com/betagouv/espace-membre/internal/offboarding/offboardingmail"

	"github.com/betagouv/espace-membre/internal/member/membermail"
	"github.com/betagouv/espace-membre/internal/member/membertchap"
	"github.com/betagouv/espace-membre/internal/platform/chatpost"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/config"
	"github.com/betagouv/espace-membre/internal/platform/job"
	"github.com/betagouv/espace-membre/internal/platform/mail"
	"github.com/betagouv/espace-membre/internal/platform/postgres"
	"github.com/betagouv/espace-membre/internal/platform/worker"
	"github.com/betagouv/espace-membre/internal/profile"
	"github.com/betagouv/espace-membre/internal/signin"
	"github.com/betagouv/espace-membre/internal/signin/signinmail"
)

// rooms are the services of the product.
type rooms struct {
	member     *member.Service
	signin     *signin.Service
	mailbox    *mailbox.Service
	self       *mailbox.SelfService
	onboarding *onboarding.Service

	profile *profile.Service

	offboarding *offboarding.Service

	posts job.Spec // of the chat channels
}

// newRooms builds the services. The database may be nil: then only their specs are asked.
func newRooms(settings config.Config, db postgres.DB, clk clock.Clock, requester job.Requester) (*rooms, error) {
	sender, err := newSender(settings, clk)
	if err != nil {
		return nil, err
	}
	key, _ := settings.Core.DeriveKey("login") // without key the portal does not start: see config.Require
	r := &rooms{posts: chatpost.Spec(newChat(settings), clk)}
	r.member = member.New(db, clk, requester, memberPorts(settings, sender), member.Config{
		BaseURL: settings.Core.BaseURL, Domain: settings.Core.Domain, Admins: settings.Core.Admins,
	})
	var letters signin.Letters
	if sender != nil {
		letters = signinmail.New(sender)
	}
	r.signin = signin.New(db, clk, requester, letters, signin.Config{
		BaseURL: settings.Core.BaseURL, Key: key[:], Admins: settings.Core.Admins,
	})
	ports := mailboxPorts(settings, clk, sender, requester)
	ports.Holds = holds(db)
	r.mailbox = mailbox.New(db, clk, ports, mailbox.Config{
		Domain: settings.Core.Domain, DefaultPlan: mailbox.Plan(settings.OVH.DefaultPlan),
		ExchangeIncubators: settings.OVH.ExchangeIncubators, LeavesEmail: settings.OVH.LeavesEmail,
	})
	r.self = newSelfService(settings, requester, r.mailbox)
	r.onboarding = onboarding.New(db, clk, onboardingLetters(settings, sender))
	leave := offboardingPorts(settings, sender, requester)
	leave.Restorer = r.mailbox
	r.offboarding = offboarding.New(db, clk, leave, offboarding.Config{
		Domain: settings.Core.Domain, Portal: settings.Core.BaseURL, Admins: settings.Core.Admins, Runs: r.runs(settings),
	})
	r.profile, err = newProfile(settings, db, clk, requester, sender)
	return r, err
}

// onboardingLetters gives a nil interface when no mail leaves.
func onboardingLetters(settings config.Config, sender mail.Sender) onboarding.Letters {
	if sender == nil {
		return nil
	}
	return onboardingmail.New(sender, settings.Core.BaseURL)
}

func memberPorts(settings config.Config, sender mail.Sender) member.Ports {
	ports := member.Ports{Cities: newCities()}
	if sender != nil {
		ports.Letters = membermail.New(sender)
	}
	if settings.Enabled("tchap") {
		ports.Agents = membertchap.New(newTchap(settings))
	}
	return ports
}

func offboardingPorts(settings config.Config, sender mail.Sender, requester job.Requester) offboarding.Ports {
	ports := offboarding.Ports{Requester: requester}
	if sender != nil {
		ports.Letters = offboardingmail.New(sender, offboardingmail.Links{Portal: settings.Core.BaseURL})
	}
	return ports
}

// runs tells whether a job exists and is on.
func (r *rooms) runs(settings config.Config) func(name string) bool {
	return func(name string) bool {
		for _, spec := range r.specs() {
			if spec.Name == name {
				enabled, _ := settings.JobSwitch(spec)
				return enabled
			}
		}
		return false
	}
}

func mailboxPorts(settings config.Config, clk clock.Clock, sender mail.Sender, requester job.Requester) mailbox.Ports {
	ports := mailbox.Ports{Requester: requester}
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

func newTchap(settings config.Config) *tchap.Client {
	return tchap.New(tchap.Config{Prefix: settings.Tchap.URL})
}

// newSender gives the way in which mails leave; nil when none is configured.
func newSender(settings config.Config, clk clock.Clock) (mail.Sender, error) {
	if !settings.Enabled("mail") {
		return nil, nil
	}
	if settings.Mail.UseBrevo {
		return newBrevo(settings).Mailer(settings.Mail.Sender, settings.Mail.SenderName), nil
	}
	return mail.NewSMTP(mail.SMTPConfig{
		From: settings.Mail.Sender, FromName: settings.Mail.SenderName,
		Service: settings.Mail.Service, Host: settings.Mail.Host, Port: settings.Mail.Port,
		IgnoreTLS: settings.Mail.IgnoreTLS, User: settings.Mail.User, Password: settings.Mail.Password.Reveal(), Clock: clk,
		Debug: mailLog(settings),
	})
}

// specs lists every job and kind of request.
func (r *rooms) specs() []job.Spec {
	var specs []job.Spec
	specs = append(specs, r.member.Jobs()...)
	specs = append(specs, r.signin.Jobs()...)
	specs = append(specs, r.mailbox.Jobs()...)
	specs = append(specs, r.self.Jobs()...)
	specs = append(specs, r.onboarding.Jobs()...)

	specs = append(specs, r.offboarding.Jobs()...)
	specs = append(specs, r.offboarding.Requests()...)
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
		{Feature: "tchap", Label: "Annuaire des agents publics (Tchap)", Check: func(ctx context.Context) error { return newTchap(settings).Ping(ctx) }},
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

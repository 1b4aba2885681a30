package app

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/betagouv/espace-membre/internal/integration/brevo"
	"github.com/betagouv/espace-membre/internal/integration/ovh"
	"github.com/betagouv/espace-membre/internal/mailbox"
	"github.com/betagouv/espace-membre/internal/mailinglist"
	"github.com/betagouv/espace-membre/internal/mailinglist/mailinglistmail"
	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/offboarding"
	"github.com/betagouv/espace-membre/internal/onboarding"
	"github.com/betagouv/espace-membre/internal/platform/chatpost"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/config"
	"github.com/betagouv/espace-membre/internal/platform/job"
	"github.com/betagouv/espace-membre/internal/platform/mail"
	"github.com/betagouv/espace-membre/internal/platform/postgres"
	"github.com/betagouv/espace-membre/internal/platform/worker"
	"github.com/betagouv/espace-membre/internal/profile"
	"github.com/betagouv/espace-membre/internal/signin"
)

// rooms are the services of the product.
type rooms struct {
	member      *member.Service
	signin      *signin.Service
	mailbox     *mailbox.Service
	self        *mailbox.SelfService
	lists       *mailinglist.Service
	onboarding  *onboarding.Service
	offboarding *offboarding.Service
	profile     *profile.Service
	posts       job.Spec // of the chat channels
}

// kit is what rooms are built with.
type kit struct {
	settings  config.Config
	db        postgres.DB
	clock     clock.Clock
	requester job.Requester
	sender    mail.Sender // nil when no mail leaves
	// One client a vendor, so that its rate is kept by all rooms together.
	ovh   *ovh.Client
	brevo *brevo.Client
}

// newRooms builds the services. The database may be nil: then only their specs are asked.
func newRooms(settings config.Config, db postgres.DB, clk clock.Clock, requester job.Requester) (*rooms, error) {
	sender, err := newSender(settings, clk)
	if err != nil {
		return nil, err
	}
	k := kit{
		settings: settings, db: db, clock: clk, requester: requester, sender: sender, ovh: newOVH(settings, clk), brevo: newBrevo(settings),
	}
	r := &rooms{posts: chatpost.Spec(newChat(settings), clk), lists: k.newLists()}
	if sender != nil {
		k.sender = mailinglistmail.Watch(sender, r.lists) // what does not arrive is recorded
	}
	r.member = k.newMember()
	r.signin = k.newSignin()
	r.mailbox = k.newMailbox(r.lists)
	r.self = k.newSelfService(r.mailbox, r.member.FollowContact)
	r.followAddresses()
	r.onboarding = k.newOnboarding()
	r.offboarding = k.newOffboarding(r.mailbox, r.lists, r.runs(settings))
	r.profile, err = k.newProfile(r.member)
	return r, err
}

// followAddresses lets mailboxes and lists follow, in the same transaction, an address that changes.
func (r *rooms) followAddresses() {
	r.member.OnPrimaryChanged(func(ctx context.Context, tx pgx.Tx, c member.PrimaryChange) error {
		return r.self.CloseReplaced(ctx, tx, mailbox.Replaced{Member: c.Member, Username: c.Username, Former: c.From, Now: c.To, Actor: c.Actor})
	})
	r.member.OnContactChanged(func(ctx context.Context, tx pgx.Tx, c member.ContactChange) error {
		return r.lists.MoveContact(ctx, tx, c.Member, c.Username, c.From, c.At.UTC().Format(time.RFC3339Nano))
	})
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

// specs lists every job and kind of request.
func (r *rooms) specs() []job.Spec {
	var specs []job.Spec
	for _, room := range [][]job.Spec{
		r.member.Jobs(), r.signin.Jobs(), r.mailbox.Jobs(), r.self.Jobs(), r.lists.Jobs(),
		r.onboarding.Jobs(), r.offboarding.Jobs(), r.offboarding.Requests(), r.profile.Jobs(),
	} {
		specs = append(specs, room...)
	}
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

// JobList tells each scheduled job, its switch and what it lacks.
func JobList(settings config.Config) ([]worker.Listed, error) {
	specs, err := Specs(settings)
	if err != nil {
		return nil, err
	}
	return worker.List(specs, switches(settings, specs)), nil
}

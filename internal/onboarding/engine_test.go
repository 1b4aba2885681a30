package onboarding_test

import (
	"context"
	"net"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/betagouv/espace-membre/internal/onboarding"
	"github.com/betagouv/espace-membre/internal/onboarding/onboardingmail"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/job"
	"github.com/betagouv/espace-membre/internal/platform/mail"
	"github.com/betagouv/espace-membre/internal/platform/worker"
	"github.com/betagouv/espace-membre/internal/sandbox"
	"github.com/betagouv/espace-membre/internal/sandbox/simkit"
	"github.com/betagouv/espace-membre/internal/testing/pgtest"
)

// post is the room on a database of its own, in the job engine, with a mail server that can fail.
type post struct {
	*world
	engine *worker.Worker
	server *sandbox.Sandbox
}

func newPost(t *testing.T) *post {
	t.Helper()
	pool := pgtest.New(t)
	p := &post{world: &world{t: t, db: pool, clock: clock.At(today, 10, 0)}}
	server, err := sandbox.New(sandbox.Options{Clock: p.clock})
	if err != nil {
		t.Fatal(err)
	}
	addresses, err := server.Start(0, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	host, port, err := net.SplitHostPort(addresses.SMTP)
	if err != nil {
		t.Fatal(err)
	}
	number, err := strconv.Atoi(port)
	if err != nil {
		t.Fatal(err)
	}
	sender, err := mail.NewSMTP(mail.SMTPConfig{From: "espace@exemple.org", Host: host, Port: number, IgnoreTLS: true, Clock: p.clock})
	if err != nil {
		t.Fatal(err)
	}
	p.server = server
	p.room = onboarding.New(pool, p.clock, onboardingmail.New(sender, "https://portail.exemple.org"))
	p.engine, err = worker.New(worker.Options{Pool: pool, Clock: p.clock, Specs: p.room.Jobs(), SealKey: [32]byte{1}})
	if err != nil {
		t.Fatal(err)
	}
	p.tick() // the job is seen for the first time: what is due counts from now on
	return p
}

// tick plans what is due and applies it, as a worker does.
func (p *post) tick() {
	p.t.Helper()
	if _, err := p.engine.RunDue(context.Background()); err != nil {
		p.t.Fatal(err)
	}
	if _, err := p.engine.Drain(context.Background(), worker.DrainOptions{}); err != nil {
		p.t.Fatal(err)
	}
}

func (p *post) state(key string) job.ActionState {
	p.t.Helper()
	state, err := p.engine.State(context.Background(), key)
	if err != nil {
		p.t.Fatal(err)
	}
	return state
}

// A mail server that is down for a whole day makes nothing moot: one letter leaves when it is back.
func TestMailServerDownForADayLosesNobody(t *testing.T) {
	p := newPost(t)
	id := p.add(newcomer{username: "anne.due", secondary: "anne+test@ailleurs.fr"})
	key := p.one().Key
	p.server.Faults().Add(simkit.Fault{Vendor: simkit.SMTP, Kind: simkit.Error, When: simkit.Before, Rate: 1})
	for range 24 {
		p.later(time.Hour)
		p.tick()
		if got := p.state(key); got != job.Planned {
			t.Fatalf("while the server is down the letter is %q, want planned", got)
		}
	}
	p.server.Faults().Clear("")
	for range 3 {
		p.later(time.Hour)
		p.tick()
	}
	if got := p.state(key); got != job.Done {
		t.Errorf("the letter is %q, want done", got)
	}
	mails := p.server.Mails()
	if len(mails) != 1 || mails[0].To != "anne+test@ailleurs.fr" {
		t.Fatalf("caught %+v, want one letter", mails)
	}
	if want := "https://portail.exemple.org/login?secondary_email=anne%2Btest%40ailleurs.fr"; !strings.Contains(mails[0].Text, want) {
		t.Errorf("no %s in %s", want, mails[0].Text)
	}
	if got := p.events(id, "EMAIL_VERIFICATION_WAITING_SENT"); len(got) != 1 {
		t.Errorf("%d events, want 1", len(got))
	}
}

// An answer that is lost leaves the letter uncertain, and it is never sent a second time.
func TestLostAnswerIsForAPerson(t *testing.T) {
	p := newPost(t)
	p.add(newcomer{username: "anne.due", secondary: "anne@ailleurs.fr"})
	key := p.one().Key
	p.server.Faults().Add(simkit.Fault{Vendor: simkit.SMTP, Kind: simkit.Drop, When: simkit.After, Rate: 1, Count: 1})
	for range 5 {
		p.later(8 * time.Minute)
		p.tick()
	}
	if got := p.state(key); got != job.Uncertain || len(p.server.Mails()) != 1 {
		t.Errorf("the letter is %q after %d mails, want uncertain after one", got, len(p.server.Mails()))
	}
}

package mailinglistmail_test

import (
	"context"
	"errors"
	"testing"

	"github.com/google/uuid"

	"github.com/betagouv/espace-membre/internal/mailinglist"
	"github.com/betagouv/espace-membre/internal/mailinglist/mailinglistmail"
	"github.com/betagouv/espace-membre/internal/platform/actor"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/platform/mail"
	"github.com/betagouv/espace-membre/internal/testing/pgtest"
	"github.com/betagouv/espace-membre/internal/testing/webtest"
)

// answering is a sender that ends as told.
type answering struct{ err error }

func (a *answering) Send(context.Context, mail.Message) error { return a.err }

func TestRefusedAddressesAreRecordedAndTheOthersAreNot(t *testing.T) {
	db, at := pgtest.Tx(t), clock.At(clock.MustDay("2024-12-19"), 10, 0)
	room := mailinglist.New(db, at, mailinglist.Ports{Requester: &webtest.Requests{}}, mailinglist.Config{Domain: "exemple.org"})
	id := uuid.New()
	if _, err := db.Exec(t.Context(), `
		INSERT INTO member (id, username, fullname, primary_email, primary_email_status_changed_at, created_at, updated_at)
		VALUES ($1, 'camille.durand', 'Camille Durand', 'camille@exemple.org', $2, $2, $2)`, id, at.Now()); err != nil {
		t.Fatal(err)
	}
	camille := actor.Actor{ID: id, Username: "camille.durand", Standing: actor.Active}
	notes := func() []mailinglist.Note {
		t.Helper()
		all, err := room.RefusalsOf(t.Context(), camille, id)
		if err != nil {
			t.Fatal(err)
		}
		return all
	}
	next := &answering{}
	sender := mailinglistmail.Watch(next, room)
	message := mail.Message{Key: "k", To: "camille@exemple.org", Subject: "Objet", Text: "t"}
	for name, err := range map[string]error{
		"down":            fault.New(fault.Unavailable, "", "down"),
		"content refused": fault.New(fault.Invalid, "", "554"),
		"answer lost":     &fault.Error{Kind: fault.Unavailable, AnswerLost: true},
	} {
		next.err = err
		if got := sender.Send(t.Context(), message); !errors.Is(got, err) || len(notes()) != 0 {
			t.Errorf("%s: %v, %d notes", name, got, len(notes()))
		}
	}
	next.err = mail.AddressRefused(mail.Refusal{Code: 550, Status: "5.1.1"}, errors.New("smtp: 550"))
	for range 3 {
		if err := sender.Send(t.Context(), message); !fault.Is(err, fault.Invalid) {
			t.Errorf("refused: %v", err)
		}
	}
	if all := notes(); len(all) != 1 || all[0].Kind != mailinglist.Refused || all[0].Detail != "550 5.1.1" || all[0].Times != 1 || all[0].Source != "smtp" {
		t.Errorf("%+v", all)
	}
	next.err = nil
	if err := sender.Send(t.Context(), message); err != nil || len(notes()) != 0 {
		t.Errorf("received: %v, %d notes", err, len(notes()))
	}
	next.err = mail.AddressRefused(mail.Refusal{Code: 400, Status: "invalid_parameter"}, errors.New("brevo answered 400"))
	if err := sender.Send(t.Context(), message); err == nil || len(notes()) != 1 || notes()[0].Kind != mailinglist.InvalidEmail || notes()[0].Source != "brevo" {
		t.Errorf("refused by an API: %v, %+v", err, notes())
	}
}

func TestWritingNeverChangesWhatBecameOfTheMail(t *testing.T) {
	pool := pgtest.New(t)
	room := mailinglist.New(pool, clock.System{}, mailinglist.Ports{}, mailinglist.Config{Domain: "exemple.org"})
	next := &answering{}
	sender := mailinglistmail.Watch(next, room)
	pool.Close() // the database is gone
	message := mail.Message{Key: "k", To: "camille@exemple.org", Subject: "Objet", Text: "t"}
	if err := sender.Send(t.Context(), message); err != nil {
		t.Errorf("a mail that left is an error: %v", err)
	}
	next.err = mail.AddressRefused(mail.Refusal{Code: 550}, errors.New("smtp: 550"))
	err := sender.Send(t.Context(), message)
	if _, ok := mail.RefusedAddress(err); !ok || !fault.Is(err, fault.Invalid) {
		t.Errorf("the refusal was hidden: %v", err)
	}
}

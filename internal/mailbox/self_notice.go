package mailbox

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/platform/job"
)

// Subject is what the owner of a mailbox is told by mail.
type Subject string

// The subjects.
const (
	DeletionAsked Subject = "deletion" // a deletion was asked, which may still be taken back
	Upgraded      Subject = "upgrade"  // the mailbox changed plan, and its password
	Superseded    Subject = "replaced" // the mailbox replaces the primary address, to which this goes
	NoneFree      Subject = "none"     // to administrators: a demand needs a paid account, and none is free
)

// Notice is what a letter about a mailbox says, to its owner or to administrators.
type Notice struct {
	Subject  Subject
	Fullname string    // of who reads it
	Address  string    // of the mailbox
	By       string    // username of who asked
	Due      time.Time // of the deletion
	Kept     bool      // the address written to stays in the record, as the secondary one
	Plan     Plan      // that lacks a free account
	For      string    // username of who needs one
}

// Notices sends these letters; key makes one unique. Errors are faults.
type Notices interface {
	Notice(ctx context.Context, key, to string, n Notice) error
}

// noticeName is the kind of action that sends one letter.
const noticeName = "sendMailboxNotice"

type noticeArgs struct {
	Subject Subject   `json:"subject"`
	To      Kind      `json:"to"`
	Address string    `json:"address"` // of the mailbox, which the member may no longer have when the letter leaves
	By      string    `json:"by"`
	Due     time.Time `json:"due,omitzero"`
	Plan    Plan      `json:"plan,omitempty"`
	For     string    `json:"for,omitempty"`
}

// former is the kind of an address that the record no longer has: it travels sealed.
const former Kind = "former"

func (s *SelfService) noticeSpec() job.Spec {
	return job.Spec{
		Name: noticeName, Title: "Prévient de ce qui est demandé ou manque pour une boîte", Room: "mailbox", Default: job.On,
		Needs: []job.Feature{"mail"}, Queue: job.QueueMail, Apply: s.applyNotice,
	}
}

// warn records letters to the owner of a mailbox, in the transaction of what they tell: one for
// each of the addresses given that the member has.
func (s *SelfService) warn(ctx context.Context, tx pgx.Tx, m waiting, form string, args noticeArgs, to ...Kind) error {
	if s.notices == nil {
		return nil
	}
	args.Address = m.Primary
	for _, kind := range to {
		if m.at(kind) == "" {
			continue
		}
		args.To = kind
		err := s.requester.Request(ctx, tx, job.Action{
			Key: job.Key(noticeName, m.ID, string(args.Subject)+"-"+form+"/"+string(kind)), Mode: job.Once, Job: noticeName, Verb: "prévenir",
			Subject: m.ID, Label: m.Username, Reason: "prévenir de ce qui est demandé pour sa boîte", Args: job.EncodeArgs(args),
			Actor: "system", Queue: job.QueueMail,
		})
		if err != nil {
			return fmt.Errorf("record a letter to %s: %w", m.Username, err)
		}
	}
	return nil
}

// warnReplaced records the letter to the address of another administration that a mailbox has
// just replaced: whoever reads it may not be who asked.
func (s *SelfService) warnReplaced(ctx context.Context, tx pgx.Tx, a job.Action, m waiting, address string) error {
	if s.notices == nil || !s.foreign(m) {
		return nil
	}
	args := noticeArgs{Subject: Superseded, To: former, Address: address, By: by(a)}
	err := s.requester.Request(ctx, tx, job.Action{
		Key: job.Key(noticeName, m.ID, string(Superseded)+"-"+formOf(a.Key)+"/"+string(former)), Mode: job.Once, Job: noticeName, Verb: "prévenir",
		Subject: m.ID, Label: m.Username, Reason: "prévenir l’adresse que la boîte remplace", Args: job.EncodeArgs(args), Secret: []byte(m.Primary),
		Actor: "system", Queue: job.QueueMail,
	})
	if err != nil {
		return fmt.Errorf("record a letter to the former address of %s: %w", m.Username, err)
	}
	return nil
}

// warnAdmins records a letter to each administrator: a paid account must be ordered, and the chat
// that is told too may be down or not there. One a day for each plan, whatever the demands.
func (s *SelfService) warnAdmins(ctx context.Context, tx pgx.Tx, a job.Action, plan Plan) error {
	if s.notices == nil {
		return nil
	}
	today := clock.Today(s.room.clock)
	for _, username := range s.config.Admins {
		admin, err := member.ByUsername(ctx, tx, username)
		if fault.Is(err, fault.NotFound) || err == nil && admin.ContactAddress() == "" {
			continue
		}
		if err != nil {
			return fmt.Errorf("find an administrator: %w", err)
		}
		args := noticeArgs{Subject: NoneFree, To: preferred(admin), By: by(a), Plan: plan, For: a.Label}
		err = s.requester.Request(ctx, tx, job.Action{
			Key: job.Key(noticeName, admin.ID, string(NoneFree)+"-"+string(plan)+"-"+today.String()), Mode: job.Once, Job: noticeName, Verb: "prévenir",
			Subject: admin.ID, Label: admin.Username, Reason: "plus aucun compte libre (" + label(plan) + ")", Args: job.EncodeArgs(args),
			Actor: "system", Queue: job.QueueMail,
		})
		if err != nil {
			return fmt.Errorf("record a letter to an administrator: %w", err)
		}
	}
	return nil
}

// preferred is the kind of the address where somebody wants notices.
func preferred(m member.Member) Kind {
	if m.ContactAddress() == m.PrimaryEmail {
		return Primary
	}
	return Secondary
}

// recipient is where a letter goes, "" when nowhere any more.
func (a noticeArgs) recipient(m waiting, secret []byte) string {
	if a.To == former {
		return string(secret)
	}
	return m.at(a.To)
}

func (s *SelfService) applyNotice(ctx context.Context, a job.Action) (job.Outcome, error) {
	args, err := job.DecodeArgs[noticeArgs](a)
	if err != nil {
		return job.Outcome{}, fmt.Errorf("read what to tell: %w", err)
	}
	m, err := s.room.reread(ctx, a.Subject)
	to := args.recipient(m, a.Secret)
	switch {
	case fault.Is(err, fault.NotFound):
		return job.Moot("la fiche n’existe plus"), nil
	case err != nil:
		return job.Outcome{}, err
	case to == "":
		return job.Moot("plus d’adresse où prévenir"), nil
	case args.Subject == DeletionAsked && !s.room.clock.Now().Before(args.Due):
		return job.Moot("trop tard pour changer d’avis"), nil
	case s.notices == nil:
		return job.Moot("aucun envoi de mails n’est configuré"), nil
	}
	n := Notice{Subject: args.Subject, Fullname: m.Fullname, Address: args.Address, By: args.By, Due: args.Due, Kept: args.To == former && to == m.Secondary, Plan: args.Plan, For: args.For}
	return job.Outcome{}, s.notices.Notice(ctx, a.Key, to, n)
}

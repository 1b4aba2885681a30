package mailbox

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/platform/job"
)

// Subject is what the owner of a mailbox is told by mail.
type Subject string

// The subjects.
const (
	DeletionAsked Subject = "deletion" // a deletion was asked, which may still be taken back
	Upgraded      Subject = "upgrade"  // the mailbox changed plan, and its password
)

// Notice is what a letter to the owner of a mailbox says.
type Notice struct {
	Subject  Subject
	Fullname string
	Address  string    // of the mailbox
	By       string    // username of who asked
	Due      time.Time // of the deletion
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
}

func (s *SelfService) noticeSpec() job.Spec {
	return job.Spec{
		Name: noticeName, Title: "Prévient le propriétaire d’une boîte", Room: "mailbox", Default: job.On,
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

func (s *SelfService) applyNotice(ctx context.Context, a job.Action) (job.Outcome, error) {
	args, err := job.DecodeArgs[noticeArgs](a)
	if err != nil {
		return job.Outcome{}, fmt.Errorf("read what to tell: %w", err)
	}
	m, err := s.room.reread(ctx, a.Subject)
	switch {
	case fault.Is(err, fault.NotFound):
		return job.Moot("la fiche n’existe plus"), nil
	case err != nil:
		return job.Outcome{}, err
	case m.at(args.To) == "":
		return job.Moot("plus d’adresse où prévenir"), nil
	case args.Subject == DeletionAsked && !s.room.clock.Now().Before(args.Due):
		return job.Moot("trop tard pour changer d’avis"), nil
	case s.notices == nil:
		return job.Moot("aucun envoi de mails n’est configuré"), nil
	}
	n := Notice{Subject: args.Subject, Fullname: m.Fullname, Address: args.Address, By: args.By, Due: args.Due}
	return job.Outcome{}, s.notices.Notice(ctx, a.Key, m.at(args.To), n)
}

package mailinglist

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/audit"
	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/platform/job"
	"github.com/betagouv/espace-membre/internal/platform/postgres"
)

const moveJob = "moveContact"

// MoveContact asks, in the transaction that changed somebody's contact address, that their contact
// follow: its lists stay, its address changes. key is unique for the change (the uuid of the form).
func (s *Service) MoveContact(ctx context.Context, tx pgx.Tx, id uuid.UUID, username, former, key string) error {
	if former == "" {
		return nil // the jobs that give a first address add the contact
	}
	err := s.requester.Request(ctx, tx, job.Action{
		Key: job.Key(moveJob, id, key), Mode: job.State, Job: moveJob, Verb: "déplacer", Subject: id, Label: username,
		Reason: "adresse de contact changée", Secret: []byte(former),
	})
	if err != nil {
		return fmt.Errorf("ask the contact of %s to follow: %w", username, err)
	}
	return nil
}

// moveContact changes the address of a contact; the former one travels sealed.
func (s *Service) moveContact() job.Spec {
	return job.Spec{
		Name: moveJob, Title: "Change l’adresse d’un contact chez Brevo", Room: "mailinglist", Default: job.On, Queue: job.QueueBrevo,
		Apply: s.applyMove,
	}
}

func (s *Service) applyMove(ctx context.Context, a job.Action) (job.Outcome, error) {
	former := string(a.Secret)
	switch {
	case s.contacts == nil:
		return job.Moot("Brevo n’est pas configuré"), nil
	case former == "":
		return job.Outcome{}, errors.New("the former address is missing")
	}
	m, end, err := s.movable(ctx, a.Subject, former)
	if err != nil || end != "" {
		return job.Outcome{Moot: end}, err
	}
	moved, err := s.contacts.Move(ctx, former, personOf(m))
	if err != nil {
		return job.Outcome{}, fmt.Errorf("move the contact of %s: %w", m.Username, err)
	}
	return s.recordMoved(a, m.ID, m.Username, moved), nil
}

// movable reads a member again; the second value, when not empty, says why their contact is not to
// move any more.
func (s *Service) movable(ctx context.Context, id uuid.UUID, former string) (member.Member, string, error) {
	m, err := member.ByID(ctx, s.db, id)
	switch {
	case fault.Is(err, fault.NotFound):
		return m, "la fiche n’existe plus", nil
	case err != nil:
		return m, "", fmt.Errorf("read the member again: %w", err)
	case m.ContactAddress() == "" || m.ContactAddress() == former:
		return m, "pas de nouvelle adresse", nil
	}
	taken, err := s.takenByAnother(ctx, former, id)
	if taken {
		return m, "l’ancienne adresse est maintenant celle de quelqu’un d’autre", err
	}
	return m, "", err
}

func (s *Service) takenByAnother(ctx context.Context, address string, id uuid.UUID) (bool, error) {
	taken, err := postgres.Scalar[bool](ctx, s.db, `
		SELECT EXISTS (
		           SELECT FROM member_address
		           WHERE address = $1
		             AND member_id <> $2)`, address, id)
	if err != nil {
		return false, fmt.Errorf("look for who holds a former address: %w", err)
	}
	return taken, nil
}

func personOf(m member.Member) Person {
	return Person{Address: m.ContactAddress(), Fullname: m.Fullname, Domain: m.Domain}
}

// recordMoved writes in the history that a contact followed and what its person refuses: at the
// vendor, a refusal that follows looks like one that an administrator set.
func (s *Service) recordMoved(a job.Action, id uuid.UUID, username string, moved Moved) job.Outcome {
	if !moved.Changed && moved.Refusal == "" {
		return job.Outcome{}
	}
	return job.Recorded(func(ctx context.Context, tx pgx.Tx) error {
		return audit.Write(ctx, tx, audit.Event{
			At: s.clock.Now(), Actor: actorOf(a), Code: CodeMoved, Member: id, Subject: username, Reason: a.Reason,
			After: map[string]string{"refusal": moved.Refusal},
		})
	})
}

package mailinglist

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/platform/job"
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
		Apply: func(ctx context.Context, a job.Action) (job.Outcome, error) {
			if s.contacts == nil {
				return job.Moot("Brevo n’est pas configuré"), nil
			}
			if len(a.Secret) == 0 {
				return job.Outcome{}, errors.New("the former address is missing")
			}
			m, err := member.ByID(ctx, s.db, a.Subject)
			switch {
			case fault.Is(err, fault.NotFound):
				return job.Moot("la fiche n’existe plus"), nil
			case err != nil:
				return job.Outcome{}, fmt.Errorf("read the member again: %w", err)
			case m.ContactAddress() == "" || m.ContactAddress() == string(a.Secret):
				return job.Moot("pas de nouvelle adresse"), nil
			}
			return job.Outcome{}, s.contacts.Move(ctx, string(a.Secret), Person{Address: m.ContactAddress(), Fullname: m.Fullname, Domain: m.Domain})
		},
	}
}

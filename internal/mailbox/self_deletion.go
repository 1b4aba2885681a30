package mailbox

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/audit"
	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/platform/job"
	"github.com/betagouv/espace-membre/internal/platform/postgres"
)

// Codes of the demands of deletion; the deletion itself is codeDeleted.
const (
	codeDeletionAsked   audit.Code = "MEMBER_EMAIL_DELETION_REQUESTED"
	codeDeletionDropped audit.Code = "MEMBER_EMAIL_DELETION_CANCELLED"
)

// Deletion is the demand that a mailbox be deleted, while it may still be taken back.
type Deletion struct {
	ID      uuid.UUID // of the form
	AskedAt time.Time
	AskedBy string // username
	DueAt   time.Time
}

// DeleteMailbox records that a mailbox is to be deleted, a day later. Conflict says why it
// cannot: above all, without a secondary address its owner could not log in any more.
func (s *SelfService) DeleteMailbox(ctx context.Context, d Demand) error {
	return s.ask(ctx, d, deleteName, member.DeleteMailbox, func(m waiting) (wish, error) {
		if err := s.deletable(m); err != nil {
			return wish{}, err
		}
		now := s.room.clock.Now()
		due := now.Add(s.config.Regret)
		return wish{
			name: deleteName, verb: "supprimer la boîte", reason: askedFromPortal, destructive: true, notBefore: due,
			also: func(ctx context.Context, tx pgx.Tx) error { return s.recordAsked(ctx, tx, d, m, now, due) },
		}, nil
	})
}

// deletable says why the mailbox of a member cannot be deleted; nil when it can.
func (s *SelfService) deletable(m waiting) error {
	if err := s.usable(m); err != nil {
		return err
	}
	if m.Secondary == "" {
		return fault.New(fault.Conflict, "Il faut d’abord une adresse secondaire : sans elle, il ne serait plus possible de se connecter.", "no secondary address")
	}
	return nil
}

// recordAsked keeps the demand, unless another one waits already.
func (s *SelfService) recordAsked(ctx context.Context, tx pgx.Tx, d Demand, m waiting, now, due time.Time) error {
	if _, err := tx.Exec(ctx, `SELECT id FROM member WHERE id = $1 FOR UPDATE`, m.ID); err != nil {
		return fmt.Errorf("lock the member: %w", err)
	}
	other, waits, err := s.deletionOf(ctx, tx, m.ID)
	switch {
	case err != nil:
		return err
	case waits && other.ID == d.Form: // the same form, sent twice at once
		return nil
	case waits:
		return fault.New(fault.Conflict, "La suppression de cette boîte est déjà demandée.", "a deletion of %s waits", m.Username)
	}
	_, err = tx.Exec(ctx, `
		INSERT INTO mailbox_deletion (id, member_id, asked_at, asked_by, due_at)
		VALUES ($1, $2, $3, $4, $5)`, d.Form, m.ID, now, d.By.Username, due)
	if err != nil {
		return fmt.Errorf("record the demand of deletion: %w", postgres.Fault(err))
	}
	told := noticeArgs{Subject: DeletionAsked, By: d.By.Username, Due: due}
	if err := s.warn(ctx, tx, m, d.Form.String(), told, Primary, Secondary); err != nil {
		return err
	}
	return audit.Write(ctx, tx, audit.Event{
		At: now, Actor: d.By.Username, Code: codeDeletionAsked, Member: m.ID, Subject: m.Username,
		After: map[string]string{"value": m.Primary, "due": due.UTC().Format(time.RFC3339)},
	})
}

// deletionOf reads the demand that waits for a member, if there is one: not taken back, and its
// action still open.
func (s *SelfService) deletionOf(ctx context.Context, db postgres.DB, id uuid.UUID) (Deletion, bool, error) {
	found, err := postgres.All[Deletion](ctx, db, `
		SELECT d.id, d.asked_at, d.asked_by, d.due_at
		FROM mailbox_deletion d
		JOIN job_action a ON a.key = $2 || d.member_id || '/' || d.id
		WHERE d.member_id = $1
		  AND d.cancelled_at IS NULL
		  AND a.state NOT IN ('done', 'moot')
		ORDER BY d.asked_at DESC
		LIMIT 1`, id, deleteName+"/")
	if err != nil || len(found) == 0 {
		return Deletion{}, false, err
	}
	return found[0], true, nil
}

// KeepMailbox takes back the demand of deletion that waits, while its day has not passed.
func (s *SelfService) KeepMailbox(ctx context.Context, d Demand) error {
	m, err := s.allowed(ctx, d.By, d.Of, member.DeleteMailbox)
	if err != nil {
		return err
	}
	now := s.room.clock.Now()
	return postgres.InTx(ctx, s.room.db, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `
			UPDATE mailbox_deletion
			SET cancelled_at = $2, cancelled_by = $3
			WHERE member_id = $1
			  AND cancelled_at IS NULL
			  AND due_at > $2`, m.ID, now, d.By.Username)
		if err != nil {
			return fmt.Errorf("take back the deletion: %w", err)
		}
		if tag.RowsAffected() == 0 {
			return fault.New(fault.Conflict, "Il n’y a pas de suppression à annuler, ou il est trop tard.", "no deletion to take back")
		}
		return audit.Write(ctx, tx, audit.Event{At: now, Actor: d.By.Username, Code: codeDeletionDropped, Member: m.ID, Subject: m.Username})
	})
}

// applyDelete performs what the page announced: redirections removed, mailbox deleted by its
// plan, its mails sent to the departures. Each step may already be done.
func (s *SelfService) applyDelete(ctx context.Context, a job.Action) (job.Outcome, error) {
	kept, err := s.takenBack(ctx, a)
	if err != nil {
		return job.Outcome{}, err
	}
	if kept {
		return job.Moot("Demande annulée : la boîte est gardée."), nil
	}
	m, err := s.room.reread(ctx, a.Subject)
	if err != nil {
		return job.Outcome{}, err
	}
	if err := s.deletable(m); err != nil {
		return job.Outcome{}, err
	}
	if err := s.removeBox(ctx, m); err != nil {
		return job.Outcome{}, err
	}
	return job.Recorded(func(ctx context.Context, tx pgx.Tx) error { return s.recordDeleted(ctx, tx, a, m) }), nil
}

func (s *SelfService) takenBack(ctx context.Context, a job.Action) (bool, error) {
	kept, err := postgres.Scalar[bool](ctx, s.room.db, `
		SELECT EXISTS (
		    SELECT FROM mailbox_deletion
		    WHERE $1 = $2 || member_id || '/' || id
		      AND member_id = $3
		      AND cancelled_at IS NOT NULL)`, a.Key, deleteName+"/", a.Subject)
	if err != nil {
		return false, fmt.Errorf("read whether the deletion was taken back: %w", err)
	}
	return kept, nil
}

func (s *SelfService) removeBox(ctx context.Context, m waiting) error {
	list, err := s.room.provider.Redirections(ctx, m.Primary)
	if err != nil {
		return fmt.Errorf("read the redirections of %s: %w", m.Username, err)
	}
	for _, r := range list {
		if r.To == s.room.config.LeavesEmail {
			continue
		}
		if err := s.room.provider.RemoveRedirection(ctx, r.ID); err != nil {
			return fmt.Errorf("remove a redirection of %s: %w", m.Username, err)
		}
	}
	box, err := s.room.provider.Find(ctx, s.local(m))
	switch {
	case err == nil:
		if err := s.room.provider.Delete(ctx, box); err != nil && !fault.Is(err, fault.NotFound) {
			return fmt.Errorf("delete the mailbox of %s: %w", m.Username, err)
		}
	case !fault.Is(err, fault.NotFound):
		return fmt.Errorf("find the mailbox of %s: %w", m.Username, err)
	}
	if s.room.config.LeavesEmail == "" || slices.ContainsFunc(list, func(r Redirection) bool { return r.To == s.room.config.LeavesEmail }) {
		return nil
	}
	if err := s.room.provider.Redirect(ctx, m.Primary, s.room.config.LeavesEmail, false); err != nil {
		return fmt.Errorf("redirect the address of %s to the departures: %w", m.Username, err)
	}
	return nil
}

// recordDeleted forgets the primary address, kept in the history, and leaves the secondary one.
func (s *SelfService) recordDeleted(ctx context.Context, tx pgx.Tx, a job.Action, m waiting) error {
	before, err := member.ByID(ctx, tx, m.ID)
	if err != nil {
		return err
	}
	none := ""
	err = member.Transition(ctx, tx, m.ID, member.Change{
		To: member.StatusUnset, At: s.room.clock.Now(), Actor: actorOf(a), Reason: "boîte supprimée à la demande", PrimaryEmail: &none,
	})
	if err != nil {
		return fmt.Errorf("record the deletion of the mailbox of %s: %w", m.Username, err)
	}
	if err := s.follow(ctx, tx, before, actorOf(a)); err != nil {
		return err
	}
	if err := s.event(ctx, tx, a, codeDeleted, askedFromPortal, told(m.Primary), nil); err != nil {
		return err
	}
	return s.tell(ctx, tx, a, by(a)+" a supprimé "+whose(a)+".")
}

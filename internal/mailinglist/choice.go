package mailinglist

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/actor"
	"github.com/betagouv/espace-membre/internal/platform/audit"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/platform/job"
	"github.com/betagouv/espace-membre/internal/platform/postgres"
)

// Choice is what a person wants of a list.
type Choice struct {
	About
	RefusedAt *time.Time // nil: the list is received
}

// Refused tells whether the list is refused.
func (c Choice) Refused() bool { return c.RefusedAt != nil }

// Choices gives what a person wants of each list that may be refused.
func (s *Service) Choices(ctx context.Context, who actor.Actor, id uuid.UUID) ([]Choice, error) {
	if err := s.may(ctx, who, id); err != nil {
		return nil, err
	}
	type row struct {
		List      List
		RefusedAt time.Time
	}
	rows, err := postgres.All[row](ctx, s.db, `
		SELECT list, refused_at
		FROM list_refusal
		WHERE member_id = $1`, id)
	if err != nil {
		return nil, fmt.Errorf("read the lists that a member refused: %w", err)
	}
	var choices []Choice
	for _, about := range refusable() {
		c := Choice{About: about}
		for _, r := range rows {
			if r.List == about.List {
				c.RefusedAt = &r.RefusedAt
			}
		}
		choices = append(choices, c)
	}
	return choices, nil
}

func (s *Service) may(ctx context.Context, who actor.Actor, id uuid.UUID) error {
	subject, err := member.SubjectFor(ctx, s.db, who, id, clock.Today(s.clock))
	if err != nil {
		return fmt.Errorf("find the member of a choice: %w", err)
	}
	return member.Can(who, member.ChangePreference, subject)
}

// Choose states, from the account, whether a person receives a list. Stating the same again changes
// nothing.
func (s *Service) Choose(ctx context.Context, who actor.Actor, id uuid.UUID, list List, receive bool) error {
	if err := s.may(ctx, who, id); err != nil {
		return err
	}
	return s.state(ctx, statement{member: id, list: list, receive: receive, via: "account", actor: who.Username})
}

// ChooseByLink states the same with a link whose signature was checked: whoever holds a letter of
// somebody may only do this. The person may be gone since.
func (s *Service) ChooseByLink(ctx context.Context, link Link, receive bool) error {
	return s.state(ctx, statement{member: link.Member, list: link.About.List, receive: receive, via: "link"})
}

// RefusesByLink tells whether the person of a link refuses the list; NotFound when they are gone.
func (s *Service) RefusesByLink(ctx context.Context, link Link) (bool, error) {
	return postgres.Scalar[bool](ctx, s.db, `
		SELECT EXISTS (
		           SELECT FROM list_refusal
		           WHERE list_refusal.member_id = member.id
		             AND list_refusal.list = $2::text)
		FROM member
		WHERE member.id = $1`, link.Member, link.About.List)
}

// statement is one choice on its way to the database.
type statement struct {
	member  uuid.UUID
	list    List
	receive bool
	via     string // account or link
	actor   string // username; empty: the person, known by the link only
}

func (s *Service) state(ctx context.Context, st statement) error {
	if _, err := ListNamed(string(st.list)); err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		username, err := postgres.Scalar[string](ctx, tx, `
			SELECT username
			FROM member
			WHERE id = $1
			FOR UPDATE`, st.member)
		if fault.Is(err, fault.NotFound) {
			return fault.New(fault.NotFound, "Cette fiche n’existe plus.", "no member behind a choice: %w", err)
		}
		if err != nil {
			return fmt.Errorf("find the member of a choice: %w", err)
		}
		changed, err := s.write(ctx, tx, st)
		if err != nil || !changed {
			return err
		}
		if st.actor == "" {
			st.actor = username
		}
		return s.tell(ctx, tx, st, username)
	})
}

// write changes the refusal and tells whether it was otherwise before.
func (s *Service) write(ctx context.Context, tx pgx.Tx, st statement) (bool, error) {
	if st.receive {
		tag, err := tx.Exec(ctx, `
			DELETE FROM list_refusal
			WHERE member_id = $1
			  AND list = $2`, st.member, st.list)
		if err != nil {
			return false, fmt.Errorf("forget a refusal: %w", err)
		}
		return tag.RowsAffected() == 1, nil
	}
	tag, err := tx.Exec(ctx, `
		INSERT INTO list_refusal (member_id, list, refused_at, via)
		VALUES ($1, $2, $3, $4)
		ON CONFLICT (member_id, list) DO NOTHING`, st.member, st.list, s.clock.Now(), st.via)
	if err != nil {
		return false, fmt.Errorf("write a refusal: %w", err)
	}
	return tag.RowsAffected() == 1, nil
}

// tell writes the event and asks that the list follow at once.
func (s *Service) tell(ctx context.Context, tx pgx.Tx, st statement, username string) error {
	now := s.clock.Now()
	event := audit.Event{
		At: now, Actor: st.actor, Code: CodeRefused, Member: st.member, Subject: username,
		Reason: sayVia(st.via), After: map[string]string{"list": string(st.list)},
	}
	verb, reason := "désinscrire", "ne souhaite plus recevoir cette liste"
	if st.receive {
		event.Code, verb, reason = CodeAccepted, "inscrire", "souhaite de nouveau recevoir cette liste"
	}
	if err := audit.Write(ctx, tx, event); err != nil {
		return err
	}
	return s.requester.Request(ctx, tx, job.Action{
		Key: job.Key(choiceJob, st.member, string(st.list)+"/"+now.UTC().Format(time.RFC3339Nano)), Mode: job.State, Job: choiceJob, Verb: verb,
		Subject: st.member, Label: username, Reason: reason, Args: job.EncodeArgs(choiceArgs{st.list}), Actor: st.actor, Queue: job.QueueUrgent,
	})
}

func sayVia(via string) string {
	if via == "link" {
		return "par le lien d’un message"
	}
	return "depuis son compte"
}

const choiceJob = "applyListChoice"

type choiceArgs struct {
	List List `json:"list"`
}

// applyChoice makes a list follow what somebody has just stated; the scheduled jobs would do it too,
// a few minutes later.
func (s *Service) applyChoice() job.Spec {
	return job.Spec{
		Name: choiceJob, Title: "Applique le choix d’une personne pour une liste", Room: "mailinglist", Default: job.On,
		Queue: job.QueueUrgent, Apply: s.followChoice,
	}
}

func (s *Service) followChoice(ctx context.Context, a job.Action) (job.Outcome, error) {
	args, err := job.DecodeArgs[choiceArgs](a)
	switch {
	case err != nil:
		return job.Outcome{}, fmt.Errorf("read the list: %w", err)
	case s.host == nil:
		return job.Moot("OVH n’est pas configuré : le choix est gardé pour plus tard"), nil
	}
	k, refused, err := s.again(ctx, a.Subject, leaveAfter, args.List, clock.Today(s.clock))
	switch {
	case err != nil:
		return job.Outcome{}, fmt.Errorf("read the choice again: %w", err)
	case refused && k.RefusedAt != nil:
		if _, err := s.takeOff(ctx, s.nameOf(args.List), k); err != nil && !fault.Is(err, fault.NotFound) {
			return job.Outcome{}, fmt.Errorf("take %s off the list: %w", k.Username, err)
		}
		return job.Outcome{}, nil
	}
	m, end, err := s.stillActive(ctx, a)
	if err != nil || end != "" {
		return job.Outcome{Moot: end}, err
	}
	address, _ := m.wanted()
	if err := s.host.Subscribe(ctx, s.nameOf(args.List), address); err != nil {
		return job.Outcome{}, fmt.Errorf("subscribe %s: %w", m.Username, err)
	}
	return job.Outcome{}, nil
}

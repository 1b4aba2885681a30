package offboarding

import (
	"context"
	"fmt"
	"unicode/utf8"

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

// Ask is what a member asks: a last day, and a word for who will decide.
type Ask struct {
	Wished  clock.Day
	Message string
}

// The names of the fields of Ask, as its errors tell them.
const (
	FieldWished  = "fin"
	FieldMessage = "message"
)

// AskView is what the page of a request shows to who asks.
type AskView struct {
	End        clock.Day // last day of the last mission; zero: no mission, or one without end
	HasMission bool
	Left       bool       // that day has passed
	First      clock.Day  // first day that may be asked for
	Last       clock.Day  // last one
	Pending    *Extension // the request that waits, if any
	Past       []Extension
	Mates      int // who would be asked: people of the same product
	Incubator  int // people of the incubator
}

// Asking tells a member what may be asked, and what was.
func (s *Service) Asking(ctx context.Context, who actor.Actor) (AskView, error) {
	if err := member.Can(who, member.AskExtension, member.Subject{ID: who.ID}); err != nil {
		return AskView{}, err
	}
	missions, err := member.MissionsOf(ctx, s.db, who.ID)
	if err != nil {
		return AskView{}, err
	}
	v := AskView{HasMission: len(missions) > 0, End: member.LastEnd(missions)}
	if v.End.IsZero() {
		return v, nil
	}
	v.Left = v.End.Before(s.today())
	v.First, v.Last = askable(v.End, s.today())
	list, err := s.extensionsOf(ctx, s.db, who.ID)
	if err != nil {
		return AskView{}, err
	}
	for _, e := range list {
		if e.State == Pending {
			v.Pending = &e
		} else {
			v.Past = append(v.Past, e)
		}
	}
	people, err := s.deciders(ctx, s.db, who.ID)
	for _, p := range people {
		if p.Mate {
			v.Mates++
		} else {
			v.Incubator++
		}
	}
	return v, err
}

// askable gives the first and the last day that may be asked for, when a mission ends on a day.
func askable(end, today clock.Day) (first, last clock.Day) {
	return later(end.Add(1), today), later(end, today).AddMonths(mostMonths)
}

// check refuses what may not be asked, with a message for each field.
func (a Ask) check(end, today clock.Day) error {
	messages := map[string]string{}
	first, last := askable(end, today)
	switch {
	case a.Wished.IsZero():
		messages[FieldWished] = "Indique jusqu’à quel jour tu restes."
	case a.Wished.Before(first):
		messages[FieldWished] = "Choisis un jour à partir du " + first.French() + "."
	case a.Wished.After(last):
		messages[FieldWished] = "Choisis un jour au plus tard le " + last.French() + " : une prolongation dure un an au plus."
	}
	if utf8.RuneCountInString(a.Message) > mostMessage {
		messages[FieldMessage] = fmt.Sprintf("Ton message est trop long : %d caractères au plus.", mostMessage)
	}
	return fault.Fields(messages)
}

// AskExtension records a request and asks that those who may decide be told. One request at a
// time: another one while the first waits is a Conflict, the same one again changes nothing.
func (s *Service) AskExtension(ctx context.Context, who actor.Actor, a Ask) error {
	if err := member.Can(who, member.AskExtension, member.Subject{ID: who.ID}); err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		end, err := s.lockEnd(ctx, tx, who.ID)
		if err != nil {
			return err
		}
		if err := a.check(end, s.today()); err != nil {
			return err
		}
		again, err := s.clearWay(ctx, tx, who.ID, a)
		if err != nil || again {
			return err
		}
		return s.insertExtension(ctx, tx, who, a, end)
	})
}

// lockEnd makes the requests of one member follow each other, and gives the last day of the
// last mission.
func (s *Service) lockEnd(ctx context.Context, tx pgx.Tx, id uuid.UUID) (clock.Day, error) {
	if _, err := postgres.Scalar[string](ctx, tx, `SELECT username FROM member WHERE id = $1 FOR UPDATE`, id); err != nil {
		return clock.Day{}, fmt.Errorf("lock who asks: %w", err)
	}
	missions, err := member.MissionsOf(ctx, tx, id)
	if err != nil {
		return clock.Day{}, err
	}
	end := member.LastEnd(missions)
	switch {
	case len(missions) == 0:
		return end, fault.New(fault.Conflict, "Ta fiche n’a aucune mission à prolonger : demande à ton équipe d’en ajouter une.", "no mission")
	case end.IsZero():
		return end, fault.New(fault.Conflict, "Ta mission n’a pas de fin : il n’y a rien à prolonger.", "open-ended mission")
	}
	return end, nil
}

// clearWay closes a request that no longer counts, and refuses when one waits; again tells that
// the one that waits is this very request.
func (s *Service) clearWay(ctx context.Context, tx pgx.Tx, id uuid.UUID, a Ask) (again bool, err error) {
	list, err := s.extensionsOf(ctx, tx, id)
	if err != nil {
		return false, err
	}
	recent := 0
	for _, e := range list {
		switch {
		case e.State == Pending && e.WishedDay == a.Wished && e.Message == a.Message:
			return true, nil
		case e.State == Pending:
			return false, fault.New(fault.Conflict, "Une demande attend déjà une réponse. Annule-la d’abord pour en faire une autre.", "a request is pending")
		case e.AskedAt.After(s.clock.Now().Add(-requestsSpan)):
			recent++
		}
	}
	if recent >= mostRequests {
		return false, fault.New(fault.Conflict, "Tu as déjà fait plusieurs demandes cette semaine : parles-en directement avec ton équipe ou ton incubateur.", "%d requests in a week", recent)
	}
	_, err = tx.Exec(ctx, `
		UPDATE extension_request
		SET state = 'expired', decided_at = $2, decided_by = 'system'
		WHERE member_id = $1
		  AND state = 'pending'`, id, s.clock.Now())
	if err != nil {
		return false, fmt.Errorf("close the request that no longer counts: %w", err)
	}
	return false, nil
}

func (s *Service) insertExtension(ctx context.Context, tx pgx.Tx, who actor.Actor, a Ask, end clock.Day) error {
	id, now := uuid.New(), s.clock.Now()
	expiry := s.today().Add(openDays)
	if a.Wished.Before(expiry) { // a request for a day that has passed says nothing any more
		expiry = a.Wished
	}
	_, err := tx.Exec(ctx, `
		INSERT INTO extension_request (id, member_id, end_day, wished_day, message, asked_at, expires_day)
		VALUES ($1, $2, $3, $4, $5, $6, $7)`, id, who.ID, end, a.Wished, a.Message, now, expiry)
	if err != nil {
		return fmt.Errorf("record the request of %s: %w", who.Username, postgres.Fault(err))
	}
	err = audit.Write(ctx, tx, audit.Event{
		At: now, Actor: who.Username, Code: CodeExtensionAsked, Member: who.ID, Subject: who.Username,
		Before: map[string]string{"end": end.String()}, After: map[string]string{"end": a.Wished.String()},
	})
	if err != nil {
		return err
	}
	return s.tellDeciders(ctx, tx, who, id)
}

// tellDeciders asks one message for each person who may decide.
func (s *Service) tellDeciders(ctx context.Context, tx pgx.Tx, who actor.Actor, request uuid.UUID) error {
	people, err := s.deciders(ctx, tx, who.ID)
	if err != nil {
		return err
	}
	for _, p := range people {
		err := s.ports.Requester.Request(ctx, tx, job.Action{
			Key: job.Key(askedAction, who.ID, request.String()+"/"+p.ID.String()), Mode: job.Once, Job: askedAction, Verb: "envoyer",
			Subject: who.ID, Label: who.Username, Reason: "demande de prolongation à faire décider", Actor: who.Username,
			Args: job.EncodeArgs(askedArgs{Request: request, Decider: p.ID}),
		})
		if err != nil {
			return fmt.Errorf("ask a message to somebody who may decide: %w", err)
		}
	}
	return nil
}

// WithdrawExtension closes the request that waits; NotFound when none does.
func (s *Service) WithdrawExtension(ctx context.Context, who actor.Actor) error {
	if err := member.Can(who, member.AskExtension, member.Subject{ID: who.ID}); err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `
			UPDATE extension_request
			SET state = 'withdrawn', decided_at = $2, decided_by = $3
			WHERE member_id = $1
			  AND state = 'pending'`, who.ID, s.clock.Now(), who.Username)
		if err != nil {
			return fmt.Errorf("withdraw the request of %s: %w", who.Username, err)
		}
		if tag.RowsAffected() == 0 {
			return fault.New(fault.NotFound, "Aucune demande n’attend de réponse.", "no pending request")
		}
		return audit.Write(ctx, tx, audit.Event{
			At: s.clock.Now(), Actor: who.Username, Code: CodeExtensionWithdrawn, Member: who.ID, Subject: who.Username,
		})
	})
}

package mailbox

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/platform/job"
	"github.com/betagouv/espace-membre/internal/platform/postgres"
)

// Progress is where something asked stands, for the person who waits for it.
type Progress string

// The progresses.
const (
	Planned Progress = "prévu"    // at a known instant
	Ongoing Progress = "en cours" // now, or as soon as the vendor answers
	Done    Progress = "fait"
	Refused Progress = "pas fait" // and why is told
	Stuck   Progress = "bloqué"   // an administrator must look
)

// Request is something asked about a mailbox, as pages tell it.
type Request struct {
	ID        int64
	Form      string // number of the form; "" for what a scheduled job does
	Job       string // kind of action
	Title     string // French: what is asked
	Progress  Progress
	Detail    string // French: why it waits, what it changed, why it was refused; may be empty
	Actor     string
	CreatedAt time.Time
	ClosedAt  *time.Time
	// NextTry is when a planned or waiting request is tried.
	NextTry time.Time
}

// Open tells that something is still to come.
func (r Request) Open() bool { return r.Progress == Planned || r.Progress == Ongoing }

// requestLife is how long what ended is still told.
const requestLife = 24 * time.Hour

type requestRow struct {
	ID        int64
	Key       string
	Job       string
	Actor     string
	State     job.ActionState
	Reason    string
	Args      json.RawMessage
	Attempt   int
	NotBefore time.Time
	LastError string
	CreatedAt time.Time
	ClosedAt  *time.Time
	Cancelled bool
}

// requests lists what was asked about a member's mailbox: what is open, and what ended within
// 24 hours; newest first.
func (s *SelfService) requests(ctx context.Context, id uuid.UUID) ([]Request, error) {
	now := s.room.clock.Now()
	rows, err := postgres.All[requestRow](ctx, s.room.db, `
		SELECT a.id, a.key, a.job, a.actor, a.state, a.reason, COALESCE(a.args, 'null') AS args, a.attempt, a.not_before,
		       a.last_error, a.created_at, a.closed_at,
		       EXISTS (
		           SELECT FROM mailbox_deletion d
		           WHERE a.job = $4
		             AND d.member_id = a.subject
		             AND a.key = $4 || '/' || d.member_id || '/' || d.id
		             AND d.cancelled_at IS NOT NULL) AS cancelled
		FROM job_action a
		WHERE a.subject = $1
		  AND a.job = ANY($2)
		  AND (a.state NOT IN ('done', 'moot') OR a.closed_at >= $3)
		ORDER BY a.id DESC
		LIMIT 50`, id, s.kinds(), now.Add(-requestLife), deleteName)
	if err != nil {
		return nil, fmt.Errorf("read what was asked: %w", err)
	}
	list := make([]Request, len(rows))
	for i, row := range rows {
		list[i] = row.told(now)
	}
	return list, nil
}

// kinds are the actions that pages tell: those that people ask, and those by which jobs make a mailbox.
func (s *SelfService) kinds() []string {
	names := []string{creationJob, redirectionJob}
	for _, spec := range s.Jobs() {
		if spec.Name != noticeName {
			names = append(names, spec.Name)
		}
	}
	return names
}

// Request finds what a form asked about a member, among what is told: NotFound otherwise.
func (a Account) Request(form string) (Request, error) {
	for _, r := range a.Requests {
		if r.Form == form {
			return r, nil
		}
	}
	return Request{}, fault.New(fault.NotFound, "Cette demande n’existe pas, ou elle est terminée depuis plus d’un jour.", "no such request")
}

func (r requestRow) told(now time.Time) Request {
	t := Request{ID: r.ID, Job: r.Job, Actor: r.Actor, CreatedAt: r.CreatedAt, ClosedAt: r.ClosedAt, NextTry: r.NotBefore, Title: r.title()}
	if parts := strings.Split(r.Key, "/"); len(parts) == 3 && r.Actor != "system" {
		t.Form = parts[2]
	}
	t.Progress, t.Detail = r.progress(now)
	return t
}

func (r requestRow) progress(now time.Time) (Progress, string) {
	switch r.State {
	case job.Done:
		return Done, r.result()
	case job.MootState:
		return Refused, r.LastError
	case job.Planned, job.Started:
		switch {
		case r.Cancelled:
			return Refused, "Demande annulée : la boîte est gardée."
		case r.Attempt == 0 && r.NotBefore.After(now):
			return Planned, "Prévu le " + instant(r.NotBefore) + "."
		case r.State == job.Planned && r.Attempt > 0 && r.Job == unblockName:
			return Ongoing, "Brevo ne répond pas pour l’instant. Prochain essai à " + hour(r.NotBefore) + "."
		case r.State == job.Planned && r.Attempt > 0:
			return Ongoing, "L’hébergeur des boîtes ne répond pas pour l’instant. Prochain essai à " + hour(r.NotBefore) + "."
		}
		return Ongoing, ""
	}
	return Stuck, "Cela n’a pas marché : préviens le support, en donnant le numéro " + fmt.Sprint(r.ID) + "."
}

func instant(at time.Time) string { return clock.DayOf(at).French() + " à " + hour(at) }

func hour(at time.Time) string { return at.In(clock.Paris()).Format("15 h 04") }

// title says what is asked.
func (r requestRow) title() string {
	switch r.Job {
	case createName, creationJob:
		return "Créer la boîte"
	case redirectionJob:
		return "Créer l’adresse de redirection"
	case deleteName:
		return "Supprimer la boîte"
	case passwordName:
		return "Changer le mot de passe"
	case redirectName:
		return "Rediriger vers " + read[redirectArgs](r.Args).To
	case unredirectName:
		if to := read[unredirectArgs](r.Args).To; to != "" {
			return "Supprimer la redirection vers " + to
		}
		return "Ne plus garder de copie dans la boîte"
	case replyName:
		return "Programmer une réponse automatique"
	case noReplyName:
		return "Arrêter la réponse automatique"
	case upgradeName:
		return "Passer à l’offre Pro"
	case unblockName:
		if read[unblockArgs](r.Args).Kind == Secondary {
			return "Débloquer l’adresse secondaire"
		}
		return "Débloquer l’adresse principale"
	}
	return r.Reason
}

// result says what a request changed.
func (r requestRow) result() string {
	switch r.Job {
	case createName, creationJob:
		return "La boîte est commandée : elle sera prête dans quelques minutes, un message le dira à l’adresse secondaire."
	case deleteName:
		return "La boîte est supprimée. La connexion se fait désormais avec l’adresse secondaire."
	case passwordName:
		return "Le nouveau mot de passe fonctionne. Robustesse : " + string(read[passwordArgs](r.Args).Strength) + "."
	case redirectName:
		if read[redirectArgs](r.Args).Copy {
			return "Les mails y sont envoyés, et une copie reste dans la boîte."
		}
		return "Les mails y sont envoyés, sans copie dans la boîte."
	case replyName:
		a := read[Absence](r.Args)
		return "Du " + a.From.French() + " au " + a.To.French() + " inclus."
	case upgradeName:
		if read[upgradeArgs](r.Args).Drawn {
			return "La boîte est passée à l’offre Pro. Sa ou son propriétaire doit choisir un nouveau mot de passe."
		}
		return "La boîte est passée à l’offre Pro, avec le mot de passe donné."
	case unblockName:
		return "Nos messages arrivent de nouveau à cette adresse."
	}
	return ""
}

// read reads what an action holds; what is not readable is empty.
func read[T any](args json.RawMessage) T {
	var v T
	if json.Unmarshal(args, &v) != nil {
		var empty T
		return empty
	}
	return v
}

package worker

import (
	"time"

	"github.com/google/uuid"

	"github.com/betagouv/espace-membre/internal/platform/job"
)

// past is one row of the ledger with a wanted key.
type past struct {
	ID        int64
	Key       string
	Round     int
	Mode      job.Mode
	State     job.ActionState
	RunID     *uuid.UUID
	LastError string
	NotBefore time.Time
	CreatedAt time.Time
	ClosedAt  *time.Time
}

func (p past) open() bool { return p.State != job.Done && p.State != job.MootState }

// verdict is what becomes of a wanted key.
type verdict struct {
	do    step
	round int   // of the row to insert
	id    int64 // of the row to reopen, or of the one that stands
	state job.ActionState
}

type step int

const (
	keep     step = iota // its row stands: open and on its own way, or done
	insert               // a new row
	unsteady             // a new row, held: done three times in 24 h and wanted again
	reopen               // a row that failed a day ago
)

// roundsADay is how many times a state may be set in 24 hours before a person looks.
const roundsADay = 3

// notHolding explains a fourth round.
const notHolding = "l’effet ne tient pas : déjà fait trois fois en 24 heures"

// judge decides what becomes of a wanted key from its rounds so far, oldest first. It is pure.
func judge(rounds []past, mode job.Mode, now time.Time, settle time.Duration) verdict {
	next := verdict{do: insert, round: 1}
	recent := 0
	for _, p := range rounds {
		next.round = max(next.round, p.Round+1)
		switch {
		case p.State == job.MootState:
			continue
		case p.State == job.Failed && !p.NotBefore.After(now):
			return verdict{do: reopen, id: p.ID, state: p.State}
		case p.open(), mode == job.Once, p.ClosedAt != nil && !p.ClosedAt.Before(now.Add(-settle)):
			return verdict{do: keep, id: p.ID, state: p.State}
		case p.CreatedAt.After(now.Add(-24 * time.Hour)):
			recent++
		}
	}
	if recent >= roundsADay {
		next.do = unsteady
	}
	return next
}

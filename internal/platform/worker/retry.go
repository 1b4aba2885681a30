package worker

import (
	"context"
	"errors"
	"regexp"
	"time"

	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/platform/job"
)

// How attempts follow each other.
const (
	maxRefusals  = 5
	firstWait    = time.Minute
	longestWait  = time.Hour
	longestAfter = 24 * time.Hour // a vendor may not ask for more
	failedWait   = 24 * time.Hour // before a failed action that is still wanted is tried again
)

// ending is what an attempt makes of its action.
type ending struct {
	state     job.ActionState
	refusals  int
	notBefore time.Time
	text      string // why, without any address
}

// attempted is what is known when an attempt ends.
type attempted struct {
	mode     job.Mode
	attempt  int // of this attempt, from 1
	refusals int // before this attempt
	moot     string
	err      error
}

// conclude decides how an attempt ends and when the next one may start. It is pure, and the only
// place that knows.
func conclude(a attempted, now time.Time) ending {
	e := ending{refusals: a.refusals, notBefore: now}
	switch {
	case a.err == nil && a.moot != "":
		e.state, e.text = job.MootState, a.moot
	case a.err == nil:
		e.state = job.Done
	case a.mode == job.Once && effectUnknown(a.err):
		e.state, e.text = job.Uncertain, describe(a.err)
	case unavailable(a.err):
		e.state, e.text = job.Planned, describe(a.err)
		e.notBefore = now.Add(waitFor(a.err, a.attempt-a.refusals))
	default:
		e = refuse(a, now)
	}
	return e
}

func refuse(a attempted, now time.Time) ending {
	e := ending{state: job.Planned, refusals: a.refusals + 1, text: describe(a.err)}
	if e.refusals >= maxRefusals {
		e.state, e.notBefore = job.Failed, now.Add(failedWait)
		return e
	}
	e.notBefore = now.Add(backoff(e.refusals))
	return e
}

// effectUnknown tells whether the action may have been performed: the answer was lost, the code
// broke down half-way, or time ran out with nobody to say how far it had come.
func effectUnknown(err error) bool {
	if fault.AnswerLost(err) {
		return true
	}
	if _, broke := errors.AsType[*panicError](err); broke {
		return true
	}
	_, classified := errors.AsType[*fault.Error](err)
	return !classified && interrupted(err)
}

func interrupted(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}

func unavailable(err error) bool {
	return fault.Is(err, fault.Unavailable) || fault.AnswerLost(err) || interrupted(err)
}

// waitFor is the time that the vendor asked for, else the backoff of the nth try.
func waitFor(err error, n int) time.Duration {
	if asked := fault.RetryAfter(err); asked > 0 {
		return min(asked, longestAfter)
	}
	return backoff(n)
}

// backoff is one minute, doubled at each try, up to one hour.
func backoff(n int) time.Duration {
	wait := firstWait
	for ; n > 1 && wait < longestWait; n-- {
		wait *= 2
	}
	return min(wait, longestWait)
}

var address = regexp.MustCompile(`[^\s<>"'(),;:]+@[^\s<>"'(),;:]+`)

// describe gives the text of an error to store: bounded, and without any address.
func describe(err error) string {
	text := []rune(address.ReplaceAllString(err.Error(), "(adresse)"))
	if len(text) > 500 {
		text = append(text[:499], '…')
	}
	return string(text)
}

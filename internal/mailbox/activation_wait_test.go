package mailbox_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/worker"
)

// ordered puts a member whose mailbox was ordered ten minutes ago, and records what that wants.
func ordered(t *testing.T) *life {
	t.Helper()
	l := newLife(t, "EMAIL_PLAN_BASIC", person{primary: "anne.leaves@exemple.org", status: member.StatusCreationPending})
	l.clock.Set(clock.MustDay("2024-12-20").At(10, 0))
	l.scheduled()
	l.exec(`UPDATE job_action SET state = 'moot', closed_at = created_at WHERE state <> 'done'`)
	l.exec(`UPDATE member SET primary_email_status = 'EMAIL_CREATION_PENDING', primary_email_status_changed_at = $1`, l.clock.Now().Add(-time.Minute))
	l.letters.sent, l.letters.keys = nil, nil
	l.log.Reset()
	l.clock.Set(clock.MustDay("2024-12-20").At(10, 8))
	if _, err := l.worker.RunDue(t.Context()); err != nil {
		t.Fatal(err)
	}
	return l
}

// The message starts with the activation, on another queue: it waits for it, silently, and
// leaves at its first attempt.
func TestWelcomeWaitsForTheActivationAtWork(t *testing.T) {
	t.Parallel()
	l := ordered(t)
	asked, once := make(chan struct{}), sync.Once{}
	l.door = func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
			once.Do(func() {
				close(asked)
				time.Sleep(500 * time.Millisecond)
			})
			next.ServeHTTP(out, r)
		})
	}
	var both sync.WaitGroup
	drain := func() {
		if _, err := l.worker.Drain(t.Context(), worker.DrainOptions{}); err != nil {
			t.Error(err)
		}
	}
	both.Go(drain)
	<-asked
	drain() // the activation is claimed: this one finds the message
	both.Wait()
	if len(l.letters.sent) != 1 || strings.Contains(l.log.String(), "WARN") {
		t.Errorf("%d letters, log:\n%s", len(l.letters.sent), l.log)
	}
	if n := l.count(`SELECT max(attempt) FROM job_action WHERE mode = 'once' AND state = 'done'`); n != 1 {
		t.Errorf("%d attempts", n)
	}
}

// While OVH is down the message follows the attempts of the activation, a few seconds after each.
func TestWelcomeFollowsAnActivationThatIsTriedAgain(t *testing.T) {
	t.Parallel()
	l := ordered(t)
	l.door = func(http.Handler) http.Handler {
		return http.HandlerFunc(func(out http.ResponseWriter, _ *http.Request) { out.WriteHeader(http.StatusServiceUnavailable) })
	}
	if _, err := l.worker.Drain(t.Context(), worker.DrainOptions{}); err != nil {
		t.Fatal(err)
	}
	if n := l.count(`
		SELECT count(*)
		FROM job_action letter
		JOIN job_action activation ON letter.key = activation.key || '/secondary'
		WHERE letter.state = 'planned' AND activation.state = 'planned'
		  AND letter.not_before = activation.not_before + interval '5 seconds'`); n != 1 {
		t.Errorf("the message does not follow: %s", l.log)
	}
	l.door = nil
	l.clock.Advance(2 * time.Minute)
	if _, err := l.worker.Drain(t.Context(), worker.DrainOptions{}); err != nil || len(l.letters.sent) != 1 {
		t.Errorf("%d letters, %v", len(l.letters.sent), err)
	}
}

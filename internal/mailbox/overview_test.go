package mailbox_test

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/betagouv/espace-membre/internal/mailbox"
	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/actor"
	"github.com/betagouv/espace-membre/internal/platform/fault"
)

func administrator() actor.Actor {
	return actor.Actor{ID: uuid.New(), Username: "admin.member", Standing: actor.Active, Admin: true}
}

func (w *world) overview() mailbox.Overview {
	w.t.Helper()
	o, err := w.room.RedirectionOverview(w.t.Context(), administrator())
	if err != nil {
		w.t.Fatal(err)
	}
	return o
}

func TestRedirectionsAreReadOnceInAWhile(t *testing.T) {
	w := newWorld(t, mailbox.Config{})
	var calls atomic.Int64
	w.listed = func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
			calls.Add(1)
			next.ServeHTTP(out, r)
		})
	}
	w.add(person{username: "anne.here"})
	w.ovh.AddRedirection("anne.here@exemple.org", "a@ailleurs.fr")
	w.ovh.AddRedirection("zoe.attr-attr@exemple.org", "z@ailleurs.fr")
	w.ovh.AddRedirection("anne.here-attr@exemple.org", "b@ailleurs.fr")
	if _, err := w.room.RedirectionOverview(t.Context(), actor.Actor{ID: uuid.New(), Username: "x", Standing: actor.Active}); !fault.Is(err, fault.Forbidden) {
		t.Errorf("a member reads them: %v", err)
	}
	o := w.overview()
	if len(o.Redirections) != 3 || o.Why != "" || o.Reading || !o.ReadAt.Equal(w.clock.Now()) {
		t.Fatalf("%+v", o)
	}
	if o.Redirections[0].Owner != "anne.here" || o.Redirections[1].Owner != "anne.here" || o.Redirections[2].Owner != "" {
		t.Errorf("owners: %+v", o.Redirections)
	}
	asked := calls.Load()
	w.clock.Advance(5*time.Minute - time.Second)
	if w.overview(); calls.Load() != asked {
		t.Error("asked again within five minutes")
	}
	w.clock.Advance(time.Second)
	if w.overview(); calls.Load() == asked {
		t.Error("not asked again after five minutes")
	}
}

func TestRedirectionsWhileOVHIsDown(t *testing.T) {
	w := newWorld(t, mailbox.Config{})
	w.ovh.AddRedirection("anne.here@exemple.org", "a@ailleurs.fr")
	w.down()
	if o := w.overview(); !o.ReadAt.IsZero() || !strings.Contains(o.Why, "OVH ne répond pas") || len(o.Redirections) != 0 {
		t.Errorf("never read: %+v", o)
	}
	w.listed = func(next http.Handler) http.Handler { return next }
	if o := w.overview(); o.Why == "" {
		t.Error("asked again at once")
	}
	w.clock.Advance(15 * time.Second)
	if o := w.overview(); o.Why != "" || len(o.Redirections) != 1 {
		t.Errorf("after a while: %+v", o)
	}
	w.clock.Advance(time.Hour)
	w.down()
	if o := w.overview(); o.Why == "" || len(o.Redirections) != 1 || o.ReadAt.IsZero() {
		t.Errorf("the former reading is lost: %+v", o)
	}
}

func TestSlowReadingDoesNotKeepThePageWaiting(t *testing.T) {
	w := newWorld(t, mailbox.Config{})
	w.ovh.AddRedirection("anne.here@exemple.org", "a@ailleurs.fr")
	release := make(chan struct{})
	w.listed = func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
			<-release
			next.ServeHTTP(out, r)
		})
	}
	start := time.Now()
	o := w.overview()
	if took := time.Since(start); took > 4*time.Second || !o.Reading || !strings.Contains(o.Why, "la lecture continue") {
		t.Errorf("after %s: %+v", took, o)
	}
	close(release)
	if o = w.overview(); o.Reading || len(o.Redirections) != 1 {
		t.Errorf("the reading was thrown away: %+v", o)
	}
}

func TestRedirectionIsDroppedFromTheConsole(t *testing.T) {
	w := newWorld(t, mailbox.Config{})
	id := w.add(person{username: "anne.here", secondary: "anne@maison.fr", status: member.StatusActive})
	w.ovh.AddRedirection("anne.here@exemple.org", "a@ailleurs.fr")
	w.ovh.AddRedirection("anne.here@exemple.org", "anne@maison.fr")
	w.ovh.AddRedirection("old@exemple.org", "a@ailleurs.fr")
	w.overview()
	_, err := w.room.DropRedirections(t.Context(), "console", "anne.here@exemple.org", "nobody@ailleurs.fr")
	refused(t, err, fault.NotFound)
	for from, to := range map[string]string{" Anne.Here@exemple.org": "anne@maison.fr", "old@exemple.org": "A@ailleurs.fr"} {
		if n, err := w.room.DropRedirections(t.Context(), "console", from, to); err != nil || n != 1 {
			t.Errorf("%s: %d, %v", from, n, err)
		}
	}
	if o := w.overview(); len(o.Redirections) != 1 || o.Redirections[0].To != "a@ailleurs.fr" || o.Redirections[0].From != "anne.here@exemple.org" {
		t.Errorf("left, or shown from memory: %+v", o.Redirections)
	}
	if to := w.before(id, "MEMBER_REDIRECTION_DELETED", "to"); to != "adresse secondaire" || w.reason(id, "MEMBER_REDIRECTION_DELETED") == "" {
		t.Errorf("told %q: the private address stays private", to)
	}
	w.goldenPlan(redirection, "population 0") // what a person removed does not come back by itself
}

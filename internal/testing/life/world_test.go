package life_test

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/robfig/cron/v3"

	"github.com/betagouv/espace-membre/internal/app"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/postgres"
	"github.com/betagouv/espace-membre/internal/platform/worker"
	"github.com/betagouv/espace-membre/internal/testing/contract"
)

// world is the product and its outside, on a day of ours.
type world struct {
	*app.World
	t     *testing.T
	clock *clock.Fake
	rare  []cron.Schedule // of the jobs that do not run every few minutes
}

func open(t *testing.T, day string, hour int) *world {
	t.Helper()
	if testing.Short() {
		t.Skip("starts a database and plays months of jobs")
	}
	//nolint:usetesting // the server's own account must reach the folder, which is not so of t.TempDir for root
	dir, err := os.MkdirTemp("/var/tmp", "espace-membre-life-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	w := &world{t: t, clock: clock.At(clock.MustDay(day), hour, 0)}
	vendors := httptest.NewServer(w.judged())
	t.Cleanup(vendors.Close)
	w.World, err = app.OpenWorld(t.Context(), app.DemoOptions{
		Dir: dir + "/demo", Port: 8100, Clock: w.clock, Bare: true, Out: io.Discard,
		Env: map[string]string{
			"JOB_RECREATEEMAILIFUSERACTIVE": "on", "JOB_DELETESECONDARYEMAILSFORUSERS": "on",
			"OVH_ENDPOINT": vendors.URL + "/ovh/1.0", "BREVO_API_URL": vendors.URL + "/brevo/v3",
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.Close)
	w.readSchedules()
	w.tick() // every job sees its first slot
	return w
}

// judged is OVH and Brevo, each exchange held against its OpenAPI description where that is at
// hand. What the descriptions leave out is named here, and printed.
func (w *world) judged() http.Handler {
	w.t.Helper()
	mux, sandbox := http.NewServeMux(), http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) { w.Sandbox.Handler().ServeHTTP(out, r) })
	for prefix, beyond := range map[string][]string{
		"/ovh/1.0": {
			"GET /auth/time",
			"GET /email/domain/{domain}/account/{accountName} -> 404",
			"GET /email/pro/{service}/account/{email} -> 404",
			"GET /email/exchange/{organizationName}/service/{exchangeService}/account/{primaryEmailAddress} -> 404",
		},
		"/brevo/v3": nil,
	} {
		vendor, _, _ := strings.Cut(strings.TrimPrefix(prefix, "/"), "/")
		c := contract.Beside(w.t, vendor, prefix)
		w.t.Cleanup(func() { c.Check(w.t, beyond...) })
		mux.Handle(prefix+"/", c.Wrap(sandbox))
	}
	return mux
}

// readSchedules keeps the schedules of the jobs that do not run every few minutes.
func (w *world) readSchedules() {
	w.t.Helper()
	status, err := w.Worker().Status(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	for _, s := range status {
		if strings.HasPrefix(s.Schedule, "*/") || !s.Enabled {
			continue
		}
		schedule, err := worker.ParseSchedule(s.Schedule)
		if err != nil {
			w.t.Fatal(err)
		}
		w.rare = append(w.rare, schedule)
	}
}

// tick runs what is due and applies what that wants; it tells whether anything was attempted.
func (w *world) tick() bool {
	w.t.Helper()
	ctx := context.WithoutCancel(w.t.Context())
	attempted := false
	for {
		ran, err := w.Worker().RunDue(ctx)
		if err != nil {
			w.t.Fatal(err)
		}
		n, err := w.Worker().Drain(ctx, worker.DrainOptions{})
		if err != nil {
			w.t.Fatal(err)
		}
		attempted = attempted || n > 0
		if len(ran) == 0 && n == 0 {
			return attempted
		}
	}
}

// settle lets the frequent jobs run, slot after slot, as long as they find something to do, at
// most until an instant.
func (w *world) settle(until time.Time) {
	w.t.Helper()
	for {
		next := w.clock.Now().Truncate(8 * time.Minute).Add(8 * time.Minute)
		if next.After(until) {
			return
		}
		w.clock.Set(next)
		if !w.tick() {
			return
		}
	}
}

// liveUntil goes from slot to slot until the evening of a day. A job that runs every few minutes
// is only asked at the slots that follow a change.
func (w *world) liveUntil(day string) {
	w.t.Helper()
	end := clock.MustDay(day).At(23, 0)
	w.settle(w.nextSlot()) // what changed since the last stop
	for {
		next := w.nextSlot()
		if next.After(end) {
			w.settle(end)
			w.clock.Set(end)
			w.tick()
			return
		}
		w.clock.Set(next)
		if w.tick() {
			w.settle(w.nextSlot())
		}
	}
}

// liveEverySlot goes to the evening of a day without leaving out any slot of four minutes.
func (w *world) liveEverySlot(day string) {
	w.t.Helper()
	for end := clock.MustDay(day).At(23, 0); w.clock.Now().Before(end); {
		w.clock.Set(w.clock.Now().Truncate(4 * time.Minute).Add(4 * time.Minute))
		w.tick()
	}
}

// nextSlot is the first slot of a rare job after now, and at least one stop a day.
func (w *world) nextSlot() time.Time {
	now := w.clock.Now()
	next := clock.DayOf(now).Add(1).At(0, 4)
	for _, schedule := range w.rare {
		if slot := schedule.Next(now); slot.Before(next) {
			next = slot
		}
	}
	return next
}

// line is something that happened, at an instant.
type line struct {
	at   time.Time
	text string
}

// journal tells every mail, every call that changes something at a vendor, and every step of
// an address, in order, a line each.
func (w *world) journal() string {
	w.t.Helper()
	lines := slices.Concat(w.mails(), w.calls(), w.steps())
	slices.SortStableFunc(lines, func(a, b line) int {
		return cmp.Or(a.at.Truncate(time.Minute).Compare(b.at.Truncate(time.Minute)), strings.Compare(a.text, b.text))
	})
	var text strings.Builder
	for _, l := range lines {
		fmt.Fprintf(&text, "%s  %s\n", l.at.In(clock.Paris()).Format("2006-01-02 15:04"), l.text)
	}
	return text.String()
}

func (w *world) mails() []line {
	var lines []line
	for _, m := range w.Sandbox.Mails() {
		lines = append(lines, line{m.ReceivedAt, fmt.Sprintf("mail    %s : %s", m.To, m.Subject)})
	}
	return lines
}

// serials are the numbers that vendors draw.
var serials = regexp.MustCompile(`\d{6,}`)

func (w *world) calls() []line {
	var lines []line
	for _, e := range w.Sandbox.Journal().Entries("") {
		if e.Method == "GET" || e.Method == "MAIL" {
			continue
		}
		path := serials.ReplaceAllString(e.Path, "N")
		lines = append(lines, line{e.Time, fmt.Sprintf("call    %s %s -> %d", e.Method, path, e.Status)})
	}
	return lines
}

func (w *world) steps() []line {
	w.t.Helper()
	type event struct {
		At     time.Time
		Who    string
		Before string
		After  string
		Reason string
	}
	events, err := postgres.All[event](w.t.Context(), w.Pool(), `
		SELECT at, subject AS who, before ->> 'status' AS before, after ->> 'status' AS after, reason
		FROM audit_event
		WHERE code = 'MEMBER_EMAIL_STATUS_UPDATED'
		ORDER BY id`)
	if err != nil {
		w.t.Fatal(err)
	}
	var lines []line
	for _, e := range events {
		lines = append(lines, line{e.At, fmt.Sprintf("address %s : %s -> %s (%s)", e.Who, e.Before, e.After, e.Reason)})
	}
	return lines
}

// open and failed actions: at the end of a life there are none.
func (w *world) unsettled() []string {
	w.t.Helper()
	rows, err := postgres.Column[string](w.t.Context(), w.Pool(), `
		SELECT state || ' ' || job || ' ' || label || ' ' || last_error
		FROM job_action
		WHERE state NOT IN ('done', 'moot')
		ORDER BY id`)
	if err != nil {
		w.t.Fatal(err)
	}
	return rows
}

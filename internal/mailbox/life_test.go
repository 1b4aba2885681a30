package mailbox_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/betagouv/espace-membre/internal/integration/ovh"
	"github.com/betagouv/espace-membre/internal/integration/ovh/ovhsim"
	"github.com/betagouv/espace-membre/internal/mailbox"
	"github.com/betagouv/espace-membre/internal/mailbox/mailboxovh"
	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/postgres"
	"github.com/betagouv/espace-membre/internal/platform/worker"
	"github.com/betagouv/espace-membre/internal/testing/pgtest"
)

// lastDay is the end of the mission in every life below.
var lastDay = clock.MustDay("2024-12-31")

// life is a departure lived day by day, with the real engine on a real database.
type life struct {
	stage
	pool     *pgxpool.Pool
	ovh      *ovhsim.Sim
	provider mailbox.Provider
	letters  *letters
	door     func(http.Handler) http.Handler // between the client and OVH; nil: nothing
	judged   http.Handler                    // OVH, each exchange held against its description
	log      *bytes.Buffer
	room     *mailbox.Service
	worker   *worker.Worker
	id       uuid.UUID
	told     []string
}

func newLife(t *testing.T, plan string, p person) *life {
	t.Helper()
	l := &life{pool: pgtest.New(t), letters: &letters{}, log: &bytes.Buffer{}}
	l.stage = stage{t, l.pool, clock.At(lastDay, 18, 0)}
	l.ovh = ovhsim.New(ovhsim.Config{
		AppKey: "app", AppSecret: "secret", ConsumerKey: "consumer", Domain: "exemple.org",
		ProService: "pro-1", ExchangeService: "ex-1", Clock: l.clock, Delay: time.Minute,
	})
	l.ovh.AddMailbox("EMAIL_PLAN_BASIC", "somebody.else")
	l.judged = judgedByOVH(t, l.ovh)
	server := httptest.NewServer(http.HandlerFunc(l.serve))
	t.Cleanup(server.Close)
	l.provider = mailboxovh.New(ovh.New(ovh.Config{
		Endpoint: server.URL + "/1.0", AppKey: "app", AppSecret: "secret", ConsumerKey: "consumer", Domain: "exemple.org",
		ProService: "pro-1", ExchangeService: "ex-1", PerSecond: 1000, Clock: l.clock,
	}))
	late := &requester{}
	ports := mailbox.Ports{Provider: l.provider, Contacts: &contacts{}, Letters: l.letters, Requester: late}
	l.room = mailbox.New(l.pool, l.clock, ports, mailbox.Config{Domain: "exemple.org", DefaultPlan: mailbox.Plan(plan), LeavesEmail: "depart@exemple.org"})
	var err error
	if l.worker, err = worker.New(worker.Options{Pool: l.pool, Clock: l.clock, Specs: l.room.Jobs(), SelfApprove: true, Logger: slog.New(slog.NewTextHandler(l.log, nil))}); err != nil {
		t.Fatal(err)
	}
	late.Worker = l.worker
	if plan != "" {
		l.ovh.AddMailbox(plan, "anne.leaves")
	}
	p.username, p.secondary, p.end, p.since = "anne.leaves", "anne@ailleurs.fr", lastDay.String(), lastDay.Add(-200).At(9, 0)
	l.id = l.add(p)
	return l
}

func (l *life) serve(out http.ResponseWriter, r *http.Request) {
	if l.door != nil {
		l.door(l.judged).ServeHTTP(out, r)
		return
	}
	l.judged.ServeHTTP(out, r)
}

type requester struct{ *worker.Worker }

// run performs jobs one after the other, as a day does.
func (l *life) run(jobs ...string) {
	l.t.Helper()
	for _, name := range jobs {
		if _, err := l.worker.Run(context.Background(), name, worker.RunOptions{Confirm: true}); err != nil {
			l.t.Fatalf("%s on %s: %v", name, clock.Today(l.clock), err)
		}
	}
}

// frequent are the jobs of every few minutes; recreateEmailIfUserActive is off.
func frequent() []string {
	return []string{"emailCreationJob", "redirectionCreationJob", "setEmailAddressesActive", "setEmailRedirectionActive"}
}

// until lives up to a number of days after the last one, each job at its hour, on the days when
// something may fall due and the days around them; and notes what changed.
func (l *life) until(last int) {
	l.t.Helper()
	for after := clock.Today(l.clock).Sub(lastDay) + 1; after <= last; after++ {
		if !slices.Contains([]int{1, 4, 5, 34, 35}, after) && after < last {
			continue
		}
		for _, slot := range []struct {
			hour int
			jobs []string
		}{
			{8, []string{removal}}, {14, []string{removal, suspension}}, {15, []string{deletion, expiry}}, {16, frequent()}, {17, frequent()},
		} {
			l.clock.Set(lastDay.Add(after).At(slot.hour, 0))
			l.run(slot.jobs...)
			l.note(lastDay.Add(after))
		}
	}
}

// note tells the state of the address and what OVH holds when either has changed.
func (l *life) note(day clock.Day) {
	l.t.Helper()
	var status member.Status
	var primary string
	err := l.pool.QueryRow(context.Background(), `SELECT primary_email_status, coalesce(primary_email, '-') FROM member WHERE id = $1`, l.id).Scan(&status, &primary)
	if err != nil {
		l.t.Fatal(err)
	}
	holds := []string{}
	if box, err := l.provider.Find(context.Background(), "anne.leaves"); err == nil {
		holds = append(holds, string(box.Plan))
	}
	if strings.Contains(fmt.Sprintf("%s", l.ovh.State()), `"from":"anne.leaves`) {
		holds = append(holds, "redirection")
	}
	now := fmt.Sprintf("%s %s [%s]", status, primary, strings.Join(holds, " "))
	if len(l.told) == 0 || !strings.HasSuffix(l.told[len(l.told)-1], now) {
		l.told = append(l.told, fmt.Sprintf("J%+d %s", day.Sub(lastDay), now))
	}
}

// comeBack lengthens the mission; with the button, in the same transaction, what was taken
// away is asked for, as the acceptance of an extension does.
func (l *life) comeBack(button bool) {
	l.t.Helper()
	err := postgres.InTx(context.Background(), l.pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(context.Background(), `UPDATE mission SET end_day = NULL WHERE member_id = $1`, l.id); err != nil || !button {
			return err
		}
		return l.room.Restore(context.Background(), tx, l.id, "admin.member")
	})
	if err != nil {
		l.t.Fatal(err)
	}
	if _, err := l.worker.Drain(context.Background(), worker.DrainOptions{}); err != nil {
		l.t.Fatal(err)
	}
}

// kinds are the ways to have an address, and the life that each leads without a return.
var kinds = map[string]struct {
	plan        string
	who         person
	redirection string // where it leads from, in the beginning
	life        []string
}{
	"mx": {
		"EMAIL_PLAN_BASIC",
		person{primary: "anne.leaves@exemple.org", status: member.StatusActive},
		"anne.leaves@exemple.org",
		[]string{
			"J+0 EMAIL_ACTIVE anne.leaves@exemple.org [EMAIL_PLAN_BASIC redirection]",
			"J+1 EMAIL_ACTIVE anne.leaves@exemple.org [EMAIL_PLAN_BASIC]",
			"J+5 EMAIL_SUSPENDED anne.leaves@exemple.org [EMAIL_PLAN_BASIC]",
			"J+35 EMAIL_DELETED - []",
		},
	},
	"pro, password never chosen": {
		"EMAIL_PLAN_PRO",
		person{primary: "anne.leaves@exemple.org", status: member.StatusPasswordPending},
		"",
		[]string{
			"J+0 EMAIL_ACTIVE_AND_PASSWORD_DEFINITION_PENDING anne.leaves@exemple.org [EMAIL_PLAN_PRO]",
			"J+5 EMAIL_SUSPENDED anne.leaves@exemple.org [EMAIL_PLAN_PRO]",
			"J+35 EMAIL_DELETED - []",
		},
	},
	"exchange": {
		"EMAIL_PLAN_EXCHANGE",
		person{primary: "anne.leaves@exemple.org", status: member.StatusActive},
		"",
		[]string{
			"J+0 EMAIL_ACTIVE anne.leaves@exemple.org [EMAIL_PLAN_EXCHANGE]",
			"J+5 EMAIL_SUSPENDED anne.leaves@exemple.org [EMAIL_PLAN_EXCHANGE]",
			"J+35 EMAIL_DELETED - []",
		},
	},
	"foreign": {
		"",
		person{primary: "anne@ministere.fr", status: member.StatusActive},
		"",
		[]string{"J+0 EMAIL_ACTIVE anne@ministere.fr []", "J+5 EMAIL_EXPIRED anne@ministere.fr []"},
	},
	"attributaire": {
		"",
		person{primary: "anne.leaves-attr@exemple.org", status: member.StatusRedirectionActive, redirection: true, kind: "attributaire"},
		"anne.leaves-attr@exemple.org",
		[]string{"J+0 EMAIL_REDIRECTION_ACTIVE anne.leaves-attr@exemple.org [redirection]", "J+1 EMAIL_DELETED - []"},
	},
}

func begin(t *testing.T, kind string) *life {
	t.Helper()
	k := kinds[kind]
	l := newLife(t, k.plan, k.who)
	if k.redirection != "" {
		l.ovh.AddRedirection(k.redirection, "anne@ailleurs.fr")
	}
	l.note(lastDay)
	return l
}

func TestDepartureCompletesWhateverTheAddress(t *testing.T) {
	for kind, k := range kinds {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			l := begin(t, kind)
			l.until(45)
			if diff := cmp.Diff(k.life, l.told); diff != "" {
				t.Errorf("the departure (-want +got):\n%s", diff)
			}
			if len(l.letters.keys) != 0 {
				t.Errorf("%d letters left: messages of departure are another room's", len(l.letters.keys))
			}
		})
	}
}

// restored is where each kind stands after a return, whenever it happens.
var restored = map[string][2]string{ // after 3 days; later
	"mx": {
		"EMAIL_ACTIVE anne.leaves@exemple.org [EMAIL_PLAN_BASIC redirection]",
		"EMAIL_ACTIVE_AND_PASSWORD_DEFINITION_PENDING anne.leaves@exemple.org [EMAIL_PLAN_BASIC redirection]",
	},
	"pro, password never chosen": {
		"EMAIL_ACTIVE_AND_PASSWORD_DEFINITION_PENDING anne.leaves@exemple.org [EMAIL_PLAN_PRO]",
		"EMAIL_ACTIVE_AND_PASSWORD_DEFINITION_PENDING anne.leaves@exemple.org [EMAIL_PLAN_PRO]",
	},
	"exchange": {
		"EMAIL_ACTIVE anne.leaves@exemple.org [EMAIL_PLAN_EXCHANGE]",
		"EMAIL_ACTIVE_AND_PASSWORD_DEFINITION_PENDING anne.leaves@exemple.org [EMAIL_PLAN_EXCHANGE]",
	},
	"foreign":      {"EMAIL_ACTIVE anne@ministere.fr []", "EMAIL_ACTIVE anne@ministere.fr []"},
	"attributaire": {"EMAIL_REDIRECTION_ACTIVE anne.leaves-attr@exemple.org [redirection]", "EMAIL_REDIRECTION_ACTIVE anne.leaves-attr@exemple.org [redirection]"},
}

func TestReturnRestoresAtAnyPoint(t *testing.T) {
	for kind, want := range restored {
		for i, after := range []int{3, 20, 50} {
			for _, button := range []bool{true, false} {
				if !button && slices.Contains([]string{"exchange", "foreign", "pro, password never chosen"}, kind) {
					continue // as the others
				}
				t.Run(fmt.Sprintf("%s/J+%d/button %v", kind, after, button), func(t *testing.T) {
					t.Parallel()
					l := begin(t, kind)
					l.until(after)
					l.comeBack(button)
					if !button { // what is deleted comes back by the job that is off by default
						l.run(recreation)
					}
					l.until(after + 2)
					l.expect(want[min(i, 1)])
					l.letterOnce(after, kind)
					l.until(after + 10) // and stays
					l.expect(want[min(i, 1)])
				})
			}
		}
	}
}

func (l *life) expect(want string) {
	l.t.Helper()
	if got := l.told[len(l.told)-1]; !strings.HasSuffix(got, want) {
		l.t.Errorf("ends as %s, want %s; lived %q", got, want, l.told)
	}
}

// letterOnce checks that whoever must choose a password was told so, once.
func (l *life) letterOnce(after int, kind string) {
	l.t.Helper()
	want := 0
	if after > 3 && slices.Contains([]string{"mx", "pro, password never chosen", "exchange"}, kind) {
		want = 1
	}
	if len(l.letters.keys) != want {
		l.t.Errorf("%d letters, want %d", len(l.letters.keys), want)
	}
	if after == 20 && want != len(l.letters.back) || after == 50 && want != len(l.letters.sent) {
		l.t.Errorf("J+%d: %d « rétablie » and %d « prête »", after, len(l.letters.back), len(l.letters.sent))
	}
}

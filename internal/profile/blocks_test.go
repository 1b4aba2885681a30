package profile_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/betagouv/espace-membre/internal/mailbox"
	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/actor"
	"github.com/betagouv/espace-membre/internal/platform/audit"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/files"
	"github.com/betagouv/espace-membre/internal/profile"
	"github.com/betagouv/espace-membre/internal/testing/pgtest"
)

// vendor blocks thousands of addresses, and may be slow or down.
type vendor struct {
	mu      sync.Mutex
	reasons map[string]string
	down    bool
	slow    chan struct{} // nil: at once
	calls   int
}

func (v *vendor) Blocked(context.Context) (map[string]string, error) {
	v.mu.Lock()
	v.calls++
	slow, down := v.slow, v.down
	reasons := v.reasons
	v.mu.Unlock()
	if slow != nil {
		<-slow
	}
	if down {
		return nil, errors.New("down")
	}
	return reasons, nil
}

func (v *vendor) set(change func()) {
	v.mu.Lock()
	defer v.mu.Unlock()
	change()
}

func (v *vendor) asked() int {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.calls
}

func blocking(t *testing.T) (*bench, *vendor, func() profile.Diagnosis) {
	t.Helper()
	v := &vendor{reasons: map[string]string{"camille@prive.exemple": "hardBounce"}}
	for i := range 3000 {
		v.reasons[fmt.Sprintf("autre%d@exemple.org", i)] = "hardBounce"
	}
	b := &bench{db: pgtest.Tx(t), clock: clock.At(clock.MustDay("2024-12-19"), 10, 0), host: &host{names: []string{"camille.durand"}}}
	b.Service = profile.New(b.db, b.clock, nil, profile.Ports{Files: files.NewRows(b.db), Mailboxes: b.host, Refusals: v}, profile.Config{Domain: "beta.gouv.fr", Key: []byte("clé")})
	id := b.add(t, "camille.durand", "camille.durand@beta.gouv.fr", "camille@prive.exemple", "EMAIL_ACTIVE")
	own := actor.Actor{ID: id, Username: "camille.durand", Standing: actor.Active}
	return b, v, func() profile.Diagnosis {
		_, d, err := b.DiagnosisOf(t.Context(), own, "camille.durand")
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
}

func TestABlockIsFoundAmongThousandsWithOneReadingForAll(t *testing.T) {
	b, v, diagnose := blocking(t)
	for range 5 {
		if d := diagnose(); d.Code != "EM-M0-A0-B0-R2-S1-C9" {
			t.Fatalf("%s %+v", d.Code, d.Problems)
		}
	}
	if v.asked() != 1 {
		t.Errorf("%d readings for five views", v.asked())
	}
	v.set(func() { v.reasons = nil })
	b.clock.Advance(5 * time.Minute)
	if d := diagnose(); d.Code != "EM-M0-A0-B0-R0-S1-C9" || v.asked() != 2 {
		t.Errorf("later: %s after %d readings", d.Code, v.asked())
	}
}

func TestAReadingLongerThanAPageServesTheNextOnes(t *testing.T) {
	_, v, diagnose := blocking(t)
	free := make(chan struct{})
	v.set(func() { v.slow = free })
	begin := time.Now()
	if d := diagnose(); d.Code != "EM-M0-A0-B0-R9-S1-C9" || time.Since(begin) > 2*profile.DiagnosisBudget {
		t.Errorf("while the reading goes on: %s in %v", d.Code, time.Since(begin))
	}
	close(free)
	if d := diagnose(); d.Code != "EM-M0-A0-B0-R2-S1-C9" || v.asked() != 1 {
		t.Errorf("after it: %s, %d readings", d.Code, v.asked())
	}
}

func TestAVendorThatFailsIsLeftAloneForAMinute(t *testing.T) {
	b, v, diagnose := blocking(t)
	v.set(func() { v.down = true })
	for range 3 {
		if d := diagnose(); d.Code != "EM-M0-A0-B0-R9-S1-C9" {
			t.Fatalf("down: %s", d.Code)
		}
	}
	if v.asked() != 1 {
		t.Errorf("a vendor that fails is asked %d times for three views", v.asked())
	}
	v.set(func() { v.down = false })
	b.clock.Advance(time.Minute)
	if d := diagnose(); d.Code != "EM-M0-A0-B0-R2-S1-C9" {
		t.Errorf("once back: %s", d.Code)
	}
	v.set(func() { v.down = true })
	b.clock.Advance(10 * time.Minute)
	if d := diagnose(); d.Code != "EM-M0-A0-B0-R2-S1-C9" {
		t.Errorf("down again, the former reading is forgotten: %s", d.Code)
	}
}

// What was read before a block was lifted from here says nothing any more.
func TestABlockThatWasJustLiftedIsNotToldAgain(t *testing.T) {
	b, v, diagnose := blocking(t)
	diagnose()
	v.set(func() { v.reasons = nil })
	b.clock.Advance(time.Second)
	m, err := member.ByUsername(t.Context(), b.db, "camille.durand")
	if err != nil {
		t.Fatal(err)
	}
	if err := audit.Write(t.Context(), b.db, audit.Event{At: b.clock.Now(), Actor: "system", Code: "MEMBER_UNBLOCK_EMAIL", Member: m.ID}); err != nil {
		t.Fatal(err)
	}
	if d := diagnose(); d.Code != "EM-M0-A0-B0-R0-S1-C9" {
		t.Errorf("%s after %d readings", d.Code, v.asked())
	}
}

// blockedHost is a host whose mailboxes are all stopped for spam.
type blockedHost struct{}

func (blockedHost) Find(context.Context, string) (mailbox.Box, error) {
	return mailbox.Box{Plan: mailbox.PlanPro, Blocked: true}, nil
}

func TestADiagnosisSeesTheBlockOfTheHostAndTheChatAccount(t *testing.T) {
	db, clk := pgtest.Tx(t), clock.At(clock.MustDay("2024-12-19"), 10, 0)
	b := &bench{db: db, clock: clk}
	b.Service = profile.New(db, clk, nil, profile.Ports{Files: files.NewRows(db), Mailboxes: blockedHost{}}, profile.Config{Domain: "beta.gouv.fr", Key: []byte("clé")})
	id := b.add(t, "camille.durand", "camille.durand@beta.gouv.fr", "camille@prive.exemple", "EMAIL_ACTIVE")
	other := b.add(t, "lou.martin", "lou.martin@beta.gouv.fr", "", "EMAIL_ACTIVE")
	code := func() string {
		_, d, err := b.DiagnosisOf(t.Context(), actor.Actor{ID: id, Username: "camille.durand", Standing: actor.Active}, "camille.durand")
		if err != nil {
			t.Fatal(err)
		}
		return d.Code
	}
	account := func(of any, name, metadata string) {
		if _, err := db.Exec(t.Context(), `
			INSERT INTO service_account (member_id, type, service_user_id, metadata, created_at, updated_at)
			VALUES ($1, 'mattermost', $2, $3, $4, $4)`, of, name, metadata, clk.Now()); err != nil {
			t.Fatal(err)
		}
	}
	if got := code(); got != "EM-M0-A0-B2-R0-S1-C9" {
		t.Errorf("no chat account was ever read: %s", got)
	}
	account(other, "a", `{"username": "lou"}`)
	if got := code(); got != "EM-M0-A0-B2-R0-S1-C1" {
		t.Errorf("somebody else has one: %s", got)
	}
	account(id, "b", `{"username": "camille", "active": false}`)
	if got := code(); got != "EM-M0-A0-B2-R0-S1-C2" {
		t.Errorf("closed: %s", got)
	}
	account(id, "c", `{"username": "camille2"}`)
	if got := code(); got != "EM-M0-A0-B2-R0-S1-C0" {
		t.Errorf("another one works: %s", got)
	}
}

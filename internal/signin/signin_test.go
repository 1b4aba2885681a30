package signin_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/actor"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/platform/job"
	"github.com/betagouv/espace-membre/internal/signin"
	"github.com/betagouv/espace-membre/internal/testing/pgtest"
	"github.com/betagouv/espace-membre/internal/testing/webtest"
)

// post is where letters arrive; fail, when set, is what sending answers.
type post struct {
	letters []signin.LoginLetter
	fail    error
	before  func(signin.LoginLetter)
}

func (p *post) SendLogin(_ context.Context, letter signin.LoginLetter) error {
	if p.before != nil {
		p.before(letter)
	}
	if p.fail != nil {
		return p.fail
	}
	p.letters = append(p.letters, letter)
	return nil
}

// bench is the room on a transaction that is rolled back.
type bench struct {
	tx       pgx.Tx
	clock    *clock.Fake
	requests *webtest.Requests
	post     *post
	service  *signin.Service
}

func newBench(t *testing.T) *bench {
	t.Helper()
	b := &bench{tx: pgtest.Tx(t), clock: clock.At(clock.MustDay("2024-12-19"), 10, 0), requests: &webtest.Requests{}, post: &post{}}
	b.service = signin.New(b.tx, b.clock, b.requests, b.post, signin.Config{
		BaseURL: "https://portail.example", Key: []byte("clef de test"), Admins: []string{"admin.member"},
	})
	return b
}

func (b *bench) member(t *testing.T, username, secondary string) uuid.UUID {
	t.Helper()
	var id uuid.UUID
	err := b.tx.QueryRow(t.Context(), `
		INSERT INTO member (username, fullname, primary_email, primary_email_status, primary_email_status_changed_at,
		                    secondary_email, created_at, updated_at)
		VALUES ($1, $1, $1 || '@beta.gouv.fr', 'EMAIL_ACTIVE', $2, NULLIF($3, ''), $2, $2)
		RETURNING id`, username, b.clock.Now(), secondary).Scan(&id)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func (b *bench) ask(t *testing.T, address string) {
	t.Helper()
	if err := b.service.RequestLink(t.Context(), signin.Ask{Address: address, Client: "192.0.2.1", Next: "/community"}); err != nil {
		t.Fatal(err)
	}
	b.clock.Advance(time.Second)
}

func (b *bench) apply(t *testing.T) []job.Outcome {
	t.Helper()
	outcomes, err := b.requests.Apply(t.Context(), b.tx, b.service.Jobs())
	if err != nil {
		t.Fatal(err)
	}
	return outcomes
}

// link asks a link and gives the token that the mail holds.
func (b *bench) link(t *testing.T, address string) string {
	t.Helper()
	b.ask(t, address)
	b.apply(t)
	return tokenOf(t, b.post.letters[len(b.post.letters)-1])
}

func tokenOf(t *testing.T, letter signin.LoginLetter) string {
	t.Helper()
	token, ok := strings.CutPrefix(letter.URL, "https://portail.example/signin?token=")
	if !ok || len(token) < 40 {
		t.Fatalf("address of the letter: %s", letter.URL)
	}
	return token
}

func TestALinkLetsItsOwnerInOnce(t *testing.T) {
	b := newBench(t)
	camille := b.member(t, "camille.durand", "camille@perso.example")
	token := b.link(t, "  Camille@Perso.example ")
	if got := b.post.letters[0]; got.To != "camille@perso.example" || got.Life != time.Hour {
		t.Errorf("letter: %+v", got)
	}
	entry, err := b.service.Consume(t.Context(), token)
	if err != nil || entry.Member != camille || entry.Next != "/community" {
		t.Fatalf("%+v (%v)", entry, err)
	}
	if _, err := b.service.Consume(t.Context(), token); !fault.Is(err, fault.Invalid) {
		t.Errorf("a second use: %v", err)
	}
	var logins int
	if err := b.tx.QueryRow(t.Context(), `
		SELECT count(*)
		FROM audit_event
		WHERE code = 'MEMBER_LOGIN'
		  AND member_id = $1`, camille).Scan(&logins); err != nil || logins != 1 {
		t.Errorf("%d logins in the history (%v)", logins, err)
	}
}

// TestALinkDiesWithTheAddressItWasSentTo: once an address is somebody else's, or nobody's, its mails
// open nothing.
func TestALinkDiesWithTheAddressItWasSentTo(t *testing.T) {
	b := newBench(t)
	camille := b.member(t, "camille.durand", "camille@perso.example")
	token := b.link(t, "camille@perso.example")
	if _, err := b.tx.Exec(t.Context(), `UPDATE member SET secondary_email = 'nouvelle@perso.example' WHERE id = $1`, camille); err != nil {
		t.Fatal(err)
	}
	if _, err := b.service.OwnerOf(t.Context(), token); !fault.Is(err, fault.Invalid) {
		t.Errorf("the page of the link: %v", err)
	}
	if entry, err := b.service.Consume(t.Context(), token); !fault.Is(err, fault.Invalid) {
		t.Errorf("it opens %+v (%v)", entry, err)
	}
}

func TestALinkEndsAfterOneHour(t *testing.T) {
	for name, c := range map[string]struct {
		minutes time.Duration
		alive   bool
	}{"59 minutes": {59, true}, "61 minutes": {61, false}} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.member(t, "camille.durand", "")
			token := b.link(t, "camille.durand@beta.gouv.fr")
			b.clock.Advance(c.minutes * time.Minute)
			if _, err := b.service.Consume(t.Context(), token); (err == nil) != c.alive {
				t.Error(err)
			}
		})
	}
}

func TestAnOlderLinkDiesWhenANewerOneIsMade(t *testing.T) {
	b := newBench(t)
	b.member(t, "camille.durand", "camille@perso.example")
	older := b.link(t, "camille.durand@beta.gouv.fr")
	newer := b.link(t, "camille@perso.example")
	if _, err := b.service.Consume(t.Context(), older); !fault.Is(err, fault.Invalid) {
		t.Errorf("the older link: %v", err)
	}
	if _, err := b.service.Consume(t.Context(), newer); err != nil {
		t.Errorf("the newer link: %v", err)
	}
}

func TestALetterLateBehindANewerOneIsNotSent(t *testing.T) {
	b := newBench(t)
	b.member(t, "camille.durand", "")
	b.ask(t, "camille.durand@beta.gouv.fr")
	late := b.requests.Take()
	newer := b.link(t, "camille.durand@beta.gouv.fr")
	outcome, err := b.service.Jobs()[0].Apply(t.Context(), late[0])
	if err != nil || outcome.Moot == "" || len(b.post.letters) != 1 {
		t.Errorf("%+v, %d letters (%v)", outcome, len(b.post.letters), err)
	}
	if _, err := b.service.Consume(t.Context(), newer); err != nil {
		t.Errorf("the newer link: %v", err)
	}
}

func TestNothingTellsWhetherAnAddressIsKnown(t *testing.T) {
	b := newBench(t)
	b.member(t, "camille.durand", "")
	b.ask(t, "camille.durand@beta.gouv.fr")
	b.ask(t, "inconnue@beta.gouv.fr")
	asked := b.requests.Pending()
	if len(asked) != 2 {
		t.Fatalf("%d actions", len(asked))
	}
	for _, action := range asked {
		if action.Mode != job.Once || action.Queue != job.QueueUrgent || action.Subject != uuid.Nil ||
			strings.Contains(string(action.Args)+action.Key+action.Label+action.Reason, "@") {
			t.Errorf("action %+v", action)
		}
	}
	var linked int
	if err := b.tx.QueryRow(t.Context(), `
		SELECT count(*)
		FROM login_link
		WHERE member_id IS NOT NULL`).Scan(&linked); err != nil || linked != 0 {
		t.Errorf("the page looked %d members up (%v)", linked, err)
	}
	outcomes := b.apply(t)
	if outcomes[0].Moot != "" || outcomes[1].Moot != "adresse inconnue" || len(b.post.letters) != 1 {
		t.Errorf("%+v, %d letters", outcomes, len(b.post.letters))
	}
}

func TestALetterThatLeftHoldsAWorkingLinkWhateverHappensNext(t *testing.T) {
	b := newBench(t)
	b.member(t, "camille.durand", "")
	var token string
	b.post.before = func(letter signin.LoginLetter) { token = tokenOf(t, letter) }
	b.post.fail = &fault.Error{Kind: fault.Unavailable, AnswerLost: true, Cause: errors.New("cut after the final dot")}
	b.ask(t, "camille.durand@beta.gouv.fr")
	if _, err := b.requests.Apply(t.Context(), b.tx, b.service.Jobs()); !fault.AnswerLost(err) {
		t.Fatalf("error: %v", err)
	}
	if _, err := b.service.Consume(t.Context(), token); err != nil {
		t.Errorf("the link of a mail that may have arrived: %v", err)
	}
}

func TestLimitsOfOneHour(t *testing.T) {
	t.Run("of an address, known or not", func(t *testing.T) {
		b := newBench(t)
		b.member(t, "camille.durand", "")
		for _, address := range []string{"camille.durand@beta.gouv.fr", "inconnue@beta.gouv.fr"} {
			for i := range 5 {
				if err := b.service.RequestLink(t.Context(), signin.Ask{Address: address, Client: string(rune('a' + i))}); err != nil {
					t.Fatal(err)
				}
			}
			if err := b.service.RequestLink(t.Context(), signin.Ask{Address: address, Client: "z"}); !errors.Is(err, signin.ErrTooMany) {
				t.Errorf("the sixth for %s: %v", address, err)
			}
		}
		b.clock.Advance(time.Hour)
		b.ask(t, "camille.durand@beta.gouv.fr")
	})
	t.Run("of a client", func(t *testing.T) {
		b := newBench(t)
		for i := range 30 {
			b.ask(t, string(rune('a'+i%26))+strings.Repeat("x", i)+"@beta.gouv.fr")
		}
		err := b.service.RequestLink(t.Context(), signin.Ask{Address: "autre@beta.gouv.fr", Client: "192.0.2.1"})
		if !errors.Is(err, signin.ErrTooMany) {
			t.Errorf("the thirty-first: %v", err)
		}
		if err := b.service.RequestLink(t.Context(), signin.Ask{Address: "autre@beta.gouv.fr", Client: "192.0.2.2"}); err != nil {
			t.Errorf("another client: %v", err)
		}
	})
}

func TestWithoutMailServerTheActionFailsAloud(t *testing.T) {
	b := newBench(t)
	b.service = signin.New(b.tx, b.clock, b.requests, nil, signin.Config{Key: []byte("clef de test")})
	b.ask(t, "camille.durand@beta.gouv.fr")
	if _, err := b.requests.Apply(t.Context(), b.tx, b.service.Jobs()); err == nil {
		t.Error("the action closed as if the mail had left")
	}
}

func TestAnAddressMustLookLikeOne(t *testing.T) {
	b := newBench(t)
	for _, address := range []string{"", "camille", "camille@", "@beta.gouv.fr", "a b@c.fr", "Camille <a@b.fr>", "a@b.fr, c@d.fr", "a@localhost", "a@b.fr\nBcc: c@d.fr"} {
		err := b.service.RequestLink(t.Context(), signin.Ask{Address: address, Client: "192.0.2.1"})
		if fault.FieldMessages(err)["email"] == "" {
			t.Errorf("%q: %v", address, err)
		}
	}
	if got := b.requests.Pending(); len(got) != 0 {
		t.Errorf("%d actions asked", len(got))
	}
}

func TestAnUnknownTokenIsRefused(t *testing.T) {
	b := newBench(t)
	for _, token := range []string{"", "x", strings.Repeat("a", 43)} {
		if _, err := b.service.Consume(t.Context(), token); !fault.Is(err, fault.Invalid) {
			t.Errorf("%q: %v", token, err)
		}
	}
}

func TestOldLinksAreForgotten(t *testing.T) {
	b := newBench(t)
	b.member(t, "camille.durand", "")
	b.link(t, "camille.durand@beta.gouv.fr")
	b.clock.Advance(31 * 24 * time.Hour)
	b.link(t, "camille.durand@beta.gouv.fr")
	var rows int
	if err := b.tx.QueryRow(t.Context(), `
		SELECT count(*)
		FROM login_link`).Scan(&rows); err != nil || rows != 1 {
		t.Errorf("%d rows (%v)", rows, err)
	}
}

func TestStanding(t *testing.T) {
	today := clock.MustDay("2024-12-19")
	ends := func(days ...string) []member.Mission {
		var missions []member.Mission
		for _, day := range days {
			missions = append(missions, member.Mission{Start: clock.MustDay("2020-01-01"), End: clock.MustDay(day)})
		}
		return missions
	}
	for name, c := range map[string]struct {
		status   member.Status
		missions []member.Mission
		want     actor.Standing
	}{
		"last day":                {member.StatusActive, ends("2024-12-19"), actor.Active},
		"open-ended":              {member.StatusActive, ends("2020-12-31", ""), actor.Active},
		"end + 1":                 {member.StatusActive, ends("2024-12-18"), actor.Grace},
		"end + 4":                 {member.StatusSuspended, ends("2024-12-15", "2022-01-01"), actor.Grace},
		"end + 5":                 {member.StatusActive, ends("2024-12-14"), actor.Limited},
		"no mission":              {member.StatusActive, nil, actor.Limited},
		"invited":                 {member.StatusVerificationWaiting, ends("2025-12-31"), actor.Unverified},
		"invited, end + 2":        {member.StatusVerificationWaiting, ends("2024-12-17"), actor.Unverified},
		"invited, then gone":      {member.StatusVerificationWaiting, ends("2024-12-01"), actor.Limited},
		"waiting for its mailbox": {member.StatusCreationWaiting, ends("2025-12-31"), actor.Active},
	} {
		if got := signin.Standing(c.status, c.missions, today); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestAnAdministratorWhoLeftIsNoLongerOne(t *testing.T) {
	b := newBench(t)
	id := b.member(t, "admin.member", "")
	add := func(end string) {
		if _, err := b.tx.Exec(t.Context(), `
			INSERT INTO mission (member_id, start_day, end_day)
			VALUES ($1, '2020-01-01', $2::date)`, id, end); err != nil {
			t.Fatal(err)
		}
	}
	add("2024-12-01")
	if viewer, err := b.service.Viewer(t.Context(), id); err != nil || viewer.Admin || viewer.Standing != actor.Limited {
		t.Errorf("%+v (%v)", viewer, err)
	}
	add("2025-12-01")
	if viewer, err := b.service.Viewer(t.Context(), id); err != nil || !viewer.Admin || viewer.Username != "admin.member" {
		t.Errorf("%+v (%v)", viewer, err)
	}
	if _, err := b.service.Viewer(t.Context(), uuid.New()); !fault.Is(err, fault.NotFound) {
		t.Errorf("unknown member: %v", err)
	}
}

func TestTheLimitHoldsAgainstRequestsAtOnce(t *testing.T) {
	pool := pgtest.New(t)
	requests := &webtest.Requests{}
	service := signin.New(pool, clock.At(clock.MustDay("2024-12-19"), 10, 0), requests, nil, signin.Config{Key: []byte("clef de test")})
	var group sync.WaitGroup
	for i := range 16 {
		group.Go(func() {
			err := service.RequestLink(t.Context(), signin.Ask{Address: "camille.durand@beta.gouv.fr", Client: string(rune('a' + i))})
			if err != nil && !errors.Is(err, signin.ErrTooMany) {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if got := len(requests.Pending()); got != 5 {
		t.Errorf("%d links asked", got)
	}
}

package session_test

import (
	"crypto/sha256"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/session"
	"github.com/betagouv/espace-membre/internal/testing/pgtest"
)

// bench serves /login/{id}, /who, /logout and /put/{text} over sessions.
type bench struct {
	url     string
	pool    *pgxpool.Pool
	clock   *clock.Fake
	manager *session.Manager
}

func newBench(t *testing.T, secure bool) *bench {
	t.Helper()
	b := &bench{pool: pgtest.New(t), clock: clock.At(clock.MustDay("2024-12-19"), 10, 0)}
	b.manager = session.New(b.pool, b.clock, secure)
	mux := http.NewServeMux()
	mux.HandleFunc("/login/{id}", func(w http.ResponseWriter, r *http.Request) {
		check(w, b.manager.LogIn(r.Context(), uuid.MustParse(r.PathValue("id"))))
	})
	mux.HandleFunc("/logout", func(w http.ResponseWriter, r *http.Request) { check(w, b.manager.LogOut(r.Context())) })
	mux.HandleFunc("/put/{text}", func(_ http.ResponseWriter, r *http.Request) {
		b.manager.Put(r.Context(), "text", r.PathValue("text"))
	})
	mux.HandleFunc("/who", func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, b.manager.Member(r.Context()).String()+" "+b.manager.Get(r.Context(), "text"))
	})
	mux.HandleFunc("/others/{id}", func(w http.ResponseWriter, r *http.Request) {
		_, err := b.manager.RevokeOthers(r.Context(), b.pool, uuid.MustParse(r.PathValue("id")))
		check(w, err)
	})
	mux.HandleFunc("/open/{id}", func(w http.ResponseWriter, r *http.Request) {
		list, err := b.manager.OpenOf(r.Context(), uuid.MustParse(r.PathValue("id")))
		check(w, err)
		for _, one := range list {
			_, _ = fmt.Fprintf(w, "%s %s %v; ", one.Since.In(clock.Paris()).Format("15:04"), one.Seen.In(clock.Paris()).Format("15:04"), one.Current)
		}
	})
	mux.HandleFunc("/slow/{id}", func(w http.ResponseWriter, r *http.Request) {
		_, err := b.manager.RevokeMember(r.Context(), b.pool, uuid.MustParse(r.PathValue("id")))
		check(w, err)
		b.manager.Put(r.Context(), "text", "too late")
	})
	server := httptest.NewServer(b.manager.Middleware(mux, func(w http.ResponseWriter, _ *http.Request, err error) {
		http.Error(w, err.Error(), http.StatusInternalServerError)
	}))
	t.Cleanup(server.Close)
	b.url = server.URL
	return b
}

func check(w http.ResponseWriter, err error) {
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
	}
}

func (b *bench) member(t *testing.T, username string) uuid.UUID {
	t.Helper()
	var id uuid.UUID
	err := b.pool.QueryRow(t.Context(), `
		INSERT INTO member (username, fullname, primary_email_status_changed_at, created_at, updated_at)
		VALUES ($1, $1, $2, $2, $2)
		RETURNING id`, username, b.clock.Now()).Scan(&id)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

type browser struct {
	bench  *bench
	client *http.Client
}

func (b *bench) browser(t *testing.T) browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return browser{b, &http.Client{Jar: jar}}
}

func (b browser) get(t *testing.T, path string) string {
	t.Helper()
	answer, err := b.client.Get(b.bench.url + path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	if answer.StatusCode != http.StatusOK {
		t.Fatalf("%s: %d %s", path, answer.StatusCode, body)
	}
	return strings.TrimSpace(string(body))
}

func (b browser) token(t *testing.T) string {
	t.Helper()
	u, err := url.Parse(b.bench.url)
	if err != nil {
		t.Fatal(err)
	}
	for _, cookie := range b.client.Jar.Cookies(u) {
		return cookie.Value
	}
	return ""
}

const nobody = "00000000-0000-0000-0000-000000000000"

func TestASessionEndsAfterSevenIdleDays(t *testing.T) {
	b := newBench(t, false)
	camille := b.member(t, "camille.durand")
	one := b.browser(t)
	one.get(t, "/login/"+camille.String())
	b.clock.Advance(session.Idle - time.Minute)
	if got := one.get(t, "/who"); got != camille.String() {
		t.Fatalf("just before 7 idle days: %s", got)
	}
	b.clock.Advance(session.Idle - time.Minute)
	if got := one.get(t, "/who"); got != camille.String() {
		t.Fatalf("the visit before should count: %s", got)
	}
	b.clock.Advance(session.Idle)
	if got := one.get(t, "/who"); got != nobody {
		t.Errorf("after 7 idle days: %s", got)
	}
}

func TestASessionEndsAfterThirtyDaysWhateverItsUse(t *testing.T) {
	b := newBench(t, false)
	camille := b.member(t, "camille.durand")
	one := b.browser(t)
	one.get(t, "/login/"+camille.String())
	for range 29 {
		b.clock.Advance(24 * time.Hour)
		one.get(t, "/put/hello")
	}
	b.clock.Advance(24*time.Hour - time.Minute)
	if got := one.get(t, "/who"); got != camille.String()+" hello" {
		t.Fatalf("before the 30th day ends: %s", got)
	}
	b.clock.Advance(time.Minute)
	if got := one.get(t, "/who"); got != nobody {
		t.Errorf("after 30 days: %s", got)
	}
}

func TestRevokingAMemberEndsEverySessionOfTheirs(t *testing.T) {
	b := newBench(t, false)
	camille, lou := b.member(t, "camille.durand"), b.member(t, "lou.martin")
	laptop, phone, other := b.browser(t), b.browser(t), b.browser(t)
	laptop.get(t, "/login/"+camille.String())
	phone.get(t, "/login/"+camille.String())
	other.get(t, "/login/"+lou.String())
	count, err := b.manager.RevokeMember(t.Context(), b.pool, camille)
	if err != nil || count != 2 {
		t.Fatalf("%d sessions (%v)", count, err)
	}
	if laptop.get(t, "/who") != nobody || phone.get(t, "/who") != nobody || other.get(t, "/who") != lou.String() {
		t.Error("the wrong sessions ended")
	}
}

func TestAMemberKeepsTheSessionFromWhichTheOthersAreClosed(t *testing.T) {
	b := newBench(t, false)
	camille, lou := b.member(t, "camille.durand"), b.member(t, "lou.martin")
	lost, here, other := b.browser(t), b.browser(t), b.browser(t)
	lost.get(t, "/login/"+camille.String())
	b.clock.Advance(time.Hour)
	here.get(t, "/login/"+camille.String())
	other.get(t, "/login/"+lou.String())
	if got := here.get(t, "/open/"+camille.String()); got != "11:00 11:00 true; 10:00 10:00 false;" {
		t.Errorf("open: %q", got)
	}
	here.get(t, "/others/"+camille.String())
	if lost.get(t, "/who") != nobody || here.get(t, "/who") == nobody || other.get(t, "/who") == nobody {
		t.Error("the wrong sessions ended")
	}
	b.clock.Advance(session.Idle)
	if got := other.get(t, "/open/"+camille.String()); got != "" {
		t.Errorf("an ended session is listed: %q", got)
	}
}

func TestARequestUnderWayDoesNotBringARevokedSessionBack(t *testing.T) {
	b := newBench(t, false)
	camille := b.member(t, "camille.durand")
	one := b.browser(t)
	one.get(t, "/login/"+camille.String())
	one.get(t, "/slow/"+camille.String())
	if got := one.get(t, "/who"); got != nobody {
		t.Errorf("came back as %s", got)
	}
}

func TestLoginChangesTheTokenAndOnlyItsHashIsStored(t *testing.T) {
	b := newBench(t, false)
	camille := b.member(t, "camille.durand")
	one := b.browser(t)
	one.get(t, "/put/before")
	before := one.token(t)
	one.get(t, "/login/"+camille.String())
	after := one.token(t)
	if before == "" || after == before {
		t.Fatal("the token was kept: session fixation")
	}
	if got := one.get(t, "/who"); got != camille.String() {
		t.Errorf("who: %s", got)
	}
	sum := sha256.Sum256([]byte(after))
	var stored, owner int
	err := b.pool.QueryRow(t.Context(), `
		SELECT count(*), count(*) FILTER (WHERE token_hash = $1 AND member_id = $2)
		FROM session`, sum[:], camille).Scan(&stored, &owner)
	if err != nil || stored != 1 || owner != 1 {
		t.Errorf("%d rows, %d of the member (%v)", stored, owner, err)
	}
	one.get(t, "/logout")
	if one.get(t, "/who") != nobody || one.token(t) != "" {
		t.Error("still logged in after logout")
	}
}

func TestAVisitorHasNoRowUntilSomethingMustBeTold(t *testing.T) {
	b := newBench(t, false)
	one := b.browser(t)
	one.get(t, "/who")
	if one.token(t) != "" {
		t.Error("a cookie for nothing")
	}
	one.get(t, "/put/hello")
	b.clock.Advance(session.Visitor)
	if got := one.get(t, "/who"); got != nobody {
		t.Errorf("after an hour: %s", got)
	}
	if count, err := b.manager.Purge(t.Context()); err != nil || count != 1 {
		t.Errorf("%d rows purged (%v)", count, err)
	}
}

func TestTheCookieIsStrict(t *testing.T) {
	b := newBench(t, true)
	camille := b.member(t, "camille.durand")
	answer, err := http.Get(b.url + "/login/" + camille.String())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	cookie := answer.Cookies()[0]
	if cookie.Name != "__Host-espace-membre" || !cookie.Secure || !cookie.HttpOnly || cookie.SameSite != http.SameSiteLaxMode ||
		cookie.Path != "/" || cookie.Domain != "" {
		t.Errorf("cookie: %+v", cookie)
	}
}

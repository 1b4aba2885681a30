package ovhsim_test

import (
	"crypto/sha1"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/betagouv/espace-membre/internal/integration/ovh/ovhsim"
	"github.com/betagouv/espace-membre/internal/platform/clock"
)

var noon = clock.MustDay("2024-12-19").At(12, 0)

func newSim() *ovhsim.Sim {
	return ovhsim.New(ovhsim.Config{
		AppKey: "app", AppSecret: "secret", ConsumerKey: "consumer", Domain: "exemple.org", Clock: clock.NewFake(noon),
	})
}

// request is a call whose parts a test may spoil.
type request struct {
	method, path, body  string
	app, secret, consum string
	at                  time.Time
}

func good(method, path, body string) request {
	return request{method, path, body, "app", "secret", "consumer", noon}
}

// send signs as OVH documents and gives the status and the answer.
func send(t *testing.T, base string, q request) (int, map[string]any) {
	t.Helper()
	r, err := http.NewRequest(q.method, base+q.path, strings.NewReader(q.body))
	if err != nil {
		t.Fatal(err)
	}
	stamp := fmt.Sprint(q.at.Unix())
	r.Header.Set("X-Ovh-Application", q.app)
	r.Header.Set("X-Ovh-Consumer", q.consum)
	r.Header.Set("X-Ovh-Timestamp", stamp)
	sum := sha1.Sum([]byte(strings.Join([]string{q.secret, q.consum, q.method, base + q.path, q.body, stamp}, "+")))
	r.Header.Set("X-Ovh-Signature", fmt.Sprintf("$1$%x", sum))
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	var answer map[string]any
	_ = json.Unmarshal(text, &answer) // lists are not looked at
	return response.StatusCode, answer
}

func TestRequestsAreChecked(t *testing.T) {
	server := httptest.NewServer(newSim())
	defer server.Close()
	for name, c := range map[string]struct {
		spoil  func(*request)
		status int
		code   string
	}{
		"signed":              {func(*request) {}, 200, ""},
		"unknown application": {func(q *request) { q.app = "x" }, 403, "INVALID_KEY"},
		"unknown consumer":    {func(q *request) { q.consum = "x" }, 403, "INVALID_CREDENTIAL"},
		"no consumer":         {func(q *request) { q.consum = "" }, 401, "NOT_CREDENTIAL"},
		"wrong secret":        {func(q *request) { q.secret = "x" }, 400, "INVALID_SIGNATURE"},
		"30 s old":            {func(q *request) { q.at = noon.Add(-30 * time.Second) }, 200, ""},
		"31 s old":            {func(q *request) { q.at = noon.Add(-31 * time.Second) }, 400, "QUERY_TIME_OUT"},
		"31 s ahead":          {func(q *request) { q.at = noon.Add(31 * time.Second) }, 400, "QUERY_TIME_OUT"},
	} {
		q := good("GET", "/email/domain/exemple.org/account?accountName=a%25", "")
		c.spoil(&q)
		status, answer := send(t, server.URL, q)
		if code, _ := answer["errorCode"].(string); status != c.status || code != c.code {
			t.Errorf("%s: %d %v, want %d %s", name, status, answer, c.status, c.code)
		}
	}
}

func TestErrorsAreWordedAsOVHWordsThem(t *testing.T) {
	server := httptest.NewServer(newSim())
	defer server.Close()
	account := "/email/domain/exemple.org/account"
	for _, c := range []struct {
		q       request
		status  int
		message string
	}{
		{good("GET", account+"/nobody", ""), 404, "The requested object (accountName = nobody) does not exist"},
		{good("GET", "/email/domain/other.org/account", ""), 404, "This service does not exist"},
		{good("GET", "/email/pro/none/account", ""), 404, "This service does not exist"},
		{good("POST", account, `{"accountName":"a","password":"short"}`), 400, "password"},
		{good("POST", account, `{"accountName":"a","password":"long enough"}`), 200, ""},
		{good("POST", account, `{"accountName":"a","password":"long enough"}`), 409, "already exists"},
		{good("GET", "/nothing", ""), 404, "invalid (or empty) URL"},
	} {
		status, answer := send(t, server.URL, c.q)
		if message, _ := answer["message"].(string); status != c.status || !strings.Contains(message, c.message) {
			t.Errorf("%s %s: %d %v, want %d %q", c.q.method, c.q.path, status, answer, c.status, c.message)
		}
	}
}

func TestStateSurvivesARestart(t *testing.T) {
	before := newSim()
	before.AddMailbox("EMAIL_PLAN_BASIC", "camille.durand")
	before.AddPlaceholders("EMAIL_PLAN_PRO", 1)
	before.AddRedirection("a@exemple.org", "b@ailleurs.fr")
	snapshot, err := before.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	after := newSim()
	if err := after.Restore(snapshot); err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprintf("%s", after.State()); got != string(snapshot) {
		t.Errorf("state %s, want %s", got, snapshot)
	}
	if err := after.Restore([]byte("{")); err == nil {
		t.Error("a broken snapshot was accepted")
	}
}

// A local copy is one more redirection, made once, listed and removed as the others.
func TestCopyIsARedirectionToOneself(t *testing.T) {
	sim := newSim()
	server := httptest.NewServer(sim)
	defer server.Close()
	const path = "/email/domain/exemple.org/redirection"
	count := func(want int) {
		t.Helper()
		if got := strings.Count(fmt.Sprintf("%s", sim.State()), `"from":"anne@exemple.org","to":"anne@exemple.org"`); got != want {
			t.Errorf("%d redirections to oneself, want %d", got, want)
		}
	}
	for _, to := range []string{"a@ailleurs.fr", "b@ailleurs.fr"} {
		if status, answer := send(t, server.URL, good("POST", path, `{"from":"anne@exemple.org","to":"`+to+`","localCopy":true}`)); status != 200 {
			t.Fatalf("%d %v", status, answer)
		}
		count(1)
	}
	if status, answer := send(t, server.URL, good("GET", path+"/2", "")); status != 200 || answer["to"] != "anne@exemple.org" {
		t.Errorf("read %d %v", status, answer)
	}
	if status, _ := send(t, server.URL, good("DELETE", path+"/2", "")); status != 200 {
		t.Errorf("not removed: %d", status)
	}
	count(0)
}

package sandbox_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/betagouv/espace-membre/internal/integration/brevo/brevosim"
	"github.com/betagouv/espace-membre/internal/integration/ovh/ovhsim"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/sandbox"
)

const brevoKey = "clé-de-test"

type started struct {
	*sandbox.Standard
	url  string
	smtp string
}

func start(t *testing.T, dir string) *started {
	t.Helper()
	box, err := sandbox.NewStandard(
		sandbox.Options{Dir: dir, Clock: clock.At(clock.MustDay("2024-12-19"), 10, 0), DatabaseURL: "postgres://prive@127.0.0.1:5433/espace", PortalURL: "http://127.0.0.1:8100"},
		sandbox.Accounts{Brevo: brevosim.Config{APIKey: brevoKey}, OVH: ovhsim.Config{Domain: "betagouv.ovh"}})
	if err != nil {
		t.Fatal(err)
	}
	at, err := box.Start(0, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = box.Close(context.Background()) })
	return &started{Standard: box, url: "http://" + at.HTTP, smtp: at.SMTP}
}

func (s *started) close(t *testing.T) {
	t.Helper()
	if err := s.Close(context.Background()); err != nil {
		t.Fatal(err)
	}
}

// call gives the status and the body; status 0 when the connection was dropped or cut.
func (s *started) call(t *testing.T, method, path, body string, headers ...string) (int, string, http.Header) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, s.url+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if strings.HasPrefix(path, "/brevo") {
		request.Header.Set("api-key", brevoKey)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	if host := request.Header.Get("Host"); host != "" {
		request.Host = host
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	response, err := client.Do(request)
	if err != nil {
		return 0, "", nil
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return 0, string(text), response.Header
	}
	return response.StatusCode, string(text), response.Header
}

const newContact = `{"email":"camille@exemple.org","updateEnabled":true}`

func (s *started) hasContact(t *testing.T) bool {
	t.Helper()
	_, state, _ := s.call(t, "GET", "/state/brevo", "")
	return strings.Contains(state, "camille@exemple.org")
}

func TestFaults(t *testing.T) {
	const contacts = "/brevo/v3/contacts"
	for _, c := range []struct {
		name, fault string
		status      int
		body        string // what the answer contains
		effect      bool
	}{
		{"error before", `{"vendor":"brevo","kind":"error"}`, 500, "sandbox_fault", false},
		{"error after", `{"vendor":"brevo","kind":"error","when":"after"}`, 500, "sandbox_fault", true},
		{"another status", `{"vendor":"brevo","kind":"error","status":503}`, 503, "", false},
		{"rate limit", `{"vendor":"brevo","kind":"ratelimit"}`, 429, "Too many", false},
		{"drop before", `{"vendor":"brevo","kind":"drop","when":"before"}`, 0, "", false},
		{"drop after", `{"vendor":"brevo","kind":"drop","when":"after"}`, 0, "", true},
		{"truncate before", `{"vendor":"brevo","kind":"truncate"}`, 0, `{"mess`, false},
		{"truncate after", `{"vendor":"brevo","kind":"truncate","when":"after"}`, 0, `{"i`, true},
		{"html before", `{"vendor":"brevo","kind":"html"}`, 200, "<html>", false},
		{"html after", `{"vendor":"brevo","kind":"html","when":"after"}`, 200, "<html>", true},
		{"slow before", `{"vendor":"brevo","kind":"slow","latency_ms":80}`, 201, `"id"`, true},
		{"slow after", `{"vendor":"brevo","kind":"slow","when":"after","latency_ms":80}`, 201, `"id"`, true},
		{"every vendor", `{"vendor":"*","kind":"error"}`, 500, "", false},
		{"another vendor", `{"vendor":"ovh","kind":"error"}`, 201, `"id"`, true},
		{"another path", `{"vendor":"brevo","kind":"error","path":"/smtp"}`, 201, `"id"`, true},
		{"another method", `{"vendor":"brevo","kind":"error","method":"GET"}`, 201, `"id"`, true},
		{"rate zero", `{"vendor":"brevo","kind":"error","rate":0}`, 201, `"id"`, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			box := start(t, "")
			if status, text, _ := box.call(t, "POST", "/faults", c.fault); status != 201 {
				t.Fatalf("POST /faults: %d %s", status, text)
			}
			began := time.Now()
			status, text, _ := box.call(t, "POST", contacts, newContact)
			if status != c.status || !strings.Contains(text, c.body) {
				t.Errorf("answered %d %q, want %d %q", status, text, c.status, c.body)
			}
			if strings.Contains(c.fault, "latency") && time.Since(began) < 80*time.Millisecond {
				t.Errorf("answered after %s", time.Since(began))
			}
			if box.hasContact(t) != c.effect {
				t.Errorf("effect: %v, want %v", !c.effect, c.effect)
			}
			if status, _, _ := box.call(t, "DELETE", "/faults", ""); status != 204 {
				t.Errorf("DELETE /faults: %d", status)
			}
			if status, text, _ := box.call(t, "POST", contacts, newContact); status != 201 && status != 204 {
				t.Errorf("after the fault: %d %s", status, text)
			}
		})
	}
}

func TestFaultCountAndList(t *testing.T) {
	box := start(t, "")
	box.call(t, "POST", "/faults", `{"vendor":"brevo","kind":"ratelimit","count":2,"latency_ms":0}`)
	for i, want := range []int{429, 429, 200} {
		status, _, header := box.call(t, "GET", "/brevo/v3/account", "")
		if status != want || want == 429 && header.Get("Retry-After") == "" {
			t.Errorf("call %d: %d, Retry-After %q", i, status, header.Get("Retry-After"))
		}
	}
	_, text, _ := box.call(t, "GET", "/faults", "")
	var list []struct{ ID, Fired int }
	if err := json.Unmarshal([]byte(text), &list); err != nil || len(list) != 1 || list[0].Fired != 2 {
		t.Errorf("list %s (%v)", text, err)
	}
	box.call(t, "POST", "/faults", "vendor=smtp&kind=slow&latency_ms=5&rate=0,5", "Content-Type", "application/x-www-form-urlencoded")
	if status, _, _ := box.call(t, "DELETE", "/faults?id=1", ""); status != 204 {
		t.Errorf("DELETE one: %d", status)
	}
	if _, text, _ := box.call(t, "GET", "/faults", ""); strings.Contains(text, "ratelimit") || !strings.Contains(text, `"rate":0.5`) {
		t.Errorf("left: %s", text)
	}
}

func TestFaultsWithoutMeaningAreRefused(t *testing.T) {
	box := start(t, "")
	for _, body := range []string{
		``, `{}`, `{"vendor":"brevo"}`, `{"vendor":"ghost","kind":"error"}`, `{"vendor":"brevo","kind":"boom"}`,
		`{"vendor":"brevo","kind":"error","when":"during"}`, `{"vendor":"brevo","kind":"error","rate":2}`, `{"vendor":"smtp","kind":"html"}`,
		`{"vendor":"brevo","kind":"refuse"}`, `{"vendor":"brevo","kind":"error","count":-1}`, `{"vendor":"brevo","kind":"error","latency":5}`,
		`{"vendor":"brevo","kind":"slow","status":500}`,
	} {
		if status, text, _ := box.call(t, "POST", "/faults", body); status != 400 || !strings.Contains(text, "error") {
			t.Errorf("%s: %d %s", body, status, text)
		}
	}
}

func TestJournal(t *testing.T) {
	box := start(t, "")
	box.call(t, "POST", "/brevo/v3/contacts?x=1", newContact)
	box.call(t, "POST", "/faults", `{"vendor":"brevo","kind":"drop","count":1}`)
	box.call(t, "POST", "/brevo/v3/contacts", newContact)
	box.call(t, "GET", "/ovh/1.0/auth/time", "")
	_, text, header := box.call(t, "GET", "/journal", "")
	lines := strings.Split(strings.TrimSpace(text), "\n")
	if len(lines) != 3 || !strings.HasPrefix(header.Get("Content-Type"), "application/x-ndjson") {
		t.Fatalf("%d lines, %s:\n%s", len(lines), header.Get("Content-Type"), text)
	}
	var first, second map[string]any
	if err := json.Unmarshal([]byte(lines[0]), &first); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(lines[1]), &second); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]any{
		"vendor": "brevo", "method": "POST", "path": "/brevo/v3/contacts?x=1", "status": 201.0, "body": newContact, "time": "2024-12-19T09:00:00Z",
	} {
		if first[name] != want {
			t.Errorf("%s: %v, want %v", name, first[name], want)
		}
	}
	if second["status"] != 0.0 || second["fault"] != "drop" {
		t.Errorf("dropped request: %v", second)
	}
	if _, text, _ := box.call(t, "GET", "/journal?vendor=ovh", ""); strings.Count(text, "\n") != 1 || !strings.Contains(text, "/ovh/1.0/auth/time") {
		t.Errorf("one vendor: %s", text)
	}
	if _, text, _ := box.call(t, "GET", "/journal?limit=2", ""); strings.Count(text, "\n") != 2 || strings.Contains(text, "x=1") {
		t.Errorf("limit: %s", text)
	}
}

func TestStates(t *testing.T) {
	box := start(t, "")
	for path, want := range map[string]string{
		"/state": `"database"`, "/state/ovh": `"mx"`, "/state/brevo": `"contacts"`, "/state/smtp": `"messages":0`,
		"/state/database": `{"url":"postgres://prive@127.0.0.1:5433/espace"}`, "/mail/messages": "[]", "/faults": "[]",
	} {
		status, text, header := box.call(t, "GET", path, "")
		if status != 200 || !strings.Contains(text, want) || !strings.HasPrefix(header.Get("Content-Type"), "application/json") {
			t.Errorf("%s: %d %s", path, status, text)
		}
	}
	if _, text, _ := box.call(t, "GET", "/state/database", "", "Accept", "text/plain"); text != "postgres://prive@127.0.0.1:5433/espace\n" {
		t.Errorf("plain text: %q", text)
	}
	if status, _, _ := box.call(t, "GET", "/state/ghost", ""); status != 404 {
		t.Errorf("unknown vendor: %d", status)
	}
}

func TestRestartKeepsEverything(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "sandbox")
	box := start(t, dir)
	box.call(t, "POST", "/brevo/v3/contacts", newContact)
	box.OVH.AddMailbox("EMAIL_PLAN_BASIC", "camille.durand")
	if err := box.Deliver(sandbox.Mail{To: "camille@exemple.org", Subject: "Un", HTML: "<p>é</p>"}); err != nil {
		t.Fatal(err)
	}
	box.close(t)

	again := start(t, dir)
	if !again.hasContact(t) {
		t.Error("the contact is lost")
	}
	if _, state, _ := again.call(t, "GET", "/state/ovh", ""); !strings.Contains(state, "camille.durand") {
		t.Errorf("the mailbox is lost: %s", state)
	}
	if err := again.Deliver(sandbox.Mail{To: "camille@exemple.org", Subject: "Deux"}); err != nil {
		t.Fatal(err)
	}
	mails := again.Mails()
	if len(mails) != 2 || mails[0].Subject != "Deux" || mails[0].ID != 2 || mails[1].HTML != "<p>é</p>" {
		t.Errorf("mails: %+v", mails)
	}
	if entries := again.Journal().Entries("brevo"); len(entries) != 1 || entries[0].Body != newContact {
		t.Errorf("journal: %+v", entries)
	}
	if status, _, _ := again.call(t, "DELETE", "/mail/messages", ""); status != 204 {
		t.Errorf("DELETE /mail/messages: %d", status)
	}
	again.close(t)
	if last := start(t, dir); len(last.Mails()) != 0 {
		t.Errorf("forgotten mails came back: %+v", last.Mails())
	}
}

// TestKillLosesLittle copies the folder while the sandbox lives, as a kill would leave it.
func TestKillLosesLittle(t *testing.T) {
	dir := t.TempDir()
	box := start(t, dir)
	box.call(t, "POST", "/brevo/v3/contacts", newContact)
	if err := box.Deliver(sandbox.Mail{To: "camille@exemple.org", Subject: "Un"}); err != nil {
		t.Fatal(err)
	}
	if now := start(t, copied(t, dir)); len(now.Mails()) != 1 {
		t.Error("a caught mail was not on disk when it was acknowledged")
	}
	time.Sleep(250 * time.Millisecond)
	if later := start(t, copied(t, dir)); !later.hasContact(t) {
		t.Error("the state was not on disk after 250 ms")
	}
}

func TestBrokenLineIsDropped(t *testing.T) {
	dir := t.TempDir()
	box := start(t, dir)
	for _, subject := range []string{"Un", "Deux"} {
		if err := box.Deliver(sandbox.Mail{To: "camille@exemple.org", Subject: subject}); err != nil {
			t.Fatal(err)
		}
	}
	box.close(t)
	cut(t, filepath.Join(dir, "mails.jsonl"), 5)
	again := start(t, dir)
	if err := again.Deliver(sandbox.Mail{To: "camille@exemple.org", Subject: "Trois"}); err != nil {
		t.Fatal(err)
	}
	again.close(t)
	mails := start(t, dir).Mails()
	if len(mails) != 2 || mails[0].Subject != "Trois" || mails[1].Subject != "Un" {
		t.Errorf("after a cut line: %+v", mails)
	}
}

func TestOnlyThisMachineAndThisOrigin(t *testing.T) {
	box := start(t, "")
	if status, _, _ := box.call(t, "GET", "/mail/messages", "", "Host", "evil.example.org"); status != http.StatusMisdirectedRequest {
		t.Errorf("foreign host name: %d", status)
	}
	if status, _, _ := box.call(t, "POST", "/faults", `{"vendor":"brevo","kind":"error"}`, "Origin", "http://evil.example.org", "Content-Type", "text/plain"); status != 403 {
		t.Errorf("foreign origin: %d", status)
	}
	if status, _, _ := box.call(t, "GET", "/ghost", ""); status != 404 {
		t.Errorf("unknown path: %d", status)
	}
}

func TestConsole(t *testing.T) {
	box := start(t, "")
	mail := sandbox.Mail{
		From: "espace@exemple.org", To: "camille@exemple.org", Subject: `<script>alert("x")</script>`, Text: "Va sur https://exemple.org/a?b=1&c=2 <b>",
		HTML: "<!DOCTYPE html><html><head></head><body><a href=\"https://exemple.org/\">lien</a></body></html>",
	}
	if err := box.Deliver(mail); err != nil {
		t.Fatal(err)
	}
	box.call(t, "POST", "/brevo/v3/contacts", `{"email":"<script>alert(2)</script>"}`)
	status, home, header := box.call(t, "GET", "/", "")
	if status != 200 || !strings.Contains(home, `lang="fr"`) || !strings.Contains(home, "camille@exemple.org") || strings.Contains(home, "<script>alert") {
		t.Errorf("home: %d\n%s", status, home)
	}
	if policy := header.Get("Content-Security-Policy"); !strings.Contains(policy, "default-src 'none'") || strings.Contains(policy, "unsafe") {
		t.Errorf("policy: %s", policy)
	}
	_, page, _ := box.call(t, "GET", "/console/mail/1", "")
	for _, want := range []string{`sandbox="allow-popups allow-popups-to-escape-sandbox"`, `<a href="https://exemple.org/a?b=1&amp;c=2"`, "&lt;b&gt;"} {
		if !strings.Contains(page, want) {
			t.Errorf("the mail's page lacks %s:\n%s", want, page)
		}
	}
	_, frame, header := box.call(t, "GET", "/console/mail/1/html", "")
	if !strings.Contains(frame, `<base target="_blank">`) || !strings.Contains(header.Get("Content-Security-Policy"), "sandbox allow-popups") {
		t.Errorf("frame: %s %s", header.Get("Content-Security-Policy"), frame)
	}
	for path, want := range map[string]int{"/console/state/ovh": 200, "/console/state/ghost": 404, "/console/mail/9": 404, "/console/mail/x": 404, "/console.css": 200, "/?to=personne": 200} {
		if status, _, _ := box.call(t, "GET", path, ""); status != want {
			t.Errorf("%s: %d, want %d", path, status, want)
		}
	}
}

func TestConsoleFormsRedirect(t *testing.T) {
	box := start(t, "")
	form := []string{"Content-Type", "application/x-www-form-urlencoded"}
	status, _, header := box.call(t, "POST", "/console/faults", "vendor=brevo&kind=slow&when=after&latency_ms=10&rate=0,5&count=3&path=", form...)
	if status != 303 || header.Get("Location") != "/#pannes" || len(box.Faults().List()) != 1 {
		t.Errorf("add: %d %s", status, header.Get("Location"))
	}
	status, _, header = box.call(t, "POST", "/console/faults", "vendor=smtp&kind=html", form...)
	if status != 303 || !strings.Contains(header.Get("Location"), "problem=") {
		t.Errorf("without meaning: %d %s", status, header.Get("Location"))
	}
	if _, home, _ := box.call(t, "GET", header.Get("Location"), ""); !strings.Contains(home, `role="alert"`) || !strings.Contains(home, "après l’effet") {
		t.Errorf("home with a problem:\n%s", home)
	}
	box.call(t, "POST", "/console/faults/clear", "id=1", form...)
	if len(box.Faults().List()) != 0 {
		t.Error("the fault is still on")
	}
	if err := box.Deliver(sandbox.Mail{To: "a@exemple.org"}); err != nil {
		t.Fatal(err)
	}
	if status, _, _ := box.call(t, "POST", "/console/mail/clear", "", form...); status != 303 || len(box.Mails()) != 0 {
		t.Errorf("forget: %d, %d mails", status, len(box.Mails()))
	}
}

func TestBrevoMailIsCaught(t *testing.T) {
	box := start(t, "")
	body := `{"sender":{"email":"espace@exemple.org","name":"Espace"},"to":[{"email":"camille@exemple.org"}],"subject":"Été","textContent":"t","htmlContent":"<p>t</p>"}`
	if status, text, _ := box.call(t, "POST", "/brevo/v3/smtp/email", body); status != 201 {
		t.Fatalf("%d %s", status, text)
	}
	_, text, _ := box.call(t, "GET", "/mail/messages?to=CAMILLE@exemple.org", "")
	var mails []map[string]any
	if err := json.Unmarshal([]byte(text), &mails); err != nil || len(mails) != 1 || mails[0]["subject"] != "Été" || mails[0]["html"] != "<p>t</p>" {
		t.Errorf("%s (%v)", text, err)
	}
	if !bytes.Contains([]byte(text), []byte(`"received_at":"2024-12-19T`)) {
		t.Errorf("date: %s", text)
	}
}

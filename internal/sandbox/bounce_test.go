package sandbox_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/betagouv/espace-membre/internal/integration/brevo/brevosim"
	"github.com/betagouv/espace-membre/internal/integration/chatwebhook/chatwebhooksim"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/platform/mail"
	"github.com/betagouv/espace-membre/internal/sandbox"
	"github.com/betagouv/espace-membre/internal/sandbox/simkit"
)

// hooked starts a sandbox beside a portal that only listens to its hook.
func hooked(t *testing.T, dir string, status int) (*started, chan string) {
	t.Helper()
	told := make(chan string, 10)
	portal := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		told <- r.Method + " " + r.URL.Path + " " + string(body)
		w.WriteHeader(status)
	}))
	t.Cleanup(portal.Close)
	box, err := sandbox.NewStandard(
		sandbox.Options{Dir: dir, Clock: clock.At(clock.MustDay("2024-12-19"), 10, 0), HookURL: portal.URL + "/api/hook/x"},
		sandbox.Accounts{Brevo: brevosim.Config{APIKey: brevoKey}})
	if err != nil {
		t.Fatal(err)
	}
	at, err := box.Start(0, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = box.Close(t.Context()) })
	return &started{Standard: box, url: "http://" + at.HTTP, smtp: at.SMTP}, told
}

func TestMailIsAcceptedThenReturned(t *testing.T) {
	dir := t.TempDir()
	box, told := hooked(t, dir, 200)
	if status, text, _ := box.call(t, "POST", "/faults", `{"vendor":"smtp","kind":"bounce","path":"*@perso.fr"}`); status != 201 {
		t.Fatalf("POST /faults: %d %s", status, text)
	}
	sender := box.sender(t)
	for _, to := range []string{"camille@exemple.org", "camille@perso.fr"} {
		if err := sender.Send(t.Context(), letter(t, to)); err != nil {
			t.Fatalf("%s: %v", to, err)
		}
	}
	var event struct {
		Event, Email, Reason, Subject string
		MessageID                     string `json:"message-id"`
	}
	got := <-told
	body, ok := strings.CutPrefix(got, "POST /api/hook/x ")
	if err := json.Unmarshal([]byte(body), &event); err != nil || !ok {
		t.Fatalf("%s (%v)", got, err)
	}
	if event.Event != "hard_bounce" || event.Email != "camille@perso.fr" || !strings.HasPrefix(event.MessageID, "<") || event.Reason == "" || event.Subject == "" {
		t.Errorf("told %+v", event)
	}
	mails := box.Mails() // newest first
	if len(mails) != 3 || mails[0].To != "espace-membre@incubateur.net" || !strings.Contains(mails[0].Text, "camille@perso.fr") || !strings.Contains(mails[0].Text, "550 5.1.1") {
		t.Fatalf("%d mails, first %+v", len(mails), mails[0])
	}
	if !mails[1].Bounced || mails[2].Bounced || mails[0].Bounced {
		t.Errorf("bounced: %v %v %v", mails[0].Bounced, mails[1].Bounced, mails[2].Bounced)
	}
	entries := box.Journal().Entries("smtp")
	if last := entries[len(entries)-1]; last.Status != 250 || last.Fault != simkit.Bounce {
		t.Errorf("journal: %+v", last)
	}
	select {
	case more := <-told:
		t.Errorf("told again: %s", more)
	default:
	}
	box.close(t)
	again, err := sandbox.New(sandbox.Options{Dir: dir})
	if err != nil || len(again.Mails()) != 3 || !again.Mails()[1].Bounced {
		t.Errorf("after a restart: %v", err)
	}
}

// A portal that does not answer is told a few times, and holds nothing up.
func TestHookThatFails(t *testing.T) {
	box, told := hooked(t, "", 503)
	box.Faults().Add(simkit.Fault{Vendor: simkit.SMTP, Kind: simkit.Bounce, When: simkit.Before, Rate: 1, Count: 1})
	if err := box.sender(t).Send(t.Context(), letter(t, "camille@perso.fr")); err != nil {
		t.Fatal(err)
	}
	box.close(t)
	if len(told) != 3 {
		t.Errorf("told %d times", len(told))
	}
}

func TestBrevoAlsoReturns(t *testing.T) {
	box, told := hooked(t, "", 200)
	box.Faults().Add(simkit.Fault{Vendor: simkit.SMTP, Kind: simkit.Bounce, When: simkit.Before, Rate: 1, Path: "absent"})
	body := `{"sender":{"email":"espace@exemple.org"},"to":[{"email":"absent@exemple.org"}],"subject":"s","textContent":"t"}`
	if status, text, _ := box.call(t, "POST", "/brevo/v3/smtp/email", body); status != 201 {
		t.Fatalf("%d %s", status, text)
	}
	if got := <-told; !strings.Contains(got, "absent@exemple.org") {
		t.Errorf("told %s", got)
	}
	if _, state, _ := box.call(t, "GET", "/state/brevo", ""); !strings.Contains(state, `"code":"hardBounce"`) || !strings.Contains(state, `"hardBounces"`) {
		t.Errorf("Brevo forgot the bounce: %s", state)
	}
}

func TestPatternsOfAddresses(t *testing.T) {
	for _, c := range []struct {
		pattern, to string
		refused     bool
	}{
		{"*@perso.fr", "Camille@Perso.fr", true},
		{"*@perso.fr", "camille@perso.fr.autre.org", false},
		{"camille.*@*", "camille.durand@exemple.org", true},
		{"camille.*@*", "lou.martin@exemple.org", false},
		{"perso", "camille@perso.fr", true},
		{"[", "camille@perso.fr", false},
		{"*[", "camille@perso.fr", false},
		{"", "camille@perso.fr", true},
	} {
		box := start(t, "")
		box.Faults().Add(simkit.Fault{Vendor: simkit.SMTP, Kind: simkit.Refuse, When: simkit.Before, Rate: 1, Path: c.pattern})
		err := box.sender(t).Send(t.Context(), letter(t, c.to))
		if _, refused := mail.RefusedAddress(err); refused != c.refused || c.refused && !fault.Is(err, fault.Invalid) {
			t.Errorf("%q about %s: %v", c.pattern, c.to, err)
		}
	}
}

func TestBounceIsForMailsOnly(t *testing.T) {
	box := start(t, "")
	for _, kind := range []string{"bounce", "refuse"} {
		if status, text, _ := box.call(t, "POST", "/faults", `{"vendor":"ovh","kind":"`+kind+`"}`); status != 400 || !strings.Contains(text, "smtp only") {
			t.Errorf("%s: %d %s", kind, status, text)
		}
	}
	if status, _, _ := box.call(t, "POST", "/console/faults", "vendor=smtp&kind=bounce&path=*@perso.fr&rate=1", "Content-Type", "application/x-www-form-urlencoded"); status != 303 {
		t.Errorf("from the console: %d", status)
	}
	if _, page, _ := box.call(t, "GET", "/", ""); !strings.Contains(page, "Mail accepté puis renvoyé") || !strings.Contains(page, "*@perso.fr") {
		t.Error("the console does not show the switch")
	}
}

func TestPostsAreShownInTheState(t *testing.T) {
	box, err := sandbox.NewStandard(sandbox.Options{}, sandbox.Accounts{Chat: chatwebhooksim.Config{Hooks: map[string]chatwebhooksim.Hook{"cle": {Name: "Secrétariat", Channel: "secretariat"}}}})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(box.Handler())
	defer server.Close()
	s := &started{Standard: box, url: server.URL}
	if status, text, _ := s.call(t, "POST", sandbox.ChatPath+"/cle", `{"text":"Une boîte pour camille.durand"}`); status != 200 || text != "ok" {
		t.Fatalf("%d %s", status, text)
	}
	if _, state, _ := s.call(t, "GET", "/state/chat", ""); !strings.Contains(state, "Une boîte pour camille.durand") {
		t.Errorf("state: %s", state)
	}
	if _, journal, _ := s.call(t, "GET", "/journal?vendor=chat", ""); !strings.Contains(journal, "/chat/hooks/cle") {
		t.Errorf("journal: %s", journal)
	}
}

package ovhsim_test

import (
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/betagouv/espace-membre/internal/integration/ovh/ovhsim"
	"github.com/betagouv/espace-membre/internal/platform/clock"
)

// Every call on mailboxes, redirections and replies refuses what OVH refuses, and says so in
// OVH's words, before it does anything.
func TestRefusalsThenEffects(t *testing.T) {
	sim := ovhsim.New(ovhsim.Config{
		AppKey: "app", AppSecret: "secret", ConsumerKey: "consumer", Domain: "exemple.org", ProService: "pro-1",
		Clock: clock.NewFake(noon),
	})
	sim.AddMailbox("EMAIL_PLAN_BASIC", "anne")
	sim.AddMailbox("EMAIL_PLAN_PRO", "paul")
	sim.AddPlaceholders("EMAIL_PLAN_PRO", 1) // 00000001@configureme.me
	sim.AddRedirection("anne@exemple.org", "b@ailleurs.fr")
	server := httptest.NewServer(sim)
	defer server.Close()
	domain, pro := "/email/domain/exemple.org", "/email/pro/pro-1/account/"
	migrate := func(service, target string) string {
		return domain + "/account/anne/migrate/" + service + "/destinationEmailAddress/" + target + "/migrate"
	}
	password := `{"password":"long enough"}`
	for _, c := range []struct {
		q       request
		status  int
		message string
	}{
		{good("POST", domain+"/account/nobody/changePassword", password), 404, "(accountName = nobody) does not exist"},
		{good("POST", domain+"/account/anne/changePassword", `{"password":"short"}`), 400, "not between 9 and 30"},
		{good("POST", domain+"/account/anne/changePassword", `{"password":" around the text "}`), 400, "[password]"},
		{good("POST", domain+"/account/anne/changePassword", `{}`), 400, "[password] Missing"},
		{good("POST", domain+"/account/anne/changePassword", password), 200, ""},
		{good("POST", pro+"nobody@exemple.org/changePassword", password), 404, "does not exist"},
		{good("POST", "/email/pro/other/account/paul@exemple.org/changePassword", password), 404, "This service does not exist"},
		{good("POST", pro+"paul@exemple.org/changePassword", password), 200, ""},
		{good("POST", migrate("other", "00000001@configureme.me"), password), 404, "This service does not exist"},
		{good("POST", migrate("pro-1", "paul@exemple.org"), password), 409, "already configured"},
		{good("POST", migrate("pro-1", "9@configureme.me"), password), 404, "destinationEmailAddress"},
		{good("POST", domain+"/redirection", `{"from":"a@other.org","to":"b@ailleurs.fr"}`), 400, "[from]"},
		{good("POST", domain+"/redirection", `{"from":"anne@exemple.org","to":"nowhere"}`), 400, "[to]"},
		{good("POST", domain+"/redirection", `{"from":"anne@exemple.org","to":"anne@exemple.org"}`), 400, "loop"},
		{good("POST", domain+"/redirection", `{"from":"anne@exemple.org","to":"b@ailleurs.fr"}`), 409, "already exists"},
		{good("POST", domain+"/redirection/2/changeRedirection", `{"to":""}`), 400, "[to]"},
		{good("POST", domain+"/redirection/9/changeRedirection", `{"to":"c@ailleurs.fr"}`), 404, "(id = 9)"},
		{good("POST", domain+"/redirection/2/changeRedirection", `{"to":"c@ailleurs.fr"}`), 200, ""},
		{good("POST", domain+"/responder", `{"account":"anne","content":"x"}`), 400, "[copy]"},
		{good("POST", domain+"/responder", `{"account":"anne","content":"x","copy":true,"from":"yesterday"}`), 400, "datetime"},
		{good("POST", domain+"/responder", `{"account":"anne","content":"x","copy":true}`), 200, ""},
		{good("POST", domain+"/responder", `{"account":"anne","content":"x","copy":true}`), 409, "already exists"},
		{good("PUT", domain+"/responder/nobody", `{"content":"x"}`), 404, "(account = nobody)"},
		{good("DELETE", domain+"/responder/nobody", ""), 404, "(account = nobody)"},
		{good("POST", migrate("pro-1", "00000001@configureme.me"), password), 200, ""},
		{good("GET", domain+"/account/anne", ""), 404, "does not exist"},
		{good("GET", pro+"anne@exemple.org", ""), 200, ""},
		{good("DELETE", pro+"nobody@exemple.org", ""), 404, "does not exist"},
		{good("DELETE", pro+"paul@exemple.org", ""), 200, ""},
		{good("GET", pro+"paul@exemple.org", ""), 404, "does not exist"},
	} {
		status, answer := send(t, server.URL, c.q)
		if message, _ := answer["message"].(string); status != c.status || !strings.Contains(message, c.message) {
			t.Errorf("%s %s %s: %d %v, want %d %q", c.q.method, c.q.path, c.q.body, status, answer, c.status, c.message)
		}
	}
	if !sim.Accepts("anne", "long enough") || sim.Accepts("anne", "short") || sim.Accepts("nobody", "") {
		t.Error("the passwords are not those that were set")
	}
}

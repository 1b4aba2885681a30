package ovhsim_test

import (
	"net/http/httptest"
	"testing"
)

// TestListRefusals checks that what OVH refuses about mailing lists is refused.
func TestListRefusals(t *testing.T) {
	sim := newSim()
	sim.AddList("incubateur", "anne@exemple.org")
	server := httptest.NewServer(sim)
	defer server.Close()
	const lists = "/1.0/email/domain/exemple.org/mailingList"
	for _, c := range []struct {
		method, path, body string
		status             int
	}{
		{"GET", "/1.0/email/domain/autre.org/mailingList", "", 404},
		{"POST", lists, `{`, 400},
		{"POST", lists, `{"name":"x","language":"fr","ownerEmail":"a@exemple.org"}`, 400},
		{"POST", lists, `{"name":"x","language":"fr","ownerEmail":"a","options":{}}`, 400},
		{"POST", lists, `{"name":"incubateur","language":"fr","ownerEmail":"a@exemple.org","options":{}}`, 409},
		{"GET", lists + "/ghost", "", 404},
		{"GET", lists + "/ghost/subscriber", "", 404},
		{"POST", lists + "/ghost/subscriber", `{"email":"a@exemple.org"}`, 404},
		{"POST", lists + "/incubateur/subscriber", `{}`, 400},
		{"POST", lists + "/incubateur/subscriber", `{"email":"a"}`, 400},
		{"POST", lists + "/incubateur/subscriber", `{"email":"Anne@exemple.org"}`, 409},
		{"GET", lists + "/incubateur/subscriber/bea@exemple.org", "", 404},
		{"GET", lists + "/incubateur/subscriber/Anne@exemple.org", "", 200},
		{"DELETE", lists + "/incubateur/subscriber/bea@exemple.org", "", 404},
		{"DELETE", lists + "/incubateur/subscriber/anne@exemple.org", "", 200},
		{"DELETE", lists + "/incubateur/subscriber/anne@exemple.org", "", 404},
	} {
		if status, answer := send(t, server.URL, good(c.method, c.path, c.body)); status != c.status || status >= 400 && answer["message"] == "" {
			t.Errorf("%s %s %s: %d %v, want %d", c.method, c.path, c.body, status, answer, c.status)
		}
	}
}

func TestListsSurviveARestart(t *testing.T) {
	sim, again := newSim(), newSim()
	sim.AddList("incubateur", "anne@exemple.org")
	kept, err := sim.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	if err := again.Restore(kept); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(again)
	defer server.Close()
	if status, _ := send(t, server.URL, good("GET", "/1.0/email/domain/exemple.org/mailingList/incubateur/subscriber/anne@exemple.org", "")); status != 200 {
		t.Errorf("the subscriber was lost: %d", status)
	}
	if err := again.Restore([]byte(`{"mx":{}}`)); err != nil {
		t.Fatal(err)
	}
	again.AddList("incubateur") // a state kept by an earlier version knows no list
}

package contract

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const description = `{
"openapi":"3.0.0","info":{"title":"t","version":"1"},
"paths":{
 "/lists/{id}":{"get":{"parameters":[
   {"name":"id","in":"path","required":true,"schema":{"type":"integer"}},
   {"name":"limit","in":"query","schema":{"type":"integer","maximum":50}}],
  "responses":{"200":{"description":"","content":{"application/json":{"schema":{"type":"object","required":["id"],
   "properties":{"id":{"type":"integer"},"free":{"type":"object","properties":{}}}}}}}}}},
 "/lists/all":{"get":{"responses":{"204":{"description":"","content":{"application/json":{}}}}}},
 "/contacts":{"post":{"requestBody":{"required":true,"content":{"application/json":{"schema":{"allOf":[
   {"type":"object","properties":{"email":{"type":"string"}}},{"type":"object","required":["ids"],
    "properties":{"ids":{"type":"array","items":{"type":"object","properties":{"n":{"type":"integer"}}}}}}]}}}},
  "responses":{"201":{"description":""},"400":{"description":"","content":{"application/json":{"schema":{"type":"object","required":["code"]}}}}}}}
}}`

func TestContract(t *testing.T) {
	for _, c := range []struct {
		name, method, url, body  string
		status                   int
		answer                   string
		problem, undescribedCall string
	}{
		{name: "good", method: "GET", url: "/v3/lists/3?limit=2", status: 200, answer: `{"id":3,"free":{"x":1}}`},
		{name: "literal segment wins", method: "GET", url: "/v3/lists/all", status: 204},
		{name: "path parameter", method: "GET", url: "/v3/lists/x", status: 200, answer: `{"id":3}`, problem: `"id"`},
		{name: "limit too high", method: "GET", url: "/v3/lists/3?limit=51", status: 200, answer: `{"id":3}`, problem: "limit"},
		{name: "unknown query", method: "GET", url: "/v3/lists/3?page=5", status: 200, answer: `{"id":3}`, problem: `query parameter "page"`},
		{name: "answer lacks a property", method: "GET", url: "/v3/lists/3", status: 200, answer: `{}`, problem: `"id" is missing`},
		{name: "answer has another one", method: "GET", url: "/v3/lists/3", status: 200, answer: `{"id":3,"ghost":1}`, problem: `unknown property "ghost"`},
		{name: "undescribed status", method: "GET", url: "/v3/lists/3", status: 429, undescribedCall: "GET /lists/{id} -> 429"},
		{name: "undescribed call", method: "DELETE", url: "/v3/lists/3", status: 204, undescribedCall: "DELETE /lists/3"},
		{name: "good body", method: "POST", url: "/v3/contacts", body: `{"email":"a","ids":[{"n":1}]}`, status: 201},
		{name: "wrong body", method: "POST", url: "/v3/contacts", body: `{"email":1,"ids":[]}`, status: 201, problem: "email"},
		{name: "unknown nested property", method: "POST", url: "/v3/contacts", body: `{"ids":[{"m":1}]}`, status: 201, problem: `unknown property "m"`},
		{name: "refused body is not judged", method: "POST", url: "/v3/contacts", body: `{}`, status: 400, answer: `{"code":"x"}`},
		{name: "refusal is judged", method: "POST", url: "/v3/contacts", body: `{}`, status: 400, answer: `{"error":"x"}`, problem: `"code" is missing`},
		{name: "body forgotten", method: "POST", url: "/v3/contacts", status: 201, problem: "request"},
	} {
		t.Run(c.name, func(t *testing.T) {
			contract := load(t)
			answer := exchange(t, contract, c.method, c.url, c.body, c.status, c.answer)
			if answer.Code != c.status || answer.Body.String() != c.answer {
				t.Errorf("the answer was changed: %d %s", answer.Code, answer.Body)
			}
			problems := strings.Join(contract.Problems(), "\n")
			if (c.problem == "") != (problems == "") || !strings.Contains(problems, c.problem) {
				t.Errorf("problems: %q, want %q", problems, c.problem)
			}
			undescribed := strings.Join(contract.Undescribed(), "\n")
			if undescribed != c.undescribedCall {
				t.Errorf("undescribed: %q, want %q", undescribed, c.undescribedCall)
			}
		})
	}
}

func load(t *testing.T) *Contract {
	t.Helper()
	path := filepath.Join(t.TempDir(), "vendor.json")
	if err := os.WriteFile(path, []byte(description), 0o600); err != nil {
		t.Fatal(err)
	}
	contract, err := Load(path, "/v3")
	if err != nil {
		t.Fatal(err)
	}
	return contract
}

func exchange(t *testing.T, c *Contract, method, url, body string, status int, answer string) *httptest.ResponseRecorder {
	t.Helper()
	handler := c.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if got, err := io.ReadAll(r.Body); err != nil || string(got) != body {
			t.Errorf("the body was changed: %q %v", got, err)
		}
		if answer != "" {
			w.Header().Set("Content-Type", "application/json; charset=utf-8")
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, answer)
	}))
	r := httptest.NewRequest(method, url, strings.NewReader(body))
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, r)
	return w
}

func TestCheckListsWhatItJudged(t *testing.T) {
	contract := load(t)
	exchange(t, contract, "GET", "/v3/lists/3", "", 200, `{"id":3}`)
	exchange(t, contract, "GET", "/v3/ghost", "", 200, `{}`)
	contract.Check(t, "GET /ghost")
	if want := []string{"GET /lists/{id}"}; !slices.Equal(contract.Judged(), want) {
		t.Errorf("judged %v, want %v", contract.Judged(), want)
	}
}

func TestFreshHasSeenNothing(t *testing.T) {
	contract := load(t)
	exchange(t, contract, "GET", "/v3/lists/x", "", 200, `{"id":3}`)
	fresh := contract.Fresh()
	exchange(t, fresh, "GET", "/v3/lists/3", "", 200, `{"id":3}`)
	fresh.Check(t)
	if len(fresh.Judged()) != 1 || len(contract.Problems()) == 0 || len(fresh.Problems()) != 0 {
		t.Errorf("judged %v, problems %v and %v", fresh.Judged(), contract.Problems(), fresh.Problems())
	}
}

// Without a description a test goes on: what goes through is left as it is, and nothing is checked.
func TestAbsentContractJudgesNothing(t *testing.T) {
	absent := Beside(t, "a-vendor-that-nobody-described", "/v3")
	if absent != nil || absent.Fresh() != nil {
		t.Fatal("a description of nobody")
	}
	exchange(t, absent, "DELETE", "/v3/ghost", "", 204, "")
	absent.Check(t)
}

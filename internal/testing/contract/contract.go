// Package contract checks, in tests, that what our clients send and what our simulators answer
// follow the vendor's own OpenAPI description. The descriptions are not part of this repository:
// they are looked for in the folder ../shared/contracts, beside the checkout, and a test that
// does not find them is skipped.
//
// A description says which properties exist and their shape. It is believed for paths, methods,
// parameters, and bodies; properties that it does not name are reported too, except where it
// describes an object without naming any property. What it leaves out (calls, statuses) is not
// a problem but is listed, and a test must name each of them: see [Contract.Check].
package contract

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
)

// Contract is one vendor's description, and what was seen of the exchanges that it judges.
// It is safe for concurrent use.
type Contract struct {
	doc    *openapi3.T
	prefix string

	mu          sync.Mutex
	problems    []string
	undescribed map[string]int
	judged      map[string]int
}

// Open reads the description of a vendor ("brevo", "ovh", "github"…) or skips the test when it
// is absent. The prefix is what precedes the description's paths in the URLs of the test,
// for example "/v3" or "/ovh/1.0".
func Open(t testing.TB, vendor, prefix string) *Contract {
	t.Helper()
	folder, err := folder()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(folder, vendor+".json")
	if _, err := os.Stat(path); err != nil {
		t.Skipf("no vendor contract: ../shared/contracts/%s.json is absent beside this repository", vendor)
	}
	c, err := Load(path, prefix)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// Beside is Open for tests that have their own story to check: where the description is absent
// they go on without it, and say so. The contract is then nil, which judges nothing.
func Beside(t testing.TB, vendor, prefix string) *Contract {
	t.Helper()
	folder, err := folder()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(folder, vendor+".json")
	if _, err := os.Stat(path); err != nil {
		t.Logf("no vendor contract: ../shared/contracts/%s.json is absent beside this repository, requests are not judged", vendor)
		return nil
	}
	c, err := Load(path, prefix)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// Fresh gives a contract of the same description that has seen nothing: reading a description
// takes longer than most tests.
func (c *Contract) Fresh() *Contract {
	if c == nil {
		return nil
	}
	return &Contract{doc: c.doc, prefix: c.prefix, undescribed: map[string]int{}, judged: map[string]int{}}
}

// Load reads an OpenAPI 3 file.
func Load(path, prefix string) (*Contract, error) {
	doc, err := openapi3.NewLoader().LoadFromFile(path)
	if err != nil {
		return nil, fmt.Errorf("read contract: %w", err)
	}
	return &Contract{doc: doc, prefix: strings.TrimRight(prefix, "/"), undescribed: map[string]int{}, judged: map[string]int{}}, nil
}

// folder finds ../shared/contracts from the folder of the test, through the one that holds go.mod.
func folder() (string, error) {
	at, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("find the repository: %w", err)
	}
	for {
		if _, err := os.Stat(filepath.Join(at, "go.mod")); err == nil {
			return filepath.Join(filepath.Dir(at), "shared", "contracts"), nil
		}
		parent := filepath.Dir(at)
		if parent == at {
			return "", fmt.Errorf("find the repository: no go.mod above the test")
		}
		at = parent
	}
}

// Wrap judges every request that goes through and every answer of next, which are unchanged.
func (c *Contract) Wrap(next http.Handler) http.Handler {
	if c == nil {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		answer := httptest.NewRecorder()
		next.ServeHTTP(answer, r)
		c.judge(r, body, answer)
		maps.Copy(w.Header(), answer.Header())
		w.WriteHeader(answer.Code)
		_, _ = w.Write(answer.Body.Bytes())
	})
}

// judge validates one exchange. A request that the vendor refused (4xx) may be wrong on purpose:
// only its answer is judged.
func (c *Contract) judge(r *http.Request, body []byte, answer *httptest.ResponseRecorder) {
	route, parameters := c.find(r)
	if route == nil {
		c.miss(r.Method + " " + strings.TrimPrefix(r.URL.Path, c.prefix))
		return
	}
	name := route.Method + " " + route.Path
	c.count(name)
	request := r.Clone(context.Background())
	request.Body = io.NopCloser(bytes.NewReader(body))
	input := &openapi3filter.RequestValidationInput{
		Request: request, PathParams: parameters, Route: route,
		Options: &openapi3filter.Options{
			MultiError: true, SkipSettingDefaults: true, RejectWhenRequestBodyNotSpecified: true,
			AuthenticationFunc: openapi3filter.NoopAuthenticationFunc,
		},
	}
	if answer.Code < 400 {
		if err := openapi3filter.ValidateRequest(context.Background(), input); err != nil {
			c.problem("%s: request: %v", name, err)
		}
		c.unknownQuery(name, route, request)
		c.unknownProperties(name+": request", requestSchema(route), body)
	}
	c.judgeAnswer(name, input, answer)
}

func (c *Contract) judgeAnswer(name string, input *openapi3filter.RequestValidationInput, answer *httptest.ResponseRecorder) {
	status := input.Route.Operation.Responses.Status(answer.Code)
	if status == nil {
		status = input.Route.Operation.Responses.Default()
	}
	if status == nil {
		c.miss(fmt.Sprintf("%s -> %d", name, answer.Code))
		return
	}
	body := answer.Body.Bytes()
	response := &openapi3filter.ResponseValidationInput{
		RequestValidationInput: input, Status: answer.Code, Header: answer.Header(),
		Options: &openapi3filter.Options{
			MultiError: true, IncludeResponseStatus: true, ExcludeResponseBody: len(body) == 0 && answer.Code == http.StatusNoContent,
		},
	}
	response.SetBodyBytes(body)
	if err := openapi3filter.ValidateResponse(context.Background(), response); err != nil {
		c.problem("%s -> %d: answer: %v", name, answer.Code, err)
	}
	c.unknownProperties(fmt.Sprintf("%s -> %d: answer", name, answer.Code), jsonSchema(status.Value.Content), body)
}

// find gives the operation that a request calls and its path parameters; nil when not described.
func (c *Contract) find(r *http.Request) (*routers.Route, map[string]string) {
	path, ok := strings.CutPrefix(r.URL.EscapedPath(), c.prefix)
	if !ok {
		return nil, nil
	}
	var best string
	var parameters map[string]string
	for pattern, item := range c.doc.Paths.Map() {
		values, ok := match(pattern, path)
		if ok && item.GetOperation(r.Method) != nil && (best == "" || len(values) < len(parameters)) {
			best, parameters = pattern, values
		}
	}
	if best == "" {
		return nil, nil
	}
	item := c.doc.Paths.Value(best)
	return &routers.Route{Spec: c.doc, Path: best, PathItem: item, Method: r.Method, Operation: item.GetOperation(r.Method)}, parameters
}

func (c *Contract) problem(format string, args ...any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if text := fmt.Sprintf(format, args...); !slices.Contains(c.problems, text) {
		c.problems = append(c.problems, text)
	}
}

func (c *Contract) miss(call string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.undescribed[call]++
}

func (c *Contract) count(name string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.judged[name]++
}

// Problems lists each departure from the contract once, in order of appearance.
func (c *Contract) Problems() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.problems)
}

// Undescribed lists, sorted, the calls ("GET /path") and the statuses ("GET /{path} -> 429") that
// were seen and that the contract does not describe.
func (c *Contract) Undescribed() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Sorted(maps.Keys(c.undescribed))
}

// Judged lists, sorted, the operations that were seen and validated.
func (c *Contract) Judged() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Sorted(maps.Keys(c.judged))
}

// Check fails the test for each problem and for each undescribed call or status that is not among
// the expected ones, then prints what was judged and what the contract does not describe.
func (c *Contract) Check(t testing.TB, expected ...string) {
	t.Helper()
	if c == nil {
		return
	}
	for _, problem := range c.Problems() {
		t.Errorf("contract broken: %s", problem)
	}
	for _, call := range c.Undescribed() {
		if !slices.Contains(expected, call) {
			t.Errorf("the contract does not describe %q: correct the call, or name it among the expected ones", call)
		}
	}
	t.Logf("judged: %s", strings.Join(c.Judged(), ", "))
	t.Logf("not described by the contract: %s", strings.Join(c.Undescribed(), ", "))
}

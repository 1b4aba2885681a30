package httpclient

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/betagouv/espace-membre/internal/platform/fault"
)

// vendor serves the given statuses one after the other, the last for ever, and counts.
func vendor(t *testing.T, calls *atomic.Int32, statuses ...int) *Client {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		n := int(calls.Add(1)) - 1
		status := statuses[min(n, len(statuses)-1)]
		if status == http.StatusTooManyRequests {
			w.Header().Set("Retry-After", "120")
		}
		w.WriteHeader(status)
		fmt.Fprint(w, `{"name":"camille@exemple.org"}`)
	}))
	t.Cleanup(server.Close)
	return New(Config{Vendor: "essai", BaseURL: server.URL, Backoff: time.Millisecond, PerSecond: 1000})
}

func TestStatusesBecomeFaults(t *testing.T) {
	for _, c := range []struct {
		status int
		want   fault.Kind
	}{
		{400, fault.Invalid},
		{401, fault.Forbidden},
		{403, fault.Forbidden},
		{404, fault.NotFound},
		{409, fault.Conflict},
		{422, fault.Invalid},
		{429, fault.Unavailable},
		{500, fault.Unavailable},
		{503, fault.Unavailable},
		{302, fault.Unavailable},
	} {
		var calls atomic.Int32
		err := vendor(t, &calls, c.status).Do(context.Background(), http.MethodPost, "/x?email=camille@exemple.org", nil, nil)
		if fault.KindOf(err) != c.want {
			t.Errorf("status %d: kind %s, want %s", c.status, fault.KindOf(err), c.want)
		}
		if strings.Contains(err.Error(), "camille") {
			t.Errorf("status %d: the error shows an address: %v", c.status, err)
		}
		if calls.Load() != 1 {
			t.Errorf("status %d: POST was sent %d times", c.status, calls.Load())
		}
	}
}

func TestOnlyRepeatableCallsAreRetried(t *testing.T) {
	var calls atomic.Int32
	var out struct{ Name string }
	if err := vendor(t, &calls, 503, 503, 200).Do(context.Background(), http.MethodGet, "/", nil, &out); err != nil || out.Name == "" {
		t.Fatalf("third attempt: %v, %+v", err, out)
	}
	if calls.Load() != 3 {
		t.Errorf("%d calls, want 3", calls.Load())
	}
	calls.Store(0)
	err := vendor(t, &calls, 429).Do(context.Background(), http.MethodGet, "/", nil, nil)
	if calls.Load() != 1 || fault.RetryAfter(err) != 2*time.Minute {
		t.Errorf("429 with a long Retry-After: %d calls, retry after %s", calls.Load(), fault.RetryAfter(err))
	}
}

func TestLostAnswersAreTold(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			buffer := make([]byte, 1024)
			_, _ = conn.Read(buffer)
			_ = conn.Close()
		}
	}()
	client := New(Config{Vendor: "essai", BaseURL: "http://" + listener.Addr().String()})
	err = client.Do(context.Background(), http.MethodPost, "/", map[string]string{"a": "b"}, nil)
	if !fault.Is(err, fault.Unavailable) || !fault.AnswerLost(err) {
		t.Errorf("a dropped connection gave %v (lost: %v)", err, fault.AnswerLost(err))
	}
	listener.Close()
	err = client.Do(context.Background(), http.MethodPost, "/", nil, nil)
	if !fault.Is(err, fault.Unavailable) || fault.AnswerLost(err) {
		t.Errorf("a refused connection gave %v (lost: %v)", err, fault.AnswerLost(err))
	}
}

func TestUnreadableAnswerIsUnavailable(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<html>maintenance</html>") }))
	t.Cleanup(server.Close)
	var out map[string]string
	err := New(Config{Vendor: "essai", BaseURL: server.URL}).Do(context.Background(), http.MethodPost, "/", nil, &out)
	if !fault.Is(err, fault.Unavailable) {
		t.Errorf("HTML instead of JSON gave %v", err)
	}
}

package web_test

import (
	stdcontext "context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/betagouv/espace-membre/internal/platform/web"
)

func TestServeLetsTheRequestUnderWayFinish(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	begun, release := make(chan struct{}), make(chan struct{})
	handler := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		close(begun)
		<-release
		_, _ = io.WriteString(w, "fini")
	})
	ctx, stop := stdcontext.WithCancel(t.Context())
	over := make(chan error, 1)
	go func() {
		over <- web.Serve(ctx, listener, handler, 5*time.Second, slog.New(slog.DiscardHandler))
	}()
	body := make(chan string, 1)
	go func() {
		answer, err := http.Get("http://" + listener.Addr().String())
		if err != nil {
			body <- err.Error()
			return
		}
		defer func() { _ = answer.Body.Close() }()
		text, _ := io.ReadAll(answer.Body)
		body <- string(text)
	}()
	<-begun
	stop()
	close(release)
	if got := <-body; got != "fini" {
		t.Errorf("the request under way got %q", got)
	}
	if err := <-over; err != nil {
		t.Errorf("stop: %v", err)
	}
	if _, err := net.Dial("tcp", listener.Addr().String()); err == nil {
		t.Error("still listening")
	}
}

package mail

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/betagouv/espace-membre/internal/platform/fault"
)

// counted is a relay behind a door that counts connections and can shut those that stand.
type counted struct {
	behind *relay
	port   int // of the door
	opened atomic.Int32
	mu     sync.Mutex
	conns  []net.Conn
}

func newCounted(t *testing.T) *counted {
	t.Helper()
	behind, _ := newRelay(t, relayOptions{})
	door, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = door.Close() })
	c := &counted{behind: behind, port: door.Addr().(*net.TCPAddr).Port}
	go func() {
		for {
			conn, err := door.Accept()
			if err != nil {
				return
			}
			c.opened.Add(1)
			c.mu.Lock()
			c.conns = append(c.conns, conn)
			c.mu.Unlock()
			go c.through(conn, behind.port)
		}
	}()
	return c
}

func (c *counted) through(conn net.Conn, port int) {
	other, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		return
	}
	go func() { _, _ = io.Copy(other, conn); _ = other.Close() }()
	_, _ = io.Copy(conn, other)
	_ = conn.Close()
}

func (c *counted) shut() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, conn := range c.conns {
		_ = conn.Close()
	}
	c.conns = nil
}

func (c *counted) sender(t *testing.T, keep time.Duration) *SMTP {
	t.Helper()
	s := (&relay{port: c.port}).sender(t, nil, func(s *SMTPConfig) { s.Keep = keep })
	t.Cleanup(s.Close)
	return s
}

func numbered(n int) Message {
	m := short
	m.Key, m.Subject = fmt.Sprint("k", n), fmt.Sprint("Objet ", n)
	return m
}

// received gives the messages of the relay behind the door.
func (c *counted) received() []string {
	c.behind.mu.Lock()
	defer c.behind.mu.Unlock()
	return append([]string{}, c.behind.messages...)
}

func TestOneConnectionCarriesSeveralMessages(t *testing.T) {
	c := newCounted(t)
	sender := c.sender(t, time.Minute)
	for i := range 3 {
		if err := sender.Send(t.Context(), numbered(i)); err != nil {
			t.Fatal(err)
		}
	}
	got := c.received()
	if c.opened.Load() != 1 || len(got) != 3 {
		t.Fatalf("%d connections, %d messages", c.opened.Load(), len(got))
	}
	for i, text := range got {
		if !strings.Contains(text, fmt.Sprint("Objet ", i)) || strings.Count(text, "Subject:") != 1 {
			t.Errorf("message %d: %s", i, text)
		}
	}
}

func TestConnectionIsNotKeptWhenAskedNotTo(t *testing.T) {
	c := newCounted(t)
	sender := c.sender(t, -1)
	for i := range 2 {
		if err := sender.Send(t.Context(), numbered(i)); err != nil {
			t.Fatal(err)
		}
	}
	if c.opened.Load() != 2 {
		t.Errorf("%d connections, want 2", c.opened.Load())
	}
}

// The server hangs up while the connection is free: the next message goes by another one, once.
func TestConnectionClosedMeanwhile(t *testing.T) {
	c := newCounted(t)
	sender := c.sender(t, time.Minute)
	if err := sender.Send(t.Context(), numbered(0)); err != nil {
		t.Fatal(err)
	}
	c.shut()
	if err := sender.Send(t.Context(), numbered(1)); err != nil {
		t.Fatalf("the dead connection was not replaced: %v", err)
	}
	if got := c.received(); c.opened.Load() != 2 || len(got) != 2 {
		t.Errorf("%d connections, %d messages", c.opened.Load(), len(got))
	}
}

func TestFreeConnectionIsHungUp(t *testing.T) {
	c := newCounted(t)
	sender := c.sender(t, 20*time.Millisecond)
	if err := sender.Send(t.Context(), numbered(0)); err != nil {
		t.Fatal(err)
	}
	deadline := time.Now().Add(5 * time.Second)
	for free := 1; free > 0; {
		if time.Now().After(deadline) {
			t.Fatal("still connected")
		}
		time.Sleep(5 * time.Millisecond)
		sender.pool.mu.Lock()
		free = len(sender.pool.free)
		sender.pool.mu.Unlock()
	}
	if err := sender.Send(t.Context(), numbered(1)); err != nil || c.opened.Load() != 2 {
		t.Errorf("%v, %d connections", err, c.opened.Load())
	}
}

func TestConcurrentMessagesDoNotMix(t *testing.T) {
	c := newCounted(t)
	sender := c.sender(t, time.Minute)
	var group sync.WaitGroup
	for i := range 40 {
		group.Go(func() {
			if err := sender.Send(context.Background(), numbered(i)); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	all := strings.Join(c.received(), "\n")
	for i := range 40 {
		if strings.Count(all, fmt.Sprintf("Objet %d\r\n", i)) != 1 {
			t.Errorf("message %d: %d times", i, strings.Count(all, fmt.Sprintf("Objet %d\r\n", i)))
		}
	}
	sender.pool.mu.Lock()
	defer sender.pool.mu.Unlock()
	if len(sender.pool.free) > maxIdle {
		t.Errorf("%d connections are kept", len(sender.pool.free))
	}
}

// A reused connection that breaks after the final dot has its answer lost like a new one: the
// message is never sent a second time by itself.
func TestAnswerLostOnAReusedConnection(t *testing.T) {
	messages := 0
	relay := script(t, func(conn net.Conn, lines *bufio.Scanner) {
		_, _ = io.WriteString(conn, "220 hello\r\n")
		for lines.Scan() {
			switch lines.Text() {
			case "DATA":
				_, _ = io.WriteString(conn, "354 go\r\n")
				for lines.Scan() && lines.Text() != "." {
				}
				if messages++; messages == 2 {
					return
				}
				_, _ = io.WriteString(conn, "250 accepted\r\n")
			default:
				_, _ = io.WriteString(conn, "250 ok\r\n")
			}
		}
	})
	sender := relay.sender(t, nil, func(s *SMTPConfig) { s.Keep = time.Minute })
	if err := sender.Send(t.Context(), numbered(0)); err != nil {
		t.Fatal(err)
	}
	if err := sender.Send(t.Context(), numbered(1)); !fault.AnswerLost(err) {
		t.Errorf("%v, lost %v", err, fault.AnswerLost(err))
	}
}

func TestRefusedAddressIsToldApart(t *testing.T) {
	for answer, want := range map[string]Refusal{
		"550 5.1.1 camille@exemple.org unknown": {550, "5.1.1"},
		"553 no such user":                      {553, ""},
	} {
		err := script(t, answering("220 hello", "250 ok", "250 ok", "250 ok", answer, "250 ok")).sender(t, nil, nil).Send(t.Context(), short)
		if got, ok := RefusedAddress(err); !ok || got != want || !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %+v %v (%v)", answer, got, ok, err)
		}
	}
	for _, answer := range []string{"451 4.7.1 later", "421 4.3.2 busy"} {
		err := script(t, answering("220 hello", "250 ok", "250 ok", "250 ok", answer, "250 ok")).sender(t, nil, nil).Send(t.Context(), short)
		if _, ok := RefusedAddress(err); ok || err == nil {
			t.Errorf("%s: read as a refused address (%v)", answer, err)
		}
	}
	policy := script(t, answering("220 hello", "250 ok", "250 ok", "250 ok", "550 5.7.1 relaying denied", "250 ok")).sender(t, nil, nil).Send(t.Context(), short)
	if _, ok := RefusedAddress(policy); ok || !fault.Is(policy, fault.Invalid) {
		t.Errorf("a server that does not want our mails is read as a refused address: %v", policy)
	}
	late := script(t, answering("220 hello", "250 ok", "250 ok", "250 ok", "250 ok", "354 go on", "550 5.1.1 no such user", "250 ok")).sender(t, nil, nil).Send(t.Context(), short)
	if got, ok := RefusedAddress(late); !ok || got != (Refusal{550, "5.1.1"}) {
		t.Errorf("an address refused after the message: %+v %v (%v)", got, ok, late)
	}
	content := script(t, answering("220 hello", "250 ok", "250 ok", "250 ok", "250 ok", "554 5.7.1 no", "250 ok")).sender(t, nil, nil).Send(t.Context(), short)
	if _, ok := RefusedAddress(content); ok || !fault.Is(content, fault.Invalid) {
		t.Errorf("a refused content is read as a refused address: %v", content)
	}
	if _, ok := RefusedAddress(nil); ok {
		t.Error("no error is read as a refusal")
	}
}

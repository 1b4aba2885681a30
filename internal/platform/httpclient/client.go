// Package httpclient is the one way in which vendors are called: time limit, bounded retry of
// calls that may be repeated, rate limit, and errors turned into faults. It logs the method,
// the path pattern and the status, never a body, a query or a token.
package httpclient

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"golang.org/x/time/rate"

	"github.com/betagouv/espace-membre/internal/platform/fault"
)

// Config describes one vendor.
type Config struct {
	Vendor    string                                                      // lower-case name, for errors, logs and metrics
	BaseURL   string                                                      // without final slash
	Authorize func(r *http.Request, body []byte) error                    // adds credentials; nil: none
	PerSecond float64                                                     // calls a second; zero: 10
	Timeout   time.Duration                                               // one attempt; zero: 10 s
	Retries   int                                                         // further attempts of GET, HEAD, PUT, DELETE; negative: none; zero: 2
	Backoff   time.Duration                                               // first pause between attempts; zero: 200 ms
	Observe   func(vendor, method string, status int, took time.Duration) // metrics; may be nil
}

// Client calls one vendor. It is safe for concurrent use.
type Client struct {
	config  Config
	http    *http.Client
	limiter *rate.Limiter
}

const (
	maxBody     = 32 << 20 // bytes of an answer that we accept to read
	maxErrorLen = 300      // characters of a vendor's error text that we keep
)

// New makes a client. Redirections are not followed.
func New(c Config) *Client {
	if c.PerSecond == 0 {
		c.PerSecond = 10
	}
	if c.Timeout == 0 {
		c.Timeout = 10 * time.Second
	}
	if c.Retries == 0 {
		c.Retries = 2
	}
	if c.Backoff == 0 {
		c.Backoff = 200 * time.Millisecond
	}
	c.BaseURL = strings.TrimRight(c.BaseURL, "/")
	return &Client{
		config:  c,
		limiter: rate.NewLimiter(rate.Limit(c.PerSecond), max(1, int(c.PerSecond))),
		http: &http.Client{
			Timeout:       c.Timeout,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
}

// Do sends method to path (which starts with a slash, segments escaped by the caller, query
// included), with in as JSON body when it is not nil, and reads the JSON answer into out when
// it is not nil. Errors are faults: 404 NotFound, 401 and 403 Forbidden, 409 Conflict, other
// 4xx Invalid, 429, 5xx, network and unreadable answers Unavailable.
func (c *Client) Do(ctx context.Context, method, path string, in, out any) error {
	var body []byte
	if in != nil {
		var err error
		if body, err = json.Marshal(in); err != nil {
			return fmt.Errorf("encode %s request: %w", c.config.Vendor, err)
		}
	}
	attempts := 1
	if repeatable(method) && c.config.Retries > 0 {
		attempts += c.config.Retries
	}
	pause := c.config.Backoff
	for {
		attempts--
		err := c.once(ctx, method, path, body, out)
		if err == nil || attempts == 0 || !fault.Is(err, fault.Unavailable) || fault.RetryAfter(err) > 2*time.Second {
			return err
		}
		if err := sleep(ctx, max(pause, fault.RetryAfter(err))); err != nil {
			return err
		}
		pause *= 2
	}
}

func repeatable(method string) bool {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPut, http.MethodDelete:
		return true
	}
	return false
}

func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

func (c *Client) once(ctx context.Context, method, path string, body []byte, out any) error {
	if err := c.limiter.Wait(ctx); err != nil {
		return c.down(err, false)
	}
	request, err := http.NewRequestWithContext(ctx, method, c.config.BaseURL+path, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("build %s request: %w", c.config.Vendor, err)
	}
	request.Header.Set("Accept", "application/json")
	if body != nil {
		request.Header.Set("Content-Type", "application/json; charset=utf-8")
	}
	if c.config.Authorize != nil {
		if err := c.config.Authorize(request, body); err != nil {
			return err
		}
	}
	start := time.Now()
	response, err := c.http.Do(request)
	if err != nil {
		c.observe(ctx, method, 0, time.Since(start))
		return c.down(err, sent(err))
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(response.Body, maxBody+1))
	c.observe(ctx, method, response.StatusCode, time.Since(start))
	if err != nil {
		return c.down(err, true)
	}
	return c.read(response, answer, out)
}

// sent tells whether a failed request may have reached the vendor: everything but a failed dial.
func sent(err error) bool {
	op, ok := errors.AsType[*net.OpError](err)
	return !ok || op.Op != "dial"
}

func (c *Client) observe(ctx context.Context, method string, status int, took time.Duration) {
	slog.DebugContext(ctx, "vendor call", "vendor", c.config.Vendor, "method", method, "status", status, "ms", took.Milliseconds())
	if c.config.Observe != nil {
		c.config.Observe(c.config.Vendor, method, status, took)
	}
}

func (c *Client) down(err error, answerLost bool) error {
	// *url.Error prints the whole address, which may hold somebody's e-mail: keep its cause.
	var address interface{ Unwrap() error }
	if errors.As(err, &address) && strings.Contains(err.Error(), "://") {
		err = address.Unwrap()
	}
	return &fault.Error{
		Kind: fault.Unavailable, Public: "Le service " + c.config.Vendor + " ne répond pas.",
		AnswerLost: answerLost, Cause: fmt.Errorf("call %s: %w", c.config.Vendor, err),
	}
}

func (c *Client) read(response *http.Response, answer []byte, out any) error {
	if response.StatusCode >= 300 {
		return c.refused(response, answer)
	}
	if len(answer) > maxBody {
		return c.down(errors.New("answer too long"), true)
	}
	if out == nil || response.StatusCode == http.StatusNoContent {
		return nil
	}
	if err := json.Unmarshal(answer, out); err != nil {
		return c.down(fmt.Errorf("unreadable answer (status %d, %d bytes): %w", response.StatusCode, len(answer), err), true)
	}
	return nil
}

func (c *Client) refused(response *http.Response, answer []byte) error {
	text := strings.TrimSpace(string(answer))
	if len(text) > maxErrorLen {
		text = text[:maxErrorLen]
	}
	e := &fault.Error{
		Kind:   kindOf(response.StatusCode),
		Public: "Le service " + c.config.Vendor + " a refusé la demande.",
		Cause:  &StatusError{Vendor: c.config.Vendor, Status: response.StatusCode, Body: text},
	}
	if e.Kind == fault.Unavailable {
		e.Public = "Le service " + c.config.Vendor + " ne répond pas."
		e.RetryAfter = retryAfter(response.Header.Get("Retry-After"))
		e.AnswerLost = response.StatusCode >= 500 && response.StatusCode != http.StatusServiceUnavailable
	}
	return e
}

// StatusError is what a vendor answered when it refused: its HTTP status and the start of its text.
type StatusError struct {
	Vendor string
	Status int
	Body   string // at most 300 characters; may hold an address: show it to administrators only
}

// Error gives the vendor and the status, without the vendor's text.
func (e *StatusError) Error() string { return fmt.Sprintf("%s answered %d", e.Vendor, e.Status) }

func kindOf(status int) fault.Kind {
	switch {
	case status == http.StatusNotFound:
		return fault.NotFound
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		return fault.Forbidden
	case status == http.StatusConflict:
		return fault.Conflict
	case status == http.StatusTooManyRequests, status == http.StatusRequestTimeout, status >= 500, status < 400:
		return fault.Unavailable
	}
	return fault.Invalid
}

// retryAfter reads a number of seconds or an HTTP date; zero when it is neither.
func retryAfter(header string) time.Duration {
	if seconds, err := strconv.Atoi(header); err == nil && seconds > 0 {
		return time.Duration(seconds) * time.Second
	}
	if at, err := http.ParseTime(header); err == nil {
		return max(0, time.Until(at))
	}
	return 0
}

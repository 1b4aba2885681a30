package web

import (
	"net/http"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/betagouv/espace-membre/internal/platform/clock"
)

const (
	forgetAfter = 10 * time.Minute // a client who asks nothing is forgotten
	maxClients  = 50_000           // above it, the idle ones go at once
)

// limiter counts the requests of each client, in the memory of this process.
type limiter struct {
	mu      sync.Mutex
	clients map[string]*client
	rate    float64
	clock   clock.Clock
	swept   time.Time
}

type client struct {
	bucket *rate.Limiter
	seen   time.Time
}

func newLimiter(perSecond float64, clk clock.Clock) *limiter {
	return &limiter{clients: map[string]*client{}, rate: perSecond, clock: clk}
}

// allow tells whether a client may go on.
func (l *limiter) allow(address string) bool {
	now := l.clock.Now()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sweep(now)
	c, ok := l.clients[address]
	if !ok {
		c = &client{bucket: rate.NewLimiter(rate.Limit(l.rate), int(l.rate*10))}
		l.clients[address] = c
	}
	c.seen = now
	return c.bucket.AllowN(now, 1)
}

func (l *limiter) sweep(now time.Time) {
	if now.Sub(l.swept) < forgetAfter && len(l.clients) < maxClients {
		return
	}
	l.swept = now
	idle := forgetAfter
	if len(l.clients) >= maxClients {
		idle = time.Second * 15 // longer than a burst takes to refill
	}
	for address, c := range l.clients {
		if now.Sub(c.seen) >= idle {
			delete(l.clients, address)
		}
	}
}

// limitRate refuses a client who asks too much; static files and probes are not counted.
func (s *shell) limitRate(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !s.limiter.allow(infoOf(r.Context()).client) {
			s.fail(w, r, statusError{status: http.StatusTooManyRequests, retry: 10 * time.Second})
			return
		}
		next.ServeHTTP(w, r)
	})
}

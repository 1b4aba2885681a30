package mail

import (
	"context"
	"errors"
	"sync"
	"time"

	gomail "github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/smtp"
)

// line is one conversation with the server, which may carry several messages one after the other.
type line struct {
	client    *gomail.Client
	connected *smtp.Client
	wire      *wire
	reused    bool
	carried   int         // messages so far
	expiry    *time.Timer // hangs up when nobody takes the line
}

const (
	maxCarried = 100 // messages of one line: servers dislike endless ones
	maxIdle    = 4   // lines kept while nobody sends
)

// pool keeps the lines that are free. It is safe for concurrent use.
type pool struct {
	keep time.Duration // how long a line may stay free; zero or less: hung up at once

	mu     sync.Mutex
	free   []*line
	closed bool
}

// take gives a free line, the most recent one; nil when there is none.
func (p *pool) take() *line {
	p.mu.Lock()
	defer p.mu.Unlock()
	for len(p.free) > 0 {
		last := p.free[len(p.free)-1]
		p.free = p.free[:len(p.free)-1]
		if last.expiry.Stop() {
			last.reused = true
			return last
		}
	}
	return nil
}

// give keeps a line for the next message, or hangs it up.
func (p *pool) give(l *line) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed || p.keep <= 0 || l.carried >= maxCarried || len(p.free) >= maxIdle {
		go l.hangUp()
		return
	}
	l.expiry = time.AfterFunc(p.keep, func() { p.expire(l) })
	p.free = append(p.free, l)
}

func (p *pool) expire(l *line) {
	p.mu.Lock()
	for i, one := range p.free {
		if one == l {
			p.free = append(p.free[:i], p.free[i+1:]...)
			break
		}
	}
	p.mu.Unlock()
	l.hangUp()
}

// close hangs up every free line; those at work are hung up when they are given back.
func (p *pool) close() {
	p.mu.Lock()
	free := p.free
	p.free, p.closed = nil, true
	p.mu.Unlock()
	for _, l := range free {
		if l.expiry.Stop() {
			l.hangUp()
		}
	}
}

// hangUp says goodbye: what was accepted is accepted, whatever follows is no failure.
func (l *line) hangUp() {
	_ = l.connected.Quit()
	l.wire.close()
}

// send carries one message and tells whether the line may carry another.
func (l *line) send(ctx context.Context, message *gomail.Msg) (again bool, err error) {
	stop := context.AfterFunc(ctx, l.wire.close)
	l.carried++
	err = l.client.SendWithSMTPClient(l.connected, message)
	again = stop() && err == nil
	if message.IsDelivered() {
		return again, nil
	}
	return again, err
}

// stale tells that a line which had been free was found dead before anything was said on it, so
// that another line may be tried.
func (l *line) stale(err error) bool {
	failure, ok := errors.AsType[*gomail.SendError](err)
	return ok && l.reused && failure.Reason == gomail.ErrConnCheck
}
